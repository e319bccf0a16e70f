/** Enough for a median that is right to a few percent. */
const SAMPLES = 2000

/**
 * Estimates the median Euclidean distance of two papers of a library from sample pairs, the same in every run. What a distance
 * means depends on the model, but hardly its ratio to this one.
 *
 * @param vectors [count, dimension], row-major; borrowed.
 * @returns 0 if there are fewer than two papers or all are the same.
 */
export function typicalDistance(vectors: Float32Array, dimension: number): number {
  const count = vectors.length / dimension
  const distances = samplePairs(count).map(([a, b]) => distanceOf(vectors, a, b, dimension))
  return Float64Array.from(distances).sort()[distances.length >> 1] ?? 0
}

/** Pairs of different rows, spread over all rows; none if there are fewer than two rows. */
export function samplePairs(count: number): [a: number, b: number][] {
  if (count < 2) return []
  let seed = 1
  // The generator of Numerical Recipes is good enough to pick rows.
  const row = () => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0
    return seed % count
  }
  return Array.from({ length: Math.min(SAMPLES, (count * (count - 1)) / 2) }, () => {
    const a = row()
    return [a, (a + 1 + (row() % (count - 1))) % count]
  })
}

/** The Euclidean distance of two rows. */
export function distanceOf(vectors: Float32Array, a: number, b: number, dimension: number): number {
  return Math.sqrt(squaredDistance(vectors, a, b, dimension))
}

/** The squared Euclidean distance of two rows over their first `columns`, by default all. */
export function squaredDistance(vectors: Float32Array, a: number, b: number, dimension: number, columns = dimension): number {
  let sum = 0
  for (let k = 0; k < columns; k++) sum += (vectors[a * dimension + k]! - vectors[b * dimension + k]!) ** 2
  return sum
}
