import { button, byId, element } from '../ui/dom.js'
import { VIEWS, type ViewName, type Views } from './views.js'

const NAMES: Readonly<Record<ViewName, string>> = {
  papers: 'Papers',
  map: 'Map',
  duplicates: 'Duplicates',
  screening: 'Screening',
}

/** The navigation: four views beside the libraries or, on a phone, five pages with tabs. */
export class Pages {
  readonly #views: Views
  readonly #onLeave: () => void

  /** @param onLeave Called when the reader goes to a page, also to the current one. */
  constructor(views: Views, onLeave: () => void) {
    this.#views = views
    this.#onLeave = onLeave
    const open = (view: ViewName, attributes: { class: string; key?: string }) =>
      button(NAMES[view], () => this.show(view), { 'data-page': view, ...attributes })
    const rows = VIEWS.map((view, index) => element('li', {}, open(view, { class: 'library', key: String(index + 1) })))
    const libraries = button('Libraries', () => this.#mark('libraries'), { class: 'tab', 'data-page': 'libraries' })
    byId('views', HTMLElement).append(...rows)
    byId('tabs', HTMLElement).append(libraries, ...VIEWS.map((view) => open(view, { class: 'tab' })))
    this.#mark('papers')
  }

  show(view: ViewName): void {
    this.#mark(view)
    void this.#views.show(view)
  }

  #mark(page: ViewName | 'libraries'): void {
    document.body.dataset.tab = page
    this.#onLeave()
    for (const link of document.querySelectorAll<HTMLElement>('[data-page]')) {
      if (link.dataset.page === page) link.setAttribute('aria-current', 'page')
      else link.removeAttribute('aria-current')
    }
  }
}
