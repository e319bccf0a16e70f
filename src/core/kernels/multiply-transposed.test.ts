import fc from 'fast-check'
import { expect, test } from 'vitest'
import { multiplyTransposed, multiplyTransposedPlain } from './multiply-transposed.js'

const wave = (length: number, step: number) => Float32Array.from({ length }, (_, index) => Math.sin(index * step) * 3)

test.each([
  [1, 1, 1],
  [2, 4, 4],
  [3, 5, 7],
  [257, 67, 33],
  [5, 300, 768],
])('multiplies %i rows by %i rows in %i dimensions to within float32 of the plain code', (rowsA, rowsB, dimension) => {
  const a = wave(rowsA * dimension, 0.37)
  const b = wave(rowsB * dimension, 0.73)
  const products = new Float32Array(rowsA * rowsB)
  const plain = new Float32Array(rowsA * rowsB)
  multiplyTransposed(a, rowsA, b, rowsB, dimension, products)
  multiplyTransposedPlain(a, rowsA, b, rowsB, dimension, plain)
  const length = (values: Float32Array, row: number) => Math.hypot(...values.subarray(row * dimension, (row + 1) * dimension))
  for (let i = 0; i < rowsA; i++)
    for (let j = 0; j < rowsB; j++) {
      const limit = dimension * 2 ** -23 * length(a, i) * length(b, j)
      expect(Math.abs(products[i * rowsB + j]! - plain[i * rowsB + j]!)).toBeLessThanOrEqual(limit)
    }
})

test('computes exact products of integers, unaffected by earlier contents of the memory', () => {
  const ones = new Float32Array(300 * 9).fill(1e30)
  multiplyTransposed(ones, 300, ones, 300, 9, new Float32Array(300 * 300))
  const out = new Float32Array(2)
  multiplyTransposed(Float32Array.of(1, 2, 3), 1, Float32Array.of(4, 5, 6, 7, 8, 9), 2, 3, out)
  expect([...out]).toEqual([32, 50])
})

test('multiplies integers exactly without WASM, whatever the shape', () => {
  const integers = (length: number, step: number) => Float32Array.from({ length }, (_, index) => ((index * step) % 19) - 9)
  fc.assert(
    fc.property(fc.nat(7), fc.nat(9), fc.integer({ min: 1, max: 11 }), (rowsA, rowsB, dimension) => {
      const a = integers(rowsA * dimension, 7)
      const b = integers(rowsB * dimension, 11)
      const out = new Float32Array(rowsA * rowsB)
      multiplyTransposedPlain(a, rowsA, b, rowsB, dimension, out)
      for (let i = 0; i < rowsA; i++)
        for (let j = 0; j < rowsB; j++) {
          let sum = 0
          for (let k = 0; k < dimension; k++) sum += a[i * dimension + k]! * b[j * dimension + k]!
          expect(out[i * rowsB + j]).toBe(sum)
        }
    }),
  )
})
