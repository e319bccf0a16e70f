import { button, byId, element } from './dom.js'

/** What failed, what is safe, and one thing to do next. */
export interface NoticeContent {
  title: string
  message: string
  safe: string
  action: { label: string; run: () => void }
}

/** The one place for what went wrong. */
export class Notice {
  readonly #root = byId('notice', HTMLElement)

  show({ title, message, safe, action }: NoticeContent): void {
    const act = () => {
      this.hide()
      action.run()
    }
    this.#root.hidden = false
    this.#root.replaceChildren(
      element('h2', {}, title),
      element('p', { class: 'message' }, message),
      element('p', { class: 'hint' }, safe),
      element(
        'p',
        { class: 'dialog-actions' },
        button(action.label, act, { class: 'secondary' }),
        button('Dismiss', () => this.hide()),
      ),
    )
  }

  hide(): void {
    this.#root.hidden = true
    this.#root.replaceChildren()
  }
}
