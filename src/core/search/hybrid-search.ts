import { checkPage } from './check-page.js'
import { fuse, spread } from './fuse.js'
import type { LexicalIndex } from './lexical-index.js'
import type { RowSet } from './row-set.js'
import type { VectorIndex } from './vector-index.js'

/** Rows by descending score, equals by ascending row; all arrays are in this order and belong to the caller. */
export interface HybridHits {
  rows: Uint32Array<ArrayBuffer>
  /** Higher is better; comparable within one search alone. */
  scores: Float64Array<ArrayBuffer>
  /** From the query's vector; NaN for a row without one. */
  distances: Float64Array<ArrayBuffer>
  /** From 1, among the rows nearest to the vector and among those that have the words; 0 where the row is not among them. */
  semanticRanks: Uint32Array<ArrayBuffer>
  lexicalRanks: Uint32Array<ArrayBuffer>
  /** The query's words that the row has. */
  terms: string[][]
}

export interface HybridSearchOptions {
  /** How many rows to find. */
  k: number
  /** Rows that may be found; default all. Borrowed. */
  filter?: RowSet | undefined
  /** How many of the best to leave out. Default 0. */
  offset?: number
  /** 0 … 1, the words' share is the rest. Default {@link DENSE_WEIGHT}. */
  denseWeight?: number
}

/** Rows of each side that are candidates, at least. */
const LEAST_CANDIDATES = 1000
/** Rows whose distances tell how all are spread. */
const SAMPLE_ROWS = 1024

/**
 * Ranks papers by vector and words at once: candidates are the best of either side, each with both scores. A paper that has
 * none of the words scores 0 there; one that has no vector yet counts as an average one.
 *
 * @param vectors Rows are numbered as in `lexical`.
 * @param query Both borrowed.
 * @throws InvalidArgumentError
 */
export function hybridSearch(
  vectors: Pick<VectorIndex, 'search' | 'rows' | 'distances'>,
  lexical: Pick<LexicalIndex, 'search'>,
  query: { vector: Float32Array; text: string },
  { k, filter, offset = 0, denseWeight }: HybridSearchOptions,
): HybridHits {
  checkPage(k, offset)
  const candidates = Math.max(LEAST_CANDIDATES, k + offset)
  const near = vectors.search(query.vector, { k: candidates, filter })
  const wordy = lexical.search(query.text, { filter })

  const searched = vectors.rows(filter)
  const sample = searched.filter((_, index) => (index * SAMPLE_ROWS) % searched.length < SAMPLE_ROWS)
  const dense = spread(vectors.distances(query.vector, sample).map((distance) => -distance))

  const wordRank = new Map(Array.from(wordy.rows, (row, index) => [row, index]))
  const nearRank = new Map(Array.from(near.rows, (row, index) => [row, index]))
  const others = wordy.rows.subarray(0, candidates).filter((row) => !nearRank.has(row))
  const rows = new Uint32Array(near.rows.length + others.length)
  rows.set(near.rows)
  rows.set(others, near.rows.length)
  const known = new Set(searched)
  const withVector = others.filter((row) => known.has(row))
  const otherDistances = new Map(
    Array.from(vectors.distances(query.vector, withVector), (distance, index) => [withVector[index]!, distance]),
  )
  const distances = Float64Array.from(rows, (row, index) => near.distances[index] ?? otherDistances.get(row) ?? Number.NaN)

  const fused = fuse(
    rows,
    { ...dense, scores: distances.map((distance) => (Number.isNaN(distance) ? dense.mean : -distance)) },
    {
      ...spread(wordy.scores, Math.max(searched.length, wordy.rows.length)),
      scores: Float64Array.from(rows, (row) => wordy.scores[wordRank.get(row) ?? -1] ?? 0),
    },
    denseWeight,
  )
  const found = fused.rows.slice(offset, offset + k)
  const distanceOf = new Map(Array.from(rows, (row, index) => [row, distances[index]!]))
  const rank = (ranks: ReadonlyMap<number, number>) => Uint32Array.from(found, (row) => (ranks.get(row) ?? -1) + 1)
  return {
    rows: found,
    scores: fused.scores.slice(offset, offset + k),
    distances: Float64Array.from(found, (row) => distanceOf.get(row)!),
    semanticRanks: rank(nearRank),
    lexicalRanks: rank(wordRank),
    terms: Array.from(found, (row) => wordy.terms[wordRank.get(row) ?? -1] ?? []),
  }
}
