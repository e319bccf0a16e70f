import { pauses } from '../async/pauses.js'
import type { Paper } from '../papers/paper.js'
import { comparePrepared } from './compare-papers.js'
import type { PairEvidence } from './evidence.js'
import type { Vectors } from './finder-options.js'
import { type PreparedPaper, preparePaper } from './prepared-paper.js'
import { recurringTitles } from './recurring-titles.js'
import { sharedIdentifiers } from './shared-identifiers.js'
import { distanceOf, typicalDistance } from './typical-distance.js'

/** Papers prepared for comparison, with everything that comparing two of them needs. */
export interface PreparedLibrary {
  readonly papers: readonly PreparedPaper[]
  /** `source.file` of each paper, or `''`. */
  readonly sources: readonly string[]
  readonly vectors: Vectors | undefined
  /** Median distance of two papers; 0 without vectors. */
  readonly typicalDistance: number
  /** DOIs and PMIDs that stand with texts of several titles: those of supplements and books. */
  readonly shared: ReadonlySet<string>
  /** Titles that appear in three or more years. */
  readonly recurring: ReadonlySet<string>
}

export const emptyLibrary: PreparedLibrary = {
  papers: [],
  sources: [],
  vectors: undefined,
  typicalDistance: 0,
  shared: new Set(),
  recurring: new Set(),
}

/**
 * The library with further papers at its end; the library itself does not change.
 *
 * @param typical The library's typical distance, if it is already known.
 * @throws the signal's reason.
 */
export async function addToLibrary(
  library: PreparedLibrary,
  papers: readonly Paper[],
  vectors: Vectors | undefined,
  signal: AbortSignal | undefined,
  typical = library.typicalDistance,
): Promise<PreparedLibrary> {
  const pause = pauses(signal)
  const all = [...library.papers]
  for (const paper of papers) {
    all.push(preparePaper(paper))
    await pause()
  }
  const allVectors = append(library.vectors, vectors)
  return {
    papers: all,
    sources: [...library.sources, ...papers.map(({ source }) => source?.file ?? '')],
    vectors: allVectors,
    typicalDistance: typical || (allVectors ? typicalDistance(allVectors.vectors, allVectors.dimension) : 0),
    shared: sharedIdentifiers(all),
    recurring: recurringTitles(all),
  }
}

/** Compares the papers at two places. */
export function compareAt(library: PreparedLibrary, a: number, b: number): PairEvidence {
  const { papers, vectors, typicalDistance: typical, recurring, shared } = library
  const distance = vectors && typical > 0 ? distanceOf(vectors.vectors, a, b, vectors.dimension) / typical : null
  const [paperA, paperB] = [papers[a]!, papers[b]!]
  const isShared =
    (paperA.doi !== '' && paperA.doi === paperB.doi && shared.has(paperA.doi)) ||
    (paperA.pmid !== '' && paperA.pmid === paperB.pmid && shared.has(paperA.pmid))
  const isRecurring = recurring.has(paperA.title.compact) && recurring.has(paperB.title.compact)
  return comparePrepared(paperA, paperB, { distance, isRecurring, isShared })
}

function append(before: Vectors | undefined, added: Vectors | undefined): Vectors | undefined {
  if (!before || !added) return before ?? added
  const vectors = new Float32Array(before.vectors.length + added.vectors.length)
  vectors.set(before.vectors)
  vectors.set(added.vectors, before.vectors.length)
  return { vectors, dimension: before.dimension }
}
