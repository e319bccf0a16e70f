/** How close vectors are to the expected ones. */
export interface Agreement {
  /** Largest absolute difference of a component, over all texts. */
  maxAbs: number
  /** Cosines, over texts of at least {@link SHORT_TOKENS} tokens, or over all texts if every one is shorter. */
  meanCosine: number
  minCosine: number
}

/** Shorter texts say little about a quantization: the rounding of one word decides their vector. */
const SHORT_TOKENS = 20

/**
 * Compares vectors with the expected ones, text by text. A component that is NaN, or one too many or too few, makes all three
 * figures NaN, which passes no threshold.
 *
 * @param tokenCounts Number of tokens of each text.
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
    const [x, y] = [a[index] ?? Number.NaN, b[index] ?? Number.NaN]
    maxAbs = Math.max(maxAbs, Math.abs(x - y))
    product += x * y
    squaresA += x * x
    squaresB += y * y
  }
  return { maxAbs, cosine: product / Math.sqrt(squaresA * squaresB) }
}
