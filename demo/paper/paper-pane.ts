import type { PaperRecord } from '../../src/index.js'
import { removeButton } from '../list/examples-bar.js'
import { marked } from '../list/paper-list.js'
import type { PaperActions } from '../session/paper-actions.js'
import { shownPaper } from '../session/shown-paper.js'
import { button, byId, type Child, element, outsideLink, setChildren, textForm } from '../ui/dom.js'
import { countOf } from '../ui/format.js'
import { LastShown } from '../ui/last-shown.js'
import { linksOf } from './citation.js'
import type { Overview } from './overview.js'

export interface PaneEvents {
  onClose: () => void
  onOpen: (id: string) => void
  onLike: (id: string) => void
  onDislike: (id: string) => void
  onScreen: (id: string) => void
}

/** A note is saved when the reader pauses typing. */
const NOTE_PAUSE_MS = 600
/** As many papers of a selection are listed. */
const MAX_LISTED = 200

/** The pane beside the list: one paper, or an overview. */
export class PaperPane {
  readonly #root = byId('pane', HTMLElement)
  readonly #actions: PaperActions
  readonly #events: PaneEvents
  readonly #shown = new LastShown()
  #id: string | null = null
  #saveNote: (() => void) | null = null

  constructor(actions: PaperActions, events: PaneEvents) {
    this.#actions = actions
    this.#events = events
  }

  /**
   * @param words Words to mark.
   * @param known Labels of the library, to choose from.
   * @param canFindSimilar Whether the paper has a vector.
   */
  showPaper(
    record: PaperRecord,
    { words, known, canFindSimilar }: { words: ReadonlySet<string>; known: readonly string[]; canFindSimilar: boolean },
  ): void {
    // A change elsewhere must not interrupt somebody who writes a note.
    if (this.#id === record.id && this.isEditing) return
    if (!this.#shown.differs([record, [...words], known, canFindSimilar])) return
    this.#saveNote?.()
    const isSame = this.#id === record.id
    const focused = isSame && this.#root.contains(document.activeElement) ? document.activeElement : null
    this.#id = record.id
    const paper = shownPaper(record)
    const { onClose, onLike, onDislike } = this.#events
    const facts = [paper.authors.join(', '), [paper.venue, paper.year, paper.type].filter(Boolean).join(', ')]
    const links = linksOf(record)
    const scroll = this.#root.scrollTop
    setChildren(
      this.#root,
      element('p', { class: 'pane-action' }, button('Back to the list', onClose, { key: 'Escape' })),
      element('h2', { tabindex: '-1' }, ...marked(paper.title, words)),
      element(
        'div',
        { class: 'facts' },
        ...facts.filter(Boolean).map((fact) => element('p', { class: 'meta' }, fact)),
        links.length > 0 && element('p', { class: 'meta links' }, ...links.map(({ href, text }) => outsideLink(href, text))),
      ),
      element(
        'p',
        { class: 'pane-actions' },
        button('More like this', () => onLike(paper.id), { key: 'm', disabled: !canFindSimilar }),
        button('Less like this', () => onDislike(paper.id), { key: 'n', disabled: !canFindSimilar }),
        button('Copy citation', () => void this.#actions.copyCitation(paper.id), { key: 'c' }),
        button('Copy BibTeX', () => void this.#actions.copyBibtex(record)),
        button('Edit', () => void this.#actions.openEdit(record), { 'aria-haspopup': 'dialog' }),
        button('Screen', () => this.#events.onScreen(paper.id)),
      ),
      element('h3', {}, paper.source === 'Sample library' ? 'Summary, in our own words' : 'Abstract'),
      paper.abstract
        ? element('p', { class: 'abstract' }, ...marked(paper.abstract, words))
        : element('p', { class: 'hint' }, 'This record has no abstract, so the model reads only the title.'),
      ...this.#labels(paper.id, paper.labels, known),
      ...this.#note(paper.id, paper.note),
      element(
        'p',
        { class: 'pane-actions' },
        paper.source !== null && element('span', { class: 'hint' }, `From ${paper.source}`),
        ...this.#edited(record),
        button('Remove this paper', () => void this.#actions.remove([paper.id]), { key: 'Delete' }),
      ),
    )
    this.#root.scrollTop = isSame ? scroll : 0
    if (focused) this.#focusSame(focused)
  }

  showOverview({ title, lines, papers }: Overview): void {
    const listed = papers.slice(0, MAX_LISTED).map((record) => ({ id: record.id, title: shownPaper(record).title }))
    if (!this.#shown.differs([title, lines, listed, papers.length])) return
    this.#saveNote?.()
    this.#id = null
    const open = (id: string) => () => this.#events.onOpen(id)
    const items = listed.map(({ id, title }) => element('li', {}, button(title, open(id), { class: 'title' })))
    setChildren(
      this.#root,
      element('h2', {}, title),
      ...lines.map((line) => element('p', { class: 'hint' }, line)),
      items.length > 0 && element('ul', { class: 'titles' }, ...items),
      papers.length > items.length &&
        element('p', { class: 'hint' }, `and ${countOf(papers.length - items.length, 'paper')} more`),
    )
  }

  /** Whether the reader is writing a label or a note. */
  get isEditing(): boolean {
    return this.#root.querySelector(':is(input, textarea):focus') !== null
  }

  /** Focuses the paper's title. */
  focus(): void {
    this.#root.querySelector('h2')?.focus({ preventScroll: true })
  }

  /** Focuses the new element in place of the one that had the focus. */
  #focusSame({ localName, id, textContent }: Element): void {
    const others = [...this.#root.querySelectorAll<HTMLElement>(localName)]
    const same = others.find((other) => other.id === id && other.textContent === textContent)
    if (same) same.focus({ preventScroll: true })
    else this.focus()
  }

  focusNote(): void {
    this.#root.querySelector('textarea')?.focus()
  }

  focusLabels(): void {
    this.#root.querySelector<HTMLInputElement>('#new-label')?.focus()
  }

  /** What the reader has edited, and what is doubtful. */
  #edited({ id, original, doubt }: PaperRecord): Child[] {
    const fields = typeof original === 'object' && original !== null ? Object.keys(original) : []
    return [
      typeof doubt === 'string' &&
        fields.length === 0 &&
        element('span', { class: 'hint' }, `Read from a plain reference. ${doubt}`),
      fields.length > 0 && element('span', { class: 'hint' }, `Edited by you: ${fields.join(', ')}`),
      fields.length > 0 && button('As in its file', () => void this.#actions.edit(id, original as Record<string, unknown>)),
    ]
  }

  #labels(id: string, labels: readonly string[], known: readonly string[]): HTMLElement[] {
    const setLabels = (labels: string[]) => void this.#actions.annotate(id, { labels })
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
    const add = (label: string) => {
      input.value = ''
      input.blur()
      if (label !== '' && !labels.includes(label)) setLabels([...labels, label])
    }
    const form = textForm({ class: 'label-form' }, input, add, element('datalist', { id: 'known-labels' }, ...options))
    const chips = labels.map((label) =>
      element(
        'li',
        { class: 'chip' },
        element('span', {}, label),
        removeButton(`Remove the label ${label}`, () => setLabels(labels.filter((other) => other !== label))),
      ),
    )
    return [element('h3', {}, 'Labels'), element('ul', { class: 'chips' }, ...chips, element('li', {}, form))]
  }

  #note(id: string, note: string): HTMLElement[] {
    const field = element('textarea', { id: 'note', rows: 3, 'aria-label': 'Note', placeholder: 'Your own note' })
    field.value = note
    let saved = note
    let pause: ReturnType<typeof setTimeout> | undefined
    const save = () => {
      clearTimeout(pause)
      if (field.value === saved) return
      saved = field.value
      void this.#actions.annotate(id, { note: saved })
    }
    this.#saveNote = save
    field.addEventListener('input', () => {
      clearTimeout(pause)
      pause = setTimeout(save, NOTE_PAUSE_MS)
    })
    field.addEventListener('blur', save)
    return [element('h3', {}, 'Note'), field]
  }
}
