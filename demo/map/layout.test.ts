import { expect, test } from 'vitest'
import { isLayout, type MapLayout, placeAmong, reuseLayout } from './layout.js'

const layout: MapLayout = {
  format: 1,
  seed: 42,
  dimension: 8,
  metric: 'cosine',
  ids: ['a', 'b', 'c', 'd', 'e', 'f'],
  positions: Float32Array.from({ length: 12 }, (_, at) => at),
}

test('papers keep their places in another order and without removed ones, and the new ones are listed', () => {
  const reused = reuseLayout(layout, ['e', 'b', 'a', 'new', 'c', 'f'])
  expect(reused?.missing).toEqual([3])
  expect([...reused!.positions]).toEqual([8, 9, 2, 3, 0, 1, 0, 0, 4, 5, 10, 11])
})

test('a layout is discarded if more than a fifth of the papers are new', () => {
  expect(reuseLayout(layout, ['a', 'b', 'c', 'd', 'new'])).not.toBeNull()
  expect(reuseLayout(layout, ['a', 'b', 'c', 'new'])).toBeNull()
})

test('a growing map may have as many new papers as old ones, counting those that were placed before', () => {
  expect(reuseLayout(layout, ['a', 'b', 'c', 'new', 'newer', 'newest'], true)?.missing).toEqual([3, 4, 5])
  const placed = { ...layout, laidOut: 3 }
  expect(reuseLayout(placed, ['a', 'b', 'c', 'd', 'e', 'f'], true)).not.toBeNull()
  expect(reuseLayout(placed, ['a', 'b', 'c', 'd', 'e', 'f', 'new'], true)).toBeNull()
  expect(reuseLayout(placed, ['a', 'b', 'c', 'd', 'e', 'f'])).toBeNull()
})

test('a layout of other vectors, or something else altogether, is refused', () => {
  expect(isLayout(layout, { dimension: 8, metric: 'cosine' })).toBe(true)
  expect(isLayout(layout, { dimension: 9, metric: 'cosine' })).toBe(false)
  expect(isLayout(layout, { dimension: 8, metric: 'euclidean' })).toBe(false)
  const damaged = { ...layout, positions: layout.positions.with(3, Number.NaN) }
  for (const value of [null, undefined, 7, {}, { ...layout, ids: ['a'] }, { ...layout, positions: [] }, damaged])
    expect(isLayout(value, layout)).toBe(false)
})

test('a new paper lies among its neighbours, closer to the nearer one, and not on another new one', () => {
  const near = [
    { x: 0, y: 0, distance: 0.1 },
    { x: 10, y: 0, distance: 0.3 },
  ]
  const [x, y] = placeAmong(near, 0)
  expect(x).toBeGreaterThan(1)
  expect(x).toBeLessThan(5)
  expect(Math.abs(y)).toBeLessThan(0.1)
  expect(placeAmong(near, 1)).not.toEqual([x, y])
  expect(placeAmong([], 0)).toEqual([0, 0])
})
