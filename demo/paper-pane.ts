import { byId, element, key, outsideLink } from './dom.js'
import { countOf, doiUrl, venueAndYear } from './format.js'
import type { Entry, Library } from './library.js'
import { marked, type Row, scoreBar } from './result-list.js'

const SAMPLE_NOTE = 'The summaries of the sample are in our own words. They are not the papers’ abstracts.'

export interface PaneActions {
  onClose: () => void
  onOpen: (entry: Entry) => void
  onMore: (entry: Entry) => void
}

/** The page beside the list: one paper, or what the library is. */
export class PaperPane {
  readonly #root = byId('pane', HTMLElement)
  readonly #actions: PaneActions

  constructor(actions: PaneActions) {
    this.#actions = actions
  }

  /** @param nearest The papers most like it, or none before it is embedded. */
  showPaper(entry: Entry, words: ReadonlySet<string>, nearest: readonly Row[]): void {
    const { paper } = entry
    const { onClose, onMore } = this.#actions
    const facts = [paper.authors.join(', '), venueAndYear(paper), paper.field ?? ''].filter(Boolean)
    const lines: (Node | string)[][] = facts.map((fact) => [fact])
    if (paper.doi) lines.push(['DOI ', outsideLink(doiUrl(paper.doi), paper.doi)])
    this.#root.replaceChildren(
      button('Back to the list', 'esc', onClose),
      element('h2', { tabindex: '-1' }, ...marked(paper.title, words)),
      element('div', { class: 'facts' }, ...lines.map((line) => element('p', { class: 'meta' }, ...line))),
      element('h3', {}, paper.origin === 'sample' ? 'Summary, in our own words' : 'Abstract'),
      paper.abstract
        ? element('p', { class: 'abstract' }, ...marked(paper.abstract, words))
        : element('p', { class: 'hint' }, 'No abstract was given, so the model reads the title alone.'),
    )
    if (entry.vector === null || nearest.length === 0) return
    this.#root.append(
      element('h3', {}, 'Nearest papers'),
      element('ul', { class: 'nearest' }, ...nearest.map((row) => this.#nearestItem(row))),
      button('More like this', 'm', () => onMore(entry)),
    )
  }

  /** What there is to read, where no paper is open. */
  showLibrary({ entries }: Library): void {
    const sampled = entries.filter(({ paper }) => paper.origin === 'sample').length
    const title = sampled === 0 ? 'Your papers' : sampled === entries.length ? 'The sample library' : 'The sample and your papers'
    const years = entries.flatMap(({ paper }) => paper.year ?? [])
    const fields = [...new Set(entries.flatMap(({ paper }) => paper.field ?? []))].sort()
    const span = years.length > 0 ? `, ${Math.min(...years)} to ${Math.max(...years)}` : ''
    this.#root.replaceChildren(
      element('h2', {}, title),
      element('p', {}, `${countOf(entries.length, 'paper')}${span}.`),
      ...(fields.length > 0 ? [element('p', { class: 'hint' }, `${fields.join(', ')}.`)] : []),
      ...(sampled > 0 ? [element('p', { class: 'hint' }, SAMPLE_NOTE)] : []),
    )
  }

  /** Moves the keyboard's focus to the paper's title. */
  focus(): void {
    this.#root.querySelector('h2')?.focus({ preventScroll: true })
    this.#root.scrollTop = 0
  }

  #nearestItem({ entry, score }: Row): HTMLLIElement {
    const title = element('button', { type: 'button', class: 'title' }, entry.paper.title)
    title.addEventListener('click', () => this.#actions.onOpen(entry))
    return element('li', {}, title, ...(score ? [scoreBar(score)] : []))
  }
}

function button(text: string, shortcut: string, onClick: () => void): HTMLElement {
  const made = element('button', { type: 'button', class: 'quiet' }, text, key(shortcut))
  made.addEventListener('click', onClick)
  return element('p', { class: 'pane-action' }, made)
}
