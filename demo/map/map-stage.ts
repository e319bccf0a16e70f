import { element } from '../ui/dom.js'
import { CanvasPainter } from './canvas-painter.js'
import { pointsInside } from './lasso.js'
import { type Label, type PlacedLabel, placeLabels } from './place-labels.js'
import { PointGrid } from './point-grid.js'
import type { PointPainter } from './points.js'
import { boxOf, Viewport } from './viewport.js'
import { webglPainter } from './webgl-painter.js'

export interface StageEvents {
  onSelect(points: number[]): void
  onOpen(point: number): void
  onLasso(isOn: boolean): void
  /** What the card says of a point. */
  describe(point: number): readonly Node[]
}

/** A place of the map and the terms that name it, the most telling first. */
export interface PlaceName {
  terms: readonly string[]
  x: number
  y: number
}

/** Farther than this a press is a drag. */
const CLICK_PIXELS = 5
/** How near a point the pointer must be. */
const REACH = 9
const FLIGHT_MS = 140
const PAN_PIXELS = 60
const NAME_HEIGHT = 18
/** Stages narrower than this have room for one term. */
const NARROW = 560

/** Where the points are drawn, seen, pointed at and selected; points go by their index. */
export class MapStage {
  readonly root: HTMLElement
  readonly #events: StageEvents
  readonly #canvas = element('canvas', { class: 'map-points', 'aria-hidden': 'true' })
  readonly #line = element('canvas', { class: 'map-line', 'aria-hidden': 'true' })
  readonly #names = element('div', { class: 'map-names', 'aria-hidden': 'true' })
  readonly #card = element('div', { class: 'map-card', 'aria-hidden': 'true', hidden: true })
  readonly #painter: PointPainter
  readonly #viewport = new Viewport()
  readonly #listeners = new AbortController()
  readonly #resizes: ResizeObserver
  readonly #pointers = new Map<number, { x: number; y: number }>()
  #positions: Float32Array = new Float32Array()
  #grid: PointGrid | null = null
  #placeNames: readonly PlaceName[] = []
  #labels: { text: string; x: number; y: number; width: number }[] = []
  #hovered = -1
  #ratio = 0
  #frame = 0
  #flight = 0
  /** Whether the view is the reader's own; until then all points stay in sight, whatever the stage's size. */
  #isMoved = false
  #lassoOn = false
  /** Corners of the line that is being drawn, in pixels; `null` while none is. */
  #lasso: number[] | null = null
  #moved = 0

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
      this.#line,
      this.#names,
      this.#card,
    )
    this.#painter = webglPainter(this.#canvas, () => this.redraw()) ?? new CanvasPainter(this.#canvas)
    this.#resizes = new ResizeObserver(() => this.#resize())
    this.#resizes.observe(this.root)
    this.#listen()
  }

  /** Shows points, all of them in sight. */
  setPositions(positions: Float32Array): void {
    this.#positions = positions
    this.#grid = positions.length > 0 ? new PointGrid(positions) : null
    this.#painter.setPositions(positions)
    this.#isMoved = false
    this.#hover(-1)
    this.#resize()
  }

  setColours(colours: Uint8Array): void {
    this.#painter.setColours(colours)
    this.redraw()
  }

  /** @param points `null`: no selection, all points alike. */
  setSelected(points: readonly number[] | null): void {
    this.#painter.setSelected(points && Uint32Array.from(points))
    this.redraw()
  }

  /** Names of places, most important first; on a narrow stage of their terms the first alone. */
  setNames(names: readonly PlaceName[]): void {
    this.#placeNames = names
    this.#measureNames()
    this.redraw()
  }

  #measureNames(): void {
    const context = this.#line.getContext('2d')!
    context.font = this.#nameFont
    const terms = this.#viewport.width < NARROW ? 1 : 2
    this.#labels = this.#placeNames.map(({ terms: all, x, y }) => {
      const text = all.slice(0, terms).join(', ') || '…'
      return { text, x, y, width: Math.ceil(context.measureText(text).width) + 8 }
    })
    this.#names.replaceChildren(...this.#labels.map(({ text }) => element('span', {}, text)))
  }

  get isLassoOn(): boolean {
    return this.#lassoOn
  }

  set isLassoOn(isOn: boolean) {
    this.#lassoOn = isOn
    this.root.toggleAttribute('data-lasso', isOn)
    if (!isOn) this.#endLasso()
    this.#events.onLasso(isOn)
  }

  zoom(factor: number): void {
    this.#hover(-1)
    this.#isMoved = true
    this.#viewport.zoom(factor)
    this.redraw()
  }

  pan(columns: number, rows: number): void {
    this.#hover(-1)
    this.#isMoved = true
    this.#viewport.pan(-columns * PAN_PIXELS, -rows * PAN_PIXELS)
    this.redraw()
  }

  /** Flies to some points, or to all. */
  show(points?: readonly number[]): void {
    const { x, y, scale } = this.#viewport
    const target = this.#viewport.viewOf(boxOf(this.#positions, points))
    cancelAnimationFrame(this.#flight)
    this.#hover(-1)
    this.#isMoved = points !== undefined
    const start = performance.now()
    const step = () => {
      const share = isStill() ? 1 : Math.min(1, (performance.now() - start) / FLIGHT_MS)
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
   * @param ratio Device pixels a CSS pixel.
   */
  drawInto(context: CanvasRenderingContext2D, ratio: number, ink: string, page: string): void {
    const { width, height } = this.#viewport
    this.#painter.resize(width, height, ratio)
    this.#painter.draw(this.#viewport, -1)
    context.drawImage(this.#canvas, 0, 0, width, height)
    this.#painter.resize(width, height, this.#ratio)
    this.#draw()
    context.font = this.#nameFont
    context.textBaseline = 'middle'
    context.lineJoin = 'round'
    for (const name of this.#placed()) {
      if (!name) continue
      context.lineWidth = 4
      context.strokeStyle = page
      context.strokeText(name.text, name.left + 4, name.top + name.height / 2)
      context.fillStyle = ink
      context.fillText(name.text, name.left + 4, name.top + name.height / 2)
    }
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

  get #nameFont(): string {
    return `600 13px ${getComputedStyle(this.root).fontFamily}`
  }

  #resize(): void {
    const { clientWidth: width, clientHeight: height } = this.root
    if (width === 0 || height === 0) return
    this.#ratio = window.devicePixelRatio
    Object.assign(this.#viewport, { width, height })
    this.#painter.resize(width, height, this.#ratio)
    this.#line.width = Math.round(width * this.#ratio)
    this.#line.height = Math.round(height * this.#ratio)
    if (!this.#isMoved && this.#positions.length > 0) this.#viewport.fit(boxOf(this.#positions))
    this.#measureNames()
    // At once: what was resized is blank.
    this.#draw()
  }

  #draw(): void {
    if (this.#ratio !== window.devicePixelRatio) {
      this.#resize()
      return
    }
    this.#painter.draw(this.#viewport, this.#hovered)
    for (const [index, name] of this.#placed().entries()) {
      const span = this.#names.children[index] as HTMLElement
      span.style.visibility = name ? 'visible' : 'hidden'
      if (name) span.style.translate = `${Math.round(name.left)}px ${Math.round(name.top)}px`
    }
  }

  #placed(): (PlacedLabel | null)[] {
    const labels = this.#labels.map(({ text, x, y, width }): Label => {
      const [placeX, placeY] = this.#viewport.placeOf(x, y)
      return { text, x: placeX, y: placeY, width, height: NAME_HEIGHT }
    })
    return placeLabels(labels, this.#viewport)
  }

  #listen(): void {
    const { signal } = this.#listeners
    const { root } = this
    root.addEventListener('pointerdown', (event) => this.#press(event), { signal })
    root.addEventListener('pointermove', (event) => this.#move(event), { signal })
    root.addEventListener('pointerup', (event) => this.#release(event), { signal })
    root.addEventListener('pointercancel', (event) => this.#forget(event), { signal })
    root.addEventListener('pointerleave', () => this.#hover(-1), { signal })
    root.addEventListener(
      'wheel',
      (event) => {
        event.preventDefault()
        const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 30 : 1
        // Pinching on a touchpad comes as a wheel with ctrl, in smaller steps.
        const strength = event.ctrlKey ? 0.01 : 0.0016
        this.#isMoved = true
        this.#viewport.zoom(Math.exp(-event.deltaY * lines * strength), ...this.#placeOf(event))
        this.#hover(-1)
        this.redraw()
      },
      { signal, passive: false },
    )
  }

  #placeOf(event: MouseEvent): [number, number] {
    const { left, top } = this.root.getBoundingClientRect()
    return [event.clientX - left, event.clientY - top]
  }

  #press(event: PointerEvent): void {
    if (event.button !== 0) return
    cancelAnimationFrame(this.#flight)
    const [x, y] = this.#placeOf(event)
    this.root.setPointerCapture(event.pointerId)
    this.#pointers.set(event.pointerId, { x, y })
    this.#moved = this.#pointers.size > 1 ? CLICK_PIXELS : 0
    if (this.#pointers.size === 1 && (this.#lassoOn || event.shiftKey)) this.#lasso = [x, y]
    else this.#endLasso()
  }

  #move(event: PointerEvent): void {
    const [x, y] = this.#placeOf(event)
    const before = this.#pointers.get(event.pointerId)
    if (!before) {
      this.#hover(this.#pointAt(x, y))
      return
    }
    this.#moved += Math.hypot(x - before.x, y - before.y)
    this.#isMoved ||= !this.#lasso
    if (this.#lasso) this.#lasso.push(x, y)
    else if (this.#pointers.size === 1) this.#viewport.pan(x - before.x, y - before.y)
    else this.#pinch(event.pointerId, before, { x, y })
    this.#pointers.set(event.pointerId, { x, y })
    if (this.#lasso) this.#drawLasso(this.#lasso)
    else if (this.#moved >= CLICK_PIXELS) this.#hover(-1)
    this.redraw()
  }

  /** Two fingers: the map follows both. */
  #pinch(id: number, before: { x: number; y: number }, now: { x: number; y: number }): void {
    const other = [...this.#pointers].find(([key]) => key !== id)?.[1]
    if (!other) return
    const distance = (from: { x: number; y: number }) => Math.max(1, Math.hypot(from.x - other.x, from.y - other.y))
    this.#viewport.pan((now.x - before.x) / 2, (now.y - before.y) / 2)
    this.#viewport.zoom(distance(now) / distance(before), (now.x + other.x) / 2, (now.y + other.y) / 2)
  }

  #release(event: PointerEvent): void {
    if (!this.#pointers.has(event.pointerId)) return
    const isClick = this.#moved < CLICK_PIXELS
    const lasso = this.#lasso
    this.#forget(event)
    if (lasso && !isClick) {
      const line = lasso.slice()
      for (let at = 0; at < line.length; at += 2) [line[at], line[at + 1]] = this.#viewport.positionAt(line[at]!, line[at + 1]!)
      this.isLassoOn = false
      this.#events.onSelect(pointsInside(this.#positions, line))
      return
    }
    if (!isClick || this.#pointers.size > 0) return
    const point = this.#pointAt(...this.#placeOf(event))
    if (point >= 0) this.#events.onOpen(point)
    else this.#events.onSelect([])
  }

  #forget({ pointerId }: PointerEvent): void {
    this.#pointers.delete(pointerId)
    this.#endLasso()
  }

  #endLasso(): void {
    this.#lasso = null
    this.#line.getContext('2d')!.clearRect(0, 0, this.#line.width, this.#line.height)
  }

  #drawLasso(line: readonly number[]): void {
    const context = this.#line.getContext('2d')!
    context.setTransform(this.#ratio, 0, 0, this.#ratio, 0, 0)
    context.clearRect(0, 0, this.#viewport.width, this.#viewport.height)
    context.beginPath()
    for (let at = 0; at < line.length; at += 2) context.lineTo(line[at]!, line[at + 1]!)
    context.closePath()
    const accent = getComputedStyle(this.root).getPropertyValue('--accent')
    context.strokeStyle = accent
    context.fillStyle = accent
    context.lineWidth = 1.5
    context.stroke()
    context.globalAlpha = 0.1
    context.fill()
    context.globalAlpha = 1
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

  /** Beside its point, on the side that has room. */
  #showCard(point: number): void {
    this.#card.replaceChildren(...this.#events.describe(point))
    const { width, height } = this.#viewport
    const [x, y] = this.#viewport.placeOf(this.#positions[point * 2]!, this.#positions[point * 2 + 1]!)
    const { offsetWidth, offsetHeight } = this.#card
    const left = x + 14 + offsetWidth < width ? x + 14 : x - 14 - offsetWidth
    const top = Math.min(height - offsetHeight - 4, y + 10)
    this.#card.style.translate = `${Math.round(Math.max(4, left))}px ${Math.round(Math.max(4, top))}px`
  }
}

const isStill = () => matchMedia('(prefers-reduced-motion: reduce)').matches
