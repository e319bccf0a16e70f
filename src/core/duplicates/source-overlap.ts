import type { Paper } from '../papers/paper.js'
import type { DuplicateGroup } from './group-duplicates.js'

/** How much two sources overlap. */
export interface SourceOverlap {
  /** Name of one source. */
  a: string
  /** Name of the other. */
  b: string
  /** Number of works that both have. */
  works: number
}

/**
 * Counts the works that each pair of sources (`source.file`) shares, including pairs that share none; sorted by name.
 *
 * @example
 * for (const { a, b, works } of sourceOverlap(papers, duplicates.groups)) console.log(`${a} and ${b} share ${works} works`)
 */
export function sourceOverlap(papers: readonly Paper[], groups: readonly Pick<DuplicateGroup, 'ids'>[]): SourceOverlap[] {
  const sourceOf = new Map(papers.map((paper) => [paper.id, paper.source?.file ?? '']))
  const sources = [...new Set(sourceOf.values())].sort()
  const overlaps = sources.flatMap((a, index) => sources.slice(index + 1).map((b) => ({ a, b, works: 0 })))
  const byPair = new Map(overlaps.map((overlap) => [`${overlap.a}\n${overlap.b}`, overlap]))
  for (const { ids } of groups) {
    const own = [...new Set(ids.flatMap((id) => sourceOf.get(id) ?? []))].sort()
    for (const [index, a] of own.entries()) for (const b of own.slice(index + 1)) byPair.get(`${a}\n${b}`)!.works++
  }
  return overlaps
}
