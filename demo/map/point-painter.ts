import type { Viewport } from './viewport.js'

/** Draws the points of a map. Setters store; `draw` paints, so that panning sets nothing. */
export interface PointPainter {
  /** @param positions [count, 2]; copied. */
  setPositions(positions: Float32Array): void
  /** @param colours [count, 3]; copied. */
  setColours(colours: Uint8Array): void
  /** Highlights points, the others become pale; `null`: all alike. */
  setSelected(points: Uint32Array | null): void
  /** @param hovered The point with a ring; -1: none. */
  draw(viewport: Viewport, hovered: number): void
  /** @param width In CSS pixels, as `height`; `ratio` is device pixels per CSS pixel. */
  resize(width: number, height: number, ratio: number): void
  dispose(): void
}

/** Diameter of a point in CSS pixels: smaller if there are many, larger when zoomed in. */
export function pointSize(count: number, zoom: number): number {
  const base = Math.max(2.6, Math.min(7, 320 / Math.sqrt(count)))
  return Math.min(14, base * Math.max(1, zoom) ** 0.3)
}

/** Opacity of the points outside a selection. */
export const PALE = 0.18
