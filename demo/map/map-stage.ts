import { element, setChildren } from '../ui/dom.js'
import { CanvasPainter } from './canvas-painter.js'
import { listenToGestures } from './gestures.js'
import { Lasso, pointsInside } from './lasso.js'
import { NameLayer, type PlaceName } from './name-layer.js'
import { PointGrid } from './point-grid.js'
import type { PointPainter } from './point-painter.js'
import { boxOf, Viewport } from './viewport.js'
import { webglPainter } from './webgl-painter.js'

export interface StageEvents {
  onSelect(points: number[]): void
  onOpen(point: number): void
  onLasso(isOn: boolean): void
  /** The content of a point's card. */
  describe(point: number): readonly Node[]
}

/** How near to a point the pointer must be, in pixels. */
const REACH = 9
const FLIGHT_MS = 140
const PAN_PIXELS = 60

/** Where the points are drawn, hovered and selected; a point is the index of a paper. */
export class MapStage {
  readonly root: HTMLElement
  readonly #events: StageEvents
  readonly #canvas = element('canvas', { class: 'map-points', 'aria-hidden': 'true' })
  readonly #lasso = new Lasso()
  readonly #card = element('div', { class: 'map-card', 'aria-hidden': 'true', hidden: true })
  readonly #painter: PointPainter
  readonly #viewport = new Viewport()
  readonly #names = new NameLayer(this.#viewport)
  readonly #listeners = new AbortController()
  readonly #resizes: ResizeObserver
  #positions: Float32Array = new Float32Array()
  #grid: PointGrid | null = null
  #hovered = -1
  #ratio = 0
  #frame = 0
  #flight = 0
  /** Whether the reader chose the view; until then it shows all points, whatever the size of the stage. */
  #isMoved = false

  constructor(events: StageEvents) {
    this.#events = events
    this.root = element(
      'div',
      {
        class: 'map-stage',
        tabindex: 0,
        role: 'application',
        'aria-label': 'Map of papers',
        'aria-describedby': 'map-keys',
      },
      this.#canvas,
      this.#lasso.canvas,
      this.#names.root,
      this.#card,
    )
    this.#painter = webglPainter(this.#canvas, () => this.redraw()) ?? new CanvasPainter(this.#canvas)
    this.#resizes = new ResizeObserver(() => this.#resize())
    this.#resizes.observe(this.root)
    listenToGestures(
      this.root,
      { viewport: this.#viewport, lasso: this.#lasso },
      {
        onPress: () => cancelAnimationFrame(this.#flight),
        onView: () => this.#showMoved(),
        onHover: (place) => this.#hover(place ? this.#pointAt(...place) : -1),
        onClick: (place) => this.#click(this.#pointAt(...place)),
        onLasso: (line) => this.#selectInside(line),
      },
      this.#listeners.signal,
    )
  }

  /**
   * Shows points, all of them in sight.
   *
   * @param positions [count, 2]; borrowed.
   * @param keepsView Whether a view that the reader chose stays.
   */
  setPositions(positions: Float32Array, keepsView = false): void {
    this.#positions = positions
    this.#grid = positions.length > 0 ? new PointGrid(positions) : null
    this.#painter.setPositions(positions)
    this.#names.setPositions(positions)
    this.#isMoved &&= keepsView
    this.#hover(-1)
    this.#resize()
  }

  /** @param colours [count, 3]. */
  setColours(colours: Uint8Array): void {
    this.#painter.setColours(colours)
    this.redraw()
  }

  /** @param points `null`: no selection, all points alike. */
  setSelected(points: readonly number[] | null): void {
    this.#painter.setSelected(points && Uint32Array.from(points))
    this.redraw()
  }

  /** @param names Most important first. */
  setNames(names: readonly PlaceName[]): void {
    this.#names.setNames(names)
    this.redraw()
  }

  get isLassoOn(): boolean {
    return this.#lasso.isOn
  }

  set isLassoOn(isOn: boolean) {
    this.#lasso.isOn = isOn
    this.root.toggleAttribute('data-lasso', isOn)
    if (!isOn) this.#lasso.end()
    this.#events.onLasso(isOn)
  }

  zoom(factor: number): void {
    this.#hover(-1)
    this.#viewport.zoom(factor)
    this.#showMoved()
  }

  pan(columns: number, rows: number): void {
    this.#hover(-1)
    this.#viewport.pan(-columns * PAN_PIXELS, -rows * PAN_PIXELS)
    this.#showMoved()
  }

  /** Flies to some points; to all if none are given. */
  show(points?: readonly number[]): void {
    const { x, y, scale } = this.#viewport
    const target = this.#viewport.viewOf(boxOf(this.#positions, points))
    cancelAnimationFrame(this.#flight)
    this.#hover(-1)
    this.#isMoved = points !== undefined
    const start = performance.now()
    const step = () => {
      const share = prefersReducedMotion() ? 1 : Math.min(1, (performance.now() - start) / FLIGHT_MS)
      const eased = share * (2 - share)
      this.#viewport.x = x + (target.x - x) * eased
      this.#viewport.y = y + (target.y - y) * eased
      this.#viewport.scale = scale * (target.scale / scale) ** eased
      this.redraw()
      if (share < 1) this.#flight = requestAnimationFrame(step)
    }
    step()
  }

  /** Draws in the next frame. */
  redraw(): void {
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0
      this.#draw()
    })
  }

  /**
   * Draws the points and their names onto another canvas.
   *
   * @param ratio Device pixels per CSS pixel.
   */
  drawInto(context: CanvasRenderingContext2D, ratio: number, ink: string, page: string): void {
    const { width, height } = this.#viewport
    this.#painter.resize(width, height, ratio)
    this.#painter.draw(this.#viewport, -1)
    context.drawImage(this.#canvas, 0, 0, width, height)
    this.#painter.resize(width, height, this.#ratio)
    this.#draw()
    this.#names.drawInto(context, ink, page)
  }

  get size(): { width: number; height: number } {
    return { width: this.#viewport.width, height: this.#viewport.height }
  }

  dispose(): void {
    cancelAnimationFrame(this.#frame)
    cancelAnimationFrame(this.#flight)
    this.#resizes.disconnect()
    this.#listeners.abort()
    this.#painter.dispose()
    this.root.remove()
  }

  #resize(): void {
    const { clientWidth: width, clientHeight: height } = this.root
    if (width === 0 || height === 0) return
    this.#ratio = window.devicePixelRatio
    Object.assign(this.#viewport, { width, height })
    this.#painter.resize(width, height, this.#ratio)
    this.#lasso.resize(width, height, this.#ratio)
    if (!this.#isMoved && this.#positions.length > 0) this.#viewport.fit(boxOf(this.#positions))
    this.#names.measure()
    // At once: a resized canvas is blank.
    this.#draw()
  }

  #draw(): void {
    if (this.#ratio !== window.devicePixelRatio) {
      this.#resize()
      return
    }
    this.#painter.draw(this.#viewport, this.#hovered)
    this.#names.draw()
  }

  #showMoved(): void {
    this.#isMoved = true
    this.redraw()
  }

  #click(point: number): void {
    if (point >= 0) this.#events.onOpen(point)
    else this.#events.onSelect([])
  }

  #selectInside(line: readonly number[]): void {
    const corners = line.slice()
    for (let at = 0; at < line.length; at += 2)
      [corners[at], corners[at + 1]] = this.#viewport.positionAt(line[at]!, line[at + 1]!)
    this.isLassoOn = false
    this.#events.onSelect(pointsInside(this.#positions, corners))
  }

  #pointAt(x: number, y: number): number {
    return this.#grid?.nearest(...this.#viewport.positionAt(x, y), REACH / this.#viewport.scale) ?? -1
  }

  #hover(point: number): void {
    if (point === this.#hovered) return
    this.#hovered = point
    this.root.toggleAttribute('data-over-point', point >= 0)
    this.#card.hidden = point < 0
    if (point >= 0) this.#showCard(point)
    this.redraw()
  }

  /** Shows the card beside its point, on the side that has room. */
  #showCard(point: number): void {
    setChildren(this.#card, ...this.#events.describe(point))
    const { width, height } = this.#viewport
    const [x, y] = this.#viewport.placeOf(this.#positions[point * 2]!, this.#positions[point * 2 + 1]!)
    const { offsetWidth, offsetHeight } = this.#card
    const left = x + 14 + offsetWidth < width ? x + 14 : x - 14 - offsetWidth
    const top = Math.min(height - offsetHeight - 4, y + 10)
    this.#card.style.translate = `${Math.round(Math.max(4, left))}px ${Math.round(Math.max(4, top))}px`
  }
}

const prefersReducedMotion = () => matchMedia('(prefers-reduced-motion: reduce)').matches
