import type { AdapterLinear } from '../../core/checkpoint/adapter-checkpoint.js'
import { EightBitRounder } from '../../core/converter/rounding.js'
import { Specter2Error } from '../../core/errors.js'
import type { CodedDense } from './coded-weights.js'

/** Rounds weights to 8 bits with a scale for each column. @throws Specter2Error `INVALID_MODEL` if one is NaN or infinite. */
export function roundColumns({ weight, bias }: AdapterLinear, inputs: number, outputs: number): CodedDense {
  for (const [field, values] of Object.entries({ weight, bias })) {
    const index = values.findIndex((value) => !Number.isFinite(value))
    if (index < 0) continue
    const message = `The adapter's ${field}[${index}] is ${values[index]}, not a finite number. Fetch the adapter again.`
    throw new Specter2Error('INVALID_MODEL', message, { details: { field, index } })
  }
  const rounder = new EightBitRounder(weight, { inputs, outputs })
  for (let row = 0; row < inputs; row++) rounder.round(row, weight.slice(row * outputs, (row + 1) * outputs))
  return { inputs, outputs, ...rounder.result, stride: outputs, bias, smoothing: null }
}
