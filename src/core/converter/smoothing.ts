import type { EncoderShape } from './encoder-graph.js'
import type { EncoderWeights, Smoothing } from './encoder-weights.js'

/** Smaller activations and weights count as this, so that a dead channel does not get an infinite factor. */
const FLOOR = 1e-5

/**
 * Factors that even out the channels of the inputs that are quantized around zero (SmoothQuant, Xiao et al. 2023, alpha .5):
 * max|x|^.5 / max|w|^.5 of each channel, divided by their geometric mean. The inner input of the feed-forward part is quantized
 * over its own range and needs no smoothing.
 *
 * @param maxima Largest |x| of each channel by the name of the input, over texts and adapters.
 */
export async function smoothingFactors(
  { layers, hidden, intermediate }: EncoderShape,
  weights: EncoderWeights,
  maxima: ReadonlyMap<string, Float32Array>,
): Promise<Smoothing> {
  const smoothing = new Map<string, Float32Array<ArrayBuffer>>()
  for (let layer = 0; layer < layers; layer++) {
    const name = `encoder.layer.${layer}`
    const self = `${name}.attention.self`
    const output = `${name}.attention.output.dense`
    const up = `${name}.intermediate.dense`
    for (const dense of [
      weights.dense(`${self}.query_key_value`, [`${self}.query`, `${self}.key`, `${self}.value`], hidden, hidden),
      weights.dense(output, [output], hidden, hidden),
      weights.dense(up, [up], hidden, intermediate),
    ]) {
      const weight = await dense.weight()
      const factors = Float32Array.from({ length: hidden }, (_, channel) => {
        const row = weight.subarray(channel * dense.outputs, (channel + 1) * dense.outputs)
        const largest = row.reduce((found, value) => Math.max(found, Math.abs(value)), FLOOR)
        return Math.sqrt(Math.max(maxima.get(dense.input)![channel]!, FLOOR) / largest)
      })
      const mean = Math.exp(factors.reduce((sum, factor) => sum + Math.log(factor), 0) / hidden)
      smoothing.set(
        dense.input,
        factors.map((factor) => factor / mean),
      )
    }
  }
  return smoothing
}
