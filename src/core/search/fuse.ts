/** Scores of the same rows by one kind of search, and how such scores are spread over all rows that might be found. */
export interface SideScores {
  /** One for each row; higher is better. Borrowed. */
  scores: ArrayLike<number>
  mean: number
  /** Standard deviation; 0 where all rows score the same, and then this side says nothing. */
  deviation: number
}

/** Rows by descending score, equals by ascending row. Both belong to the caller. */
export interface FusedRows {
  rows: Uint32Array<ArrayBuffer>
  scores: Float64Array<ArrayBuffer>
}

/** The share of the vectors' side; the rest is the words'. Measured: `evaluate --mode hybrid`. */
export const DENSE_WEIGHT = 0.7

/**
 * Ranks rows by both sides: each side's scores in standard deviations from its mean, weighted and added. Unlike ranks, these
 * keep how much better a hit is than the rest.
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

/** Mean and standard deviation of `count` scores, of which those not given are 0. */
export function spread(scores: ArrayLike<number>, count = scores.length): { mean: number; deviation: number } {
  if (count === 0) return { mean: 0, deviation: 0 }
  let sum = 0
  for (let index = 0; index < scores.length; index++) sum += scores[index]!
  const mean = sum / count
  let squares = (count - scores.length) * mean * mean
  for (let index = 0; index < scores.length; index++) squares += (scores[index]! - mean) ** 2
  return { mean, deviation: Math.sqrt(squares / count) }
}
