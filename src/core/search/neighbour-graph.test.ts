import { expect, test } from 'vitest'
import { exactDistance } from './exact-distance.js'
import { neighbourGraph } from './neighbour-graph.js'

const dimension = 20
let seed = 7
const random = () => {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0
  return seed / 2 ** 32 - 0.5
}
const vectors = Float32Array.from({ length: 1100 * dimension }, random)

test.each(['cosine', 'euclidean'] as const)('finds the neighbours that a float64 scan finds, by %s', (metric) => {
  const { k, indices, distances } = neighbourGraph(vectors, { dimension, k: 5, metric })
  for (const row of [0, 511, 512, 1099]) {
    const distanceTo = exactDistance(vectors.subarray(row * dimension, (row + 1) * dimension), metric)
    const scan = Array.from({ length: 1100 }, (_, at) => ({ at, distance: distanceTo(vectors, at * dimension) }))
      .filter(({ at }) => at !== row)
      .sort((x, y) => x.distance - y.distance)
      .slice(0, k)
    expect([...indices.subarray(row * k, row * k + k)]).toEqual(scan.map(({ at }) => at))
    for (const [n, { distance }] of scan.entries()) expect(Math.abs(distances[row * k + n]! - distance)).toBeLessThan(1e-5)
  }
})

test('returns only the rows from `from` on, with all rows as candidates', () => {
  const all = neighbourGraph(vectors, { dimension, k: 4 })
  const some = neighbourGraph(vectors, { dimension, k: 4, from: 1000 })
  expect(some.count).toBe(100)
  expect(some.indices).toEqual(all.indices.slice(1000 * 4))
})

test('returns all other rows if there are fewer than k, and nothing for one paper or none', () => {
  expect(neighbourGraph(vectors.subarray(0, 3 * dimension), { dimension }).k).toBe(2)
  expect(neighbourGraph(vectors.subarray(0, dimension), { dimension })).toMatchObject({ count: 1, k: 0 })
  expect(neighbourGraph(new Float32Array(), { dimension })).toMatchObject({ count: 0, k: 0 })
})

test('names the invalid argument', () => {
  expect(() => neighbourGraph(vectors, { dimension: 7.5 })).toThrow(expect.objectContaining({ field: 'dimension' }))
  expect(() => neighbourGraph(new Float32Array(5), { dimension: 2 })).toThrow(
    expect.objectContaining({ field: 'vectors.length' }),
  )
})
