import { button, element } from './dom.js'

/** A modal dialog, created when it opens and removed when it closes. */
export class Dialog {
  readonly body = element('div', { class: 'dialog-body', tabindex: '0' })
  readonly #actions = element('p', { class: 'dialog-actions' })
  readonly #dialog: HTMLDialogElement
  readonly #closeLabel: string

  /** @param onClose Called once, however the dialog is closed. */
  constructor(title: string, { wide = false, closeLabel = 'Close', onClose = () => {} } = {}) {
    this.#closeLabel = closeLabel
    this.#dialog = element(
      'dialog',
      { class: wide ? 'dialog wide' : 'dialog', 'aria-labelledby': 'dialog-title' },
      element('h2', { id: 'dialog-title' }, title),
      this.body,
      this.#actions,
    )
    this.#dialog.addEventListener('close', () => {
      this.#dialog.remove()
      onClose()
    })
  }

  /** @param actions Buttons before Close. */
  open(...actions: readonly HTMLElement[]): void {
    this.setActions(...actions)
    document.body.append(this.#dialog)
    this.#dialog.showModal()
  }

  setActions(...actions: readonly HTMLElement[]): void {
    this.#actions.replaceChildren(
      ...actions,
      button(this.#closeLabel, () => this.close(), { class: 'secondary' }),
    )
  }

  close(): void {
    this.#dialog.close()
  }
}

/** Asks before doing something. @param label What the button that does it says. */
export function confirmDialog(title: string, text: string, label: string, onConfirm: () => void): void {
  const dialog = new Dialog(title, { closeLabel: 'Cancel' })
  const accept = () => {
    dialog.close()
    onConfirm()
  }
  dialog.body.append(element('p', {}, text))
  dialog.open(button(label, accept, { class: 'primary' }))
}
