import type { PreparedPaper } from './prepared-paper.js'

/** Two years may be one paper that is listed a year early or late; with three, each is another text. */
const LEAST_YEARS = 3

/** The compact titles that occur in three or more years: columns, annual reports, reviews and their updates. */
export function recurringTitles(papers: readonly Pick<PreparedPaper, 'title' | 'year'>[]): Set<string> {
  const years = new Map<string, Set<number>>()
  for (const { title, year } of papers) {
    if (!year) continue
    const own = years.get(title.compact)
    if (own) own.add(year)
    else years.set(title.compact, new Set([year]))
  }
  return new Set([...years].filter(([, own]) => own.size >= LEAST_YEARS).map(([title]) => title))
}
