import { editSimilarity } from './edit-similarity.js'
import type { PreparedPaper } from './prepared-paper.js'

/** Two titles may be one text in two languages; with three, the identifier is that of a supplement or a book. */
const LEAST_TITLES = 3
/** Titles that are at least this similar are those of one text. */
const ALIKE = 0.6

/** The DOIs and PMIDs that stand with texts of several titles. */
export function sharedIdentifiers(papers: readonly Pick<PreparedPaper, 'title' | 'doi' | 'pmid'>[]): Set<string> {
  const titles = new Map<string, string[]>()
  const shared = new Set<string>()
  for (const { title, doi, pmid } of papers)
    for (const identifier of [doi, pmid]) {
      if (identifier === '' || title.compact === '' || shared.has(identifier)) continue
      const known = titles.get(identifier) ?? []
      if (known.some((other) => isAlike(other, title.compact))) continue
      titles.set(identifier, [...known, title.compact])
      if (known.length + 1 >= LEAST_TITLES) shared.add(identifier)
    }
  return shared
}

const isAlike = (a: string, b: string) => a === b || a.includes(b) || b.includes(a) || editSimilarity(a, b) >= ALIKE
