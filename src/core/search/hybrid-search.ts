import { checkPage } from './check-page.js'
import { fuse, spread } from './fuse.js'
import type { LexicalIndex } from './lexical-index.js'
import type { RowSet } from './row-set.js'
import type { VectorIndex } from './vector-index.js'

/** Rows by descending score, ties by ascending row; all arrays are in this order and belong to the caller. */
export interface HybridHits {
  rows: Uint32Array<ArrayBuffer>
  /** Higher is better; only comparable within one search. */
  scores: Float64Array<ArrayBuffer>
  /** Distances from the query's vector; NaN for a row without a vector. */
  distances: Float64Array<ArrayBuffer>
  /** Ranks, from 1, among the rows nearest to the vector and among those that have the words; 0 if the row is not among them. */
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
  /** How many of the best to skip. Default 0. */
  offset?: number
  /** Weight of the vectors, 0 … 1; the words have the rest. Default {@link DENSE_WEIGHT}. */
  denseWeight?: number
}

/** Least number of candidates from each side. */
const LEAST_CANDIDATES = 1000
/** Rows whose distances estimate the distribution over all rows. */
const SAMPLE_ROWS = 1024

/**
 * Ranks papers by vector and words together: candidates are the best of either side, each with both scores. A paper without any
 * of the words scores 0 for words; a paper without a vector gets the mean score for vectors.
 *
 * @param vectors Has the same row numbers as `lexical`.
 * @param query Borrowed.
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
  const lexicalHits = lexical.search(query.text, { filter })

  const searched = vectors.rows(filter)
  const sample = searched.filter((_, index) => (index * SAMPLE_ROWS) % searched.length < SAMPLE_ROWS)
  const dense = spread(vectors.distances(query.vector, sample).map((distance) => -distance))

  const wordRank = new Map(Array.from(lexicalHits.rows, (row, index) => [row, index]))
  const nearRank = new Map(Array.from(near.rows, (row, index) => [row, index]))
  const others = lexicalHits.rows.subarray(0, candidates).filter((row) => !nearRank.has(row))
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
      ...spread(lexicalHits.scores, Math.max(searched.length, lexicalHits.rows.length)),
      scores: Float64Array.from(rows, (row) => lexicalHits.scores[wordRank.get(row) ?? -1] ?? 0),
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
    terms: Array.from(found, (row) => lexicalHits.terms[wordRank.get(row) ?? -1] ?? []),
  }
}
