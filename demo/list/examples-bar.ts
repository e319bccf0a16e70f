import { button, byId, element } from '../ui/dom.js'
import { LastShown } from '../ui/last-shown.js'

export interface ExamplesEvents {
  onRemove: (id: string) => void
  onClear: () => void
}

export interface ShownExample {
  id: string
  title: string
  liked: boolean
}

/** Over the list: the papers that others are to be like, or unlike, or how many are chosen on the map. */
export class ExamplesBar {
  readonly #root = byId('examples', HTMLElement)
  readonly #events: ExamplesEvents
  readonly #shown = new LastShown()

  constructor(events: ExamplesEvents) {
    this.#events = events
  }

  /** @param chosen How many papers are chosen elsewhere; `null`: the list is of all. */
  show(examples: readonly ShownExample[], chosen: number | null): void {
    this.#root.hidden = examples.length === 0 && chosen === null
    if (!this.#shown.differs([examples, chosen])) return
    const chips = examples.map(({ id, title, liked }) =>
      element(
        'li',
        { class: liked ? 'chip' : 'chip unlike' },
        element('span', { class: 'chip-text' }, `${liked ? 'Like' : 'Unlike'} ${title}`),
        button('×', () => this.#events.onRemove(id), { class: 'chip-remove', 'aria-label': `Remove ${title} from the examples` }),
      ),
    )
    if (chosen !== null) chips.push(element('li', { class: 'chip' }, `Among ${chosen} chosen on the map`))
    this.#root.replaceChildren(
      element('ul', { class: 'chips' }, ...chips),
      button('All papers', () => this.#events.onClear(), { key: 'Escape' }),
    )
  }
}
