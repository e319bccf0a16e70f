import type { ListQuery } from '../session/list-query.js'
import { button, byId, element, setChildren } from '../ui/dom.js'
import { LastShown } from '../ui/last-shown.js'

/** Over the list: the papers to be like or unlike, and how many papers are selected on the map. */
export class ExamplesBar {
  readonly #root = byId('examples', HTMLElement)
  readonly #shown = new LastShown()

  show(query: ListQuery, onClear: () => void): void {
    const { examples, only } = query
    this.#root.hidden = examples.length === 0 && only === null
    if (!this.#shown.differs([examples, only?.size])) return
    const chips = examples.map(({ id, title, isLiked }) =>
      element(
        'li',
        { class: isLiked ? 'chip' : 'chip unlike' },
        element('span', { class: 'chip-text' }, `${isLiked ? 'Like' : 'Unlike'} ${title}`),
        removeButton(`Remove ${title} from the examples`, () => query.removeExample(id)),
      ),
    )
    const selected = only && element('li', { class: 'chip' }, `Among ${only.size} selected papers`)
    setChildren(
      this.#root,
      element('ul', { class: 'chips' }, ...chips, selected),
      button('All papers', onClear, { key: 'Escape' }),
    )
  }
}

/** The button at the end of a chip. */
export function removeButton(label: string, onClick: () => void): HTMLButtonElement {
  return button('×', onClick, { class: 'chip-remove', 'aria-label': label })
}
