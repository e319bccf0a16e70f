import { InvalidArgumentError } from '../errors.js'
import type { Metric } from '../types.js'

/** Weights of liked and disliked examples: Rocchio's usual 3 to 1 (Manning, Raghavan and Schütze 2008, section 9.1.1). */
const LIKED = 0.75
const DISLIKED = 0.25

/**
 * A query vector from examples: the mean of the liked ones, moved away from the mean of the disliked ones (Rocchio 1971). For the
 * metric cosine only the direction of the examples counts.
 *
 * @param liked At least one vector, all of one length; borrowed.
 * @param disliked Vectors of the same length; may be empty; borrowed.
 * @returns [dimension]; belongs to the caller.
 * @throws InvalidArgumentError if `liked` is empty or lengths differ.
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
  // Weights that add up to 1 leave the query among the vectors, as Euclidean distances require.
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
