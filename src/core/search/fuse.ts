/** Scores of some rows by one kind of search, and the distribution of such scores over all rows that might be found. */
export interface SideScores {
  /** One for each row; higher is better. Borrowed. */
  scores: ArrayLike<number>
  mean: number
  /** Standard deviation; if it is 0, all rows score the same and this side is ignored. */
  deviation: number
}

/** Rows by descending score, ties by ascending row. Both belong to the caller. */
export interface FusedRows {
  rows: Uint32Array<ArrayBuffer>
  scores: Float64Array<ArrayBuffer>
}

/** Weight of the vectors' side; the words' side has the rest. Measured with `evaluate --mode hybrid`. */
const DENSE_WEIGHT = 0.7

/**
 * Ranks rows by both sides: the weighted sum of each side's scores in standard deviations from the mean. Unlike ranks, these show
 * how much better a hit is than the others.
 *
 * @param rows Candidates, each once; borrowed.
 */
export function fuse(rows: ArrayLike<number>, dense: SideScores, lexical: SideScores, denseWeight = DENSE_WEIGHT): FusedRows {
  const denseScale = dense.deviation > 0 ? denseWeight / dense.deviation : 0
  const lexicalScale = lexical.deviation > 0 ? (1 - denseWeight) / lexical.deviation : 0
  const fused = Float64Array.from(
    rows,
    (_, index) => (dense.scores[index]! - dense.mean) * denseScale + (lexical.scores[index]! - lexical.mean) * lexicalScale,
  )
  const order = Uint32Array.from(rows, (_, index) => index).sort((a, b) => fused[b]! - fused[a]! || rows[a]! - rows[b]!)
  return {
    rows: order.map((index) => rows[index]!),
    scores: Float64Array.from(order, (index) => fused[index]!),
  }
}

/** Mean and standard deviation of `count` scores; those not given count as 0. */
export function spread(scores: ArrayLike<number>, count = scores.length): { mean: number; deviation: number } {
  if (count === 0) return { mean: 0, deviation: 0 }
  let sum = 0
  for (let index = 0; index < scores.length; index++) sum += scores[index]!
  const mean = sum / count
  let squares = (count - scores.length) * mean * mean
  for (let index = 0; index < scores.length; index++) squares += (scores[index]! - mean) ** 2
  return { mean, deviation: Math.sqrt(squares / count) }
}
