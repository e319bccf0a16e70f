import type { PaperRecord } from '../../src/index.js'
import { marked } from '../list/paper-list.js'
import { shownPaper } from '../session/shown-paper.js'
import { button, byId, element, outsideLink } from '../ui/dom.js'
import { countOf } from '../ui/format.js'
import { LastShown } from '../ui/last-shown.js'
import { citationOf, linksOf } from './citation.js'

export interface PaneEvents {
  onClose: () => void
  onOpen: (id: string) => void
  onLike: (id: string) => void
  onDislike: (id: string) => void
  onAnnotate: (id: string, fields: { labels?: string[]; note?: string }) => void
  onRemove: (id: string) => void
  onCopyBibtex: (paper: PaperRecord) => void
  onCopied: (what: string) => void
}

/** A note is kept when its writer pauses. */
const NOTE_PAUSE_MS = 600
/** Papers of a selection that are listed. */
const MAX_LISTED = 200

/** The page beside the list: one paper, or what is selected. */
export class PaperPane {
  readonly #root = byId('pane', HTMLElement)
  readonly #events: PaneEvents
  readonly #shown = new LastShown()
  #id: string | null = null
  #keepNote: (() => void) | null = null

  constructor(events: PaneEvents) {
    this.#events = events
  }

  /**
   * @param known Labels of the library, to choose from.
   * @param canFindSimilar Whether the paper has a vector.
   */
  showPaper(
    record: PaperRecord,
    { words, known, canFindSimilar }: { words: ReadonlySet<string>; known: readonly string[]; canFindSimilar: boolean },
  ): void {
    // Who writes a note is not interrupted by a change elsewhere.
    if (this.#id === record.id && this.#root.contains(document.activeElement) && isEditing()) return
    if (!this.#shown.differs([record, [...words], known, canFindSimilar])) return
    this.#keepNote?.()
    const isSame = this.#id === record.id
    const focused = isSame && this.#root.contains(document.activeElement) ? document.activeElement : null
    this.#id = record.id
    const paper = shownPaper(record)
    const { onClose, onLike, onDislike, onRemove, onCopyBibtex } = this.#events
    const links = linksOf(record)
    const scroll = this.#root.scrollTop
    this.#root.replaceChildren(
      element('p', { class: 'pane-action' }, button('Back to the list', onClose, { key: 'Escape' })),
      element('h2', { tabindex: '-1' }, ...marked(paper.title, words)),
      element(
        'div',
        { class: 'facts' },
        ...[paper.authors.join(', '), [paper.venue, paper.year, paper.type].filter(Boolean).join(', ')]
          .filter(Boolean)
          .map((fact) => element('p', { class: 'meta' }, fact)),
        ...(links.length === 0
          ? []
          : [element('p', { class: 'meta links' }, ...links.map(({ href, text }) => outsideLink(href, text)))]),
      ),
      element(
        'p',
        { class: 'pane-actions' },
        button('More like this', () => onLike(paper.id), { key: 'm', disabled: !canFindSimilar }),
        button('Less like this', () => onDislike(paper.id), { key: 'n', disabled: !canFindSimilar }),
        button('Copy citation', () => void this.#copy(citationOf(record), 'The citation'), { key: 'c' }),
        button('Copy BibTeX', () => onCopyBibtex(record)),
      ),
      element('h3', {}, paper.source === 'Sample library' ? 'Summary, in our own words' : 'Abstract'),
      paper.abstract
        ? element('p', { class: 'abstract' }, ...marked(paper.abstract, words))
        : element('p', { class: 'hint' }, 'No abstract was given, so the model reads the title alone.'),
      ...this.#labels(paper.id, paper.labels, known),
      ...this.#note(paper.id, paper.note),
      element(
        'p',
        { class: 'pane-actions' },
        ...(paper.source === null ? [] : [element('span', { class: 'hint' }, `From ${paper.source}`)]),
        button('Remove this paper', () => onRemove(paper.id), { key: 'Delete' }),
      ),
    )
    this.#root.scrollTop = isSame ? scroll : 0
    if (focused) this.#focusLike(focused)
  }

  /** What is here, where no paper is open: the library, or the papers that are selected. */
  showOverview(title: string, lines: readonly string[], papers: readonly PaperRecord[] = []): void {
    const listed = papers.slice(0, MAX_LISTED).map((record) => ({ id: record.id, title: shownPaper(record).title }))
    if (!this.#shown.differs([title, lines, listed, papers.length])) return
    this.#keepNote?.()
    this.#id = null
    const items = listed.map(({ id, title }) => {
      const made = element('button', { type: 'button', class: 'title' }, title)
      made.addEventListener('click', () => this.#events.onOpen(id))
      return element('li', {}, made)
    })
    this.#root.replaceChildren(
      element('h2', {}, title),
      ...lines.map((line) => element('p', { class: 'hint' }, line)),
      ...(items.length === 0 ? [] : [element('ul', { class: 'titles' }, ...items)]),
      ...(papers.length > items.length
        ? [element('p', { class: 'hint' }, `and ${countOf(papers.length - items.length, 'paper')} more`)]
        : []),
    )
  }

  /** Moves the keyboard's focus to the paper's title. */
  focus(): void {
    this.#root.querySelector('h2')?.focus({ preventScroll: true })
  }

  /** What was made anew takes the focus of what it stands for. */
  #focusLike({ localName, id, textContent }: Element): void {
    const made = [...this.#root.querySelectorAll<HTMLElement>(localName)]
    const same = made.find((other) => other.id === id && other.textContent === textContent)
    if (same) same.focus({ preventScroll: true })
    else this.focus()
  }

  copyCitation(record: PaperRecord): void {
    void this.#copy(citationOf(record), 'The citation')
  }

  focusNote(): void {
    this.#root.querySelector('textarea')?.focus()
  }

  focusLabels(): void {
    this.#root.querySelector<HTMLInputElement>('#new-label')?.focus()
  }

  async #copy(text: string, what: string): Promise<void> {
    try {
      await navigator.clipboard.writeText(text)
      this.#events.onCopied(`${what} is copied.`)
    } catch {
      this.#events.onCopied('The browser did not allow copying. Select the text and copy it by hand.')
    }
  }

  #labels(id: string, labels: readonly string[], known: readonly string[]): HTMLElement[] {
    const { onAnnotate } = this.#events
    const input = element('input', {
      id: 'new-label',
      type: 'text',
      list: 'known-labels',
      maxlength: 60,
      placeholder: 'Add a label',
      'aria-label': 'Add a label',
      autocomplete: 'off',
    })
    const options = known.filter((label) => !labels.includes(label)).map((label) => element('option', { value: label }))
    const form = element('form', { class: 'label-form' }, input, element('datalist', { id: 'known-labels' }, ...options))
    form.addEventListener('submit', (event) => {
      event.preventDefault()
      const label = input.value.trim()
      input.value = ''
      input.blur()
      if (label !== '' && !labels.includes(label)) onAnnotate(id, { labels: [...labels, label] })
    })
    const chips = labels.map((label) =>
      element(
        'li',
        { class: 'chip' },
        element('span', {}, label),
        button('×', () => onAnnotate(id, { labels: labels.filter((other) => other !== label) }), {
          class: 'chip-remove',
          'aria-label': `Remove the label ${label}`,
        }),
      ),
    )
    return [element('h3', {}, 'Labels'), element('ul', { class: 'chips' }, ...chips, element('li', {}, form))]
  }

  #note(id: string, note: string): HTMLElement[] {
    const field = element('textarea', { id: 'note', rows: 3, 'aria-label': 'Note', placeholder: 'A note of your own' })
    field.value = note
    let kept = note
    let pause: ReturnType<typeof setTimeout> | undefined
    const keep = () => {
      clearTimeout(pause)
      if (field.value === kept) return
      kept = field.value
      this.#events.onAnnotate(id, { note: kept })
    }
    this.#keepNote = keep
    field.addEventListener('input', () => {
      clearTimeout(pause)
      pause = setTimeout(keep, NOTE_PAUSE_MS)
    })
    field.addEventListener('blur', keep)
    return [element('h3', {}, 'Note'), field]
  }
}

function isEditing(): boolean {
  return document.activeElement?.matches('input, textarea') ?? false
}
