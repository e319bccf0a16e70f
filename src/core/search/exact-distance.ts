import type { Metric } from '../types.js'

/**
 * Distances of one query to rows of vectors, in float64 over float32 values, summed in the order of the columns: sqrt(Σ (q -
 * x)²), or 1 - q·x / (|q| |x|), which is 1 if either is a zero vector.
 *
 * @param query [dimension]; borrowed.
 * @returns The distance to the vector that begins at `start` of `vectors`.
 */
export function exactDistance(query: Float32Array, metric: Metric): (vectors: Float32Array, start: number) => number {
  return metric === 'euclidean' ? euclidean(query) : cosine(query)
}

function euclidean(query: Float32Array) {
  const dimension = query.length
  return (vectors: Float32Array, start: number) => {
    let sum = 0
    for (let column = 0; column < dimension; column++) {
      const difference = query[column]! - vectors[start + column]!
      sum += difference * difference
    }
    return Math.sqrt(sum)
  }
}

function cosine(query: Float32Array) {
  const dimension = query.length
  let querySquares = 0
  for (let column = 0; column < dimension; column++) querySquares += query[column]! * query[column]!
  return (vectors: Float32Array, start: number) => {
    let product = 0
    let squares = 0
    for (let column = 0; column < dimension; column++) {
      const value = vectors[start + column]!
      product += query[column]! * value
      squares += value * value
    }
    return product === 0 ? 1 : 1 - product / Math.sqrt(querySquares * squares)
  }
}
