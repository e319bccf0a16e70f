import { button, byId, element } from './dom.js'
import { messageOf } from './format.js'

/** What failed, what is safe, and one thing to do next. */
export interface NoticeContent {
  title: string
  message: string
  safe: string
  action: { label: string; run: () => void }
}

/** The page's one place for errors. */
export class Notice {
  readonly #root = byId('notice', HTMLElement)
  readonly #onReload: () => void

  /** @param onReload Reads the library again, which is what most errors can offer. */
  constructor(onReload: () => void) {
    this.#onReload = onReload
  }

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

  showError(title: string, error: unknown): void {
    this.show({
      title,
      message: messageOf(error),
      safe: 'What was here before is still here.',
      action: { label: 'Read the library again', run: this.#onReload },
    })
  }

  /** Runs `work`, and shows its error. */
  async guard(title: string, work: () => Promise<unknown>): Promise<void> {
    try {
      await work()
    } catch (error) {
      this.showError(title, error)
    }
  }

  hide(): void {
    this.#root.hidden = true
    this.#root.replaceChildren()
  }
}
