import type { PaperRecord } from '../../src/index.js'
import { countFacet } from '../list/filters.js'
import type { Workspace } from '../session/workspace.js'
import { countOf, formatCount } from '../ui/format.js'

/** What the pane shows while no paper is open. */
export interface Overview {
  title: string
  lines: readonly string[]
  papers: readonly PaperRecord[]
}

/** The selected papers; if none are selected, facts on the library. */
export function overviewOf({ session, record }: Workspace, selected: Iterable<string>): Overview {
  if (!session || !record)
    return { title: 'No library is open', lines: ['Open the sample, files or pasted text to begin.'], papers: [] }
  const papers = [...selected].flatMap((id) => session.paper(id) ?? [])
  if (papers.length > 0) return { title: `${countOf(papers.length, 'paper')} selected`, lines: [], papers }
  const years = session.papers.flatMap(({ year }) => (typeof year === 'number' ? [year] : []))
  // Not Math.min(...years): tens of thousands of arguments are too many.
  const [first, last] = [years.reduce((a, b) => Math.min(a, b), Infinity), years.reduce((a, b) => Math.max(a, b), -Infinity)]
  const venues = countFacet(session.papers, 'venue')
    .slice(0, 5)
    .map(([venue, count]) => `${venue} (${formatCount(count)})`)
  const lines = [
    `${countOf(session.info.papers, 'paper')}${years.length > 0 ? `, ${first} to ${last}` : ''}.`,
    ...(venues.length > 0 ? [`Most are from ${venues.join(', ')}.`] : []),
    'Select a paper to read it here, and to add labels and a note.',
  ]
  return { title: record.name, lines, papers: [] }
}
