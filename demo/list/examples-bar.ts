import { button, byId, element } from '../ui/dom.js'
import { LastShown } from '../ui/last-shown.js'

export interface ExamplesEvents {
  onRemove: (id: string) => void
  onClear: () => void
}

export interface ShownExample {
  id: string
  title: string
  isLiked: boolean
}

/** Over the list: the papers to be like or unlike, and how many papers are selected on the map. */
export class ExamplesBar {
  readonly #root = byId('examples', HTMLElement)
  readonly #events: ExamplesEvents
  readonly #shown = new LastShown()

  constructor(events: ExamplesEvents) {
    this.#events = events
  }

  /** @param selected How many papers are selected on the map; `null`: the list is not restricted to them. */
  show(examples: readonly ShownExample[], selected: number | null): void {
    this.#root.hidden = examples.length === 0 && selected === null
    if (!this.#shown.differs([examples, selected])) return
    const chips = examples.map(({ id, title, isLiked }) =>
      element(
        'li',
        { class: isLiked ? 'chip' : 'chip unlike' },
        element('span', { class: 'chip-text' }, `${isLiked ? 'Like' : 'Unlike'} ${title}`),
        button('×', () => this.#events.onRemove(id), { class: 'chip-remove', 'aria-label': `Remove ${title} from the examples` }),
      ),
    )
    this.#root.replaceChildren(
      element(
        'ul',
        { class: 'chips' },
        ...chips,
        selected !== null && element('li', { class: 'chip' }, `Among ${selected} selected on the map`),
      ),
      button('All papers', () => this.#events.onClear(), { key: 'Escape' }),
    )
  }
}
