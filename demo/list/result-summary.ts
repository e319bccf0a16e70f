import type { ParsedQuery, SearchMode } from '../../src/index.js'
import type { Query, QueryResult } from '../session/query-runner.js'
import type { Workspace } from '../session/workspace.js'
import { button, byId, element, setChildren } from '../ui/dom.js'
import { countOf, formatCount } from '../ui/format.js'
import { LastShown } from '../ui/last-shown.js'

/** What is said while only one side has found its papers. */
const PARTIAL: Readonly<Record<SearchMode, string>> = {
  lexical: 'by words while the model gets ready',
  semantic: 'by meaning while the search by words runs',
  hybrid: '',
}
/** What is said while the words of some papers are not read yet. */
const READING = 'in the papers read so far; the rest follows'
const shown = new LastShown()

/** Shows the line over the list, what the query was understood as, and the line in place of an empty list. */
export function showResultSummary(result: QueryResult, query: Query, workspace: Workspace): void {
  const total = workspace.session?.info.papers ?? 0
  const empty = byId('empty', HTMLElement)
  empty.hidden = result.rows.length > 0 || total === 0
  empty.textContent = emptyText(result)
  byId('sort', HTMLSelectElement).options[0]!.text = result.isRanked ? 'Best first' : 'As added'
  const understood = result.understood ? understoodAs(result.understood) : ''
  const text = summaryOf(result, total) + embeddedSoFar(result, query, workspace)
  // Screen readers read the line aloud, so it only changes if it says something new.
  if (!shown.differs([query, text, understood])) return
  const isByWordsAlone = result.unavailable !== null && result.partial === null
  const searchByMeaning = isByWordsAlone && button('search by meaning, too', () => void workspace.loadModel())
  const explained = understood !== '' && element('span', { class: 'understood' }, understood)
  setChildren(byId('summary', HTMLElement), text, searchByMeaning, explained)
}

/** Shows in the line that a library is being opened. What is typed meanwhile is searched then. */
export function showOpening(name: string): void {
  if (!shown.differs(['opening', name])) return
  byId('empty', HTMLElement).hidden = true
  setChildren(byId('summary', HTMLElement), `Opening “${name}”. What you type is searched as soon as it is open.`)
}

/** While papers are being embedded, a search by meaning finds only those that are. */
function embeddedSoFar({ isRanked, unavailable }: QueryResult, { mode, text }: Query, { session }: Workspace): string {
  if (!session || !isRanked || unavailable !== null || (text !== '' && mode === 'lexical')) return ''
  const { pending, vectors } = session.info
  if (pending === 0) return ''
  const words = text !== '' && mode === 'hybrid' ? ' by words, and' : ''
  // During work the bar below has the count: this line is read aloud whenever it changes.
  return `; found${words} by meaning among the ${session.isWorking ? 'papers' : formatCount(vectors)} embedded so far`
}

function emptyText({ allowed, understood, partial, unread }: QueryResult): string {
  if (allowed === 0) return 'No paper matches these filters.'
  if (unread > 0) return 'Nothing yet: the library is still being read.'
  if (partial !== null) return 'Nothing yet: the search is still running.'
  const identifier = understood?.parts.find(({ kind, excluded }) => kind === 'identifier' && !excluded)
  if (identifier) return `No paper here has the identifier ${identifier.text}.`
  if (understood?.parts.some(({ kind }) => kind !== 'text')) return 'No paper has all of this. Leave out a part of the query.'
  return 'No paper has these words. Search by meaning, or with fewer words.'
}

/** How many papers are listed, why they are found, and how fast. */
function summaryOf(
  { rows, allowed, isRanked, counts, unavailable, partial, unread, hasMore, tookMs }: QueryResult,
  total: number,
): string {
  const of = allowed === total ? countOf(total, 'paper') : `${formatCount(allowed)} of ${countOf(total, 'paper')}`
  if (!isRanked) return of
  const parts: string[] = []
  if (counts?.found !== undefined && counts.found !== null)
    parts.push(counts.found === 0 ? `nothing of ${of} is really like this` : `${foundText(counts.found, counts.isMore)} of ${of}`)
  else if (hasMore || rows.length === allowed) parts.push(of)
  else parts.push(`${formatCount(rows.length)} found of ${of}`)
  if (counts?.withAllWords !== undefined && counts.withAllWords !== null)
    parts.push(wordsText(counts.withAllWords, counts.withSomeWords ?? 0))
  if (partial !== null) return capital([...parts, unread > 0 ? READING : PARTIAL[partial]].join(', '))
  parts.push(`in ${Math.max(1, Math.round(tookMs))} ms`)
  return `${capital(parts.join(', '))}${unavailable === null ? '' : ', by words alone: '}`
}

const foundText = (found: number, isMore: boolean) => `${formatCount(found)}${isMore ? ' or more' : ''} found`

function wordsText(all: number, some: number): string {
  if (some === 0) return 'none has the words'
  if (all === some) return `${formatCount(all)} with the words`
  return `${all === 0 ? 'none' : formatCount(all)} with all words, ${formatCount(some)} with some`
}

const capital = (text: string) => text.slice(0, 1).toUpperCase() + text.slice(1)

const FIELD_NAMES: Readonly<Record<string, string>> = {
  title: 'in the title',
  abstract: 'in the abstract',
  author: 'by the author',
  venue: 'in the venue',
  keyword: 'with the keyword',
  label: 'labelled',
  note: 'in the note',
}

/** What a query with syntax was understood as; '' for a plain one. */
function understoodAs({ parts }: ParsedQuery): string {
  if (parts.every(({ kind, excluded }) => kind === 'text' && !excluded)) return ''
  const said = parts.map(({ kind, field, text, quoted, excluded, years }) => {
    const words = quoted ? `“${text}”` : text
    if (excluded) return `not ${years ? yearsText(years) : field ? `${FIELD_NAMES[field]} ${words}` : words}`
    if (years) return yearsText(years)
    if (kind === 'identifier') return `exactly ${text}`
    if (field) return `${FIELD_NAMES[field]} ${words}`
    return kind === 'phrase' ? `the phrase ${words}` : `about ${text}`
  })
  return `Understood as: ${said.join(' · ')}`
}

function yearsText({ from, to }: { from: number | null; to: number | null }): string {
  if (from === to) return `of ${from}`
  if (to === null) return `since ${from}`
  return from === null ? `until ${to}` : `of ${from} to ${to}`
}
