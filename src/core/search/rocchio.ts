import { InvalidArgumentError } from '../errors.js'
import type { Metric } from '../types.js'

/** How much the liked and the disliked count: Rocchio's usual 3 to 1 (Manning, Raghavan and Schütze 2008, section 9.1.1). */
const LIKED = 0.75
const DISLIKED = 0.25

/**
 * One query vector from examples: the mean of those liked, moved away from the mean of those disliked (Rocchio 1971). For
 * the metric cosine the examples count by their direction alone.
 *
 * @param liked Vectors of one length, one at least; borrowed.
 * @param disliked Of the same length; default none.
 * @returns [dimension]; belongs to the caller.
 * @throws InvalidArgumentError where nothing is liked or lengths differ.
 */
export function rocchio(
  liked: readonly Float32Array[],
  disliked: readonly Float32Array[],
  metric: Metric,
): Float32Array<ArrayBuffer> {
  const [first] = liked
  if (!first) throw new InvalidArgumentError('liked', liked, 'one vector at least')
  const dimension = first.length
  const towards = meanOf('liked', liked, dimension, metric)
  if (disliked.length === 0) return Float32Array.from(towards)
  const away = meanOf('disliked', disliked, dimension, metric)
  // Weights that add up to 1 keep the query among the vectors, which Euclidean distances need.
  const [gain, loss] = [LIKED / (LIKED - DISLIKED), DISLIKED / (LIKED - DISLIKED)]
  return Float32Array.from(towards, (value, column) => gain * value - loss * away[column]!)
}

function meanOf(field: string, vectors: readonly Float32Array[], dimension: number, metric: Metric): Float64Array {
  const mean = new Float64Array(dimension)
  for (const [index, vector] of vectors.entries()) {
    if (vector.length !== dimension)
      throw new InvalidArgumentError(`${field}[${index}].length`, vector.length, `that of the others, ${dimension}`)
    const length = metric === 'cosine' ? Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0)) : 1
    if (length > 0) for (let column = 0; column < dimension; column++) mean[column]! += vector[column]! / length / vectors.length
  }
  return mean
}
