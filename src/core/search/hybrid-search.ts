import { checkPage } from './check-page.js'
import { fuse, spread } from './fuse.js'
import type { LexicalIndex } from './lexical-index.js'
import { ALIKE, likenessOf, type VectorScale } from './likeness.js'
import { type ParsedQuery, parseQuery } from './query-language.js'
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
  /** 0 … 1; NaN for a row without a vector, or without a scale. */
  likeness: Float64Array<ArrayBuffer>
  counts: HybridCounts
}

export interface HybridCounts {
  /** Rows with some of the query's words, and with all of them. */
  some: number
  all: number
  /**
   * Rows that are alike or have all of the words, which come first; `null` without a scale. If `isMore`, there are more than the
   * candidates.
   */
  found: number | null
  isMore: boolean
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
  /** What makes likeness of distances. With it, rows that are neither alike nor have all of the words come last. */
  scale?: VectorScale | undefined
  /** Leaves out rows of less likeness, unless they have all of the words. Default 0; needs `scale`. */
  minLikeness?: number | undefined
}

/** Least number of candidates from each side. */
const LEAST_CANDIDATES = 1000
/** Rows whose distances estimate the distribution over all rows. */
const SAMPLE_ROWS = 1024

/**
 * Ranks papers by vector and words together: candidates are the best of either side, each with both scores. A paper without any
 * of the words scores 0 for words; a paper without a vector gets the mean score for vectors. With a scale, the ranking has an end: papers
 * that are alike or have all of the words, and only then the others.
 *
 * @param vectors Has the same row numbers as `lexical`.
 * @param query Borrowed.
 * @throws InvalidArgumentError
 */
export function hybridSearch(
  vectors: Pick<VectorIndex, 'search' | 'rows' | 'distances'>,
  lexical: Pick<LexicalIndex, 'search' | 'scope'>,
  query: { vector: Float32Array; text: string | ParsedQuery },
  { k, filter: within, offset = 0, denseWeight, scale, minLikeness = 0 }: HybridSearchOptions,
): HybridHits {
  checkPage(k, offset)
  const candidates = Math.max(LEAST_CANDIDATES, k + offset)
  const text = typeof query.text === 'string' ? parseQuery(query.text) : query.text
  const filter = lexical.scope(text, within)
  const near = vectors.search(query.vector, { k: candidates, filter })
  const lexicalHits = lexical.search(text, { filter })

  const searched = vectors.rows(filter)
  const sample = searched.filter((_, index) => (index * SAMPLE_ROWS) % searched.length < SAMPLE_ROWS)
  const dense = spread(vectors.distances(query.vector, sample).map((distance) => -distance))

  const wordRank = new Map(Array.from(lexicalHits.rows, (row, index) => [row, index]))
  const nearRank = new Map(Array.from(near.rows, (row, index) => [row, index]))
  const others = lexicalHits.rows.subarray(0, candidates).filter((row) => !nearRank.has(row))
  const known = new Set(searched)
  const withVector = others.filter((row) => known.has(row))
  const distanceOf = new Map(Array.from(near.rows, (row, index) => [row, near.distances[index]!]))
  for (const [index, distance] of vectors.distances(query.vector, withVector).entries())
    distanceOf.set(withVector[index]!, distance)
  const rows = Uint32Array.of(...near.rows, ...others)
  const distances = Float64Array.from(rows, (row) => distanceOf.get(row) ?? Number.NaN)

  const fused = fuse(
    rows,
    { ...dense, scores: distances.map((distance) => (Number.isNaN(distance) ? dense.mean : -distance)) },
    {
      ...spread(lexicalHits.scores, Math.max(searched.length, lexicalHits.rows.length)),
      scores: Float64Array.from(rows, (row) => lexicalHits.scores[wordRank.get(row) ?? -1] ?? 0),
    },
    denseWeight,
  )
  const likeness = (row: number) => (scale && distanceOf.has(row) ? likenessOf(distanceOf.get(row)!, scale) : Number.NaN)
  const hasAll = (row: number) => wordRank.has(row) && lexicalHits.hasAll(row)
  const isFound = (row: number) => likeness(row) >= ALIKE || hasAll(row)
  const kept = Array.from(fused.rows.keys()).filter((index) => {
    const row = fused.rows[index]!
    return !(likeness(row) < minLikeness) || hasAll(row)
  })
  const first = scale ? kept.filter((index) => isFound(fused.rows[index]!)) : kept
  const last = scale ? kept.filter((index) => !isFound(fused.rows[index]!)) : []
  const page = [...first, ...last].slice(offset, offset + k)
  const found = Uint32Array.from(page, (index) => fused.rows[index]!)
  const rank = (ranks: ReadonlyMap<number, number>) => Uint32Array.from(found, (row) => (ranks.get(row) ?? -1) + 1)
  return {
    rows: found,
    scores: Float64Array.from(page, (index) => fused.scores[index]!),
    distances: Float64Array.from(found, (row) => distanceOf.get(row) ?? Number.NaN),
    semanticRanks: rank(nearRank),
    lexicalRanks: rank(wordRank),
    terms: Array.from(found, (row) => lexicalHits.terms(row)),
    likeness: Float64Array.from(found, likeness),
    counts: {
      ...lexicalHits.counts,
      found: scale ? first.length : null,
      isMore: near.rows.length === candidates && likeness(near.rows.at(-1)!) >= ALIKE,
    },
  }
}
