import { LAYOUTS } from '../../core/kernels/encoder-tiers.js'
import type { EncoderTier } from '../../core/types.js'
import type { Arena } from './arena.js'
import type { CodedDense } from './coded-weights.js'

/** A dense layer, or some of its inputs and outputs, in the layout of the kernels. */
export interface PackedDense {
  /** Inputs, a multiple of 16. */
  inputs: number
  panels: number
  columns: number
  panelCount: number
}

/** A part of a dense layer: inputs and outputs from … to; what lies beyond the layer is padding. */
export interface DensePart {
  inputs: readonly [from: number, to: number]
  outputs: readonly [from: number, to: number]
  /** Whether the part adds the bias; of several parts of the inputs, only one may. */
  hasBias: boolean
}

/** Columns of a panel. */
const COLUMNS = 8
/** Bytes of a panel's scales, sums and biases. */
const COLUMN_BYTES = 3 * COLUMNS * 4
/** The largest sum of two neighbouring weights whose products with bytes do not saturate at 16 bits: 255 · 128 < 2^15. */
const BOUND = 127

export const padded16 = (count: number) => Math.ceil(count / 16) * 16

/** Copies a dense layer, or a part of it, into the layout of the kernels. */
export function packDense(arena: Arena, tier: EncoderTier, dense: CodedDense, part: Partial<DensePart> = {}): PackedDense {
  const { inputs = [0, dense.inputs], outputs = [0, dense.outputs], hasBias = true } = part
  const inputCount = padded16(inputs[1] - inputs[0])
  const panelCount = padded16(outputs[1] - outputs[0]) / COLUMNS
  const panels = arena.take(inputCount * panelCount * COLUMNS)
  const columns = arena.take(panelCount * COLUMN_BYTES)
  const codes = new Int8Array(arena.memory.buffer, panels, inputCount * panelCount * COLUMNS)
  const factors = new Float32Array(arena.memory.buffer, columns, (panelCount * COLUMN_BYTES) / 4)
  const { codeBytes, bounded } = LAYOUTS[tier]
  const group = codeBytes === 2 ? 2 : 4
  const column = new Int8Array(inputCount)
  for (let at = 0; at < panelCount * COLUMNS; at++) {
    const output = outputs[0] + at
    const exists = output < dense.outputs
    column.fill(0)
    for (let input = inputs[0]; exists && input < Math.min(inputs[1], dense.inputs); input++)
      column[input - inputs[0]] = dense.codes[input * dense.stride + output]!
    let scale = exists ? dense.scales[output]! : 0
    if (bounded) scale *= boundNeighbours(column)
    const panel = Math.floor(at / COLUMNS)
    const first = panel * inputCount * COLUMNS + (at % COLUMNS) * group
    let sum = 0
    for (let input = 0; input < inputCount; input += group)
      for (let offset = 0; offset < group; offset++) {
        const code = column[input + offset]!
        sum += code
        codes[first + input * COLUMNS + offset] = code
      }
    const place = panel * 3 * COLUMNS + (at % COLUMNS)
    factors[place] = scale
    factors[place + COLUMNS] = scale * sum
    factors[place + 2 * COLUMNS] = exists && hasBias ? dense.bias[output]! : 0
  }
  return { inputs: inputCount, panels, columns, panelCount }
}

/** Frees what {@link packDense} took. */
export function releaseDense(arena: Arena, { inputs, panels, columns, panelCount }: PackedDense): void {
  arena.release(panels, inputs * panelCount * COLUMNS)
  arena.release(columns, panelCount * COLUMN_BYTES)
}

/** Rounds a column again, if two neighbours add up to too much. @returns The factor of its scale. */
function boundNeighbours(column: Int8Array): number {
  let largest = 0
  for (let index = 0; index < column.length; index += 2)
    largest = Math.max(largest, Math.abs(column[index]!) + Math.abs(column[index + 1]!))
  if (largest <= BOUND + 1) return 1
  for (let index = 0; index < column.length; index++) column[index] = Math.round((column[index]! * BOUND) / largest)
  return largest / BOUND
}
