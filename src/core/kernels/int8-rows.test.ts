import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createInt8Rows } from './create-int8-rows.js'
import type { Int8Coding, Int8Rows } from './int8-rows.js'
import { PlainInt8Rows } from './plain-int8-rows.js'
import { WasmInt8Rows } from './wasm-int8-rows.js'

/** A row's codes, read by queries that are 1 in one column. */
function codesOf(rows: Int8Rows, row: number, dimension: number): number[] {
  return Array.from({ length: dimension }, (_, column) => {
    const query = new Int16Array(dimension)
    query[column] = 1
    return rows.dots([{ query, first: row, count: 1 }])[0]!
  })
}

const zero = (dimension: number): Int8Coding => ({ center: new Float32Array(dimension), unit: false })

/** Integers up to 127 are their own codes if one of them is 127. */
const integers = (random: () => number, length: number, dimension: number) =>
  Float32Array.from({ length }, (_, index) => (index % dimension === 0 ? 127 : Math.floor(random() * 255) - 127))

describe.each<[string, (dimension: number) => Int8Rows]>([
  ['WASM', (dimension) => createInt8Rows(dimension)],
  ['plain code', (dimension) => new PlainInt8Rows(dimension)],
])('int8 rows in %s', (_, create) => {
  test.each([1, 3, 15, 16, 17, 64, 384, 768, 1001])('give exact products in %i dimensions', (dimension) => {
    const random = randomOf(dimension)
    const count = 37
    const rows = create(dimension)
    const vectors = integers(random, count * dimension, dimension)
    // In two parts, so that the second lies behind the first.
    const { scales, squares } = rows.append(vectors.subarray(0, 5 * dimension), zero(dimension))
    rows.append(vectors.subarray(5 * dimension), zero(dimension))
    expect([...scales]).toEqual(Array(5).fill(1))
    const limit = Math.min(32_767, Math.floor((2 ** 31 - 1) / 127 / dimension))
    const query = Int16Array.from({ length: dimension }, () => Math.floor((random() * 2 - 1) * limit))
    const dot = (row: number, by: (column: number) => number) =>
      query.reduce((sum, _, column) => sum + vectors[row * dimension + column]! * by(column), 0)
    const expected = Array.from({ length: count }, (_, row) => dot(row, (column) => query[column]!))
    expect([...rows.dots([{ query, first: 0, count }])]).toEqual(expected)
    // Of two queries at once, and rows in any order.
    const twice = query.map((code) => code >> 1)
    const other = Array.from({ length: 3 }, (_, row) => dot(row + 1, (column) => twice[column]!))
    const parts = [
      { query, first: 30, count: 4 },
      { query: twice, first: 1, count: 3 },
    ]
    expect([...rows.dots(parts)]).toEqual([...expected.slice(30, 34), ...other])
    expect(squares[4]).toBe(dot(4, (column) => vectors[4 * dimension + column]!))
  })

  test('do not overflow at the largest codes that are allowed', () => {
    const dimension = 768
    const rows = create(dimension)
    rows.append(new Float32Array(dimension).fill(-5), zero(dimension))
    const query = new Int16Array(dimension).fill(Math.floor((2 ** 31 - 1) / 127 / dimension))
    expect(rows.dots([{ query, first: 0, count: 1 }])[0]).toBe(-127 * query[0]! * dimension)
  })

  test('are within their stated errors of the vectors, for any center and unit', () => {
    const usual = fc.float({ min: -4, max: 4, noNaN: true }).filter((value) => value === 0 || Math.abs(value) > 1e-9)
    const any = fc.float({ noNaN: true, noDefaultInfinity: true })
    const vectors = fc.integer({ min: 1, max: 20 }).chain((dimension) => {
      const size = { minLength: dimension, maxLength: dimension }
      const values = fc.oneof({ weight: 3, arbitrary: fc.array(usual, size) }, { weight: 1, arbitrary: fc.array(any, size) })
      return fc.record({ vector: values, center: values })
    })
    let coded = 0
    fc.assert(
      fc.property(vectors, fc.boolean(), ({ vector, center }, unit) => {
        const rows = create(vector.length)
        const { scales, errors } = rows.append(Float32Array.from(vector), { center: Float32Array.from(center), unit })
        if (errors[0] === Number.POSITIVE_INFINITY) return
        coded++
        const codes = codesOf(rows, 0, vector.length)
        const length = unit ? Math.sqrt(vector.reduce((sum, x) => sum + x * x, 0)) : 1
        const rest = Math.sqrt(
          vector.reduce((sum, x, column) => sum + (x / length - center[column]! - scales[0]! * codes[column]!) ** 2, 0),
        )
        expect(rest).toBeLessThanOrEqual(errors[0]!)
        for (const code of codes) expect(Math.abs(code)).toBeLessThanOrEqual(127)
      }),
      { numRuns: 500 },
    )
    expect(coded).toBeGreaterThan(50)
  })

  test('say so of rows that float32 cannot code, and code zero exactly', () => {
    const rows = create(2)
    const vectors = Float32Array.of(1e25, 1, 1e-30, 0, 0, 0, 1, 1)
    const apart = rows.append(vectors, zero(2)).errors
    expect([...apart.subarray(0, 3)]).toEqual([Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, 0])
    expect(apart[3]).toBeLessThan(1e-4)
    const unit = rows.append(Float32Array.of(0, 0, 1e-25, 0), { center: Float32Array.of(0.5, 0), unit: true }).errors
    expect(unit[0]).toBe(Number.POSITIVE_INFINITY)
  })

  test('are as near as rounding to 8 bits allows', () => {
    const dimension = 384
    const random = randomOf(1)
    const vectors = Float32Array.from({ length: 20 * dimension }, () => random() - 0.5)
    const { scales, errors } = create(dimension).append(vectors, { center: new Float32Array(dimension), unit: true })
    // Errors are spread evenly over a step, whose standard deviation is a step / sqrt(12).
    for (const [row, error] of errors.entries()) {
      const expected = scales[row]! * Math.sqrt(dimension / 12)
      expect(error).toBeGreaterThan(0.9 * expected)
      expect(error).toBeLessThan(1.15 * expected)
    }
  })

  test('continue where they are truncated', () => {
    const rows = create(3)
    rows.append(Float32Array.of(127, 1, 2, 127, 3, 4), zero(3))
    rows.truncate(1)
    rows.append(Float32Array.of(127, 5, 6), zero(3))
    expect([0, 1].map((row) => codesOf(rows, row, 3))).toEqual([
      [127, 1, 2],
      [127, 5, 6],
    ])
  })

  test.each([3, 16, 50])('give their codes, and take them over, in %i dimensions', (dimension) => {
    const vectors = integers(randomOf(dimension), 9 * dimension, dimension)
    const [source, rows] = [create(dimension), create(dimension)]
    source.append(vectors, zero(dimension))
    // What is written over leaves nothing behind.
    rows.append(
      Float32Array.from(vectors, () => 1),
      zero(dimension),
    )
    rows.truncate(0)
    rows.appendCodes(source.codes(0, 4))
    rows.appendCodes(source.codes(4, 5))
    expect([...rows.codes(2, 7)]).toEqual([...vectors.subarray(2 * dimension)])
    const query = new Int16Array(dimension).fill(3)
    const all = [{ query, first: 0, count: 9 }]
    expect([...rows.dots(all)]).toEqual([...source.dots(all)])
  })
})

test('this engine runs the kernels in WASM, on more rows than one job takes', () => {
  const rows = createInt8Rows(2, 10)
  expect(rows).toBeInstanceOf(WasmInt8Rows)
  const count = 5000
  rows.append(
    Float32Array.from({ length: 2 * count }, (_, index) => (index % 2 ? (index >> 1) % 100 : 127)),
    zero(2),
  )
  expect([...rows.dots([{ query: Int16Array.of(0, 3), first: 7, count: count - 7 }])]).toEqual(
    Array.from({ length: count - 7 }, (_, index) => 3 * ((7 + index) % 100)),
  )
})

/** Numbers from 0 to 1, the same for the same seed. */
function randomOf(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32
    return state / 2 ** 32
  }
}
