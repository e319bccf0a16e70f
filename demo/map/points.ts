import type { Viewport } from './viewport.js'

/** What draws the points of a map. What is set stays; drawing is asked for apart, so that panning sets nothing. */
export interface PointPainter {
  /** @param positions [count, 2]; copied. */
  setPositions(positions: Float32Array): void
  /** @param colours [count, 3]; copied. */
  setColours(colours: Uint8Array): void
  /** Points that stand out, the others pale; `null`: all alike. */
  setSelected(points: Uint32Array | null): void
  /** @param hovered A point with a ring; -1: none. */
  draw(viewport: Viewport, hovered: number): void
  /** Fits the drawing to the canvas's place on the page, in device pixels. */
  resize(width: number, height: number, ratio: number): void
  dispose(): void
}

/** Diameter of a point in CSS pixels: smaller where there are many, larger when one looks closer. */
export function pointSize(count: number, zoom: number): number {
  const base = Math.max(2.6, Math.min(7, 320 / Math.sqrt(count)))
  return Math.min(14, base * Math.max(1, zoom) ** 0.3)
}

/** Of points that are not selected, while others are. */
export const PALE = 0.18
