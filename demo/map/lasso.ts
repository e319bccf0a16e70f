import { extentOf } from './viewport.js'

/**
 * The points inside a closed line, by the even-odd rule.
 *
 * @param positions [count, 2].
 * @param line Corners as x, y, x, y …
 */
export function pointsInside(positions: Float32Array, line: ArrayLike<number>): number[] {
  const inside: number[] = []
  const corners = line.length / 2
  if (corners < 3) return inside
  const { left, top, right, bottom } = extentOf(line)
  for (let point = 0; point < positions.length / 2; point++) {
    const x = positions[point * 2]!
    const y = positions[point * 2 + 1]!
    if (x < left || x > right || y < top || y > bottom) continue
    let isInside = false
    for (let corner = 0, before = corners - 1; corner < corners; before = corner++) {
      const [x0, y0, x1, y1] = [line[before * 2]!, line[before * 2 + 1]!, line[corner * 2]!, line[corner * 2 + 1]!]
      if (y0 > y !== y1 > y && x < ((x1 - x0) * (y - y0)) / (y1 - y0) + x0) isInside = !isInside
    }
    if (isInside) inside.push(point)
  }
  return inside
}
