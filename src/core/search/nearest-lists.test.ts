import fc from 'fast-check'
import { expect, test } from 'vitest'
import { NearestLists } from './nearest-lists.js'

test('keeps the k nearest of each row, equals in order of arrival', () => {
  const candidate = fc.record({ row: fc.nat(2), distance: fc.nat(5) })
  fc.assert(
    fc.property(fc.array(candidate, { maxLength: 60 }), fc.nat(6), (candidates, k) => {
      const lists = new NearestLists(k, new Float64Array(3 * k))
      for (const [neighbour, { row, distance }] of candidates.entries()) lists.add(row, neighbour, distance)
      for (const row of [0, 1, 2]) {
        const expected = [...candidates.entries()].filter(([, candidate]) => candidate.row === row)
        const nearest = expected.sort(([, a], [, b]) => a.distance - b.distance).slice(0, k)
        const found = [...lists.distances.subarray(row * k, (row + 1) * k)]
        const missing = Array.from({ length: k - nearest.length }, () => Number.POSITIVE_INFINITY)
        expect(found).toEqual([...nearest.map(([, { distance }]) => distance), ...missing])
        expect([...lists.neighbours.subarray(row * k, row * k + nearest.length)]).toEqual(nearest.map(([neighbour]) => neighbour))
      }
    }),
  )
})

test('ignores what is not a number', () => {
  const lists = new NearestLists(1, new Float32Array(1))
  lists.add(0, 7, Number.NaN)
  expect(lists.distances[0]).toBe(Number.POSITIVE_INFINITY)
})
