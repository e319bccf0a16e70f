import { describe, expect, test } from 'vitest'
import { fromFourBits } from '../../../testing/models.js'
import { normalNumbers } from '../../../testing/random-numbers.js'
import { toFloat32 } from '../checkpoint/float-values.js'
import type { Dense } from './encoder-weights.js'
import { BLOCK, nearest, packRows } from './rounding.js'

const INPUTS = 64
const OUTPUTS = 10

function layerOf(weight: Float32Array<ArrayBuffer>): Dense {
  return {
    name: 'layer',
    input: 'layer',
    inputs: INPUTS,
    outputs: OUTPUTS,
    smoothing: null,
    weight: async () => weight.slice(),
    bias: async () => new Float32Array(OUTPUTS),
  }
}

/** Columns of very different sizes, the last one zero. */
function randomWeight(seed: number): Float32Array<ArrayBuffer> {
  const normal = normalNumbers(seed)
  return Float32Array.from({ length: INPUTS * OUTPUTS }, (_, index) =>
    index % OUTPUTS === OUTPUTS - 1 ? 0 : normal(0, 10 ** ((index % 5) - 2)),
  )
}

describe('nearest', () => {
  test('rounds 8-bit weights by at most half a step of their column', async () => {
    const weight = randomWeight(1)
    const { codes, scales } = await nearest.eightBits(layerOf(weight))
    for (let index = 0; index < weight.length; index++) {
      const step = scales[index % OUTPUTS]!
      expect(Math.abs(codes[index]! * step - weight[index]!)).toBeLessThanOrEqual(step * 0.5001)
    }
    const ends = Array.from({ length: OUTPUTS }, (_, column) =>
      Math.max(...codes.filter((_, index) => index % OUTPUTS === column).map(Math.abs)),
    )
    expect(ends).toEqual([...new Array(OUTPUTS - 1).fill(127), 0])
  })

  test('loses less of 4-bit weights than a scale by the largest value of each block would', async () => {
    const weight = randomWeight(2)
    const rounded = fromFourBits(await nearest.fourBits(layerOf(weight)), INPUTS, OUTPUTS)
    let error = 0
    let byLargest = 0
    for (let block = 0; block < INPUTS / BLOCK; block++) {
      for (let column = 0; column < OUTPUTS - 1; column++) {
        const indices = Array.from({ length: BLOCK }, (_, row) => (block * BLOCK + row) * OUTPUTS + column)
        const extreme = indices.map((index) => weight[index]!).reduce((a, b) => (Math.abs(b) > Math.abs(a) ? b : a))
        const step = extreme / -8
        for (const index of indices) {
          const code = Math.max(-8, Math.min(7, Math.round(weight[index]! / step)))
          error += ((rounded[index]! - weight[index]!) / extreme) ** 2
          byLargest += ((code * step - weight[index]!) / extreme) ** 2
        }
      }
    }
    expect(error).toBeLessThan(0.95 * byLargest)
    // A column of zeros is one.
    for (let row = 0; row < INPUTS; row++) expect(rounded[row * OUTPUTS + OUTPUTS - 1]).toBe(0)
  })

  test('does not change 4-bit weights that are whole steps of their block', async () => {
    const weight = Float32Array.from({ length: INPUTS * OUTPUTS }, (_, index) => {
      const row = Math.floor(index / OUTPUTS)
      // Every block has the whole range, so no other scale fits.
      return ((row % 16) - 8) * 2 ** -((index % OUTPUTS) + Math.floor(row / BLOCK))
    })
    expect(fromFourBits(await nearest.fourBits(layerOf(weight)), INPUTS, OUTPUTS)).toEqual(weight)
  })
})

test('packed rows hold the first half of a row in the lower halves of its bytes', () => {
  const [rows, width] = [3, 64]
  const table = Float32Array.from({ length: rows * width }, (_, index) => ((index % 16) - 8) / 4)
  const { codes, scales } = packRows(table, rows, width)
  const steps = toFloat32(new Uint8Array(scales.slice().buffer), 'F16')
  for (let index = 0; index < table.length; index++) {
    const [row, column] = [Math.floor(index / width), index % width]
    const byte = codes[(row * width) / 2 + (column % (width / 2))]!
    const code = column < width / 2 ? byte & 15 : byte >> 4
    expect((code - 8) * steps[Math.floor(index / BLOCK)]!).toBe(table[index])
  }
})
