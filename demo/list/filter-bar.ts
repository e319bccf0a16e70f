import type { PaperRecord } from '../../src/index.js'
import { button, byId, element, select } from '../ui/dom.js'
import { LastShown } from '../ui/last-shown.js'
import { countFacet, FACETS, type Facet, type Filters, isFiltering, NO_FILTERS, UNLABELLED } from './filters.js'

const NAMES: Readonly<Record<Facet, string>> = {
  author: 'Any author',
  venue: 'Any venue',
  type: 'Any type',
  source: 'Any file',
  label: 'Any label',
}
/** As many values as a list offers at once; typing finds the others. */
const MAX_VALUES = 300

/** The filters over the list, in words. A filter is a field with a list: typing searches in it. */
export class FilterBar {
  readonly #root = byId('filters', HTMLElement)
  readonly #onChange: () => void
  readonly #from: HTMLInputElement
  readonly #to: HTMLInputElement
  readonly #fields: Readonly<Record<Facet, HTMLInputElement>>
  readonly #lists: Readonly<Record<Facet, HTMLDataListElement>>
  readonly #abstract: HTMLSelectElement
  readonly #clear: HTMLButtonElement
  readonly #offered = Object.fromEntries(FACETS.map((facet) => [facet, new LastShown()])) as Record<Facet, LastShown>
  #values = Object.fromEntries(FACETS.map((facet) => [facet, [] as string[]])) as Record<Facet, string[]>
  #filters: Filters = NO_FILTERS

  constructor(onChange: () => void) {
    this.#onChange = onChange
    this.#from = yearInput('From year', 'from')
    this.#to = yearInput('To year', 'to')
    const made = FACETS.map((facet) => ({
      facet,
      field: facetInput(facet),
      list: element('datalist', { id: `values-${facet}` }),
    }))
    this.#fields = Object.fromEntries(made.map(({ facet, field }) => [facet, field])) as Record<Facet, HTMLInputElement>
    this.#lists = Object.fromEntries(made.map(({ facet, list }) => [facet, list])) as Record<Facet, HTMLDataListElement>
    this.#clear = button('Clear filters', () => {
      this.filters = NO_FILTERS
      this.#onChange()
    })
    this.#abstract = select({ 'aria-label': 'Filter by abstract' }, [
      ['', 'Any abstract'],
      ['with', 'With abstract'],
      ['without', 'Without abstract'],
    ])
    const years = element('span', { class: 'years' }, 'Years ', this.#from, ' – ', this.#to)
    this.#root.append(years, ...made.flatMap(({ field, list }) => [field, list]), this.#abstract, this.#clear)
    this.#root.addEventListener('input', () => this.#read())
    // What is typed in part becomes the most frequent value that contains it.
    this.#root.addEventListener('change', () => this.#complete())
    this.#clear.hidden = true
  }

  get filters(): Filters {
    return this.#filters
  }

  /** Sets the filters, without reporting it. */
  set filters(filters: Filters) {
    this.#filters = filters
    this.#show()
  }

  /** Offers the values that occur in these papers. */
  offer(papers: readonly PaperRecord[]): void {
    for (const facet of FACETS) {
      const values = countFacet(papers, facet)
      if (facet === 'label' && values.length > 0) values.push([UNLABELLED, 0])
      this.#values[facet] = values.map(([value]) => value)
      const shown = values.slice(0, MAX_VALUES)
      if (this.#offered[facet].differs(shown))
        this.#lists[facet].replaceChildren(
          ...shown.map(([value, count]) => element('option', { value, label: count > 0 ? `${value} (${count})` : null })),
        )
      // A single value is no choice, except for a label, which other papers lack.
      this.#fields[facet].hidden = values.length < 2 && this.#filters[facet] === ''
    }
    this.#root.hidden = papers.length === 0
    this.#show()
  }

  #read(): void {
    const year = (input: HTMLInputElement) => (/^\d{1,4}$/.test(input.value.trim()) ? Number(input.value) : null)
    const abstract = this.#abstract.value as Filters['abstract']
    const filters: Filters = { ...NO_FILTERS, yearFrom: year(this.#from), yearTo: year(this.#to), abstract }
    for (const facet of FACETS) {
      const typed = this.#fields[facet].value.trim()
      if (this.#values[facet].includes(typed)) filters[facet] = typed
    }
    this.#filters = filters
    this.#clear.hidden = !isFiltering(filters)
    this.#onChange()
  }

  #complete(): void {
    for (const facet of FACETS) {
      const field = this.#fields[facet]
      const typed = field.value.trim().toLowerCase()
      if (typed !== '') field.value = this.#values[facet].find((value) => value.toLowerCase().includes(typed)) ?? ''
    }
    this.#read()
  }

  #show(): void {
    const { yearFrom, yearTo } = this.#filters
    const set = (field: HTMLInputElement, value: string) => {
      if (document.activeElement !== field) field.value = value
    }
    set(this.#from, yearFrom === null ? '' : String(yearFrom))
    set(this.#to, yearTo === null ? '' : String(yearTo))
    this.#abstract.value = this.#filters.abstract
    for (const facet of FACETS) set(this.#fields[facet], this.#filters[facet])
    this.#clear.hidden = !isFiltering(this.#filters)
  }
}

function facetInput(facet: Facet): HTMLInputElement {
  return element('input', {
    type: 'text',
    class: 'facet',
    list: `values-${facet}`,
    placeholder: NAMES[facet],
    'aria-label': `Filter by ${facet}`,
    autocomplete: 'off',
  })
}

function yearInput(label: string, placeholder: string): HTMLInputElement {
  return element('input', { type: 'text', inputmode: 'numeric', maxlength: 4, size: 4, placeholder, 'aria-label': label })
}
