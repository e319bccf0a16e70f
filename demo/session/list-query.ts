import type { SearchMode } from '../../src/index.js'
import type { ShownExample } from '../list/examples-bar.js'
import type { Filters } from '../list/filters.js'
import { queryWords } from '../list/words.js'
import { type Query, type QueryResult, QueryRunner, type SortOrder } from './query-runner.js'
import { shownPaper } from './shown-paper.js'
import type { Workspace } from './workspace.js'

const TYPING_PAUSE_MS = 40
const MAX_EXAMPLES = 50

/** The reader's controls, as they stand. */
export interface QueryControls {
  searchBar: { text: string; readonly mode: SearchMode; readonly sort: SortOrder }
  filterBar: { readonly filters: Filters }
}

export interface ListQueryEvents {
  /** A query runs: a new one, or the same again since the library has changed. */
  onRun: (isNew: boolean) => void
  /** `null`: no library is open. */
  onResult: (result: QueryResult | null) => void
  onError: (error: unknown) => void
}

/** What the list shows: it combines the controls with example papers and the papers selected on the map, and runs the query. */
export class ListQuery {
  readonly #workspace: Workspace
  readonly #controls: QueryControls
  readonly #events: ListQueryEvents
  readonly #runner: QueryRunner
  #liked: readonly string[] = []
  #disliked: readonly string[] = []
  #only: ReadonlySet<string> | null = null
  #result: QueryResult | null = null
  #typing: ReturnType<typeof setTimeout> | undefined

  constructor(workspace: Workspace, controls: QueryControls, events: ListQueryEvents) {
    this.#workspace = workspace
    this.#controls = controls
    this.#events = events
    this.#runner = new QueryRunner((result) => {
      this.#result = result
      events.onResult(result)
    })
  }

  get query(): Query {
    const { searchBar, filterBar } = this.#controls
    const { text, mode, sort } = searchBar
    return { text, mode, sort, filters: filterBar.filters, liked: this.#liked, disliked: this.#disliked, only: this.#only }
  }

  /** Words to mark in what was found. */
  get words(): Set<string> {
    return queryWords(this.#controls.searchBar.text)
  }

  /** Papers selected on the map; `null`: all. */
  get only(): ReadonlySet<string> | null {
    return this.#only
  }

  get examples(): ShownExample[] {
    const show = (isLiked: boolean) => (id: string) => {
      const paper = this.#workspace.session?.paper(id)
      return { id, title: paper ? shownPaper(paper).title : id, isLiked }
    }
    return [...this.#liked.map(show(true)), ...this.#disliked.map(show(false))]
  }

  get listedIds(): string[] {
    return this.#result?.rows.map(({ paper }) => paper.id) ?? []
  }

  /** Whether there is something to clear, filters aside. */
  get isSet(): boolean {
    return this.#controls.searchBar.text !== '' || this.#liked.length > 0 || this.#only !== null
  }

  /** Runs a new query. */
  run(): Promise<void> {
    return this.#run(true)
  }

  /** Runs the same query again, since the library has changed. */
  refresh(): Promise<void> {
    return this.#run(false)
  }

  /** Runs the query when the reader pauses typing. */
  runSoon(): void {
    if (this.#controls.searchBar.text !== '') this.#setExamples([], [])
    clearTimeout(this.#typing)
    this.#typing = setTimeout(() => void this.run(), TYPING_PAUSE_MS)
  }

  async more(): Promise<void> {
    await this.#runner.more().catch(this.#events.onError)
  }

  /** Clears all but the filters. */
  clear(): void {
    this.reset()
    void this.run()
  }

  /** Clears all but the filters, without running: another library opens. */
  reset(): void {
    this.#setExamples([], [])
    this.#only = null
    this.#controls.searchBar.text = ''
  }

  /** Lists these papers alone; none: all papers. */
  restrictTo(ids: readonly string[]): void {
    this.#only = ids.length > 0 ? new Set(ids) : null
    void this.run()
  }

  /** Lists papers like these. */
  findLike(ids: Iterable<string>): void {
    this.#setExamples([...ids].slice(0, MAX_EXAMPLES), [])
    this.#controls.searchBar.text = ''
    void this.run()
  }

  /** @returns Why the paper cannot be an example; `null` if it now is one. */
  addExample(id: string, isLiked: boolean): string | null {
    const { session } = this.#workspace
    if (!session || session.info.vectors === 0) return 'Similar papers can be found once the papers are embedded.'
    const [liked, disliked] = [without(this.#liked, [id]), without(this.#disliked, [id])]
    if (!isLiked && liked.length === 0) return 'First choose a paper to find similar ones, with “More like this”.'
    if (isLiked) this.#setExamples([...liked, id], disliked)
    else this.#setExamples(liked, [...disliked, id])
    this.#controls.searchBar.text = ''
    void this.run()
    return null
  }

  removeExample(id: string): void {
    this.forget([id])
    void this.run()
  }

  /** Papers that are no longer in the library are no examples. */
  forget(ids: readonly string[]): void {
    this.#setExamples(without(this.#liked, ids), without(this.#disliked, ids))
  }

  /** Papers to avoid mean nothing without papers to find. */
  #setExamples(liked: readonly string[], disliked: readonly string[]): void {
    this.#liked = liked
    this.#disliked = liked.length > 0 ? disliked : []
  }

  async #run(isNew: boolean): Promise<void> {
    clearTimeout(this.#typing)
    const { session } = this.#workspace
    if (!session) {
      this.#runner.cancel()
      this.#result = null
      this.#events.onResult(null)
      return
    }
    this.#events.onRun(isNew)
    try {
      await this.#runner.run(session, this.query)
    } catch (error) {
      if (session === this.#workspace.session) this.#events.onError(error)
    }
  }
}

const without = (ids: readonly string[], removed: readonly string[]) => ids.filter((id) => !removed.includes(id))
