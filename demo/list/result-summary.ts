import type { SearchMode } from '../../src/index.js'
import type { Query, QueryResult } from '../session/query-runner.js'
import { button, byId, setChildren } from '../ui/dom.js'
import { countOf, formatCount } from '../ui/format.js'
import { LastShown } from '../ui/last-shown.js'

/** What is said while only one side has found its papers. */
const PARTIAL: Readonly<Record<SearchMode, string>> = {
  lexical: 'by words while the model gets ready',
  semantic: 'by meaning while the search by words runs',
  hybrid: '',
}

/** The line over the list, and the one in its place if it is empty. */
export class ResultSummary {
  readonly #summary = byId('summary', HTMLElement)
  readonly #empty = byId('empty', HTMLElement)
  readonly #sortField = byId('sort-field', HTMLElement)
  readonly #shown = new LastShown()
  readonly #onSearchByMeaning: () => void

  constructor(onSearchByMeaning: () => void) {
    this.#onSearchByMeaning = onSearchByMeaning
  }

  /** @param total How many papers the library has. */
  show(result: QueryResult, query: Query, total: number): void {
    this.#sortField.hidden = result.isRanked
    this.#empty.hidden = result.rows.length > 0 || total === 0
    this.#empty.textContent =
      result.allowed === 0
        ? 'No paper matches these filters.'
        : 'No paper has these words. Search by meaning, or with fewer words.'
    const text = summaryOf(result, total)
    // Screen readers read the line aloud, so it only changes if it says something new.
    if (!this.#shown.differs([query, text])) return
    const isByWordsAlone = result.unavailable !== null && result.partial === null
    setChildren(this.#summary, text, isByWordsAlone && button('search by meaning, too', this.#onSearchByMeaning))
  }
}

/** How many papers are listed, in which order, and how fast they were found. */
function summaryOf({ rows, allowed, isRanked, unavailable, partial, hasMore, tookMs }: QueryResult, total: number): string {
  const of = allowed === total ? countOf(total, 'paper') : `${formatCount(allowed)} of ${countOf(total, 'paper')}`
  if (!isRanked) return of
  const count =
    hasMore || rows.length === allowed ? `${of}, best first` : `${formatCount(rows.length)} found of ${countOf(allowed, 'paper')}`
  if (partial !== null) return `${count}, ${PARTIAL[partial]}`
  return `${count}, in ${Math.max(1, Math.round(tookMs))} ms${unavailable === null ? '' : ', by words alone: '}`
}
