import type { Metric } from '../types.js'

/**
 * The point that stands for a vector in codes: for cosine the vector divided by its length, so that |u - v|² = 2 - 2 cos, or
 * `null` for a zero vector, which has no direction.
 */
export function pointOf(vector: Float32Array, metric: Metric): Float64Array<ArrayBuffer> | null {
  const point = Float64Array.from(vector)
  if (metric !== 'cosine') return point
  let squares = 0
  for (let column = 0; column < point.length; column++) squares += point[column]! ** 2
  if (squares === 0) return null
  const factor = 1 / Math.sqrt(squares)
  for (let column = 0; column < point.length; column++) point[column]! *= factor
  return point
}

/** Largest number of points that a mean is computed from. */
export const MEAN_POINTS = 4096

/** The mean of points sampled evenly from all rows. @param vectors [at least count, dimension]; borrowed. */
export function meanPoint(vectors: Float32Array, count: number, dimension: number, metric: Metric): Float32Array<ArrayBuffer> {
  const taken = Math.min(count, MEAN_POINTS)
  const mean = new Float64Array(dimension)
  for (let index = 0; index < taken; index++) {
    const start = Math.floor((index * count) / taken) * dimension
    const point = pointOf(vectors.subarray(start, start + dimension), metric)
    if (point) for (let column = 0; column < dimension; column++) mean[column]! += point[column]! / taken
  }
  return Float32Array.from(mean)
}
