import { expect, test } from 'vitest'
import { type Label, placeLabels } from './name-layer.js'

const size = { width: 400, height: 300 }
const label = (text: string, x: number, y: number, width = 80): Label => ({ text, x, y, width })

test('names that would cover each other move up or down, or are left out, least important first', () => {
  const placed = placeLabels(
    Array.from({ length: 200 }, (_, n) => label(`name ${n}`, 200, 150)),
    size,
  )
  expect(placed[0]).toMatchObject({ left: 160, top: 141 })
  const shown = placed.filter((name) => name !== null)
  expect(shown.length).toBeGreaterThan(2)
  expect(shown.length).toBeLessThan(200)
  for (const a of shown)
    for (const b of shown)
      if (a !== b)
        expect(a.left >= b.left + b.width || b.left >= a.left + a.width || a.top >= b.top + 18 || b.top >= a.top + 18).toBe(true)
})

test('names at the edge move inside; those out of sight and those that are too long are left out', () => {
  const [edge, outside, long] = placeLabels([label('edge', 1, 299), label('outside', -5, 20), label('long', 200, 50, 500)], size)
  expect(edge).toMatchObject({ left: 0, top: 282 })
  expect([outside, long]).toEqual([null, null])
})

test('a name moves off the points, or to where it covers fewest', () => {
  const columns = 68
  const counts = new Uint16Array(columns * 51)
  const fill = (from: number, to: number, count: number) => {
    for (let y = from; y < to; y++) for (let x = 0; x < columns; x++) counts[y * columns + x] = count
  }
  fill(20, 32, 1)
  const [free] = placeLabels([label('name', 200, 150)], size, { columns, counts })
  expect(free!.top + 18 <= 120 || free!.top >= 192).toBe(true)
  fill(0, 51, 5)
  fill(18, 22, 1)
  const [least] = placeLabels([label('name', 200, 150)], size, { columns, counts })
  expect(least!.top).toBeGreaterThan(100)
  expect(least!.top).toBeLessThan(136)
})
