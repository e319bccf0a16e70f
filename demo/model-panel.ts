import { byId } from './dom.js'

/** What the reader chose: a known name or a folder's URL, and threads where not left to the library. */
export interface ModelChoice {
  model: string
  threads: number | undefined
}

export const DEFAULT_MODEL = 'minilm'

/** The small print: which model, on how many threads. */
export class ModelPanel {
  readonly #toggle = byId('model-toggle', HTMLButtonElement)
  readonly #form = byId('model-panel', HTMLFormElement)
  readonly #url = byId('model-url', HTMLInputElement)
  readonly #threads = byId('model-threads', HTMLInputElement)

  constructor(onChoice: (choice: ModelChoice) => void) {
    this.#url.value = DEFAULT_MODEL
    byId('threads-hint', HTMLElement).textContent = crossOriginIsolated
      ? `Left empty: by the number of cores, ${navigator.hardwareConcurrency} here.`
      : 'One here: this page is served without cross-origin isolation.'
    this.#threads.disabled = !crossOriginIsolated
    this.#toggle.addEventListener('click', () => this.#setOpen(this.#form.hidden !== false))
    this.#form.addEventListener('keydown', (event) => {
      if (event.key !== 'Escape') return
      event.preventDefault()
      this.#setOpen(false)
      this.#toggle.focus()
    })
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault()
      this.#setOpen(false)
      onChoice({ model: this.#url.value.trim() || DEFAULT_MODEL, threads: this.#threads.valueAsNumber || undefined })
    })
  }

  /** Opens the panel for another choice. */
  edit(): void {
    this.#setOpen(true)
    this.#url.select()
  }

  /** Shows a choice made elsewhere. */
  show({ model, threads }: ModelChoice): void {
    this.#url.value = model
    this.#threads.value = threads === undefined ? '' : String(threads)
  }

  #setOpen(isOpen: boolean): void {
    this.#form.hidden = !isOpen
    this.#toggle.setAttribute('aria-expanded', String(isOpen))
    if (!isOpen) return
    this.#form.scrollIntoView({ block: 'nearest' })
    this.#url.focus()
  }
}
