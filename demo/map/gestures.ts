import type { LassoLine } from './lasso.js'
import type { Viewport } from './viewport.js'

/** In CSS pixels of the stage. */
type Place = readonly [x: number, y: number]

export interface GestureEvents {
  onPress(): void
  /** The reader panned or zoomed the viewport. */
  onView(): void
  /** The pointer is over a place, not pressed; `null`: it left the stage, or moves the map. */
  onHover(place: Place | null): void
  onClick(place: Place): void
  /** @param line Corners as x, y, x, y …, in CSS pixels of the stage. */
  onLasso(line: number[]): void
}

/** A press that moves farther than this is a drag. */
const CLICK_PIXELS = 5

/** Mouse, fingers and touchpad on the stage: they pan, zoom, click, and draw a lasso. */
export class Gestures {
  /** Whether the next press draws a lasso, as one with Shift does. */
  isLassoOn = false
  readonly #root: HTMLElement
  readonly #viewport: Viewport
  readonly #lassoLine: LassoLine
  readonly #events: GestureEvents
  readonly #pointers = new Map<number, Place>()
  /** The line that is being drawn. */
  #lasso: number[] | null = null
  /** How far the pointers moved since the press. */
  #moved = 0

  constructor(root: HTMLElement, viewport: Viewport, lassoLine: LassoLine, events: GestureEvents, signal: AbortSignal) {
    this.#root = root
    this.#viewport = viewport
    this.#lassoLine = lassoLine
    this.#events = events
    root.addEventListener('pointerdown', (event) => this.#press(event), { signal })
    root.addEventListener('pointermove', (event) => this.#move(event), { signal })
    root.addEventListener('pointerup', (event) => this.#release(event), { signal })
    root.addEventListener('pointercancel', (event) => this.#forget(event), { signal })
    root.addEventListener('pointerleave', () => events.onHover(null), { signal })
    root.addEventListener('wheel', (event) => this.#wheel(event), { signal, passive: false })
  }

  endLasso(): void {
    this.#lasso = null
    this.#lassoLine.clear()
  }

  #placeOf(event: MouseEvent): Place {
    const { left, top } = this.#root.getBoundingClientRect()
    return [event.clientX - left, event.clientY - top]
  }

  #press(event: PointerEvent): void {
    if (event.button !== 0) return
    this.#events.onPress()
    const place = this.#placeOf(event)
    this.#root.setPointerCapture(event.pointerId)
    this.#pointers.set(event.pointerId, place)
    this.#moved = this.#pointers.size > 1 ? CLICK_PIXELS : 0
    if (this.#pointers.size === 1 && (this.isLassoOn || event.shiftKey)) this.#lasso = [...place]
    else this.endLasso()
  }

  #move(event: PointerEvent): void {
    const place = this.#placeOf(event)
    const before = this.#pointers.get(event.pointerId)
    if (!before) {
      this.#events.onHover(place)
      return
    }
    const [byX, byY] = [place[0] - before[0], place[1] - before[1]]
    this.#moved += Math.hypot(byX, byY)
    this.#pointers.set(event.pointerId, place)
    if (this.#lasso) {
      this.#lasso.push(...place)
      this.#lassoLine.draw(this.#lasso)
      return
    }
    if (this.#pointers.size === 1) this.#viewport.pan(byX, byY)
    else this.#pinch(event.pointerId, before, place)
    if (this.#moved >= CLICK_PIXELS) this.#events.onHover(null)
    this.#events.onView()
  }

  /** The map follows two fingers. */
  #pinch(id: number, before: Place, now: Place): void {
    const other = [...this.#pointers].find(([key]) => key !== id)?.[1]
    if (!other) return
    const distance = ([x, y]: Place) => Math.max(1, Math.hypot(x - other[0], y - other[1]))
    this.#viewport.pan((now[0] - before[0]) / 2, (now[1] - before[1]) / 2)
    this.#viewport.zoom(distance(now) / distance(before), (now[0] + other[0]) / 2, (now[1] + other[1]) / 2)
  }

  #release(event: PointerEvent): void {
    if (!this.#pointers.has(event.pointerId)) return
    const isClick = this.#moved < CLICK_PIXELS
    const lasso = this.#lasso
    this.#forget(event)
    if (lasso && !isClick) this.#events.onLasso(lasso)
    else if (isClick && this.#pointers.size === 0) this.#events.onClick(this.#placeOf(event))
  }

  #forget({ pointerId }: PointerEvent): void {
    this.#pointers.delete(pointerId)
    this.endLasso()
  }

  #wheel(event: WheelEvent): void {
    event.preventDefault()
    const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 30 : 1
    // Pinching on a touchpad arrives as a wheel event with Ctrl, in smaller steps.
    const strength = event.ctrlKey ? 0.01 : 0.0016
    this.#viewport.zoom(Math.exp(-event.deltaY * lines * strength), ...this.#placeOf(event))
    this.#events.onHover(null)
    this.#events.onView()
  }
}
