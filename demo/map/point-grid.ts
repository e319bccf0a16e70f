import { extentOf } from './viewport.js'

const PER_CELL = 4

/** Finds the point nearest to a position without a scan of all points. */
export class PointGrid {
  readonly #positions: Float32Array
  readonly #columns: number
  readonly #left: number
  readonly #top: number
  readonly #size: number
  /** Where the points of each cell start in `#points`. */
  readonly #starts: Uint32Array
  readonly #points: Uint32Array

  /** @param positions [count, 2]; borrowed. */
  constructor(positions: Float32Array) {
    this.#positions = positions
    const count = positions.length / 2
    const { left, top, right, bottom } = extentOf(positions)
    this.#columns = Math.max(1, Math.ceil(Math.sqrt(count / PER_CELL)))
    this.#left = left
    this.#top = top
    this.#size = Math.max(right - left, bottom - top, 1e-6) / this.#columns
    const cells = Uint32Array.from({ length: count }, (_, point) => this.#cellOf(point))
    this.#starts = new Uint32Array(this.#columns ** 2 + 1)
    for (const cell of cells) this.#starts[cell + 1]!++
    for (let cell = 1; cell < this.#starts.length; cell++) this.#starts[cell]! += this.#starts[cell - 1]!
    const next = this.#starts.slice()
    this.#points = new Uint32Array(count)
    for (const [point, cell] of cells.entries()) this.#points[next[cell]!++] = point
  }

  /** @returns The nearest point within a radius; -1 if there is none. */
  nearest(x: number, y: number, radius: number): number {
    let [found, least] = [-1, radius * radius]
    for (let row = this.#line(y - radius, this.#top); row <= this.#line(y + radius, this.#top); row++)
      for (let column = this.#line(x - radius, this.#left); column <= this.#line(x + radius, this.#left); column++) {
        const cell = row * this.#columns + column
        for (let at = this.#starts[cell]!; at < this.#starts[cell + 1]!; at++) {
          const point = this.#points[at]!
          const squared = (this.#positions[point * 2]! - x) ** 2 + (this.#positions[point * 2 + 1]! - y) ** 2
          if (squared <= least) [found, least] = [point, squared]
        }
      }
    return found
  }

  #cellOf(point: number): number {
    return (
      this.#line(this.#positions[point * 2 + 1]!, this.#top) * this.#columns + this.#line(this.#positions[point * 2]!, this.#left)
    )
  }

  #line(value: number, least: number): number {
    return Math.min(this.#columns - 1, Math.max(0, Math.floor((value - least) / this.#size)))
  }
}
