/** How far vectors are from those that they should be. */
export interface Agreement {
  /** Largest difference of a component, over all texts. */
  maxAbs: number
  /** Cosines, over texts of {@link SHORT_TOKENS} tokens or more, or over all where every text is shorter. */
  meanCosine: number
  minCosine: number
}

/** Texts with fewer tokens say little about a quantization: one word's rounding is their vector. */
export const SHORT_TOKENS = 20

/**
 * Compares vectors with those expected, text by text. A component that is no number makes all three figures NaN, which is
 * within no bar.
 *
 * @param tokenCounts Of each text.
 */
export function agreement(
  actual: readonly ArrayLike<number>[],
  expected: readonly ArrayLike<number>[],
  tokenCounts: readonly number[],
): Agreement {
  const texts = actual.map((vector, index) => compare(vector, expected[index]!))
  const long = texts.filter((_, index) => tokenCounts[index]! >= SHORT_TOKENS)
  const cosines = (long.length > 0 ? long : texts).map(({ cosine }) => cosine)
  return {
    maxAbs: Math.max(...texts.map(({ maxAbs }) => maxAbs)),
    meanCosine: cosines.reduce((sum, value) => sum + value, 0) / cosines.length,
    minCosine: Math.min(...cosines),
  }
}

function compare(a: ArrayLike<number>, b: ArrayLike<number>): { maxAbs: number; cosine: number } {
  let [maxAbs, product, squaresA, squaresB] = [0, 0, 0, 0]
  for (let index = 0; index < Math.max(a.length, b.length); index++) {
    // Beyond a vector's end there is no number, so a wrong length agrees with nothing.
    const [x, y] = [a[index] ?? Number.NaN, b[index] ?? Number.NaN]
    maxAbs = Math.max(maxAbs, Math.abs(x - y))
    product += x * y
    squaresA += x * x
    squaresB += y * y
  }
  return { maxAbs, cosine: product / Math.sqrt(squaresA * squaresB) }
}
