import { element } from '../ui/dom.js'
import { extentOf } from './viewport.js'

/** The lasso: its line while the reader draws it. Places are in CSS pixels. */
export class Lasso {
  readonly canvas = element('canvas', { 'aria-hidden': 'true' })
  /** Whether a press draws a line. */
  isOn = false
  /** Corners as x, y, x, y …; `null` while no line is drawn. */
  #line: number[] | null = null
  readonly #context = this.canvas.getContext('2d')!

  get isDrawing(): boolean {
    return this.#line !== null
  }

  resize(width: number, height: number, ratio: number): void {
    this.canvas.width = Math.round(width * ratio)
    this.canvas.height = Math.round(height * ratio)
    this.#context.setTransform(ratio, 0, 0, ratio, 0, 0)
  }

  /** Adds a corner, the first of which starts the line. */
  add(x: number, y: number): void {
    this.#line ??= []
    this.#line.push(x, y)
    const context = this.#context
    this.#clear()
    context.beginPath()
    for (let at = 0; at < this.#line.length; at += 2) context.lineTo(this.#line[at]!, this.#line[at + 1]!)
    context.closePath()
    const accent = getComputedStyle(this.canvas).getPropertyValue('--accent')
    context.strokeStyle = accent
    context.fillStyle = accent
    context.lineWidth = 1.5
    context.stroke()
    context.globalAlpha = 0.1
    context.fill()
    context.globalAlpha = 1
  }

  /** Clears the line. @returns Its corners, if one was drawn. */
  end(): number[] | null {
    const line = this.#line
    this.#line = null
    this.#clear()
    return line
  }

  #clear(): void {
    this.#context.clearRect(0, 0, this.canvas.width, this.canvas.height)
  }
}

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
