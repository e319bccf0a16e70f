import { type PublishedFolder, readJson } from '../../../core/checkpoint/published-folder.js'
import type { Dtype } from '../../../core/types.js'

/** Bytes per weight, scales included. */
const WEIGHT_BYTES: Readonly<Record<Dtype, number>> = { fp32: 4, fp16: 2, q8: 1.02, q4: 0.65, q4f16: 0.65 }

/**
 * Estimates the bytes of a model folder of one dtype to within a few percent, for a progress bar. 0 if the configuration does not
 * give the sizes.
 */
export async function expectedBytes(base: PublishedFolder, dtype: Dtype): Promise<number> {
  const config = (await readJson(base, 'config.json')) ?? {}
  const [hidden, layers, intermediate, vocabulary, positions] = [
    'hidden_size',
    'num_hidden_layers',
    'intermediate_size',
    'vocab_size',
    'max_position_embeddings',
  ].map((field) => Number(config[field]))
  const weights = (vocabulary! + positions!) * hidden! + layers! * (4 * hidden! * hidden! + 2 * hidden! * intermediate!)
  return Number.isFinite(weights) ? Math.round(weights * WEIGHT_BYTES[dtype]) : 0
}
