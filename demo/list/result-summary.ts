import type { SearchMode } from '../../src/index.js'
import type { Query, QueryResult } from '../session/query-runner.js'
import type { Workspace } from '../session/workspace.js'
import { button, byId, setChildren } from '../ui/dom.js'
import { countOf, formatCount } from '../ui/format.js'
import { LastShown } from '../ui/last-shown.js'

/** What is said while only one side has found its papers. */
const PARTIAL: Readonly<Record<SearchMode, string>> = {
  lexical: 'by words while the model gets ready',
  semantic: 'by meaning while the search by words runs',
  hybrid: '',
}
const shown = new LastShown()

/** Shows the line over the list, and the one in its place if it is empty. */
export function showResultSummary(result: QueryResult, query: Query, workspace: Workspace): void {
  const total = workspace.session?.info.papers ?? 0
  const empty = byId('empty', HTMLElement)
  empty.hidden = result.rows.length > 0 || total === 0
  empty.textContent =
    result.allowed === 0 ? 'No paper matches these filters.' : 'No paper has these words. Search by meaning, or with fewer words.'
  byId('sort-field', HTMLElement).hidden = result.isRanked
  const text = summaryOf(result, total)
  // Screen readers read the line aloud, so it only changes if it says something new.
  if (!shown.differs([query, text])) return
  const isByWordsAlone = result.unavailable !== null && result.partial === null
  const searchByMeaning = isByWordsAlone && button('search by meaning, too', () => void workspace.loadModel())
  setChildren(byId('summary', HTMLElement), text, searchByMeaning)
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
