import type { Lasso } from './lasso.js'
import type { Viewport } from './viewport.js'

/** In CSS pixels of the stage. */
export type Place = readonly [x: number, y: number]

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

/** Mouse, fingers and touchpad on the stage pan, zoom, click, and draw the lasso. */
export function listenToGestures(
  root: HTMLElement,
  { viewport, lasso }: { viewport: Viewport; lasso: Lasso },
  events: GestureEvents,
  signal: AbortSignal,
): void {
  const pointers = new Map<number, Place>()
  /** How far the pointers moved since the press. */
  let moved = 0

  const placeOf = (event: MouseEvent): Place => {
    const { left, top } = root.getBoundingClientRect()
    return [event.clientX - left, event.clientY - top]
  }
  const press = (event: PointerEvent) => {
    if (event.button !== 0) return
    events.onPress()
    const place = placeOf(event)
    root.setPointerCapture(event.pointerId)
    pointers.set(event.pointerId, place)
    moved = pointers.size > 1 ? CLICK_PIXELS : 0
    lasso.end()
    if (pointers.size === 1 && (lasso.isOn || event.shiftKey)) lasso.add(...place)
  }
  const move = (event: PointerEvent) => {
    const place = placeOf(event)
    const before = pointers.get(event.pointerId)
    if (!before) return events.onHover(place)
    const [byX, byY] = [place[0] - before[0], place[1] - before[1]]
    moved += Math.hypot(byX, byY)
    pointers.set(event.pointerId, place)
    if (lasso.isDrawing) return lasso.add(...place)
    if (pointers.size === 1) viewport.pan(byX, byY)
    else pinch(event.pointerId, before, place)
    if (moved >= CLICK_PIXELS) events.onHover(null)
    events.onView()
  }
  /** The map follows two fingers. */
  const pinch = (id: number, before: Place, now: Place) => {
    const other = [...pointers].find(([key]) => key !== id)?.[1]
    if (!other) return
    const distance = ([x, y]: Place) => Math.max(1, Math.hypot(x - other[0], y - other[1]))
    viewport.pan((now[0] - before[0]) / 2, (now[1] - before[1]) / 2)
    viewport.zoom(distance(now) / distance(before), (now[0] + other[0]) / 2, (now[1] + other[1]) / 2)
  }
  const release = (event: PointerEvent) => {
    if (!pointers.delete(event.pointerId)) return
    const line = lasso.end()
    const isClick = moved < CLICK_PIXELS
    if (line && !isClick) events.onLasso(line)
    else if (isClick && pointers.size === 0) events.onClick(placeOf(event))
  }
  const cancel = ({ pointerId }: PointerEvent) => {
    pointers.delete(pointerId)
    lasso.end()
  }
  const wheel = (event: WheelEvent) => {
    event.preventDefault()
    const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 30 : 1
    // Pinching on a touchpad arrives as a wheel event with Ctrl, in smaller steps.
    const strength = event.ctrlKey ? 0.01 : 0.0016
    viewport.zoom(Math.exp(-event.deltaY * lines * strength), ...placeOf(event))
    events.onHover(null)
    events.onView()
  }
  root.addEventListener('pointerdown', press, { signal })
  root.addEventListener('pointermove', move, { signal })
  root.addEventListener('pointerup', release, { signal })
  root.addEventListener('pointercancel', cancel, { signal })
  root.addEventListener('pointerleave', () => events.onHover(null), { signal })
  root.addEventListener('wheel', wheel, { signal, passive: false })
}
