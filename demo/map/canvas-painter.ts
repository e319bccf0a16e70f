import { PALE, PointPainter } from './point-painter.js'
import type { Viewport } from './viewport.js'

/** Draws points on a 2-D canvas, for browsers without WebGL: as squares, which are fast to fill. */
export class CanvasPainter extends PointPainter {
  readonly #context = this.canvas.getContext('2d')!

  draw(viewport: Viewport, hovered: number): void {
    const context = this.#context
    const count = this.positions.length / 2
    context.setTransform(this.ratio, 0, 0, this.ratio, 0, 0)
    context.clearRect(0, 0, viewport.width, viewport.height)
    if (this.colours.length !== count * 3) return
    const size = this.pointSize(viewport.scale)
    const fill = (point: number) => {
      const [x, y] = viewport.placeOf(this.positions[point * 2]!, this.positions[point * 2 + 1]!)
      if (x < -size || y < -size || x > viewport.width + size || y > viewport.height + size) return
      const [red, green, blue] = this.colours.subarray(point * 3, point * 3 + 3)
      context.fillStyle = `rgb(${red} ${green} ${blue})`
      context.fillRect(x - size / 2, y - size / 2, size, size)
    }
    context.globalAlpha = this.selected ? PALE : 0.9
    for (let point = 0; point < count; point++) fill(point)
    context.globalAlpha = 1
    for (const point of this.selected ?? []) fill(point)
    if (hovered < 0 || hovered >= count) return
    fill(hovered)
    const [x, y] = viewport.placeOf(this.positions[hovered * 2]!, this.positions[hovered * 2 + 1]!)
    context.strokeStyle = context.fillStyle
    context.lineWidth = 2
    context.strokeRect(x - size / 2 - 4, y - size / 2 - 4, size + 8, size + 8)
  }

  dispose(): void {
    this.setPositions(new Float32Array())
  }
}
