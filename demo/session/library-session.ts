import {
  type Embedder,
  type GivenModel,
  type ImportResult,
  PaperIndex,
  type PaperIndexInfo,
  type PaperRecord,
  type PaperVectors,
} from '../../src/index.js'
import { LibraryHistory } from '../history/library-history.js'

/** The state of loading the model and embedding a library. */
export type Work =
  | { state: 'idle' }
  | { state: 'loading' }
  | { state: 'embedding'; done: number; total: number; perSecond: number | null; secondsLeft: number | null }
  | { state: 'failed'; stage: 'load' | 'embed'; error: unknown }

/** A rate over less time is chance. */
const FIRST_RATE_MS = 400
/** The time left is shown once two successive estimates of the whole duration differ by less than this share. */
const [STEADY_MS, STEADY] = [3000, 0.15]

export interface SessionListeners {
  /** Papers, labels, notes or vectors have changed, in this tab or another. */
  onChange: () => void
  onWork: (work: Work) => void
}

/** One open library: its index, and the work on it. */
export class LibrarySession {
  readonly id: string
  readonly history: LibraryHistory
  readonly #listeners: SessionListeners
  readonly #index: PaperIndex
  #embedder: Embedder | null = null
  #papers: readonly PaperRecord[] = []
  #byId = new Map<string, PaperRecord>()
  #withAbstract: ReadonlySet<string> = new Set()
  #work: AbortController | null = null
  #closed = false

  private constructor(id: string, index: PaperIndex, listeners: SessionListeners) {
    this.id = id
    this.#index = index
    this.history = new LibraryHistory(index)
    this.#listeners = listeners
  }

  /** Opens the library for search by words; `useEmbedder` adds search by meaning. @throws as PaperIndex.open(). */
  static async open(id: string, listeners: SessionListeners): Promise<LibrarySession> {
    let session: LibrarySession | null = null
    const index = await PaperIndex.open(id, { onChange: () => session?.notify() })
    session = new LibrarySession(id, index, listeners)
    const opened = session
    await opened.refresh()
    await opened.change(async () => {
      await opened.history.settle((id) => opened.paper(id) !== undefined)
      await opened.history.emptyOld()
    })
    return opened
  }

  get index(): PaperIndex {
    return this.#index
  }

  get info(): PaperIndexInfo {
    return this.#index.info
  }

  /** All papers without abstracts, as of the last refresh. */
  get papers(): readonly PaperRecord[] {
    return this.#papers
  }

  get isWorking(): boolean {
    return this.#work !== null
  }

  /** Ids of the papers that have an abstract, as of the last refresh. */
  get withAbstract(): ReadonlySet<string> {
    return this.#withAbstract
  }

  paper(id: string): PaperRecord | undefined {
    return this.#byId.get(id)
  }

  /** Reads the papers again. */
  async refresh(): Promise<void> {
    this.#papers = await this.#index.papers()
    this.#byId = new Map(this.#papers.map((paper) => [paper.id, paper]))
    this.#withAbstract = new Set(await this.#index.idsWithAbstract())
    // Embedding changes the library all the time, but not its history.
    if (!this.isWorking) await this.history.load(this.#papers)
  }

  /** A paper with its abstract. */
  async fullPaper(id: string): Promise<PaperRecord | null> {
    return (await this.#index.get([id]))[0] ?? null
  }

  /** Papers with their abstracts, in the order of the ids. */
  async fullPapers(ids: readonly string[]): Promise<PaperRecord[]> {
    const found: PaperRecord[] = []
    for (let first = 0; first < ids.length; first += 1000)
      for (const paper of await this.#index.get(ids.slice(first, first + 1000))) if (paper) found.push(paper)
    return found
  }

  /** Makes a change of several steps; one at a time, in all tabs. */
  change<T>(make: () => Promise<T>): Promise<T> {
    const { locks } = navigator as { locks?: LockManager }
    return locks ? (locks.request(`specter2-web-page:${this.id}`, make) as Promise<T>) : make()
  }

  /** Stores papers, which embed() embeds. */
  async add(papers: readonly PaperRecord[]): Promise<void> {
    await this.#index.add(papers, { embed: false })
  }

  /**
   * Gives papers of the library vectors that others have computed. @returns How many got one.
   *
   * @throws Specter2Error `INDEX_STALE` if the library has vectors of another model.
   */
  async addVectors(papers: readonly PaperRecord[], vectors: PaperVectors, model: GivenModel | string): Promise<number> {
    const options = { embed: false, vectors, model, otherModel: 'keep' } as const
    return (await this.#index.add(papers, options)).reused
  }

  /** Whether others have computed vectors of the library. */
  get isGiven(): boolean {
    return this.info.computedBy.includes('given')
  }

  /** Stores the papers of an index file, with their vectors if those are of the same model. */
  import(file: Blob): Promise<ImportResult> {
    return this.#index.import(file)
  }

  remove(ids: readonly string[]): Promise<number> {
    return this.#index.remove(ids)
  }

  /** Changes a paper's labels or note, which are fields of its record. */
  async annotate(id: string, fields: { labels?: readonly string[]; note?: string }): Promise<void> {
    await this.#index.update(id, fields, { embed: false })
  }

  /** Whether a model is loaded. */
  get canEmbed(): boolean {
    return this.#embedder !== null
  }

  /** The vector of a question, by the model that is loaded; `null` without one. */
  async embedQuestion(text: string): Promise<Float32Array | null> {
    return this.#embedder ? this.#embedder.embedQuery(text) : null
  }

  /** Adds search by meaning; `null`: search by words alone. */
  useEmbedder(embedder: Embedder | null): void {
    if (this.#embedder === embedder) return
    this.#embedder = embedder
    this.#index.useEmbedder(embedder)
  }

  /**
   * Embeds the papers without vectors, or all of them if the model has changed. Ends when all are embedded, on an error, or by
   * pause(); never rejects, but reports its state to `onWork`.
   *
   * @param embedder Of the model that the reader chose.
   * @param again Whether vectors that others have computed are replaced if they are of another model.
   */
  async embed(embedder: Promise<Embedder>, again = false): Promise<void> {
    this.#work?.abort()
    const work = new AbortController()
    this.#work = work
    this.#listeners.onWork({ state: 'loading' })
    let stage: 'load' | 'embed' = 'load'
    try {
      const loaded = await embedder
      work.signal.throwIfAborted()
      this.useEmbedder(loaded)
      stage = 'embed'
      const startedAt = performance.now()
      let first: number | null = null
      let earlier = { at: startedAt, total: 0 }
      let isSteady = false
      const onProgress = ({ done, total }: { done: number; total: number }) => {
        if (this.#work !== work) return
        const elapsedMs = performance.now() - startedAt
        first ??= done
        const perSecond = elapsedMs < FIRST_RATE_MS || done === first ? null : (done - first) / (elapsedMs / 1000)
        if (perSecond !== null && performance.now() - earlier.at > STEADY_MS) {
          const whole = (total - first) / perSecond
          isSteady ||= Math.abs(whole - earlier.total) < STEADY * whole
          earlier = { at: performance.now(), total: whole }
        }
        const secondsLeft = perSecond === null || !isSteady ? null : (total - done) / perSecond
        this.#listeners.onWork({ state: 'embedding', done, total, perSecond, secondsLeft })
      }
      const options = { signal: work.signal, onProgress }
      const resume = () =>
        this.#index.resume(options).catch((error) => {
          if (!again || error?.code !== 'INDEX_STALE') throw error
          return this.#index.reembed(options)
        })
      if (this.info.stale && !this.isGiven) await this.#index.reembed(options)
      else await resume()
      // Papers that were added meanwhile.
      if (this.info.pending > 0 && this.#work === work) await this.#index.resume(options)
      this.#end(work, { state: 'idle' })
    } catch (error) {
      this.#end(work, work.signal.aborted ? { state: 'idle' } : { state: 'failed', stage, error })
    }
  }

  /** Stops embedding; what is embedded stays. */
  pause(): void {
    this.#work?.abort()
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#work?.abort()
    this.#work = null
    await this.#index.close()
  }

  notify(): void {
    if (!this.#closed) this.#listeners.onChange()
  }

  #end(work: AbortController, state: Work): void {
    if (this.#work !== work) return
    this.#work = null
    this.#listeners.onWork(state)
  }
}
