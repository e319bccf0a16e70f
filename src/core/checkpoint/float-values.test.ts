import { describe, expect, test } from 'vitest'
import { concat, uint16 } from '../../../testing/checkpoints.js'
import { toFloat32 } from './float-values.js'

describe('toFloat32', () => {
  test('reads halves exactly: normal, subnormal, largest, infinite, signed zero and NaN', () => {
    const codes = [0x3c00, 0xc000, 0x3555, 0x0001, 0x03ff, 0x0400, 0x7bff, 0x7c00, 0xfc00, 0x8000, 0x7e00]
    const values = toFloat32(concat(...codes.map(uint16)), 'F16')
    const expected = [1, -2, 1365 / 4096, 2 ** -24, 1023 * 2 ** -24, 2 ** -14, 65504, Infinity, -Infinity, -0, NaN]
    expect(Array.from(values)).toEqual(expected)
  })

  test('reads bfloat16 as the upper half of a float32', () => {
    expect(Array.from(toFloat32(concat(uint16(0x3f80), uint16(0xc049), uint16(0x7f80)), 'BF16'))).toEqual([
      1,
      -3.140625,
      Infinity,
    ])
  })

  test('rounds doubles to the nearest float32', () => {
    const values = toFloat32(new Uint8Array(Float64Array.of(0.1, -1e300).buffer), 'F64')
    expect(Array.from(values)).toEqual([Math.fround(0.1), -Infinity])
  })

  test('reads bytes that do not begin at a multiple of the element size', () => {
    const bytes = concat([7], new Uint8Array(Float32Array.of(1.5, 2.5).buffer)).subarray(1)
    expect(Array.from(toFloat32(bytes, 'F32'))).toEqual([1.5, 2.5])
  })
})
