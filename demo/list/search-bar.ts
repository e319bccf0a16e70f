import type { SearchMode } from '../../src/index.js'
import type { SortOrder } from '../session/query-runner.js'
import { byId } from '../ui/dom.js'

/** The search field, what it searches by, and the order of a list that is not ranked. */
export class SearchBar {
  readonly field = byId('search', HTMLInputElement)
  readonly #mode = byId('mode', HTMLElement)
  readonly #sort = byId('sort', HTMLSelectElement)

  constructor(onType: () => void, onChange: () => void) {
    this.field.addEventListener('input', onType)
    this.#mode.addEventListener('change', onChange)
    this.#sort.addEventListener('change', onChange)
  }

  get text(): string {
    return this.field.value.trim()
  }

  set text(text: string) {
    this.field.value = text
  }

  get mode(): SearchMode {
    return (this.#mode.querySelector<HTMLInputElement>('input:checked')?.value ?? 'hybrid') as SearchMode
  }

  set mode(mode: SearchMode) {
    for (const input of this.#mode.querySelectorAll('input')) input.checked = input.value === mode
  }

  set sort(sort: SortOrder) {
    this.#sort.value = sort
  }

  get sort(): SortOrder {
    return this.#sort.value as SortOrder
  }
}
