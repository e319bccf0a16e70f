import type { PaperRecord } from '../../src/index.js'
import { button, byId, element, type Option, select, setOptions } from '../ui/dom.js'
import { LastShown } from '../ui/last-shown.js'
import { countFacet, FACETS, type Facet, type Filters, isFiltering, NO_FILTERS } from './filters.js'

const NAMES: Readonly<Record<Facet, string>> = { venue: 'Any venue', type: 'Any type', source: 'Any file', label: 'Any label' }
/** As many values as a reader can look through in a select. */
const MAX_VALUES = 300

/** The filters over the list, in words. */
export class FilterBar {
  readonly #root = byId('filters', HTMLElement)
  readonly #onChange: () => void
  readonly #from: HTMLInputElement
  readonly #to: HTMLInputElement
  readonly #selects: Readonly<Record<Facet, HTMLSelectElement>>
  readonly #clear: HTMLButtonElement
  readonly #offered = Object.fromEntries(FACETS.map((facet) => [facet, new LastShown()])) as Record<Facet, LastShown>
  #filters: Filters = NO_FILTERS

  constructor(onChange: () => void) {
    this.#onChange = onChange
    this.#from = yearInput('From year', 'from')
    this.#to = yearInput('To year', 'to')
    const facets = FACETS.map((facet) => [facet, select({ 'aria-label': `Filter by ${facet}` })] as const)
    this.#selects = Object.fromEntries(facets) as Record<Facet, HTMLSelectElement>
    this.#clear = button('Clear filters', () => this.#clearAll())
    const years = element('span', { class: 'years' }, 'Years ', this.#from, ' – ', this.#to)
    this.#root.append(years, ...facets.map(([, made]) => made), this.#clear)
    this.#root.addEventListener('input', () => this.#read())
    this.#clear.hidden = true
  }

  get filters(): Filters {
    return this.#filters
  }

  #clearAll(): void {
    this.#filters = NO_FILTERS
    this.#show()
    this.#onChange()
  }

  /** Offers the values that occur in these papers. */
  offer(papers: readonly PaperRecord[]): void {
    for (const facet of FACETS) {
      const values = countFacet(papers, facet)
      const chosen = this.#filters[facet]
      const shown = values.slice(0, MAX_VALUES)
      if (chosen !== '' && !shown.some(([value]) => value === chosen)) shown.unshift([chosen, 0])
      if (this.#offered[facet].differs(shown))
        setOptions(this.#selects[facet], [
          ['', NAMES[facet]],
          ...shown.map(([value, count]): Option => [value, `${shorten(value)} (${count})`]),
        ])
      // A single value is no choice, except for a label, which other papers lack.
      this.#selects[facet].hidden = values.length < (facet === 'label' ? 1 : 2) && chosen === ''
    }
    this.#root.hidden = papers.length === 0
    this.#show()
  }

  #read(): void {
    const year = (input: HTMLInputElement) => (/^\d{1,4}$/.test(input.value.trim()) ? Number(input.value) : null)
    const facets = FACETS.map((facet) => [facet, this.#selects[facet].value])
    this.#filters = { ...NO_FILTERS, ...Object.fromEntries(facets), yearFrom: year(this.#from), yearTo: year(this.#to) }
    this.#clear.hidden = !isFiltering(this.#filters)
    this.#onChange()
  }

  #show(): void {
    const { yearFrom, yearTo } = this.#filters
    if (document.activeElement !== this.#from) this.#from.value = yearFrom === null ? '' : String(yearFrom)
    if (document.activeElement !== this.#to) this.#to.value = yearTo === null ? '' : String(yearTo)
    for (const facet of FACETS) this.#selects[facet].value = this.#filters[facet]
    this.#clear.hidden = !isFiltering(this.#filters)
  }
}

function yearInput(label: string, placeholder: string): HTMLInputElement {
  return element('input', { type: 'text', inputmode: 'numeric', maxlength: 4, size: 4, placeholder, 'aria-label': label })
}

function shorten(text: string): string {
  return text.length > 48 ? `${text.slice(0, 47)}…` : text
}
