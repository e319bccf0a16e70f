import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { InvalidArgumentError } from '../errors.js'
import type { Metric } from '../types.js'
import { rowSet } from './row-set.js'
import { VectorCoder } from './vector-codes.js'
import { VectorIndex } from './vector-index.js'

/** What a scan in float64 finds, written as the definition reads. */
function scan(vectors: readonly Float32Array[], query: Float32Array, metric: Metric, allowed = (_: number) => true) {
  const dot = (a: Float32Array, b: Float32Array) => a.reduce((sum, value, column) => sum + value * b[column]!, 0)
  const distance = (vector: Float32Array) => {
    if (metric === 'euclidean') return Math.sqrt(vector.reduce((sum, value, column) => sum + (query[column]! - value) ** 2, 0))
    const product = dot(query, vector)
    return product === 0 ? 1 : 1 - product / Math.sqrt(dot(query, query) * dot(vector, vector))
  }
  return vectors
    .map((vector, row) => ({ row, distance: distance(vector) }))
    .filter(({ row }) => allowed(row))
    .sort((a, b) => a.distance - b.distance || a.row - b.row)
}

function indexOf(vectors: readonly Float32Array[], metric: Metric): VectorIndex {
  const dimension = vectors[0]!.length
  const index = new VectorIndex({ dimension, metric })
  const flat = new Float32Array(vectors.length * dimension)
  for (const [row, vector] of vectors.entries()) flat.set(vector, row * dimension)
  index.append(flat)
  return index
}

const metrics = ['euclidean', 'cosine'] as const

describe.each(metrics)('VectorIndex by %s', (metric) => {
  test('finds what a scan in float64 finds, with ties, near ties, zeros and removed rows', () => {
    const value = fc.oneof(fc.integer({ min: -3, max: 3 }), fc.float({ noNaN: true, noDefaultInfinity: true }))
    const vector = (dimension: number) => fc.array(value, { minLength: dimension, maxLength: dimension })
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }).chain((dimension) =>
          fc.record({
            vectors: fc.array(vector(dimension), { minLength: 1, maxLength: 40 }),
            query: vector(dimension),
            copies: fc.array(fc.nat(), { maxLength: 10 }),
            removed: fc.array(fc.nat(), { maxLength: 5 }),
            forbidden: fc.array(fc.nat(), { maxLength: 5 }),
            k: fc.integer({ min: 0, max: 60 }),
            offset: fc.integer({ min: 0, max: 10 }),
          }),
        ),
        ({ vectors, query, copies, removed, forbidden, k, offset }) => {
          const distinct = vectors.map((values) => Float32Array.from(values))
          const all = [...distinct, ...copies.map((copy) => distinct[copy % distinct.length]!)]
          const index = indexOf(all, metric)
          const out = new Set(removed.map((row) => row % all.length))
          for (const row of out) index.remove(row)
          const no = new Set(forbidden.map((row) => row % all.length))
          const filter = rowSet(
            [...all.keys()].filter((row) => !no.has(row)),
            all.length,
          )
          const asked = Float32Array.from(query)
          const expected = scan(all, asked, metric, (row) => !out.has(row) && !no.has(row)).slice(offset, offset + k)
          const found = index.search(asked, { k, offset, filter })
          expect([...found.rows]).toEqual(expected.map(({ row }) => row))
          expect([...found.distances]).toEqual(expected.map(({ distance }) => distance))
        },
      ),
    )
  })

  test('returns ties by ascending row, for any k', () => {
    const index = indexOf(
      Array.from({ length: 100 }, (_, row) => Float32Array.of(row % 2, 1)),
      metric,
    )
    expect([...index.search(Float32Array.of(0, 1), { k: 3 }).rows]).toEqual([0, 2, 4])
    expect([...index.search(Float32Array.of(0, 1), { k: 3, offset: 49 }).rows]).toEqual([98, 1, 3])
  })

  test('finds the same from codes, loading only the vectors that it needs', async () => {
    const [dimension, chunk, chunks] = [24, 50, 12]
    const random = randomOf(3)
    const parts = Array.from({ length: chunks }, (_, number) =>
      Float32Array.from({ length: chunk * dimension }, () => number + random()),
    )
    const whole = new VectorIndex({ dimension, metric })
    for (const part of parts) whole.append(part)
    const index = new VectorIndex({ dimension, metric })
    const coder = new VectorCoder(dimension, metric)
    // Some come as vectors, in between.
    for (const [number, part] of parts.entries())
      expect(number % 4 === 3 ? index.append(part) : index.appendCodes(coder.code(part))).toBe(number * chunk)
    index.remove(5)
    whole.remove(5)
    const asked: number[] = []
    const load = async (rows: readonly number[]) => {
      asked.push(...rows)
      for (const row of rows) index.fill(row, parts[row / chunk]!)
    }
    const query = Float32Array.from({ length: dimension }, () => 2 + random())
    expect(() => index.search(query, { k: 7 })).toThrow(expect.objectContaining({ code: 'RUNTIME_FAILED' }))
    const few = await index.searchLoading(query, { k: 7, offset: 1 }, load)
    expect(few).toEqual(whole.search(query, { k: 7, offset: 1 }))
    expect(asked.length).toBeLessThan(metric === 'euclidean' ? 4 : 9)
    expect(index.missing()).toHaveLength(9 - asked.length)
    expect(await index.searchLoading(query, { k: 1000 }, load)).toEqual(whole.search(query, { k: 1000 }))
    expect(new Set(asked).size).toBe(asked.length)
    expect(index.missing()).toEqual([])
    expect(index.search(query, { k: 1000 })).toEqual(whole.search(query, { k: 1000 }))
    expect(index.vector(77)).toEqual(whole.vector(77))
    expect(() => index.fill(0, new Float32Array(dimension))).toThrow(expect.objectContaining({ field: 'vectors.length' }))
  })

  test('has a distance of 1 or of the other length for a zero vector', () => {
    const index = indexOf([Float32Array.of(3, 4), Float32Array.of(0, 0)], metric)
    const expected = metric === 'cosine' ? [0, 1] : [0, 5]
    expect([...index.search(Float32Array.of(3, 4), { k: 2 }).distances]).toEqual(expected)
    expect([...index.search(Float32Array.of(0, 0), { k: 2 }).distances]).toEqual(metric === 'cosine' ? [1, 1] : [0, 5])
  })
})

describe('VectorIndex', () => {
  test('copies the vectors that it takes and returns', () => {
    const index = new VectorIndex({ dimension: 2, metric: 'euclidean' })
    const vectors = Float32Array.of(1, 2, 3, 4)
    expect(index.append(vectors)).toBe(0)
    vectors.fill(9)
    expect(index.append(Float32Array.of(5, 6))).toBe(2)
    index.vector(1).fill(9)
    expect([0, 1, 2].map((row) => [...index.vector(row)])).toEqual([
      [1, 2],
      [3, 4],
      [5, 6],
    ])
    expect(index.count).toBe(3)
  })

  test('finds nothing if it is empty, all rows are removed, or the filter is empty', () => {
    const index = new VectorIndex({ dimension: 1, metric: 'cosine' })
    const rows = (filter?: Uint32Array) => [...index.search(Float32Array.of(1), { k: 5, filter }).rows]
    expect(rows()).toEqual([])
    index.append(Float32Array.of(1, 2))
    expect(rows()).toEqual([0, 1])
    expect(rows(new Uint32Array(0))).toEqual([])
    expect(rows(rowSet([1], 2))).toEqual([1])
    index.remove(0)
    index.remove(1)
    index.remove(1)
    expect(rows()).toEqual([])
    expect(index.append(Float32Array.of(3))).toBe(2)
    expect(rows()).toEqual([2])
  })

  test('refuses values that are not finite, and appends no row', () => {
    const index = new VectorIndex({ dimension: 2, metric: 'cosine' })
    for (const wrong of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      expect(() => index.append(Float32Array.of(1, 2, 3, wrong))).toThrow(expect.objectContaining({ field: 'vectors[3]' }))
      expect(() => index.search(Float32Array.of(wrong, 1), { k: 1 })).toThrow(expect.objectContaining({ field: 'query[0]' }))
    }
    expect(index.count).toBe(0)
  })

  test.each<[string, () => unknown, string]>([
    ['no dimension', () => new VectorIndex({ dimension: 0, metric: 'cosine' }), 'dimension'],
    ['an unknown metric', () => new VectorIndex({ dimension: 1, metric: 'dot' as Metric }), 'metric'],
    ['a capacity below 0', () => new VectorIndex({ dimension: 1, metric: 'cosine', capacity: -1 }), 'capacity'],
    ['half a vector', () => two().append(new Float32Array(3)), 'vectors.length'],
    ['a query of another dimension', () => two().search(new Float32Array(4), { k: 1 }), 'query.length'],
    ['a k below 0', () => two().search(new Float32Array(2), { k: -1 }), 'k'],
    ['half an offset', () => two().search(new Float32Array(2), { k: 1, offset: 0.5 }), 'offset'],
    ['a row that is not there', () => two().vector(0), 'row'],
    ['removing a row that is not there', () => two().remove(-1), 'row'],
  ])('refuses %s by its field', (_, act, field) => {
    expect(act).toThrow(InvalidArgumentError)
    expect(act).toThrow(expect.objectContaining({ field }))
  })
})

const two = () => new VectorIndex({ dimension: 2, metric: 'euclidean' })

/** Numbers from 0 to 1, the same for the same seed. */
function randomOf(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32
    return state / 2 ** 32
  }
}
