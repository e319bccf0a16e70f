import { button, byId, element } from './dom.js'
import { messageOf, storageReason } from './format.js'

/** What failed, what is safe, and one thing to do next. */
export interface NoticeContent {
  title: string
  message: string
  safe: string
  action: { label: string; run: () => void }
}

/** What errors can offer. */
export interface WaysOn {
  /** Reads the library again: most errors. */
  reload: () => void
  /** Opens the library anew: the browser closed its storage. */
  reopen: () => void
  /** Shows what is stored: there is no room. */
  showStorage: () => void
}

/** The page's one place for errors. */
export class Notice {
  readonly #root = byId('notice', HTMLElement)
  readonly #ways: WaysOn

  constructor(ways: WaysOn) {
    this.#ways = ways
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
      action: this.#wayOn(error),
    })
  }

  #wayOn(error: unknown): NoticeContent['action'] {
    const reason = storageReason(error)
    const isFull = reason === 'QuotaExceededError' || (error as Error | null)?.name === 'StorageFull'
    if (isFull) return { label: 'See what is stored', run: this.#ways.showStorage }
    if (reason === 'SecurityError') return { label: 'Reload the page', run: () => location.reload() }
    if (reason !== null) return { label: 'Open the library again', run: this.#ways.reopen }
    return { label: 'Read the library again', run: this.#ways.reload }
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
