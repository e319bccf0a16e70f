import { button, byId, element, textForm } from '../ui/dom.js'
import { countOf } from '../ui/format.js'

export interface SelectionEvents {
  onExport: () => void
  onLabel: (label: string) => void
  onLike: () => void
  onRemove: () => void
  onAll: () => void
  onClear: () => void
}

/** Under the list while papers are selected: what can be done with them. */
export class SelectionBar {
  readonly #root = byId('selection', HTMLElement)
  readonly #count = element('span', { role: 'status' })

  constructor({ onExport, onLabel, onLike, onRemove, onAll, onClear }: SelectionEvents) {
    const label = element('input', {
      type: 'text',
      placeholder: 'Add a label',
      'aria-label': 'Label for the selected papers',
      maxlength: 60,
      size: 12,
    })
    const form = textForm({}, label, (text) => {
      if (text !== '') onLabel(text)
      label.value = ''
    })
    this.#root.append(
      this.#count,
      button('Export', onExport),
      form,
      button('More like these', onLike),
      button('Remove', onRemove),
      button('Select all', onAll),
      button('Clear', onClear),
    )
  }

  show(count: number): void {
    this.#root.hidden = count === 0
    this.#count.textContent = `${countOf(count, 'paper')} selected`
  }
}
