import { expect, test } from 'vitest'
import { failure } from '../../../testing/checkpoints.js'
import { toFloat32 } from '../checkpoint/float-values.js'
import { toFloat16 } from './float16.js'

const back = (halves: Uint16Array<ArrayBuffer>) => toFloat32(new Uint8Array(halves.buffer), 'F16')

test('every float16 is its own nearest', () => {
  const codes = Uint16Array.from({ length: 65_536 }, (_, code) => code).filter((code) => (code & 0x7c00) !== 0x7c00)
  expect(toFloat16(back(codes.slice()))).toEqual(codes)
})

test('values between two halves round to the nearer one, ties to the even one', () => {
  const codes = Uint16Array.from({ length: 0x7bff }, (_, code) => code)
  const values = back(codes.slice())
  for (let code = 0; code < 0x7bfe; code += 7) {
    const [low, high] = [values[code]!, values[code + 1]!]
    const even = code % 2 === 0 ? code : code + 1
    const between = Float32Array.of(low + (high - low) * 0.499, low + (high - low) * 0.501, (low + high) / 2, -(low + high) / 2)
    expect([...toFloat16(between)]).toEqual([code, code + 1, even, even | 0x8000])
  }
})

test('the least float32 is zero, infinite values stay, and a number beyond the range is refused', async () => {
  expect([...toFloat16(Float32Array.of(1e-45, -1e-8, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 65_519))]).toEqual([
    0, 0x8000, 0x7c00, 0xfc00, 0x7bff,
  ])
  expect(back(toFloat16(Float32Array.of(Number.NaN)))[0]).toBeNaN()
  const error = await failure(
    Promise.resolve().then(() => toFloat16(Float32Array.of(65_520))),
    'UNSUPPORTED',
  )
  expect(error.details).toEqual({ actual: 65_520, expected: 65_504 })
})
