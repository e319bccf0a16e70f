/** Enough for a median within a few percent. */
const SAMPLES = 2000

/**
 * The median Euclidean distance of two papers of a library, by pairs that do not change from run to run: what a distance means
 * depends on the model, but how it compares with this hardly does.
 *
 * @param vectors [count, dimension], row-major; borrowed.
 * @returns 0 for fewer than two papers, or where all are the same.
 */
export function typicalDistance(vectors: Float32Array, dimension: number): number {
  const count = vectors.length / dimension
  if (count < 2) return 0
  let seed = 1
  // Numerical Recipes' generator: enough to pick rows.
  const row = () => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0
    return seed % count
  }
  const distances = new Float64Array(Math.min(SAMPLES, (count * (count - 1)) / 2))
  for (let n = 0; n < distances.length; n++) {
    const a = row()
    const b = (a + 1 + (row() % (count - 1))) % count
    distances[n] = distanceOf(vectors, a, b, dimension)
  }
  return distances.sort()[distances.length >> 1]!
}

/** The Euclidean distance of two rows. */
export function distanceOf(vectors: Float32Array, a: number, b: number, dimension: number): number {
  let sum = 0
  for (let k = 0; k < dimension; k++) sum += (vectors[a * dimension + k]! - vectors[b * dimension + k]!) ** 2
  return Math.sqrt(sum)
}
