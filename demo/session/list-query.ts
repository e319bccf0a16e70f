import type { FilterBar } from '../list/filter-bar.js'
import type { SearchBar } from '../list/search-bar.js'
import { queryWords } from '../list/words.js'
import type { LinkedQuery } from './query-fragment.js'
import { type Query, type QueryResult, QueryRunner } from './query-runner.js'
import { shownPaper } from './shown-paper.js'
import type { Workspace } from './workspace.js'

const TYPING_PAUSE_MS = 40
const MAX_EXAMPLES = 50

export interface ListQueryEvents {
  /** A query runs: a new one, or the same again since the library has changed. */
  onRun: (isNew: boolean) => void
  /** Whether all papers that are found are needed at once, as on a map. */
  needsAll: () => boolean
  /** `null`: no library is open. */
  onResult: (result: QueryResult | null) => void
  onError: (error: unknown) => void
}

/** What the list shows: combines the controls with example papers and the papers selected on the map, and runs the query. */
export class ListQuery {
  readonly #workspace: Workspace
  readonly #searchBar: SearchBar
  readonly #filterBar: FilterBar
  readonly #events: ListQueryEvents
  readonly #runner: QueryRunner
  #liked: readonly string[] = []
  #disliked: readonly string[] = []
  #only: ReadonlySet<string> | null = null
  #listedIds: readonly string[] = []
  /** The query's words without its syntax. */
  #understood: string | null = null
  #typing: ReturnType<typeof setTimeout> | undefined

  constructor(workspace: Workspace, searchBar: SearchBar, filterBar: FilterBar, events: ListQueryEvents) {
    this.#workspace = workspace
    this.#searchBar = searchBar
    this.#filterBar = filterBar
    this.#events = events
    this.#runner = new QueryRunner((result) => this.#show(result))
  }

  get query(): Query {
    const { text, mode, sort } = this.#searchBar
    const { filters } = this.#filterBar
    return { text, mode, sort, filters, liked: this.#liked, disliked: this.#disliked, only: this.#only }
  }

  /** Words to mark in what was found. */
  get words(): Set<string> {
    return queryWords(this.#understood ?? this.#searchBar.text)
  }

  /** Papers selected on the map; `null`: all. */
  get only(): ReadonlySet<string> | null {
    return this.#only
  }

  get examples(): { id: string; title: string; isLiked: boolean }[] {
    const example = (id: string, isLiked: boolean) => {
      const paper = this.#workspace.session?.paper(id)
      return { id, title: paper ? shownPaper(paper).title : id, isLiked }
    }
    return [...this.#liked.map((id) => example(id, true)), ...this.#disliked.map((id) => example(id, false))]
  }

  get listedIds(): readonly string[] {
    return this.#listedIds
  }

  /** Whether there is something to clear, filters aside. */
  get isSet(): boolean {
    return this.#searchBar.text !== '' || this.#liked.length > 0 || this.#only !== null
  }

  /** @param isNew Whether the reader changed the query, rather than the library. */
  async run(isNew = true): Promise<void> {
    clearTimeout(this.#typing)
    const { session } = this.#workspace
    if (!session) {
      this.#runner.cancel()
      return this.#show(null)
    }
    this.#events.onRun(isNew)
    try {
      await this.#runner.run(session, this.query, this.#events.needsAll())
    } catch (error) {
      if (session === this.#workspace.session) this.#events.onError(error)
    }
  }

  /** Runs the query when the reader pauses typing. */
  runSoon(): void {
    if (this.#searchBar.text !== '') this.#setExamples([], [])
    clearTimeout(this.#typing)
    this.#typing = setTimeout(() => void this.run(), TYPING_PAUSE_MS)
  }

  async more(): Promise<void> {
    await this.#runner.more().catch(this.#events.onError)
  }

  /** Shows a query from the page's address, without running it. */
  set(linked: LinkedQuery): void {
    this.#setExamples([], [])
    this.#only = null
    Object.assign(this.#searchBar, { text: linked.text, mode: linked.mode, sort: linked.sort })
    this.#filterBar.filters = linked.filters
  }

  /** Clears everything but the filters, without running the query. */
  clear(): void {
    this.#setExamples([], [])
    this.#only = null
    this.#searchBar.text = ''
  }

  /** Lists only these papers; an empty list: all papers. */
  restrictTo(ids: readonly string[]): void {
    this.#only = ids.length > 0 ? new Set(ids) : null
    void this.run()
  }

  /** Lists papers like these. */
  findLike(ids: Iterable<string>): void {
    this.#runExamples([...ids].slice(0, MAX_EXAMPLES), [])
  }

  /** @returns Why the paper cannot be an example; `null` if it now is one. */
  addExample(id: string, isLiked: boolean): string | null {
    const { session } = this.#workspace
    if (!session || session.info.vectors === 0) return 'Similar papers can be found once the papers are embedded.'
    const [liked, disliked] = [without(this.#liked, [id]), without(this.#disliked, [id])]
    if (!isLiked && liked.length === 0) return 'First choose a paper to find similar ones, with “More like this”.'
    if (isLiked) this.#runExamples([...liked, id], disliked)
    else this.#runExamples(liked, [...disliked, id])
    return null
  }

  removeExample(id: string): void {
    this.forget([id])
    void this.run()
  }

  /** Papers that the library no longer has cannot be examples. */
  forget(ids: readonly string[]): void {
    this.#setExamples(without(this.#liked, ids), without(this.#disliked, ids))
  }

  #runExamples(liked: readonly string[], disliked: readonly string[]): void {
    this.#setExamples(liked, disliked)
    this.#searchBar.text = ''
    void this.run()
  }

  /** Papers to be unlike mean nothing without papers to be like. */
  #setExamples(liked: readonly string[], disliked: readonly string[]): void {
    this.#liked = liked
    this.#disliked = liked.length > 0 ? disliked : []
  }

  #show(result: QueryResult | null): void {
    const parts = result?.understood?.parts.filter(({ kind, excluded }) => !excluded && kind !== 'year')
    this.#understood = parts?.map(({ text }) => text).join(' ') ?? null
    this.#listedIds = result?.rows.map(({ paper }) => paper.id) ?? []
    this.#events.onResult(result)
  }
}

const without = (ids: readonly string[], removed: readonly string[]) => ids.filter((id) => !removed.includes(id))
