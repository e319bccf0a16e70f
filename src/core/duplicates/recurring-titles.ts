import type { PreparedPaper } from './prepared-paper.js'

/** A paper that is listed a year early or late has two; three are another text each time. */
const YEARS = 3

/** Titles, compact, that papers of three and more years have: columns, annual reports, reviews and their updates. */
export function recurringTitles(papers: readonly Pick<PreparedPaper, 'title' | 'year'>[]): Set<string> {
  const years = new Map<string, Set<number>>()
  for (const { title, year } of papers) {
    if (!year) continue
    const own = years.get(title.compact)
    if (own) own.add(year)
    else years.set(title.compact, new Set([year]))
  }
  return new Set([...years].filter(([, own]) => own.size >= YEARS).map(([title]) => title))
}
