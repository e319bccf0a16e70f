import { macrotask } from '../../core/async/macrotask.js'
import { InvalidArgumentError, Specter2Error } from '../../core/errors.js'
import type { IndexedPaper } from '../../core/index-file/index-file.js'
import type { StartThreads } from '../../core/kernels/scan-threads.js'
import type { ModelStamp } from '../../core/model-folder/model-stamp.js'
import { modelKey } from '../../core/model-folder/model-stamp.js'
import type { PaperRecord } from '../../core/papers/paper-record.js'
import { addRow, hasRow, type RowSet, removeRow, rowSet, rowsGone, rowsOf, withRoom } from '../../core/search/row-set.js'
import { Mutex } from '../../storage/web-locks.js'
import type { Report } from '../rpc/protocol.js'
import { transferred } from '../rpc/transferred.js'
import { contentHash } from './content-hash.js'
import { type Change, EMPTY_META, type IndexMeta, type IndexStore, type Segment, type SegmentCodes } from './index-store.js'
import { LexicalView } from './lexical-view.js'
import type {
  FoundVectors,
  LibraryHit,
  LibraryState,
  PendingPaper,
  PutResult,
  RecordsPart,
  RecordsState,
  SearchRequest,
  SearchScope,
} from './library-protocol.js'
import { isSamePaper, joinPaper, paperBytes, splitPaper } from './paper-parts.js'
import { Quiet } from './quiet.js'
import { type RankedPaper, rankPapers } from './rank-papers.js'
import { readCodes, readSegments, segmentNumbers } from './read-segments.js'
import { SEGMENT_ROWS, segmentOf, storedBytes } from './segment.js'
import { segmentCodes } from './segment-codes.js'
import { checkQueryVector } from './stale-index.js'
import { VectorView } from './vector-view.js'

/** Embedding writes small segments, as vectors come; so many are put together. */
const MAX_SMALL_SEGMENTS = 48
/** Papers read at once for those who read them all. */
const READ_AT_ONCE = 5000
/** Segments read at once in the background: who searches meanwhile waits for no more. */
const SEGMENTS_AHEAD = 2
/** Until the background begins, so that a search that comes with the opening finds all to itself. */
const GRACE_MS = 200
/** Codes stored at once where an index has none. */
const CODES_AT_ONCE = 32

export interface StoredIndexOptions {
  /** Of the Web Lock by which tabs write in turn; `null` where there are no other tabs. */
  lock: string | null
  /** Is called after every change, own or another tab's. `own`: made here. */
  onChange: (state: LibraryState, own: boolean) => void
  /** For searches on several threads; default none. */
  startThreads?: StartThreads | undefined
}

/** Vectors that come with papers, in their order; `null` for papers without one. */
export interface GivenVectors {
  model: ModelStamp
  vectors: readonly (Float32Array | null)[]
}

/**
 * An index at work: papers and vectors in a store, what searches need of them in memory, one change at a time.
 *
 * Papers are stored before they have vectors, so nothing that was put is lost with the page, and which vectors are missing
 * follows from what there is. Every change is one transaction on top of the sequence that it was made from; another tab's
 * change in between makes it start again.
 */
export class StoredIndex {
  readonly #store: IndexStore
  readonly #lock: Mutex
  readonly #onChange: StoredIndexOptions['onChange']
  readonly #startThreads: StoredIndexOptions['startThreads']
  readonly #views = new Map<string, Promise<VectorView>>()
  readonly #words: LexicalView
  readonly #quiet = new Quiet()
  #meta: IndexMeta
  #damaged = 0
  #following: Promise<void> = Promise.resolve()
  #isBehind = false

  private constructor(store: IndexStore, meta: IndexMeta, { lock, onChange, startThreads }: StoredIndexOptions) {
    this.#store = store
    this.#meta = meta
    this.#lock = new Mutex(lock)
    this.#onChange = onChange
    this.#startThreads = startThreads
    this.#words = new LexicalView(store, () => this.#meta, this.#quiet)
  }

  /** Reads what is stored, vectors by their codes and in the background. @throws Specter2Error `STORAGE_FAILED` or `UNSUPPORTED`. */
  static async open(store: IndexStore, options: StoredIndexOptions): Promise<StoredIndex> {
    const meta = await readMeta(store)
    const index = new StoredIndex(store, meta, options)
    // Who searches first waits for it; who waits hears of its failure.
    if (meta.model) void index.#view(meta.model).catch(() => {})
    return index
  }

  async state(): Promise<LibraryState> {
    const { model, papers, sequence, textBytes } = this.#meta
    const view = model ? await this.#view(model) : null
    const rows = [...(view?.segments.values() ?? [])].reduce((sum, segment) => sum + segment.length, 0)
    const vectors = view?.count ?? 0
    return {
      papers,
      vectors,
      pending: papers - vectors,
      bytes: textBytes + (model ? storedBytes(rows, model.dimension) : 0),
      model,
      storage: this.#store.storage,
      damaged: this.#damaged,
      sequence,
    }
  }

  /**
   * Adds papers, or replaces those of the same ids. Vectors are those given, where the index's own model made them, else those
   * of papers of the same text.
   *
   * @param papers Each id once.
   */
  async put(papers: readonly PaperRecord[], given: GivenVectors | null = null): Promise<PutResult> {
    const hashing = Promise.all(papers.map(contentHash))
    return this.#write(async () => {
      const hashes = await hashing
      const { meta } = this.#draft()
      if (given?.vectors.some((vector) => vector !== null)) meta.model ??= given.model
      const fits = given !== null && meta.model !== null && modelKey(meta.model) === modelKey(given.model)
      const known = await this.#store.papersById(papers.map(({ id }) => id))
      const abstracts = await this.#store.abstracts(known.map((stored) => stored?.row ?? -1))
      const view = meta.model ? await this.#view(meta.model) : null
      const result: PutResult = { added: 0, updated: 0, unchanged: 0, reused: 0 }
      const change = { meta, papers: [] as NonNullable<Change['papers']>[number][], removedRows: [] as number[] }
      const reused: { row: number; hash: string; vector: Float32Array }[] = []
      for (const [index, paper] of papers.entries()) {
        const hash = hashes[index]!
        const before = known[index]
        const { light, abstract } = splitPaper(paper)
        const isSameText = before?.hash === hash
        const hasVector = before && isSameText && view?.has(before.row)
        const vector = hasVector ? null : ((fits ? given.vectors[index] : null) ?? (await view?.vectorOfText(hash)))
        if (vector && before && isSameText) reused.push({ row: before.row, hash, vector })
        if (before && isSameText && isSamePaper(before.paper, light) && (abstracts[index] ?? null) === abstract) {
          result.unchanged++
          continue
        }
        const row = before && isSameText ? before.row : meta.nextRow++
        if (before) result.updated++
        else result.added++
        meta.textBytes += paperBytes(paper)
        if (before) meta.textBytes -= paperBytes(joinPaper(before.paper, abstracts[index]))
        if (!isSameText) {
          if (before) {
            removeRow(meta.live, before.row)
            meta.papers--
            change.removedRows.push(before.row)
          }
          meta.live = withRoom(meta.live, meta.nextRow)
          addRow(meta.live, row)
          meta.papers++
          if (vector) reused.push({ row, hash, vector })
        } else meta.edits++
        change.papers.push({ stored: { row, hash, paper: light }, abstract })
      }
      result.reused = reused.length
      if (change.papers.length + reused.length === 0) return { change: null, result }
      const segments = view && reused.length > 0 ? [segmentOf(view.model, meta.nextSegment++, reused)] : []
      return { change: { ...change, ...withCodes(segments, view) }, result }
    })
  }

  /** @returns how many of the ids were there. */
  remove(ids: readonly string[]): Promise<number> {
    const unique = [...new Set(ids)]
    return this.#write(async () => {
      const { meta } = this.#draft()
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

  /** Papers without a vector of `model`, the first `limit` by row, and how many there are. */
  async pending(model: ModelStamp, limit: number): Promise<{ papers: PendingPaper[]; total: number }> {
    await this.#upToDate()
    const view = await this.#view(model)
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
   * Stores vectors of papers. Those of papers that are gone or changed by now are dropped.
   *
   * @param vectors [rows.length, dimension]
   * @throws InvalidArgumentError where the length is not that, or a value is NaN or infinite.
   */
  async putVectors(model: ModelStamp, rows: readonly number[], vectors: Float32Array): Promise<LibraryState> {
    const { dimension } = model
    if (vectors.length !== rows.length * dimension)
      throw new InvalidArgumentError('vectors.length', vectors.length, `${rows.length} × ${dimension}, [count, dimension]`)
    const wrong = vectors.findIndex((value) => !Number.isFinite(value))
    if (wrong >= 0) throw new InvalidArgumentError(`vectors[${wrong}]`, vectors[wrong], 'a finite number')
    await this.#write(async () => {
      const { meta } = this.#draft()
      const view = await this.#view(model)
      const stored = await this.#store.papersByRow(rows)
      const wanted = stored.flatMap((paper, index) =>
        paper && hasRow(meta.live, paper.row) && !view.has(paper.row)
          ? [{ row: paper.row, hash: paper.hash, vector: vectors.subarray(index * dimension, (index + 1) * dimension) }]
          : [],
      )
      if (wanted.length === 0) return { change: null, result: null }
      meta.model ??= model
      return { change: { meta, ...withCodes([segmentOf(model, meta.nextSegment++, wanted)], view) }, result: null }
    })
    await this.#mergeSegments(model)
    return this.state()
  }

  /** Makes `model` the index's own, and deletes all other vectors. @throws Specter2Error `INDEX_STALE` where papers lack one. */
  async adopt(model: ModelStamp): Promise<LibraryState> {
    await this.#write(async () => {
      const { meta } = this.#draft()
      const view = await this.#view(model)
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
      return { change: { meta, removedSegments }, result: null }
    })
    return this.state()
  }

  /**
   * @throws Specter2Error `INDEX_STALE` where `vector` is of another model than the index; InvalidArgumentError where it is of
   *   another dimension.
   */
  async search(request: SearchRequest, signal?: AbortSignal): Promise<LibraryHit[]> {
    const { mode, query, scope, k, offset } = request
    await this.#upToDate()
    const own = this.#meta.model
    const view = mode !== 'lexical' && own ? await this.#view(own) : null
    if (view && request.vector) checkQueryVector(request.vector, request.model, view.model)
    if (mode !== 'semantic') await this.#words.ready()
    return this.#quiet.during(async () => {
      const filter = await this.#filter(scope)
      // While it waited, a later query may have come.
      await macrotask()
      signal?.throwIfAborted()
      const vector = view ? request.vector : null
      const ranked = await rankPapers({ mode, query, vector, filter: filter ?? undefined, k, offset }, view, this.#words)
      return this.#hits(ranked)
    })
  }

  /** Papers by id; `null` for those that are not there. */
  async get(ids: readonly string[]): Promise<(PaperRecord | null)[]> {
    const stored = await this.#store.papersById(ids)
    const abstracts = await this.#store.abstracts(stored.map((paper) => paper?.row ?? -1))
    return stored.map((paper, index) => (paper ? joinPaper(paper.paper, abstracts[index]) : null))
  }

  /** Vectors by id, of the index's own model. Other calls may run in between. @throws The signal's reason. */
  async vectors(ids: readonly string[], signal?: AbortSignal): Promise<FoundVectors> {
    await this.#upToDate()
    const view = this.#meta.model ? await this.#view(this.#meta.model) : null
    const rows: (number | null)[] = []
    for (let first = 0; view && first < ids.length; first += READ_AT_ONCE) {
      signal?.throwIfAborted()
      const part = await this.rows(ids.slice(first, first + READ_AT_ONCE))
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

  /** Papers without abstracts, from a row on. */
  async records(fromRow: number, report: Report<RecordsPart>): Promise<RecordsState> {
    await this.#upToDate()
    const { nextRow, edits, live } = this.#meta
    for (let from = fromRow; from < nextRow; from += READ_AT_ONCE) {
      const papers = await this.#store.papersInRange(from, Math.min(from + READ_AT_ONCE, nextRow))
      await report({ rows: Uint32Array.from(papers, ({ row }) => row), papers: papers.map(({ paper }) => paper) })
    }
    return { nextRow, edits, live }
  }

  /** All papers with their vectors by row, part by part. */
  async *all(): AsyncGenerator<IndexedPaper[], void, void> {
    await this.#upToDate()
    const { nextRow, model } = this.#meta
    const view = model ? await this.#view(model) : null
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

  /** The id of the file that was imported last. */
  get importedFrom(): string | null {
    return this.#meta.importedFrom
  }

  async setImportedFrom(id: string): Promise<void> {
    await this.#write(async () => ({ change: { meta: { ...this.#draft().meta, importedFrom: id } }, result: null }))
  }

  /** Rows of papers by their ids, for those that are there. */
  async rows(ids: readonly string[]): Promise<(number | null)[]> {
    return (await this.#store.papersById(ids)).map((stored) => stored?.row ?? null)
  }

  /** Another tab has stored something: to be caught up with, at once or by the next call. */
  async changedElsewhere(): Promise<void> {
    this.#isBehind = true
    await this.#upToDate()
  }

  /** Reads in the background, between other calls, what searches will need: all vectors, then the words of all papers. */
  async readAhead(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, GRACE_MS))
    const view = this.#meta.model ? await this.#view(this.#meta.model) : null
    do await this.#quiet.next()
    while (await view?.loadMissing(SEGMENTS_AHEAD))
    await this.#words.ready()
  }

  async #filter({ rows, ids, except }: SearchScope): Promise<RowSet | null> {
    if (!rows && !ids && except.length === 0) return null
    const { nextRow, live } = this.#meta
    let filter: RowSet = rows ?? live
    if (ids) {
      const found = (await this.rows(ids)).filter((row) => row !== null)
      filter = rowSet(
        found.filter((row) => hasRow(filter, row)),
        nextRow,
      )
    }
    if (except.length === 0) return filter
    const left = filter.slice()
    for (const row of await this.rows(except)) if (row !== null) removeRow(left, row)
    return left
  }

  async #hits(ranked: readonly RankedPaper[]): Promise<LibraryHit[]> {
    const rows = ranked.map(({ row }) => row)
    const [papers, abstracts] = await Promise.all([this.#store.papersByRow(rows), this.#store.abstracts(rows)])
    return ranked.flatMap(({ row: _, ...hit }, index) => {
      const stored = papers[index]
      // Another tab may have removed it a moment ago.
      return stored ? [{ id: stored.paper.id, ...hit, paper: joinPaper(stored.paper, abstracts[index]) }] : []
    })
  }

  /** What a change begins with: the meta data of the next sequence. */
  #draft(): { meta: IndexMeta } {
    return { meta: { ...this.#meta, live: this.#meta.live.slice(), sequence: this.#meta.sequence + 1 } }
  }

  /** Makes a change and stores it; anew where another tab was faster, as without Web Locks may be. */
  #write<T>(make: () => Promise<{ change: Change | null; result: T }>): Promise<T> {
    return this.#lock.run(async () => {
      for (;;) {
        await this.#follow()
        const { change, result } = await make()
        if (!change) return result
        if (!(await this.#store.commit(change))) continue
        await this.#apply(change.meta, change.segments ?? [], change.removedSegments ?? [])
        this.#onChange(await this.state(), true)
        return result
      }
    })
  }

  #upToDate(): Promise<void> {
    return this.#isBehind ? this.#follow() : this.#following
  }

  /** One catching up at a time. */
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
    await this.#apply(meta, null, [])
    this.#onChange(await this.state(), false)
  }

  /** @param segments New ones; `null`: they have to be read. */
  async #apply(meta: IndexMeta, segments: readonly Segment[] | null, removed: readonly { number: number }[]): Promise<void> {
    const views = await Promise.all(this.#views.values())
    const before = this.#meta
    this.#meta = meta
    for (const row of rowsOf(rowsGone(before.live, meta.live))) {
      this.#words.remove(row)
      for (const view of views) view.remove(row)
    }
    const changedModel = before.model !== null && meta.model !== null && modelKey(before.model) !== modelKey(meta.model)
    for (const view of views) {
      const key = modelKey(view.model)
      if (changedModel && modelKey(meta.model!) !== key) this.#views.delete(key)
      else if (segments) {
        for (const segment of segments) if (segment.model === key) view.add(segment, meta.live)
        for (const { number } of removed) view.segments.delete(number)
      } else {
        const stored = await segmentNumbers(this.#store, view.model)
        // Another tab may have put segments together.
        for (const number of view.segments.keys()) if (!stored.includes(number)) view.segments.delete(number)
        await this.#readSegments(
          view,
          stored.filter((number) => number >= view.nextSegment),
        )
      }
    }
  }

  /** The vectors of a model, their codes read once. */
  #view(model: ModelStamp): Promise<VectorView> {
    const key = modelKey(model)
    let view = this.#views.get(key)
    if (!view) {
      const made: VectorView = new VectorView(model, (number) => this.#readVectors(made, number), this.#startThreads)
      view = this.#readCodes(made).then(() => made)
      this.#views.set(key, view)
      view.catch(() => this.#views.delete(key))
    }
    return view
  }

  /** The codes of all segments; made and stored anew where they are missing or damaged. */
  async #readCodes(view: VectorView): Promise<void> {
    const numbers = await segmentNumbers(this.#store, view.model)
    const { live } = this.#meta
    const lacking = await readCodes(this.#store, view.model, numbers, (stored, codes) => view.addCodes(stored, codes, live))
    const made: SegmentCodes[] = []
    await this.#readSegments(view, lacking, (segment) => made.push(segmentCodes(segment, view.code(segment.vectors))))
    if (made.length > 0) this.#writeCodes(view, made).catch(() => {})
  }

  async #writeCodes(view: VectorView, made: readonly SegmentCodes[]): Promise<void> {
    for (let first = 0; first < made.length; first += CODES_AT_ONCE)
      await this.#write(async () => {
        const codes = made.slice(first, first + CODES_AT_ONCE).filter(({ number }) => view.segments.has(number))
        return { change: { ...this.#draft(), codes }, result: null }
      })
  }

  /** Segments that cannot be read, or are not as they were written, are left out: their papers are pending again. */
  async #readSegments(view: VectorView, numbers: readonly number[], onSegment?: (segment: Segment) => void): Promise<void> {
    const damaged = await readSegments(this.#store, view.model, numbers, (segment) => {
      view.add(segment, this.#meta.live)
      onSegment?.(segment)
    })
    view.nextSegment = Math.max(view.nextSegment, ...damaged.map((number) => number + 1))
    this.#drop(view, damaged)
  }

  /** The vectors of one segment, `null` where it is damaged or gone. */
  async #readVectors(view: VectorView, number: number): Promise<Float32Array<ArrayBuffer> | null> {
    let vectors: Float32Array<ArrayBuffer> | null = null
    const damaged = await readSegments(this.#store, view.model, [number], (segment) => {
      vectors = segment.vectors
    })
    this.#drop(view, damaged)
    // Where another tab has put it together with others, those are read now.
    if (!vectors) await this.#follow()
    return vectors
  }

  #drop({ model }: VectorView, damaged: readonly number[]): void {
    if (damaged.length === 0) return
    this.#damaged += damaged.length
    const removedSegments = damaged.map((number) => ({ model: modelKey(model), number }))
    // Not awaited: whoever writes may wait for this view. What cannot be deleted now is found again the next time.
    this.#write(async () => ({ change: { ...this.#draft(), removedSegments }, result: null })).catch(() => {})
  }

  /** Puts small segments together, without the rows that are gone. */
  async #mergeSegments(model: ModelStamp): Promise<void> {
    const view = await this.#view(model)
    const isSmall = (rows: Uint32Array) => rows.length < SEGMENT_ROWS / 2
    if ([...view.segments.values()].filter(isSmall).length <= MAX_SMALL_SEGMENTS) return
    await this.#write(async () => {
      const { meta } = this.#draft()
      const small = [...view.segments].filter(([, rows]) => isSmall(rows))
      const rows = small.flatMap(([, rows]) => [...rows].filter((row) => view.has(row)))
      const stored = await this.#store.papersByRow(rows)
      await view.loadRows(rows)
      const kept: { row: number; hash: string; vector: Float32Array }[] = []
      for (const paper of stored) {
        const vector = paper && (await view.vector(paper.row))
        if (vector) kept.push({ row: paper.row, hash: paper.hash, vector })
      }
      const segments: Segment[] = []
      for (let first = 0; first < kept.length; first += SEGMENT_ROWS) {
        segments.push(segmentOf(model, meta.nextSegment++, kept.slice(first, first + SEGMENT_ROWS)))
        await macrotask()
      }
      const removedSegments = small.map(([number]) => ({ model: modelKey(model), number }))
      return { change: { meta, ...withCodes(segments, view), removedSegments }, result: null }
    })
  }
}

/** Segments with their codes, as a change stores them. @param view `null` where there are none. */
function withCodes(segments: Segment[], view: VectorView | null): Required<Pick<Change, 'segments' | 'codes'>> {
  return { segments, codes: view ? segments.map((segment) => segmentCodes(segment, view.code(segment.vectors))) : [] }
}

async function readMeta(store: IndexStore): Promise<IndexMeta> {
  const meta = (await store.meta()) ?? EMPTY_META
  if (meta.formatVersion !== 1) {
    const message = `This index was written by a later version of the package (format ${meta.formatVersion}, known is 1). Update the package.`
    throw new Specter2Error('UNSUPPORTED', message, { details: { expected: 1, actual: meta.formatVersion } })
  }
  return meta
}
