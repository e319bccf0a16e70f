import fc from 'fast-check'
import { expect, test } from 'vitest'
import { NearestRows } from './nearest-rows.js'

test('collects the k nearest rows in any order, ties by lower row', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 40 }), fc.nat(12), fc.nat(), (distances, k, turn) => {
      const nearest = new NearestRows(k)
      const rows = distances.map((_, index) => index)
      for (const index of rows) {
        const row = (index * 7 + turn) % (distances.length || 1)
        // 7 and the length may share a factor; then the order is the plain one.
        const next = distances.length % 7 === 0 ? index : row
        nearest.add(next, distances[next]!)
      }
      const expected = rows.sort((a, b) => distances[a]! - distances[b]! || a - b).slice(0, k)
      expect([...nearest.sorted().rows]).toEqual(expected)
      const worst = expected.length < k ? Number.POSITIVE_INFINITY : distances[expected.at(-1)!]
      expect(nearest.worst).toBe(k === 0 ? Number.NEGATIVE_INFINITY : worst)
    }),
  )
})
