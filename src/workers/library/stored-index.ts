import { macrotask } from '../../core/async/macrotask.js'
import { InvalidArgumentError, Specter2Error } from '../../core/errors.js'
import type { IndexedPaper } from '../../core/index-file/index-file.js'
import type { StartThreads } from '../../core/kernels/scan-threads.js'
import { isSameModel, type ModelStamp, modelKey } from '../../core/model-folder/model-stamp.js'
import type { PaperRecord } from '../../core/papers/paper-record.js'
import { isRequired, parseQuery } from '../../core/search/query-language.js'
import { hasRow, removeRow, rowsGone, rowsOf } from '../../core/search/row-set.js'
import { Mutex } from '../../storage/web-locks.js'
import type { Report } from '../rpc/protocol.js'
import { transferred } from '../rpc/transferred.js'
import { contentHash } from './content-hash.js'
import { IdleGate } from './idle-gate.js'
import { type Change, type IndexMeta, type IndexStore, readMeta, withComputedBy } from './index-store.js'
import { LexicalView } from './lexical-view.js'
import type {
  FoundVectors,
  LibraryState,
  PendingPaper,
  PutResult,
  RecordsPart,
  RecordsState,
  SearchAnswer,
  SearchRequest,
} from './library-protocol.js'
import { joinPaper, paperBytes } from './paper-parts.js'
import { type GivenVectors, planPut } from './plan-put.js'
import { checkQueryVector, rankPapers } from './rank-papers.js'
import { SEGMENT_ROWS, segmentOf, storedBytes } from './segment.js'
import { papersOf, rankedHits, rowsById, scopeRows } from './stored-papers.js'
import { VectorViews, type Write, withCodes } from './vector-views.js'

/** Papers read at once by calls that read many. */
const READ_AT_ONCE = 5000
/** Segments read at once in the background, after a delay: a search right after opening, or meanwhile, is hardly slowed down. */
const [SEGMENTS_AHEAD, BACKGROUND_DELAY_MS] = [2, 200]

export interface StoredIndexOptions {
  /** Name of the Web Lock that lets one tab write at a time; `null` if other tabs cannot open the index. */
  lock: string | null
  /** Called after every change. `own`: made here, not by another tab. */
  onChange: (state: LibraryState, own: boolean) => void
  /** Starts threads for searches. Default: none. */
  startThreads?: StartThreads | undefined
}

/**
 * An open index: papers and vectors in a store, with what searches need in memory. Changes are made one at a time.
 *
 * Papers are stored before they have vectors, so closing the page loses no paper, and the missing vectors follow from the
 * stored data. Every change is one transaction based on the current sequence; if another tab's change comes first, it is retried.
 */
export class StoredIndex {
  readonly #store: IndexStore
  readonly #lock: Mutex
  readonly #onChange: StoredIndexOptions['onChange']
  readonly #views: VectorViews
  readonly #words: LexicalView
  readonly #gate = new IdleGate()
  #meta: IndexMeta
  #following: Promise<void> = Promise.resolve()
  #isBehind = false

  private constructor(store: IndexStore, meta: IndexMeta, { lock, onChange, startThreads }: StoredIndexOptions) {
    this.#store = store
    this.#meta = meta
    this.#lock = new Mutex(lock)
    this.#onChange = onChange
    this.#words = new LexicalView(store, () => this.#meta, this.#gate)
    this.#views = new VectorViews({
      store,
      meta: () => this.#meta,
      write: (make) => this.#write(make),
      follow: () => this.#follow(),
      startThreads,
    })
  }

  /** Opens a stored index; codes of vectors are read in the background. @throws Specter2Error `STORAGE_FAILED` or `UNSUPPORTED`. */
  static async open(store: IndexStore, options: StoredIndexOptions): Promise<StoredIndex> {
    const meta = await readMeta(store)
    const index = new StoredIndex(store, meta, options)
    if (meta.model) void index.#views.of(meta.model).catch(() => {})
    return index
  }

  async state(): Promise<LibraryState> {
    const { model, papers, sequence, textBytes } = this.#meta
    const view = model ? await this.#views.of(model) : null
    const rows = [...(view?.segments.values() ?? [])].reduce((sum, segment) => sum + segment.length, 0)
    const vectors = view?.count ?? 0
    return {
      papers,
      vectors,
      pending: papers - vectors,
      bytes: textBytes + (model ? storedBytes(rows, model.dimension) : 0),
      model,
      computedBy: (model && this.#meta.computedBy?.[modelKey(model)]) ?? [],
      sameAs: this.#meta.sameAs ?? [],
      storage: this.#store.storage,
      damaged: this.#views.damaged,
      sequence,
    }
  }

  /**
   * Adds papers, replacing those with the same ids. Their vectors are the given ones if the index's model made them, otherwise
   * those of papers with the same text.
   *
   * @param papers Each id once.
   * @param by What computed the given vectors; not stored if `undefined`.
   */
  async put(papers: readonly PaperRecord[], given: GivenVectors | null = null, by?: string): Promise<PutResult> {
    const hashing = Promise.all(papers.map(contentHash))
    return this.#write(async (meta) => planPut({ papers, hashes: await hashing, given, by }, meta, this.#store, this.#views))
  }

  /** Stores that vectors of the model of `key` are those of the index's model. */
  async accept(key: string): Promise<LibraryState> {
    await this.#write(async (meta) => ({ change: { meta: { ...meta, sameAs: [...(meta.sameAs ?? []), key] } }, result: null }))
    return this.state()
  }

  /** @returns how many of the ids were in the index. */
  remove(ids: readonly string[]): Promise<number> {
    const unique = [...new Set(ids)]
    return this.#write(async (meta) => {
      const found = (await this.#store.papersById(unique)).filter((stored) => stored !== undefined)
      if (found.length === 0) return { change: null, result: 0 }
      const removedRows = found.map(({ row }) => row)
      const abstracts = await this.#store.abstracts(removedRows)
      for (const [index, { row, paper }] of found.entries()) {
        removeRow(meta.live, row)
        meta.papers--
        meta.textBytes -= paperBytes(joinPaper(paper, abstracts[index]))
      }
      const removedIds = found.map(({ paper }) => paper.id)
      return { change: { meta, removedIds, removedRows }, result: found.length }
    })
  }

  /** The first `limit` papers by row without a vector of `model`, and how many there are in all. */
  async pending(model: ModelStamp, limit: number): Promise<{ papers: PendingPaper[]; total: number }> {
    await this.#upToDate()
    const view = await this.#views.of(model)
    const rows: number[] = []
    for (const row of rowsOf(this.#meta.live)) {
      if (rows.length === limit) break
      if (!view.has(row)) rows.push(row)
    }
    const [papers, abstracts] = await Promise.all([this.#store.papersByRow(rows), this.#store.abstracts(rows)])
    const found = papers.flatMap((stored, index) =>
      stored ? [{ row: stored.row, title: stored.paper.title, abstract: abstracts[index] ?? null }] : [],
    )
    return { papers: found, total: this.#meta.papers - view.count }
  }

  /**
   * Stores vectors of papers. Skips those of papers that have been removed or changed in the meantime.
   *
   * @param vectors [rows.length, dimension]
   * @param by Engine and tier that computed them; not stored if `undefined`.
   * @throws InvalidArgumentError if the length does not match, or a value is NaN or infinite.
   */
  async putVectors(model: ModelStamp, rows: readonly number[], vectors: Float32Array, by?: string): Promise<LibraryState> {
    const { dimension } = model
    if (vectors.length !== rows.length * dimension)
      throw new InvalidArgumentError('vectors.length', vectors.length, `${rows.length} × ${dimension}, [count, dimension]`)
    const wrong = vectors.findIndex((value) => !Number.isFinite(value))
    if (wrong >= 0) throw new InvalidArgumentError(`vectors[${wrong}]`, vectors[wrong], 'a finite number')
    await this.#write(async (meta) => {
      const view = await this.#views.of(model)
      const stored = await this.#store.papersByRow(rows)
      const wanted = stored.flatMap((paper, index) =>
        paper && hasRow(meta.live, paper.row) && !view.has(paper.row)
          ? [{ row: paper.row, hash: paper.hash, vector: vectors.subarray(index * dimension, (index + 1) * dimension) }]
          : [],
      )
      if (wanted.length === 0) return { change: null, result: null }
      meta.model ??= model
      meta.computedBy = withComputedBy(meta, modelKey(model), by)
      return { change: { meta, ...withCodes([segmentOf(model, meta.nextSegment++, wanted)], view) }, result: null }
    })
    await this.#views.mergeSmall(model)
    return this.state()
  }

  /** Makes `model` the index's model and deletes all other vectors. @throws Specter2Error `INDEX_STALE` if papers lack vectors. */
  async adopt(model: ModelStamp): Promise<LibraryState> {
    await this.#write(async (meta) => {
      const view = await this.#views.of(model)
      const missing = meta.papers - view.count
      if (missing > 0)
        throw new Specter2Error('INDEX_STALE', `${missing} papers have no vector of ${model.id} yet. Call reembed() again.`, {
          retryable: true,
          details: { missing },
        })
      const key = modelKey(model)
      const removedSegments = (await this.#store.segmentIds()).filter((segment) => segment.model !== key)
      if (meta.model && modelKey(meta.model) === key && removedSegments.length === 0) return { change: null, result: null }
      meta.model = meta.papers > 0 ? model : null
      meta.sameAs = []
      return { change: { meta, removedSegments }, result: null }
    })
    return this.state()
  }

  /** @throws Specter2Error `INDEX_STALE` if `vector` is of another model; InvalidArgumentError if its dimension differs. */
  async search(request: SearchRequest, signal?: AbortSignal): Promise<SearchAnswer> {
    const { mode, scope, k, offset, scale, minLikeness } = request
    const query = parseQuery(request.query)
    await this.#upToDate()
    const own = this.#meta.model
    const view = mode !== 'lexical' && own ? await this.#views.of(own) : null
    if (view && request.vector) checkQueryVector(request.vector, request.model, view.model)
    const needsWords = mode !== 'semantic' || query.parts.some(isRequired)
    if (needsWords) await this.#words.ready(request.soFar)
    return this.#gate.busy(async () => {
      const filter = await scopeRows(this.#store, scope, this.#meta)
      // Lets a later query abort this one before it is ranked.
      await macrotask()
      signal?.throwIfAborted()
      const asked = { mode, query, vector: view && request.vector, filter: filter ?? undefined, k, offset, scale, minLikeness }
      const { papers, counts } = await rankPapers(asked, view, this.#words)
      return { hits: await rankedHits(this.#store, papers), counts, unread: needsWords ? this.#words.unread : 0 }
    })
  }

  /** Papers by id; `null` for unknown ids. */
  get(ids: readonly string[]): Promise<(PaperRecord | null)[]> {
    return papersOf(this.#store, ids)
  }

  /** Vectors by id, of `model` or the index's. Other calls may run in between. @throws The signal's reason. */
  async vectors(ids: readonly string[], model: ModelStamp | null = null, signal?: AbortSignal): Promise<FoundVectors> {
    await this.#upToDate()
    const view = await (model ? this.#views.of(model) : this.#meta.model && this.#views.of(this.#meta.model))
    const rows: (number | null)[] = []
    for (let first = 0; view && first < ids.length; first += READ_AT_ONCE) {
      signal?.throwIfAborted()
      const part = await rowsById(this.#store, ids.slice(first, first + READ_AT_ONCE))
      await view.loadRows(part.filter((row) => row !== null))
      rows.push(...part)
    }
    const found = Uint8Array.from(ids, (_, index) => Number(view?.has(rows[index] ?? -1) ?? false))
    const dimension = view?.model.dimension ?? 0
    const vectors = new Float32Array(found.reduce((sum, bit) => sum + bit, 0) * dimension)
    let offset = 0
    for (const [index, bit] of found.entries()) {
      if (bit === 0) continue
      vectors.set(view!.loadedVector(rows[index]!), offset)
      offset += dimension
    }
    return transferred({ found, vectors, dimension }, [found.buffer, vectors.buffer])
  }

  /** Reports all papers without abstracts from row `fromRow` on. */
  async records(fromRow: number, report: Report<RecordsPart>): Promise<RecordsState> {
    await this.#upToDate()
    const { nextRow, edits, live } = this.#meta
    for (let from = fromRow; from < nextRow; from += READ_AT_ONCE) {
      const to = Math.min(from + READ_AT_ONCE, nextRow)
      const [stored, withAbstract] = await Promise.all([this.#store.papersInRange(from, to), this.#store.abstractRows(from, to)])
      const papers = stored.map(({ paper }) => paper)
      await report({ rows: Uint32Array.from(stored, ({ row }) => row), papers, withAbstract: Uint32Array.from(withAbstract) })
    }
    return { nextRow, edits, live }
  }

  /** All papers with their vectors, part by part, by ascending row. */
  async *all(): AsyncGenerator<IndexedPaper[], void, void> {
    await this.#upToDate()
    const { nextRow, model } = this.#meta
    const view = model ? await this.#views.of(model) : null
    for (let from = 0; from < nextRow; from += SEGMENT_ROWS) {
      const to = Math.min(from + SEGMENT_ROWS, nextRow)
      const [papers, abstracts] = await Promise.all([this.#store.papersInRange(from, to), this.#store.abstractsInRange(from, to)])
      yield await Promise.all(
        papers.map(async ({ row, paper }) => ({
          paper: joinPaper(paper, abstracts.get(row)),
          vector: (await view?.vector(row)) ?? null,
        })),
      )
    }
  }

  data(prefix: string): Promise<Map<string, unknown>> {
    return this.#store.data(prefix)
  }

  /** @param importedFrom The id of the file that is now the last one imported. */
  async setData(data: ReadonlyMap<string, unknown>, importedFrom = this.importedFrom): Promise<void> {
    await this.#write(async (meta) => ({ change: { meta: { ...meta, importedFrom }, data }, result: null }))
  }

  /** The id of the file that was imported last. */
  get importedFrom(): string | null {
    return this.#meta.importedFrom
  }

  /** Catches up after another tab has stored a change; if that fails, the next call tries again. */
  changedElsewhere(): Promise<void> {
    this.#isBehind = true
    return this.#upToDate()
  }

  /** Loads what searches need in the background, between other calls: all vectors, then the words of all papers. */
  async readAhead(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, BACKGROUND_DELAY_MS))
    const view = this.#meta.model ? await this.#views.of(this.#meta.model) : null
    do await this.#gate.idle()
    while (await view?.loadMissing(SEGMENTS_AHEAD))
    await this.#words.ready()
  }

  /** Makes a change from the next meta data and stores it; retries if another tab was faster, as can happen without Web Locks. */
  #write: Write = (make) =>
    this.#lock.run(async () => {
      for (;;) {
        await this.#follow()
        const { live, sequence } = this.#meta
        const { change, result } = await make({ ...this.#meta, live: live.slice(), sequence: sequence + 1 })
        if (!change) return result
        if (!(await this.#store.commit(change))) continue
        await this.#apply(change.meta, change)
        this.#onChange(await this.state(), true)
        return result
      }
    })

  #upToDate(): Promise<void> {
    return this.#isBehind ? this.#follow() : this.#following
  }

  /** Catches up with other tabs, one catch-up at a time. */
  #follow(): Promise<void> {
    const next = this.#following.then(() => this.#catchUp())
    this.#following = next.catch(() => {})
    return next
  }

  async #catchUp(): Promise<void> {
    if (!this.#store.storage.persistent) return
    this.#isBehind = false
    const meta = await readMeta(this.#store)
    if (meta.sequence === this.#meta.sequence) return
    await this.#apply(meta, null)
    this.#onChange(await this.state(), false)
  }

  /** @param change The change stored here; `null` if another tab stored one. */
  async #apply(meta: IndexMeta, change: Change | null): Promise<void> {
    let views = await this.#views.loaded()
    const before = this.#meta
    this.#meta = meta
    // Another tab does not say which fields it has changed.
    if (change) this.#words.changed(change.papers?.map(({ stored }) => stored.row) ?? [])
    else if (meta.edits !== before.edits) this.#words.changed(null)
    for (const row of rowsOf(rowsGone(before.live, meta.live))) {
      this.#words.remove(row)
      for (const view of views) view.remove(row)
    }
    if (before.model && meta.model && !isSameModel(before.model, meta.model)) views = this.#views.keepOnly(views, meta.model)
    if (change) this.#views.apply(views, meta, change)
    else await this.#views.reread(views)
  }
}
