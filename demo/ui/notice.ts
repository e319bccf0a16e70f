import { button, byId, element } from './dom.js'
import { messageOf, storageReason } from './format.js'

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
  readonly #onStorage: () => void

  /**
   * @param onReload Reads the library again, which is what most errors can offer.
   * @param onStorage Shows what is stored, if there is no room.
   */
  constructor(onReload: () => void, onStorage: () => void) {
    this.#onReload = onReload
    this.#onStorage = onStorage
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
    const isFull = storageReason(error) === 'QuotaExceededError' || (error as Error | null)?.name === 'StorageFull'
    if (isFull) return { label: 'See what is stored', run: this.#onStorage }
    if (storageReason(error) !== null) return { label: 'Reload the page', run: () => location.reload() }
    return { label: 'Read the library again', run: this.#onReload }
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
