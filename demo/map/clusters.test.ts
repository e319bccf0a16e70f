import { expect, test } from 'vitest'
import { findClusters } from './clusters.js'

let seed = 3
const random = () => {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0
  return seed / 2 ** 32
}
/** Points around a place, densest in the middle. */
const heap = (x: number, y: number, count: number, radius: number) =>
  Array.from({ length: count }, () => {
    const angle = random() * 2 * Math.PI
    const far = radius * random()
    return [x + far * Math.cos(angle), y + far * Math.sin(angle)]
  }).flat()

test('finds heaps of any size, largest first, with their centres', () => {
  const { labels, clusters } = findClusters(
    Float32Array.from([...heap(0, 0, 60, 1), ...heap(10, 0, 200, 2), ...heap(5, 9, 100, 1)]),
  )
  expect(clusters.map(({ size }) => size)).toEqual([200, 100, 60])
  expect(clusters[0]!.x).toBeCloseTo(10, 0)
  expect(clusters[1]!.y).toBeCloseTo(9, 0)
  expect([...labels.subarray(0, 60)]).toEqual(new Array(60).fill(2))
})

test('follows a shape that no circle encloses', () => {
  const arc = Array.from({ length: 600 }, (_, at) => {
    const angle = (at / 600) * Math.PI * 1.3
    return [6 * Math.cos(angle) + 0.3 * random(), 6 * Math.sin(angle) + 0.3 * random()]
  }).flat()
  const { labels } = findClusters(Float32Array.from([...heap(0, 0, 200, 1), ...arc]))
  const [inner, outer] = [new Set(labels.subarray(0, 200)), new Set(labels.subarray(200))]
  expect([...inner].some((label) => label >= 0 && outer.has(label))).toBe(false)
})

test('finds no clusters in few points, one in equal points, and few in an even spread', () => {
  expect(findClusters(new Float32Array(6)).clusters).toEqual([])
  expect(findClusters(new Float32Array(100)).clusters).toMatchObject([{ x: 0, y: 0, size: 50 }])
  const even = Float32Array.from({ length: 2000 }, (_, at) => (at % 2 ? Math.floor(at / 2 / 32) : (at / 2) % 32))
  expect(findClusters(even).clusters.length).toBeLessThan(4)
})
