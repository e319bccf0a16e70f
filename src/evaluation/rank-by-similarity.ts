import type { Metric } from '../types.js'

/**
 * All rows of `vectors`, best first, by exact comparison with one query; equals stay in their order.
 *
 * @param vectors [count, dimension], row-major; borrowed.
 * @param query [dimension].
 * @returns [count] row numbers.
 */
export function rankBySimilarity(vectors: Float32Array, query: Float32Array, metric: Metric): Uint32Array<ArrayBuffer> {
  const score = { cosine, euclidean }[metric]
  const dimension = query.length
  const count = vectors.length / dimension
  const scores = Float64Array.from({ length: count }, (_, row) => score(vectors, row * dimension, query))
  return Uint32Array.from({ length: count }, (_, row) => row).sort((a, b) => scores[b]! - scores[a]! || a - b)
}

/** The cosine but for the query's length, which is the same for every row. A zero vector is as far as an orthogonal one. */
function cosine(vectors: Float32Array, start: number, query: Float32Array): number {
  let product = 0
  let squares = 0
  for (let column = 0; column < query.length; column++) {
    const value = vectors[start + column]!
    product += value * query[column]!
    squares += value * value
  }
  return squares > 0 ? product / Math.sqrt(squares) : 0
}

function euclidean(vectors: Float32Array, start: number, query: Float32Array): number {
  let squares = 0
  for (let column = 0; column < query.length; column++) squares += (vectors[start + column]! - query[column]!) ** 2
  return -squares
}
