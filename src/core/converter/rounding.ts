import { toFloat32 } from '../checkpoint/float-values.js'
import type { Dense } from './encoder-weights.js'
import { toFloat16 } from './float16.js'

/** Weights of a dense layer in 8 bits: code · scale of the column. */
export interface EightBits {
  /** [inputs, outputs], from -127 to 127. */
  codes: Int8Array<ArrayBuffer>
  /** [outputs]. */
  scales: Float32Array<ArrayBuffer>
}

/**
 * Weights in 4 bits, in the layout of MatMulNBits: (code - 8) · scale of the block, which is {@link BLOCK} inputs of one output.
 */
export interface FourBits {
  /** [outputs, inputs / BLOCK, BLOCK / 2]: two codes per byte, the even input in the lower half. */
  codes: Uint8Array<ArrayBuffer>
  /** [outputs, inputs / BLOCK], float16. */
  scales: Uint16Array<ArrayBuffer>
}

/** Number of 4-bit weights that share a scale. */
export const BLOCK = 32

/** Rounds the weights of a dense layer to codes. */
export interface Rounding {
  eightBits(layer: Dense): Promise<EightBits>
  fourBits(layer: Dense): Promise<FourBits>
}

/** Rounds each weight to its nearest code. */
export const nearest: Rounding = {
  async eightBits(layer) {
    const weight = await layer.weight()
    const rounder = new EightBitRounder(weight, layer)
    for (let row = 0; row < layer.inputs; row++)
      rounder.round(row, weight.subarray(row * layer.outputs, (row + 1) * layer.outputs))
    return rounder.result
  },

  async fourBits(layer) {
    const weight = await layer.weight()
    const rounder = new FourBitRounder(layer)
    for (let row = 0; row < layer.inputs; row++) {
      if (row % BLOCK === 0) rounder.fit(row, weight.subarray(row * layer.outputs, (row + BLOCK) * layer.outputs))
      rounder.round(row, weight.subarray(row * layer.outputs, (row + 1) * layer.outputs))
    }
    return rounder.result
  },
}

type Size = Pick<Dense, 'inputs' | 'outputs'>

/** Rounds the rows of a weight matrix one after another. */
export interface RowRounder<T> {
  /** Chooses scales for the rows `first` … `first + BLOCK - 1`, before they are rounded: [BLOCK, outputs]. */
  fit(first: number, rows: Float32Array, importance?: Float32Array): void
  /** Stores the codes of a row [outputs], and overwrites `values` with the values of the codes. */
  round(row: number, values: Float32Array): void
  readonly result: T
}

export class EightBitRounder implements RowRounder<EightBits> {
  readonly result: EightBits
  readonly #inverses: Float32Array

  /** @param weight [inputs, outputs]: the largest value of each column gets the code 127. */
  constructor(weight: Float32Array, { inputs, outputs }: Size) {
    const scales = new Float32Array(outputs)
    for (let row = 0; row < inputs; row++)
      for (let column = 0, index = row * outputs; column < outputs; column++, index++) {
        const size = Math.abs(weight[index]!)
        if (size > scales[column]!) scales[column] = size
      }
    this.#inverses = scales.map((largest) => (largest > 0 ? 127 / largest : 0))
    this.result = { codes: new Int8Array(inputs * outputs), scales: scales.map((largest) => largest / 127) }
  }

  fit(): void {}

  round(row: number, values: Float32Array): void {
    const { codes, scales } = this.result
    const outputs = scales.length
    for (let column = 0; column < outputs; column++) {
      const code = Math.max(-127, Math.min(127, Math.round(values[column]! * this.#inverses[column]!)))
      codes[row * outputs + column] = code
      values[column] = code * scales[column]!
    }
  }
}

/** Candidates for the scale of a block, relative to the one that gives its extreme value the code -8. */
const SHARES = Array.from({ length: 21 }, (_, index) => 0.65 + 0.025 * index)

export class FourBitRounder implements RowRounder<FourBits> {
  readonly result: FourBits
  readonly #size: Size
  /** [outputs]: scales of the current block, rounded to float16. */
  readonly #scales: Float32Array<ArrayBuffer>

  constructor({ inputs, outputs }: Size) {
    this.#size = { inputs, outputs }
    this.#scales = new Float32Array(outputs)
    this.result = { codes: new Uint8Array((inputs * outputs) / 2), scales: new Uint16Array((inputs / BLOCK) * outputs) }
  }

  /** @param importance [BLOCK]: weight of each row's squared error; default: equal weights. */
  fit(first: number, rows: Float32Array, importance: Float32Array = new Float32Array(BLOCK).fill(1)): void {
    const { inputs, outputs } = this.#size
    const block = new Float64Array(BLOCK)
    for (let column = 0; column < outputs; column++) {
      for (let row = 0; row < BLOCK; row++) block[row] = rows[row * outputs + column]!
      this.#scales[column] = blockScale(block, importance)
    }
    const halves = toFloat16(this.#scales)
    for (let column = 0; column < outputs; column++)
      this.result.scales[column * (inputs / BLOCK) + first / BLOCK] = halves[column]!
    this.#scales.set(toFloat32(new Uint8Array(halves.buffer), 'F16'))
  }

  round(row: number, values: Float32Array): void {
    const { inputs, outputs } = this.#size
    const { codes } = this.result
    const shift = 4 * (row & 1)
    for (let column = 0; column < outputs; column++) {
      const scale = this.#scales[column]!
      const code = scale === 0 ? 0 : Math.max(-8, Math.min(7, Math.round(values[column]! / scale)))
      codes[(column * inputs + row) >> 1]! |= (code + 8) << shift
      values[column] = code * scale
    }
  }
}

/**
 * The scale with which codes from -8 to 7 come closest to the values of a block: the best of {@link SHARES}, each improved by
 * least squares for its codes.
 */
function blockScale(block: Float64Array, importance: Float32Array): number {
  let extreme = 0
  for (let index = 0; index < block.length; index++) if (Math.abs(block[index]!) > Math.abs(extreme)) extreme = block[index]!
  if (extreme === 0) return 0
  let best = 0
  let leastError = Number.POSITIVE_INFINITY
  for (const share of SHARES) {
    const first = (extreme / -8) * share
    let products = 0
    let squares = 0
    for (let index = 0; index < block.length; index++) {
      const code = Math.max(-8, Math.min(7, Math.round(block[index]! / first)))
      products += importance[index]! * code * block[index]!
      squares += importance[index]! * code * code
    }
    const scale = squares > 0 && products !== 0 ? products / squares : first
    let error = 0
    for (let index = 0; index < block.length; index++) {
      const code = Math.max(-8, Math.min(7, Math.round(block[index]! / scale)))
      error += importance[index]! * (block[index]! - code * scale) ** 2
    }
    if (error < leastError) {
      leastError = error
      best = scale
    }
  }
  return best
}

/** Rounds a table [rows, width] to 8 bits with a scale for each row. */
export function roundRows(table: Float32Array, rows: number, width: number): { codes: Int8Array; scales: Float32Array } {
  const codes = new Int8Array(rows * width)
  const scales = new Float32Array(rows)
  for (let row = 0; row < rows; row++) {
    let largest = 0
    for (let index = row * width; index < (row + 1) * width; index++) largest = Math.max(largest, Math.abs(table[index]!))
    scales[row] = largest / 127
    const inverse = largest > 0 ? 127 / largest : 0
    for (let index = row * width; index < (row + 1) * width; index++) codes[index] = Math.round(table[index]! * inverse)
  }
  return { codes, scales }
}

/**
 * Rounds a table [rows, width] to 4 bits with a float16 scale for each {@link BLOCK} values of a row. Two codes per byte: the
 * first half of a row in the lower halves of its bytes, so that unpacking needs no interleaving.
 */
export function packRows(table: Float32Array, rows: number, width: number): { codes: Uint8Array; scales: Uint16Array } {
  const blocks = width / BLOCK
  const scales = new Float32Array(rows * blocks)
  const equal = new Float32Array(BLOCK).fill(1)
  for (let block = 0; block < scales.length; block++)
    scales[block] = blockScale(Float64Array.from(table.subarray(block * BLOCK, (block + 1) * BLOCK)), equal)
  const halves = toFloat16(scales)
  const kept = toFloat32(new Uint8Array(halves.slice().buffer), 'F16')
  const codes = new Uint8Array((rows * width) / 2)
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < width; column++) {
      const scale = kept[row * blocks + Math.floor(column / BLOCK)]!
      const value = table[row * width + column]!
      const code = (scale === 0 ? 0 : Math.max(-8, Math.min(7, Math.round(value / scale)))) + 8
      codes[(row * width) / 2 + (column % (width / 2))]! |= column < width / 2 ? code : code << 4
    }
  }
  return { codes, scales: halves }
}
