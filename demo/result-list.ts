import { byId, element, outsideLink } from './dom.js'
import { doiUrl, shortAuthors } from './format.js'
import type { Entry, Paper } from './library.js'
import { markWords } from './search.js'

/** A row: a paper, and how near it is where the list is a ranking. */
export interface Row {
  entry: Entry
  score: { text: string; words: string; share: number } | null
}

/** The papers, one tab stop for all: arrow keys move within. */
export class ResultList {
  readonly #list = byId('results', HTMLOListElement)
  #rows: readonly Row[] = []
  #current = 0

  constructor(onOpen: (entry: Entry) => void) {
    this.#list.addEventListener('click', ({ target }) => {
      const button = target instanceof Element ? target.closest('button') : null
      const index = button ? this.#buttons.indexOf(button) : -1
      if (index < 0) return
      this.#mark(index)
      onOpen(this.#rows[index]!.entry)
    })
    this.#list.addEventListener('focusin', ({ target }) => {
      const item = target instanceof Element ? target.closest('li') : null
      if (item) this.#mark([...this.#list.children].indexOf(item))
    })
  }

  /** The paper that has the keyboard's focus. */
  get focused(): Entry | null {
    return this.#list.contains(document.activeElement) ? (this.#rows[this.#current]?.entry ?? null) : null
  }

  /**
   * Shows other rows; the focus stays with its paper.
   *
   * @param words Words to mark in titles.
   */
  show(rows: readonly Row[], words: ReadonlySet<string>): void {
    const { focused } = this
    this.#rows = rows
    this.#current = 0
    this.#list.replaceChildren(...rows.map((row, index) => item(row, words, index === 0)))
    this.showEmbedded()
    if (focused) this.focus(focused)
  }

  /** Tells papers with a vector from those without. */
  showEmbedded(): void {
    for (const [index, item] of [...this.#list.children].entries())
      item.toggleAttribute('data-embedded', this.#rows[index]?.entry.vector !== null)
  }

  /** While papers are embedded, those to come are paler. */
  set isBusy(isBusy: boolean) {
    this.#list.toggleAttribute('data-busy', isBusy)
  }

  /** Marks the paper that is open beside the list. */
  showOpen(entry: Entry | null): void {
    for (const [index, button] of this.#buttons.entries()) {
      if (this.#rows[index]?.entry.paper.id === entry?.paper.id) button.setAttribute('aria-current', 'true')
      else button.removeAttribute('aria-current')
    }
  }

  focus(entry?: Entry | null): void {
    const index = entry ? this.#indexOf(entry) : 0
    this.focusAt(Math.max(0, index))
  }

  /** Moves the focus by so many rows. */
  move(by: number): void {
    this.focusAt(this.focused ? this.#current + by : 0)
  }

  /** The paper that is so many rows from another. */
  neighbour(entry: Entry, by: number): Entry | null {
    const index = this.#indexOf(entry)
    return index < 0 ? null : (this.#rows[index + by]?.entry ?? null)
  }

  scrollTo(entry: Entry): void {
    this.#buttons[this.#indexOf(entry)]?.closest('li')?.scrollIntoView({ block: 'nearest' })
  }

  get #buttons(): HTMLButtonElement[] {
    return [...this.#list.querySelectorAll('button')]
  }

  #indexOf(entry: Entry): number {
    return this.#rows.findIndex((row) => row.entry.paper.id === entry.paper.id)
  }

  /** Focuses a row by its position, or the last one before it. */
  focusAt(index: number): void {
    const buttons = this.#buttons
    const button = buttons[Math.min(buttons.length - 1, Math.max(0, index))]
    button?.focus({ preventScroll: true })
    button?.closest('li')?.scrollIntoView({ block: 'nearest' })
  }

  /** Makes a row the list's one tab stop. */
  #mark(index: number): void {
    if (index < 0 || index === this.#current) return
    setTabStop(this.#list.children[this.#current], false)
    setTabStop(this.#list.children[index], true)
    this.#current = index
  }
}

function item({ entry: { paper }, score }: Row, words: ReadonlySet<string>, isTabStop: boolean): HTMLLIElement {
  const year = String(paper.year ?? '')
  const made = element(
    'li',
    {},
    element('span', { class: 'year' }, year),
    element('button', { type: 'button', class: 'title' }, ...marked(paper.title, words)),
    element('p', { class: 'meta' }, ...facts(paper)),
  )
  if (score) made.append(scoreBar(score))
  setTabStop(made, isTabStop)
  return made
}

function facts({ authors, venue, year, field, doi, origin }: Paper): HTMLElement[] {
  const known = [shortAuthors(authors), venue, field, origin === 'pasted' ? 'pasted' : null].filter(Boolean) as string[]
  const made = known.map((fact) => element('span', {}, fact))
  // Where there is no room for a column of years.
  if (year !== null) made.splice(1, 0, element('span', { class: 'meta-year' }, String(year)))
  if (doi) {
    const link = outsideLink(doiUrl(doi), 'DOI')
    link.setAttribute('aria-label', `DOI ${doi}`)
    made.push(element('span', {}, link))
  }
  return made
}

/** The number over its bar. */
export function scoreBar({ text, words, share }: NonNullable<Row['score']>): HTMLElement {
  const fill = element('span', { class: 'score-fill' })
  fill.style.inlineSize = `${share * 100}%`
  return element(
    'span',
    { class: 'score', title: words },
    element('span', { class: 'visually-hidden' }, words),
    element('span', { 'aria-hidden': 'true' }, text),
    element('span', { class: 'score-track' }, fill),
  )
}

/** A text with the query's words marked. */
export function marked(text: string, words: ReadonlySet<string>): (Node | string)[] {
  return markWords(text, words).map((piece) => (piece.marked ? element('mark', {}, piece.text) : piece.text))
}

function setTabStop(item: Element | undefined, isTabStop: boolean): void {
  for (const stop of item?.querySelectorAll<HTMLElement>('button, a') ?? []) stop.tabIndex = isTabStop ? 0 : -1
}
