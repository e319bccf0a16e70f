import { byId, element } from './dom.js'

/** What failed, what is safe, and one thing to do next. */
export interface NoticeContent {
  title: string
  message: string
  safe: string
  action: { label: string; run: () => void }
  /** An error interrupts a screen reader; a cancellation that the reader asked for does not. Default `false`. */
  isError?: boolean
}

/** The one place for what went wrong. */
export class Notice {
  readonly #root = byId('notice', HTMLElement)

  show({ title, message, safe, action, isError = false }: NoticeContent): void {
    const button = element('button', { type: 'button', class: 'secondary' }, action.label)
    button.addEventListener('click', () => {
      this.hide()
      action.run()
    })
    this.#root.setAttribute('role', isError ? 'alert' : 'group')
    this.#root.setAttribute('aria-label', title)
    this.#root.hidden = false
    this.#root.replaceChildren(
      element('h2', {}, title),
      ...(message === '' ? [] : [element('p', { class: 'message' }, message)]),
      element('p', { class: 'hint' }, safe),
      element('p', {}, button),
    )
  }

  hide(): void {
    this.#root.hidden = true
  }
}
