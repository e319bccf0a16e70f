import { element } from '../ui/dom.js'
import { type Label, type PlacedLabel, placeLabels } from './place-labels.js'
import type { Viewport } from './viewport.js'

/** A position on the map and the terms that name it, the most telling first. */
export interface PlaceName {
  terms: readonly string[]
  x: number
  y: number
}

const HEIGHT = 18
/** Stages narrower than this have room for one term. */
const NARROW = 560

/** The names of places over the points. */
export class NameLayer {
  readonly root = element('div', { class: 'map-names', 'aria-hidden': 'true' })
  readonly #viewport: Viewport
  readonly #context = document.createElement('canvas').getContext('2d')!
  #names: readonly PlaceName[] = []
  #labels: { text: string; x: number; y: number; width: number }[] = []

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
      context.strokeText(name.text, name.left + 4, name.top + name.height / 2)
      context.fillText(name.text, name.left + 4, name.top + name.height / 2)
    }
  }

  get #font(): string {
    return `600 13px ${getComputedStyle(this.root).fontFamily}`
  }

  #placed(): (PlacedLabel | null)[] {
    const labels = this.#labels.map(({ text, x, y, width }): Label => {
      const [placeX, placeY] = this.#viewport.placeOf(x, y)
      return { text, x: placeX, y: placeY, width, height: HEIGHT }
    })
    return placeLabels(labels, this.#viewport)
  }
}
