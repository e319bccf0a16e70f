import { countFacet } from '../list/filters.js'
import type { PaperList } from '../list/paper-list.js'
import type { ListQuery } from '../session/list-query.js'
import type { Workspace } from '../session/workspace.js'
import { overviewOf } from './overview.js'
import type { PaperPane } from './paper-pane.js'

/**
 * Which paper is open, if any, and what the pane shows: the paper or an overview. The open paper is an entry in the browser's
 * history, so Back closes it.
 */
export class OpenPaper {
  readonly #parts: { workspace: Workspace; list: PaperList; query: ListQuery; pane: PaperPane }
  #id: string | null = null
  #isClosing = false

  constructor(parts: { workspace: Workspace; list: PaperList; query: ListQuery; pane: PaperPane }) {
    this.#parts = parts
    // After a reload no paper is open.
    history.replaceState(null, '')
    addEventListener('popstate', ({ state }: PopStateEvent) => {
      const before = this.#id
      this.#isClosing = false
      this.#id = (state as { paper?: string } | null)?.paper ?? null
      void this.refresh()
      if (this.#id === null && before !== null) parts.list.focus(before)
    })
  }

  get id(): string | null {
    return this.#id
  }

  open(id: string): void {
    this.#setId(id)
    void this.refresh().then(() => this.#parts.pane.focus())
  }

  close(): void {
    // Going back takes a moment; a second call would leave the page.
    if (this.#id === null || this.#isClosing) return
    this.#isClosing = true
    history.back()
  }

  /** Goes to the next or previous paper: from the list's focus, which moves along, or else from the open paper. */
  move(by: number): void {
    const { list, pane } = this.#parts
    const isInList = list.focused !== null
    if (this.#id === null || isInList) list.move(by)
    const neighbour = this.#id === null ? null : isInList ? list.focused : list.neighbour(this.#id, by)
    if (neighbour === null) return
    this.#setId(neighbour)
    list.scrollTo(neighbour)
    void this.refresh().then(() => !isInList && pane.focus())
  }

  /** Shows the paper as it is now, or the overview. */
  async refresh(): Promise<void> {
    const { workspace, list, query, pane } = this.#parts
    const { session } = workspace
    const id = this.#id
    const record = id === null ? null : ((await session?.fullPaper(id)) ?? null)
    if (id !== this.#id || session !== workspace.session) return
    document.body.toggleAttribute('data-paper-open', record !== null)
    list.showOpen(record?.id ?? null)
    if (record && session) {
      const known = countFacet(session.papers, 'label').map(([label]) => label)
      pane.showPaper(record, { words: query.words, known, canFindSimilar: session.info.vectors > 0 })
    } else pane.showOverview(overviewOf(workspace, list.selected.size > 0 ? list.selected : (query.only ?? [])))
  }

  /** Shows another overview, if no paper is open. */
  refreshOverview(): void {
    if (this.#id === null) void this.refresh()
  }

  /** Going from one paper to another adds no step back. */
  #setId(id: string): void {
    if (this.#id === null) history.pushState({ paper: id }, '')
    else history.replaceState({ paper: id }, '')
    this.#id = id
  }
}
