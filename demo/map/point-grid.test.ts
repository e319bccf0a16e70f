import { expect, test } from 'vitest'
import { pointsInside } from './lasso.js'
import { PointGrid } from './point-grid.js'
import { boxOf, Viewport } from './viewport.js'

let seed = 5
const random = () => {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0
  return seed / 2 ** 32
}
const positions = Float32Array.from({ length: 4000 }, () => 20 * random() - 10)

test('the grid finds the nearest point within a radius, as a scan of all points does', () => {
  const grid = new PointGrid(positions)
  for (let round = 0; round < 200; round++) {
    const [x, y] = [24 * random() - 12, 24 * random() - 12]
    let [found, least] = [-1, 0.3 ** 2]
    for (let point = 0; point < 2000; point++) {
      const squared = (positions[point * 2]! - x) ** 2 + (positions[point * 2 + 1]! - y) ** 2
      if (squared <= least) [found, least] = [point, squared]
    }
    expect(grid.nearest(x, y, 0.3)).toBe(found)
  }
})

test('a lasso contains the points inside it, but not those in its hollow', () => {
  const places = Float32Array.from([1, 1, 5, 1, 3, 3, 3, 0.5, 9, 9])
  // A U shape.
  const line = [0, 0, 6, 0, 6, 4, 4, 4, 4, 2, 2, 2, 2, 4, 0, 4]
  expect(pointsInside(places, line)).toEqual([0, 1, 3])
  expect(pointsInside(places, [0, 0, 6, 0])).toEqual([])
})

test('zooming leaves the position under the pointer in place, and has limits', () => {
  const viewport = new Viewport()
  Object.assign(viewport, { width: 800, height: 600 })
  viewport.fit(boxOf(positions))
  const [x, y] = viewport.positionAt(123, 456)
  viewport.zoom(3, 123, 456)
  const [placeX, placeY] = viewport.placeOf(x, y)
  expect(placeX).toBeCloseTo(123, 6)
  expect(placeY).toBeCloseTo(456, 6)
  for (let round = 0; round < 100; round++) viewport.zoom(10)
  expect(viewport.scale).toBeLessThan(1e5)
  for (let round = 0; round < 100; round++) viewport.zoom(0.1)
  expect(viewport.scale).toBeGreaterThan(1)
})
