export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  const [lower, upper] = [sorted[sorted.length % 2 ? middle : middle - 1], sorted[middle]]
  return ((lower ?? Number.NaN) + (upper ?? Number.NaN)) / 2
}

/** The smallest value that at least `share` (0 … 1) of the values are below; NaN without values. */
export function quantile(values: readonly number[], share: number): number {
  return values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(share * values.length))] ?? Number.NaN
}

/** Numbers from 0 (inclusive) to 1 (exclusive), the same for each seed. */
export function seededRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}
