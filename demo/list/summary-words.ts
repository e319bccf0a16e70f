import type { SearchMode } from '../../src/index.js'
import type { Found } from '../session/searching.js'
import { button } from '../ui/dom.js'
import { countOf, formatCount } from '../ui/format.js'

/** What the hits of one side say of the other. */
const PARTIAL: Readonly<Record<SearchMode, string>> = {
  lexical: 'by words while the model gets ready',
  semantic: 'by meaning while the words are read',
  hybrid: '',
}

/** How many papers of `total` are listed, in which order, and how soon they were found. */
export function summaryWords(
  { rows, allowed, ranked, byWords, partial, hasMore, tookMs }: Found,
  total: number,
  onSearchByMeaning: () => void,
): (Node | string)[] {
  const of = allowed === total ? countOf(total, 'paper') : `${formatCount(allowed)} of ${countOf(total, 'paper')}`
  if (!ranked) return [of]
  const count =
    hasMore || rows.length === allowed ? `${of}, best first` : `${formatCount(rows.length)} found of ${countOf(allowed, 'paper')}`
  if (partial !== null) return [`${count}, ${PARTIAL[partial]}`]
  const took = `${count}, in ${Math.max(1, Math.round(tookMs))} ms`
  if (byWords === null) return [took]
  return [`${took}, by words alone: `, button('search by meaning, too', onSearchByMeaning)]
}
