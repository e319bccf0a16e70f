import { element } from '../ui/dom.js'
import type { Viewport } from './viewport.js'

/** A position on the map and the terms that name it, the most telling first. */
export interface PlaceName {
  terms: readonly string[]
  x: number
  y: number
}

/** A name and its place, in CSS pixels of the stage. */
export interface Label {
  text: string
  x: number
  y: number
  width: number
}

/** With its upper left corner. */
export type PlacedLabel = Label & { left: number; top: number }

const HEIGHT = 18
/** Space between two names. */
const GAP = 4
/** Stages narrower than this have room for one term. */
const NARROW = 560

/** The names of places over the points. */
export class NameLayer {
  readonly root = element('div', { class: 'map-names', 'aria-hidden': 'true' })
  readonly #viewport: Viewport
  readonly #context = document.createElement('canvas').getContext('2d')!
  #names: readonly PlaceName[] = []
  /** At positions of the layout. */
  #labels: Label[] = []

  constructor(viewport: Viewport) {
    this.#viewport = viewport
  }

  /** @param names Most important first; a narrow stage shows only their first term. */
  setNames(names: readonly PlaceName[]): void {
    this.#names = names
    this.measure()
  }

  /** Fits the names to the width of the stage. */
  measure(): void {
    this.#context.font = this.#font
    const count = this.#viewport.width < NARROW ? 1 : 2
    this.#labels = this.#names.map(({ terms, x, y }) => {
      const text = terms.slice(0, count).join(', ') || '…'
      return { text, x, y, width: Math.ceil(this.#context.measureText(text).width) + 8 }
    })
    this.root.replaceChildren(...this.#labels.map(({ text }) => element('span', {}, text)))
  }

  draw(): void {
    for (const [index, name] of this.#placed().entries()) {
      const { style } = this.root.children[index] as HTMLElement
      style.visibility = name ? 'visible' : 'hidden'
      if (name) style.translate = `${Math.round(name.left)}px ${Math.round(name.top)}px`
    }
  }

  /** Draws the names with a halo in the colour of the page. */
  drawInto(context: CanvasRenderingContext2D, ink: string, page: string): void {
    context.font = this.#font
    context.textBaseline = 'middle'
    context.lineJoin = 'round'
    context.lineWidth = 4
    context.strokeStyle = page
    context.fillStyle = ink
    for (const name of this.#placed()) {
      if (!name) continue
      context.strokeText(name.text, name.left + 4, name.top + HEIGHT / 2)
      context.fillText(name.text, name.left + 4, name.top + HEIGHT / 2)
    }
  }

  get #font(): string {
    return `600 13px ${getComputedStyle(this.root).fontFamily}`
  }

  #placed(): (PlacedLabel | null)[] {
    const labels = this.#labels.map((label) => {
      const [x, y] = this.#viewport.placeOf(label.x, label.y)
      return { ...label, x, y }
    })
    return placeLabels(labels, this.#viewport)
  }
}

/**
 * Places names so that none covers another: centred on its place, or one or two lines above or below it, or not at all. Names at the
 * edge are moved inside.
 *
 * @param labels Most important first.
 * @returns A corner for each label, in order; `null` if its place is out of sight or it has no room.
 */
export function placeLabels(
  labels: readonly Label[],
  { width, height }: { width: number; height: number },
): (PlacedLabel | null)[] {
  const taken: PlacedLabel[] = []
  return labels.map((label) => {
    const { x, y } = label
    if (x < 0 || y < 0 || x > width || y > height || label.width > width) return null
    for (const lines of [0, -1, 1, -2, 2]) {
      const left = inside(x - label.width / 2, label.width, width)
      const top = inside(y - HEIGHT / 2 + lines * (HEIGHT + GAP), HEIGHT, height)
      const placed = { ...label, left, top }
      if (taken.some((other) => overlap(placed, other))) continue
      taken.push(placed)
      return placed
    }
    return null
  })
}

const inside = (start: number, size: number, room: number) => Math.max(0, Math.min(room - size, start))

const overlap = (a: PlacedLabel, b: PlacedLabel) =>
  a.left < b.left + b.width + GAP &&
  b.left < a.left + a.width + GAP &&
  a.top < b.top + HEIGHT + GAP &&
  b.top < a.top + HEIGHT + GAP
