import { byId } from './dom.js'
import { countOf } from './format.js'
import { type PastedPaper, parsePasted } from './parse-pasted.js'

/** Where pasted papers go: before those that are here, or in their place. */
export type PastePlace = 'add' | 'replace'

/** Takes titles and abstracts, and says what it finds in them before anything happens. */
export class PasteDialog {
  readonly #dialog = byId('paste', HTMLDialogElement)
  readonly #form = byId('paste-form', HTMLFormElement)
  readonly #text = byId('paste-text', HTMLTextAreaElement)
  readonly #count = byId('paste-count', HTMLElement)
  readonly #submit = byId('paste-embed', HTMLButtonElement)
  #papers: PastedPaper[] = []

  constructor(onPapers: (papers: PastedPaper[], place: PastePlace) => void) {
    byId('paste-close', HTMLButtonElement).addEventListener('click', () => this.#dialog.close())
    this.#text.addEventListener('input', () => this.#parse())
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault()
      const place = new FormData(this.#form).get('paste-place') === 'replace' ? 'replace' : 'add'
      this.#dialog.close()
      onPapers(this.#papers, place)
      this.#text.value = ''
    })
    this.#text.addEventListener('keydown', (event) => {
      if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) this.#form.requestSubmit(this.#submit)
    })
  }

  open(): void {
    this.#parse()
    this.#dialog.showModal()
    this.#text.focus()
  }

  #parse(): void {
    this.#papers = parsePasted(this.#text.value)
    const titleOnly = this.#papers.filter(({ abstract }) => abstract === '').length
    const found = countOf(this.#papers.length, 'paper')
    this.#count.textContent =
      this.#papers.length === 0 ? 'No papers yet.' : titleOnly > 0 ? `${found}, ${titleOnly} without an abstract.` : `${found}.`
    this.#submit.disabled = this.#papers.length === 0
    this.#submit.textContent = this.#papers.length === 0 ? 'Embed papers' : `Embed ${found}`
  }
}
