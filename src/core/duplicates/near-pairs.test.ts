import { describe, expect, test } from 'vitest'
import { multiplyTransposedPlain } from '../kernels/multiply-transposed.js'
import { type BlockProduct, nearPairs } from './near-pairs.js'
import { distanceOf, typicalDistance } from './typical-distance.js'

/** Seeded values of -1 … 1. */
function random(count: number, seed = 1): Float32Array {
  return Float32Array.from({ length: count }, () => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0
    return seed / 2 ** 31 - 1
  })
}

/** Rows in clusters, some of them exact copies. */
function clustered(count: number, dimension: number): Float32Array {
  const centres = random(Math.ceil(count / 5) * dimension, 7)
  const noise = random(count * dimension, 9)
  return noise.map((value, at) => {
    const row = Math.floor(at / dimension)
    const centre = centres[Math.floor(row / 5) * dimension + (at % dimension)]!
    return centre + (row % 5 === 1 ? 0 : 0.1 * (row % 5) * value)
  })
}

function bruteForce(vectors: Float32Array, dimension: number, maxDistance: number, from = 0): string[] {
  const count = vectors.length / dimension
  const found: string[] = []
  for (let a = 0; a < count; a++)
    for (let b = Math.max(a + 1, from); b < count; b++)
      if (distanceOf(vectors, a, b, dimension) <= maxDistance) found.push(`${a} ${b}`)
  return found.sort()
}

describe('nearPairs', () => {
  test.each([
    [64, 0.9],
    [64, 0],
    [768, 3],
    [500, 2.5],
  ])('finds the same pairs as a comparison of all pairs, in %i dimensions, within %f', async (dimension, maxDistance) => {
    const vectors = clustered(331, dimension)
    const { a, b, distance } = await nearPairs(vectors, dimension, { maxDistance, k: 330 })
    const found = Array.from(a, (row, n) => `${row} ${b[n]}`)
    expect(found.sort()).toEqual(bruteForce(vectors, dimension, maxDistance))
    expect(found.length).toBeGreaterThan(60)
    for (let n = 0; n < a.length; n++) expect(distance[n]).toBeCloseTo(distanceOf(vectors, a[n]!, b[n]!, dimension), 4)
  })

  test('is as exact when all vectors lie far from the origin and near each other', async () => {
    const vectors = clustered(200, 480).map((value) => 300 + value / 10)
    const { a, b } = await nearPairs(vectors, 480, { maxDistance: 0.3, k: 199 })
    expect(Array.from(a, (row, n) => `${row} ${b[n]}`).sort()).toEqual(bruteForce(vectors, 480, 0.3))
  })

  test('compares new rows with all rows, and old rows only with new ones', async () => {
    const vectors = clustered(300, 32)
    for (const from of [1, 256, 203, 300]) {
      const { a, b } = await nearPairs(vectors, 32, { maxDistance: 0.8, from, k: 299 })
      expect(Array.from(a, (row, n) => `${row} ${b[n]}`).sort()).toEqual(bruteForce(vectors, 32, 0.8, from))
    }
  })

  test('finds only the k nearest of each row', async () => {
    // On a line, 1, 2, 4, 8 … apart: the nearest row is always the one before.
    const vectors = Float32Array.from({ length: 12 }, (_, row) => 2 ** row)
    const { a, b } = await nearPairs(vectors, 1, { maxDistance: 10_000, k: 1 })
    expect(Array.from(a, (row, n) => [row, b[n]])).toEqual(Array.from({ length: 11 }, (_, row) => [row, row + 1]))
  })

  test('works with any product of blocks', async () => {
    let calls = 0
    const product: BlockProduct = (...args) => {
      calls++
      multiplyTransposedPlain(...args)
    }
    const vectors = clustered(300, 24)
    const own = await nearPairs(vectors, 24, { maxDistance: 0.5, product })
    expect(own).toEqual(await nearPairs(vectors, 24, { maxDistance: 0.5 }))
    expect(calls).toBe(3)
  })

  test('finds no pair among fewer than two rows', async () => {
    for (const count of [0, 1]) expect((await nearPairs(new Float32Array(count * 3), 3, { maxDistance: 1 })).a).toHaveLength(0)
  })

  test('rejects with the reason of its signal, also when aborted midway', async () => {
    const reason = new Error('Enough.')
    const controller = new AbortController()
    const work = nearPairs(random(3000 * 256), 256, {
      maxDistance: 1,
      signal: controller.signal,
      onProgress: () => controller.abort(reason),
    })
    await expect(work).rejects.toBe(reason)
  })
})

describe('typicalDistance', () => {
  test('is the median over all pairs within a few percent, and the same every time', () => {
    const vectors = random(400 * 8)
    const all: number[] = []
    for (let a = 0; a < 400; a++) for (let b = a + 1; b < 400; b++) all.push(distanceOf(vectors, a, b, 8))
    const median = all.sort((x, y) => x - y)[all.length >> 1]!
    expect(typicalDistance(vectors, 8) / median).toBeCloseTo(1, 1)
    expect(typicalDistance(vectors, 8)).toBe(typicalDistance(vectors, 8))
  })

  test('is 0 if no two rows differ', () => {
    expect(typicalDistance(new Float32Array(8), 8)).toBe(0)
    expect(typicalDistance(new Float32Array(80), 8)).toBe(0)
  })
})
