import { button, element } from './dom.js'

/** A modal dialog, made when it is opened and gone when it is closed. */
export class Dialog {
  readonly #dialog: HTMLDialogElement
  readonly body: HTMLElement
  readonly actions: HTMLElement

  /** @param onClose Called once, however it is closed. */
  constructor(title: string, { wide = false, onClose }: { wide?: boolean; onClose?: () => void } = {}) {
    this.body = element('div', { class: 'dialog-body', tabindex: '0' })
    this.actions = element('p', { class: 'dialog-actions' })
    const heading = element('h2', { id: 'dialog-title' }, title)
    this.#dialog = element('dialog', { class: wide ? 'dialog wide' : 'dialog', 'aria-labelledby': 'dialog-title' })
    this.#dialog.append(heading, this.body, this.actions)
    this.#dialog.addEventListener('close', () => {
      this.#dialog.remove()
      onClose?.()
    })
  }

  /** @param actions Buttons besides Close. */
  open(...actions: readonly HTMLElement[]): void {
    this.setActions(...actions)
    document.body.append(this.#dialog)
    this.#dialog.showModal()
  }

  setActions(...actions: readonly HTMLElement[]): void {
    this.actions.replaceChildren(
      ...actions,
      button('Close', () => this.close(), { class: 'secondary' }),
    )
  }

  close(): void {
    this.#dialog.close()
  }
}
