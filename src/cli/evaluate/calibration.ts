/** A prediction's confidence and whether it was right. */
export interface Prediction {
  /** 0 … 1. */
  confidence: number
  isRight: boolean
}

/**
 * Expected calibration error (Naeini et al. 2015): predictions in `bins` of equal width by confidence; the mean, over predictions,
 * of how far the mean confidence of their bin is from its share that is right.
 *
 * @returns 0 … 1; 0 without predictions.
 */
export function expectedCalibrationError(predictions: readonly Prediction[], bins = 10): number {
  const sums = Array.from({ length: bins }, () => ({ confidence: 0, right: 0 }))
  for (const { confidence, isRight } of predictions) {
    const bin = sums[Math.min(bins - 1, Math.floor(confidence * bins))]!
    bin.confidence += confidence
    bin.right += isRight ? 1 : 0
  }
  return sums.reduce((sum, { confidence, right }) => sum + Math.abs(confidence - right), 0) / Math.max(1, predictions.length)
}
