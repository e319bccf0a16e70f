import { haveOtherWords, mayBeAlike } from './compare-titles.js'
import { comparePages } from './locator.js'
import type { PreparedLibrary } from './prepared-library.js'

/**
 * Whether the papers at two places may be the same or related: most that share a blocking key differ in their titles, and agree in
 * nothing that would outweigh it. Much cheaper than a comparison.
 */
export function isCandidate({ papers }: PreparedLibrary, placeA: number, placeB: number): boolean {
  const [a, b] = [papers[placeA]!, papers[placeB]!]
  if (a.title.compact === '' || b.title.compact === '') return true
  if (!haveOtherWords(a.title, b.title) && mayBeAlike(a.title, b.title)) return true
  const shares = (x: string, y: string) => x !== '' && x === y
  return (
    shares(a.doi, b.doi) ||
    shares(a.pmid, b.pmid) ||
    shares(a.arxivId, b.arxivId) ||
    shares(a.cochrane, b.cochrane) ||
    shares(a.abstract, b.abstract) ||
    comparePages(a.pages, b.pages) === 'agree' ||
    a.trial.numbers.some((number) => b.trial.numbers.includes(number))
  )
}
