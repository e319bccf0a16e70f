import type { LibraryActions } from '../session/library-actions.js'
import type { LibraryRecord } from '../storage/libraries.js'
import { button, byId, element, textForm } from '../ui/dom.js'
import { formatCount } from '../ui/format.js'
import { LastShown } from '../ui/last-shown.js'

/** The list of libraries; the open one can be renamed and deleted. */
export class LibrariesPane {
  readonly #list = byId('libraries', HTMLElement)
  readonly #actions: LibraryActions
  readonly #shown = new LastShown()
  #renaming: string | null = null

  constructor(actions: LibraryActions) {
    this.#actions = actions
  }

  /** @param papers Number of papers in the open library. */
  show(libraries: readonly LibraryRecord[], openId: string | null, papers: number): void {
    if (this.#renaming !== null && this.#list.contains(document.activeElement)) return
    this.#renaming = null
    if (!this.#shown.differs([libraries.map(({ id, name }) => [id, name]), openId, papers])) return
    const focused = this.#list.contains(document.activeElement)
    this.#list.replaceChildren(...libraries.map((library) => this.#item(library, library.id === openId, papers)))
    if (focused) this.#list.querySelector<HTMLElement>('[aria-current]')?.focus()
  }

  #item({ id, name }: LibraryRecord, isOpen: boolean, papers: number): HTMLLIElement {
    const label = isOpen ? [name, ' ', element('span', { class: 'count' }, formatCount(papers))] : name
    const open = button(label, () => void this.#actions.open(id), { class: 'library', 'aria-current': isOpen && 'true' })
    const item = element('li', {}, open)
    if (!isOpen) return item
    const rename = button('Rename', () => item.replaceChildren(this.#form(id, name)))
    item.append(
      element(
        'span',
        { class: 'library-actions' },
        rename,
        button('Delete', () => void this.#actions.delete(id), { 'aria-label': `Delete the library ${name}` }),
      ),
    )
    return item
  }

  #form(id: string, name: string): HTMLFormElement {
    const input = element('input', { type: 'text', value: name, maxlength: 120, 'aria-label': 'Name of the library' })
    this.#renaming = id
    this.#shown.forget()
    const end = () => {
      if (this.#renaming === null) return
      this.#renaming = null
      void this.#actions.rename(id, input.value.trim() || name)
    }
    input.addEventListener('blur', end)
    input.addEventListener('keydown', (event) => {
      if (event.key !== 'Escape') return
      event.stopPropagation()
      input.value = name
      end()
    })
    setTimeout(() => input.select())
    return textForm({ class: 'rename' }, input, end)
  }
}
