import type { AdapterLinear } from '../../core/checkpoint/adapter-checkpoint.js'
import { Specter2Error } from '../../core/errors.js'
import type { CodedDense } from './coded-weights.js'

/** Rounds weights to 8 bits with a scale for each column. @throws Specter2Error `INVALID_MODEL` if one is NaN or infinite. */
export function roundColumns({ weight, bias }: AdapterLinear, inputs: number, outputs: number): CodedDense {
  if (!weight.every(Number.isFinite) || !bias.every(Number.isFinite))
    throw new Specter2Error('INVALID_MODEL', 'The adapter holds weights that are NaN or infinite. Fetch it again.', {})
  const scales = new Float32Array(outputs)
  for (const [index, value] of weight.entries())
    scales[index % outputs] = Math.max(scales[index % outputs]!, Math.abs(value) / 127)
  const codes = Int8Array.from(weight, (value, index) => {
    const scale = scales[index % outputs]!
    return scale === 0 ? 0 : Math.round(value / scale)
  })
  return { inputs, outputs, codes, stride: outputs, scales, bias, smoothing: null }
}
