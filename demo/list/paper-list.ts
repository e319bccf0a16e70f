import type { Hit, PaperRecord } from '../../src/index.js'
import { shownPaper } from '../session/shown-paper.js'
import { byId, element } from '../ui/dom.js'
import { shortAuthors } from '../ui/format.js'
import { markWords, snippet } from './words.js'

/** A row: a paper, and its hit if the list is a ranking. */
export interface Row {
  paper: PaperRecord
  hit: Hit | null
}

export interface PaperListEvents {
  onOpen: (id: string) => void
  onSelection: (ids: ReadonlySet<string>) => void
  /** The end of the rows is near; a ranking may have more. */
  onEnd: () => void
}

/** Rows drawn above and below the visible ones, for quick scrolling. */
const SPARE_ROWS = 8
/** No screen has room for more on a line, and a record may contain a whole book. */
const ROW_CHARACTERS = 500

/** The list of papers. Of tens of thousands of rows, all of one height, only the visible ones exist. It is a single tab stop. */
export class PaperList {
  readonly #scroller = byId('papers', HTMLElement)
  readonly #list = byId('results', HTMLOListElement)
  readonly #events: PaperListEvents
  readonly #items = new Map<number, HTMLLIElement>()
  #rows: readonly Row[] = []
  #words: ReadonlySet<string> = new Set()
  #rowHeight = 0
  #current = 0
  #open: string | null = null
  #selected = new Set<string>()
  /** Rows above the line below which papers are only loosely alike. */
  #above: number | null = null
  #lastChecked = -1
  #isDrawing = false

  constructor(events: PaperListEvents) {
    this.#events = events
    this.#list.addEventListener('click', (event) => this.#click(event))
    this.#list.addEventListener('focusin', ({ target }) => {
      const index = this.#indexOfElement(target)
      if (index >= 0) this.#mark(index)
    })
    this.#scroller.addEventListener('scroll', () => this.#drawSoon(), { passive: true })
    new ResizeObserver(() => this.#redraw(this.focused !== null)).observe(this.#scroller)
  }

  get rows(): readonly Row[] {
    return this.#rows
  }

  get selected(): ReadonlySet<string> {
    return this.#selected
  }

  /** The paper with the keyboard focus. */
  get focused(): string | null {
    return this.#list.contains(document.activeElement) ? (this.#rows[this.#current]?.paper.id ?? null) : null
  }

  /**
   * Shows other rows; the focus stays on its paper.
   *
   * @param words Words to mark.
   * @param above Rows above the line below which papers are only loosely alike; `null`: no line.
   */
  show(rows: readonly Row[], words: ReadonlySet<string>, above: number | null = null): void {
    const isSameLine = above === this.#above
    this.#above = above
    if (isSameLine && this.#isShown(rows, words)) {
      this.#rows = rows
      this.#draw(false)
      return
    }
    const { focused } = this
    this.#rows = rows
    this.#words = words
    this.#list.toggleAttribute(
      'data-ranked',
      rows.some(({ hit }) => hit !== null),
    )
    this.#current = focused === null ? 0 : Math.max(0, this.#indexOf(focused))
    this.#redraw(focused !== null)
  }

  scrollToTop(): void {
    this.#scroller.scrollTop = 0
  }

  /** Marks the paper that is open beside the list. */
  showOpen(id: string | null): void {
    this.#open = id
    for (const [index, item] of this.#items) this.#showState(item, index)
  }

  select(ids: Iterable<string>): void {
    this.#selected = new Set(ids)
    for (const [index, item] of this.#items) this.#showState(item, index)
    this.#events.onSelection(this.#selected)
  }

  toggle(id: string): void {
    const selected = new Set(this.#selected)
    if (!selected.delete(id)) selected.add(id)
    this.select(selected)
  }

  /** Moves the focus by some rows, or into the list if it is elsewhere. */
  move(by: number): void {
    this.#focusAt(this.focused === null ? this.#current : this.#current + by)
  }

  /** The paper some rows away from another. */
  neighbour(id: string, by: number): string | null {
    const index = this.#indexOf(id)
    return index < 0 ? null : (this.#rows[index + by]?.paper.id ?? null)
  }

  scrollTo(id: string): void {
    const index = this.#indexOf(id)
    if (index >= 0) this.#reveal(index)
  }

  /** Focuses a paper's row; the first by default. */
  focus(id?: string): void {
    this.#focusAt(id === undefined ? 0 : this.#indexOf(id))
  }

  /** @param index Clamped to the rows. */
  #focusAt(index: number): void {
    if (this.#rows.length === 0) return
    const at = Math.min(this.#rows.length - 1, Math.max(0, index))
    this.#reveal(at)
    this.#items.get(at)?.querySelector<HTMLElement>('.title')?.focus({ preventScroll: true })
  }

  #indexOf(id: string): number {
    return this.#rows.findIndex(({ paper }) => paper.id === id)
  }

  #reveal(index: number): void {
    const [top, bottom] = [index * this.#rowHeight, (index + 1) * this.#rowHeight]
    const { scrollTop, clientHeight } = this.#scroller
    const offset = this.#list.offsetTop
    if (top + offset < scrollTop) this.#scroller.scrollTop = top + offset
    else if (bottom + offset > scrollTop + clientHeight) this.#scroller.scrollTop = bottom + offset - clientHeight
    this.#draw(false)
  }

  #redraw(hasFocus: boolean): void {
    this.#rowHeight = 0
    this.#draw(true)
    if (hasFocus) this.#focusAt(this.#current)
  }

  #drawSoon(): void {
    if (this.#isDrawing) return
    this.#isDrawing = true
    requestAnimationFrame(() => {
      this.#isDrawing = false
      this.#draw(false)
    })
  }

  #draw(anew: boolean): void {
    if (this.#rowHeight === 0) this.#rowHeight = this.#measure()
    const { scrollTop, clientHeight } = this.#scroller
    const top = Math.max(0, scrollTop - this.#list.offsetTop)
    const first = Math.max(0, Math.floor(top / this.#rowHeight) - SPARE_ROWS)
    const last = Math.min(this.#rows.length, Math.ceil((top + clientHeight) / this.#rowHeight) + SPARE_ROWS)
    this.#list.style.blockSize = `${this.#rows.length * this.#rowHeight}px`
    for (const [index, item] of this.#items) {
      if (!anew && index >= first && index < last) continue
      // The focus must not get lost with a row that scrolls away.
      if (!anew && item.contains(document.activeElement)) this.#scroller.focus({ preventScroll: true })
      item.remove()
      this.#items.delete(index)
    }
    for (let index = first; index < last; index++) if (!this.#items.has(index)) this.#addItem(index)
    if (last === this.#rows.length && this.#rows.length > 0) this.#events.onEnd()
  }

  #addItem(index: number): void {
    const item = rowElement(this.#rows[index]!, this.#words, index, this.#rows.length)
    if (index === this.#above) item.prepend(element('span', { class: 'line' }, 'Below: only loosely alike'))
    item.toggleAttribute('data-loose', this.#above !== null && index >= this.#above)
    item.style.transform = `translateY(${index * this.#rowHeight}px)`
    this.#showState(item, index)
    // In the order of the rows, which is how screen readers read them.
    const next = [...this.#items.keys()].filter((other) => other > index).sort((a, b) => a - b)[0]
    this.#list.insertBefore(item, next === undefined ? null : this.#items.get(next)!)
    this.#items.set(index, item)
  }

  #showState(item: HTMLLIElement, index: number): void {
    const { id } = this.#rows[index]!.paper
    const title = item.querySelector<HTMLElement>('.title')!
    const check = item.querySelector<HTMLInputElement>('input')!
    title.tabIndex = index === this.#current ? 0 : -1
    check.tabIndex = -1
    check.checked = this.#selected.has(id)
    item.toggleAttribute('data-selected', check.checked)
    if (id === this.#open) title.setAttribute('aria-current', 'true')
    else title.removeAttribute('aria-current')
  }

  /** Whether drawing would change nothing; then rows are left alone, since one may be under the pointer. */
  #isShown(rows: readonly Row[], words: ReadonlySet<string>): boolean {
    return (
      rows.length === this.#rows.length &&
      words.size === this.#words.size &&
      [...words].every((word) => this.#words.has(word)) &&
      [...this.#items.keys()].every((index) => contentOf(rows[index]!) === contentOf(this.#rows[index]!))
    )
  }

  #measure(): number {
    const probe = element('li', { class: 'row', 'aria-hidden': 'true' })
    this.#list.append(probe)
    const height = probe.getBoundingClientRect().height
    probe.remove()
    return height || 60
  }

  #click(event: MouseEvent): void {
    const index = this.#indexOfElement(event.target)
    if (index < 0) return
    const { id } = this.#rows[index]!.paper
    this.#mark(index)
    if (!(event.target instanceof HTMLInputElement)) {
      this.#events.onOpen(id)
      return
    }
    if (event.shiftKey && this.#lastChecked >= 0) {
      const [from, to] = [Math.min(index, this.#lastChecked), Math.max(index, this.#lastChecked)]
      this.select([...this.#selected, ...this.#rows.slice(from, to + 1).map(({ paper }) => paper.id)])
    } else this.toggle(id)
    this.#lastChecked = index
  }

  #indexOfElement(target: EventTarget | null): number {
    const item = target instanceof Element ? target.closest('li') : null
    return item ? Number(item.dataset.index ?? -1) : -1
  }

  /** Makes a row the list's one tab stop. */
  #mark(index: number): void {
    const before = this.#current
    this.#current = index
    for (const at of [before, index]) {
      const item = this.#items.get(at)
      if (item) this.#showState(item, at)
    }
  }
}

function contentOf({ paper, hit }: Row): string {
  return JSON.stringify([paper, hit?.ranks, hit?.distance, hit?.likeness])
}

function rowElement({ paper, hit }: Row, words: ReadonlySet<string>, index: number, count: number): HTMLLIElement {
  const { title: full, abstract, authors, year, venue, labels, note } = shownPaper(paper)
  const title = full.slice(0, ROW_CHARACTERS)
  const part = hit ? snippet(abstract, words) : ''
  const facts = [shortAuthors(authors, part === '' ? 3 : 1), venue ?? ''].filter((fact) => fact !== '')
  const item = element(
    'li',
    { class: 'row', 'data-index': index, 'aria-setsize': count, 'aria-posinset': index + 1 },
    element('input', { type: 'checkbox', 'aria-label': `Select ${title}` }),
    element('span', { class: 'year' }, year === null ? '' : String(year)),
    element('button', { type: 'button', class: 'title' }, ...marked(title, words)),
    element(
      'p',
      { class: 'meta' },
      year !== null && element('span', { class: 'meta-year' }, String(year)),
      ...facts.map((fact) => element('span', {}, fact.slice(0, ROW_CHARACTERS))),
      ...labels.map((label) => element('span', { class: 'label' }, label)),
      note !== '' && element('span', {}, 'note'),
    ),
  )
  if (!hit) return item
  if (part !== '') item.append(element('p', { class: 'snippet' }, ...marked(part, words)))
  item.append(place(hit))
  return item
}

/** A paper's likeness as a bar, with the numbers on hover; a dotted bar where only words were compared. */
function place({ ranks, distance, likeness }: Hit): HTMLElement {
  const sides = [
    ranks.semantic === null ? '' : `${ranks.semantic} by meaning`,
    ranks.lexical === null ? '' : `${ranks.lexical} by words`,
  ].filter(Boolean)
  const alike = likeness === null ? '' : `Likeness ${Math.round(likeness * 100)} %; `
  const words = `${alike}place ${sides.join(', ') || 'unknown'}${distance === null ? '' : `; distance ${distance.toFixed(3)}`}`
  const fill = element('span', { class: 'place-fill' })
  fill.style.inlineSize = `${100 * (likeness ?? 0)}%`
  return element(
    'span',
    { class: 'place', title: words },
    element('span', { class: 'visually-hidden' }, words),
    likeness !== null && element('span', { class: 'place-track', 'aria-hidden': 'true' }, fill),
  )
}

/** The text with the query's words marked. */
export function marked(text: string, words: ReadonlySet<string>): (Node | string)[] {
  return markWords(text, words).map((piece) => (piece.marked ? element('mark', {}, piece.text) : piece.text))
}
