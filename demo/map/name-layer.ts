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
  #positions: Float32Array = new Float32Array()
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

  /** Points that names should not cover. @param positions [count, 2]; borrowed. */
  setPositions(positions: Float32Array): void {
    this.#positions = positions
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
    return placeLabels(labels, this.#viewport, occupiedCells(this.#positions, this.#viewport))
  }
}

/** Side of a cell in which points are looked for, in CSS pixels. */
const CELL = 6

/** How many points lie in each cell of the stage. */
export interface OccupiedCells {
  columns: number
  counts: Uint16Array
}

/** @param positions [count, 2], in units of the layout. */
function occupiedCells(positions: Float32Array, viewport: Viewport): OccupiedCells {
  const [columns, lines] = [Math.ceil(viewport.width / CELL) + 1, Math.ceil(viewport.height / CELL) + 1]
  const counts = new Uint16Array(columns * lines)
  for (let at = 0; at < positions.length; at += 2) {
    const [x, y] = viewport.placeOf(positions[at]!, positions[at + 1]!)
    if (x >= 0 && y >= 0 && x < viewport.width && y < viewport.height)
      counts[Math.floor(y / CELL) * columns + Math.floor(x / CELL)]!++
  }
  return { columns, counts }
}

function pointsUnder({ left, top, width }: PlacedLabel, { columns, counts }: OccupiedCells): number {
  let sum = 0
  for (let line = Math.floor(top / CELL); line * CELL < top + HEIGHT; line++)
    for (let column = Math.floor(left / CELL); column * CELL < left + width; column++) sum += counts[line * columns + column] ?? 0
  return sum
}

/** Where a name may go, as shares of its own size from its place: over it, then ever farther around it. */
const OFFSETS: readonly (readonly [columns: number, lines: number])[] = [0, 1, 2, 3, 4, 5, 6].flatMap((ring) =>
  ring === 0
    ? [[0, 0] as const]
    : ([
        [0, -ring],
        [0, ring],
        [-ring / 4, -ring],
        [ring / 4, -ring],
        [-ring / 4, ring],
        [ring / 4, ring],
        [-ring / 3, 0],
        [ring / 3, 0],
      ] as const),
)

/**
 * Places names so that none covers another, and as few points as can be: at the nearest spot without points, or where it covers fewest,
 * or not at all. Names at the edge are moved inside.
 *
 * @param labels Most important first.
 * @param points Default: none.
 * @returns A corner for each label, in order; `null` if its place is out of sight or it has no room.
 */
export function placeLabels(
  labels: readonly Label[],
  { width, height }: { width: number; height: number },
  points?: OccupiedCells,
): (PlacedLabel | null)[] {
  const taken: PlacedLabel[] = []
  return labels.map((label) => {
    const { x, y } = label
    if (x < 0 || y < 0 || x > width || y > height || label.width > width) return null
    let best: { placed: PlacedLabel; covered: number } | null = null
    for (const [columns, lines] of OFFSETS) {
      const left = inside(x - label.width / 2 + columns * label.width, label.width, width)
      const top = inside(y - HEIGHT / 2 + lines * (HEIGHT + GAP), HEIGHT, height)
      const placed = { ...label, left, top }
      if (taken.some((other) => overlap(placed, other))) continue
      const covered = points ? pointsUnder(placed, points) : 0
      if (!best || covered < best.covered) best = { placed, covered }
      if (covered === 0) break
    }
    if (best) taken.push(best.placed)
    return best?.placed ?? null
  })
}

const inside = (start: number, size: number, room: number) => Math.max(0, Math.min(room - size, start))

const overlap = (a: PlacedLabel, b: PlacedLabel) =>
  a.left < b.left + b.width + GAP &&
  b.left < a.left + a.width + GAP &&
  a.top < b.top + HEIGHT + GAP &&
  b.top < a.top + HEIGHT + GAP
