import { InvalidArgumentError } from '../errors.js'
import type { Metric } from '../types.js'
import { exactDistance } from './exact-distance.js'
import { NearestRows } from './nearest-rows.js'

/** What vectors must be compared by: `embedder.info`, or what `index.vectors()` returns. */
export interface VectorSpace {
  /** The metric by which the model's vectors are compared. */
  metric: Metric
  /** Numbers in a vector. */
  dimension: number
}

/** A vector that {@link nearest} found. */
export interface NearestVector {
  /** Which of the vectors it is, from 0. */
  row: number
  /** Higher is more similar, as {@link similarity} gives it. */
  score: number
  /** Euclidean distance, or 1 - cosine. */
  distance: number
}

/** Options of {@link nearest}. */
export interface NearestOptions {
  /** How many to find. Default 10. */
  k?: number | undefined
}

/**
 * How similar two vectors are by their model's own metric, in float64: the cosine, -1 … 1 (0 for a zero vector), or minus the
 * Euclidean distance, at most 0. Higher is more similar. Numbers of different models are not comparable.
 *
 * @param a A vector [dimension]; borrowed.
 * @param b A vector [dimension] of the same model; borrowed.
 * @param info The embedder's `info`.
 * @throws InvalidArgumentError for a vector of another length, a value that is not finite, or an unknown metric.
 * @example
 * const [a, b] = [await embedder.embedQuery('gene editing'), await embedder.embedQuery('CRISPR')]
 * console.log(similarity(a, b, embedder.info))
 */
export function similarity(a: Float32Array, b: Float32Array, info: VectorSpace): number {
  checkSpace(info)
  checkLength('a.length', a, info.dimension)
  checkLength('b.length', b, info.dimension)
  checkFinite('a', a)
  checkFinite('b', b)
  return scoreOf(exactDistance(a, info.metric)(b, 0), info.metric)
}

/**
 * The vectors nearest to a query by their model's own metric, in float64. A plain scan, for up to some ten thousand vectors;
 * `PaperIndex` searches more, faster and outside the page's thread.
 *
 * @param query A vector [dimension]; borrowed.
 * @param vectors [count, dimension], row-major, of the same model; borrowed.
 * @param info The embedder's `info`, or the result of `index.vectors()`.
 * @returns At most `k`, nearest first, ties by row.
 * @throws InvalidArgumentError for vectors of another dimension, a value that is not finite, an unknown metric, or a wrong `k`.
 * @example
 * const { vectors } = await embedder.embed(papers)
 * const query = await embedder.embedQuery('molecule of heredity')
 * for (const { row, score } of nearest(query, vectors, embedder.info)) console.log(score, papers[row]?.title)
 */
export function nearest(
  query: Float32Array,
  vectors: Float32Array,
  info: VectorSpace,
  { k = 10 }: NearestOptions = {},
): NearestVector[] {
  checkSpace(info)
  const { metric, dimension } = info
  if (!Number.isSafeInteger(k) || k < 1) throw new InvalidArgumentError('k', k, 'a whole number of at least 1')
  checkLength('query.length', query, dimension)
  checkFinite('query', query)
  if (!(vectors instanceof Float32Array) || vectors.length % dimension !== 0)
    throw new InvalidArgumentError('vectors.length', vectors?.length, `that of a Float32Array of vectors of ${dimension} numbers`)
  checkFinite('vectors', vectors)
  const distanceAt = exactDistance(query, metric)
  const found = new NearestRows(k)
  for (let row = 0; row * dimension < vectors.length; row++) found.add(row, distanceAt(vectors, row * dimension))
  const { rows, distances } = found.sorted()
  return Array.from(rows, (row, at) => ({ row, score: scoreOf(distances[at]!, metric), distance: distances[at]! }))
}

function scoreOf(distance: number, metric: Metric): number {
  // 0 - x, because -x of 0 is -0.
  return metric === 'cosine' ? 1 - distance : 0 - distance
}

function checkSpace(info: VectorSpace): void {
  const { metric, dimension } = info ?? {}
  if (metric !== 'euclidean' && metric !== 'cosine')
    throw new InvalidArgumentError('info.metric', metric, "'euclidean' or 'cosine': pass the embedder's info")
  if (!Number.isSafeInteger(dimension) || dimension < 1)
    throw new InvalidArgumentError('info.dimension', dimension, 'a whole number of at least 1')
}

function checkLength(field: string, vector: Float32Array, dimension: number): void {
  if (!(vector instanceof Float32Array) || vector.length !== dimension)
    throw new InvalidArgumentError(field, vector?.length, `${dimension}, the model's dimension, in a Float32Array`)
}

function checkFinite(field: string, values: Float32Array): void {
  const at = values.findIndex((value) => !Number.isFinite(value))
  if (at >= 0) throw new InvalidArgumentError(`${field}[${at}]`, values[at], 'a finite number')
}
