export interface Box {
  left: number
  top: number
  right: number
  bottom: number
}

/** The visible part of the map. Positions are in the layout's units, places in CSS pixels of the stage. */
export class Viewport {
  /** The position at the centre of the stage. */
  x = 0
  y = 0
  /** Pixels per unit. */
  scale = 1
  width = 1
  height = 1
  #fitScale = 1

  /** Free space around a fitted box, in pixels. */
  static readonly margin = 36

  /** The view that shows all of a box. */
  viewOf({ left, top, right, bottom }: Box): { x: number; y: number; scale: number } {
    const room = (pixels: number, units: number) => Math.max(1, pixels - 2 * Viewport.margin) / Math.max(units, 1e-6)
    const scale = Math.min(room(this.width, right - left), room(this.height, bottom - top))
    return { x: (left + right) / 2, y: (top + bottom) / 2, scale: this.#clamped(scale) }
  }

  /** Shows all of a box and limits later zooms: from half to 400 times this scale. */
  fit(box: Box): void {
    this.#fitScale = 0
    const view = this.viewOf(box)
    Object.assign(this, view)
    this.#fitScale = view.scale
  }

  pan(byX: number, byY: number): void {
    this.x -= byX / this.scale
    this.y -= byY / this.scale
  }

  /** Zooms around a place, whose position stays under it. */
  zoom(factor: number, placeX = this.width / 2, placeY = this.height / 2): void {
    const scale = this.#clamped(this.scale * factor)
    const [x, y] = this.positionAt(placeX, placeY)
    this.scale = scale
    this.x = x - (placeX - this.width / 2) / scale
    this.y = y - (placeY - this.height / 2) / scale
  }

  placeOf(x: number, y: number): [x: number, y: number] {
    return [(x - this.x) * this.scale + this.width / 2, (y - this.y) * this.scale + this.height / 2]
  }

  positionAt(placeX: number, placeY: number): [x: number, y: number] {
    return [(placeX - this.width / 2) / this.scale + this.x, (placeY - this.height / 2) / this.scale + this.y]
  }

  #clamped(scale: number): number {
    if (this.#fitScale === 0) return scale
    return Math.min(this.#fitScale * 400, Math.max(this.#fitScale * 0.5, scale))
  }
}

/** The box around points, without the outermost 0.5 % on each side, so that an outlier does not shrink the rest. */
export function boxOf(positions: Float32Array, points?: readonly number[]): Box {
  const along = (axis: 0 | 1) => {
    const values = points
      ? Float32Array.from(points, (point) => positions[point * 2 + axis]!)
      : positions.filter((_, at) => at % 2 === axis)
    values.sort()
    const cut = Math.floor(values.length * 0.005)
    return [values[cut] ?? 0, values[values.length - 1 - cut] ?? 1] as const
  }
  const [left, right] = along(0)
  const [top, bottom] = along(1)
  return { left, top, right, bottom }
}

/** The box around all points. @param positions [count, 2]. */
export function extentOf(positions: ArrayLike<number>): Box {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity]
  for (let at = 0; at < positions.length; at += 2) {
    left = Math.min(left, positions[at]!)
    right = Math.max(right, positions[at]!)
    top = Math.min(top, positions[at + 1]!)
    bottom = Math.max(bottom, positions[at + 1]!)
  }
  return { left, top, right, bottom }
}
