import { button, byId, element } from './dom.js'

const SHOWN_MS = 15_000

/** One line at the foot of the page: what was done, and how to undo it. A new one replaces the last. */
export class Toast {
  readonly #root = byId('toast', HTMLElement)
  #timer: ReturnType<typeof setTimeout> | undefined

  show(text: string, action?: { label: string; run: () => void }): void {
    clearTimeout(this.#timer)
    const act = () => {
      this.#end()
      action?.run()
    }
    this.#root.replaceChildren(element('span', {}, text), ...(action ? [button(action.label, act)] : []))
    this.#root.hidden = false
    this.#timer = setTimeout(() => this.#end(), SHOWN_MS)
  }

  #end(): void {
    clearTimeout(this.#timer)
    this.#root.hidden = true
    this.#root.replaceChildren()
  }
}
