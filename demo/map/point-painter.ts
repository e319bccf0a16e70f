import type { Viewport } from './viewport.js'

/** Opacity of the points outside a selection. */
export const PALE = 0.18

/** Draws the points of a map. Setters store; `draw` paints, so that panning sets nothing. */
export abstract class PointPainter {
  /** [count, 2]. */
  protected positions = new Float32Array()
  /** [count, 3]. */
  protected colours = new Uint8Array()
  protected selected: Uint32Array | null = null
  /** Device pixels per CSS pixel. */
  protected ratio = 1
  #fitScale = 0

  constructor(protected readonly canvas: HTMLCanvasElement) {}

  /** @param hovered The point with a ring; -1: none. */
  abstract draw(viewport: Viewport, hovered: number): void

  abstract dispose(): void

  /** @param positions [count, 2]; copied. */
  setPositions(positions: Float32Array): void {
    this.positions = positions.slice()
    this.#fitScale = 0
  }

  /** @param colours [count, 3]; copied. */
  setColours(colours: Uint8Array): void {
    this.colours = colours.slice()
  }

  /** Highlights points, the others become pale; `null`: all alike. */
  setSelected(points: Uint32Array | null): void {
    this.selected = points
  }

  /** @param width In CSS pixels, as `height`; `ratio` is device pixels per CSS pixel. */
  resize(width: number, height: number, ratio: number): void {
    this.canvas.width = Math.max(1, Math.round(width * ratio))
    this.canvas.height = Math.max(1, Math.round(height * ratio))
    this.ratio = ratio
  }

  /** Diameter of a point in CSS pixels: smaller if there are many, larger when zoomed in since the first draw. */
  protected pointSize(scale: number): number {
    this.#fitScale ||= scale
    const base = Math.max(2.6, Math.min(7, 320 / Math.sqrt(this.positions.length / 2)))
    return Math.min(14, base * Math.max(1, scale / this.#fitScale) ** 0.3)
  }
}
