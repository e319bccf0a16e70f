import { proxy, type Remote } from 'comlink'
import { within } from '../../core/async/waiting.js'
import { InvalidArgumentError, Specter2Error } from '../../core/errors.js'
import type { ModelStamp } from '../../core/model-folder/model-stamp.js'
import { isSameModel } from '../../core/model-folder/model-stamp.js'
import { checkPaper } from '../../core/papers/check-paper.js'
import type { PaperRecord } from '../../core/papers/paper-record.js'
import { rocchio } from '../../core/search/rocchio.js'
import type { Metric, PaperText } from '../../core/types.js'
import { DATABASE_PREFIX, deleteIndex, listIndexes } from '../../storage/index-databases.js'
import { WritersLock } from '../../storage/tab-lock.js'
import type {
  ExportFormat,
  ImportResult,
  ImportSource,
  LibraryState,
  LibraryWorker,
  SearchMode,
  SearchRequest,
  SearchScope,
} from '../../workers/library/library-protocol.js'
import type { Settled } from '../../workers/rpc/rpc-protocol.js'
import type { WorkerClient, WorkerSource } from '../../workers/rpc/worker-client.js'
import type { Embedder } from '../embedder/embedder.js'
import { embedPending } from './embed-pending.js'
import {
  type AddOptions,
  type AddResult,
  checkFilter,
  checkIds,
  checkIndexName,
  checkSearch,
  type FilterOptions,
  type Hit,
  type IndexWorkOptions,
  type PaperIndexInfo,
  type PaperIndexOptions,
  type SearchOptions,
  type SearchResult,
} from './index-options.js'
import { startLibrary } from './library-client.js'
import { modelStamp } from './model-stamp.js'
import { PaperRecords } from './paper-records.js'
import { QueryVectors } from './query-vectors.js'

/** Papers sent to the worker at once: few enough that copying them takes the page no time. */
const SLICE_PAPERS = 256
/** So long a search by words may take before hits by vectors are told. */
const WORDS_MS = 150
/** Vectors asked for at once: a few megabytes. */
const SLICE_VECTORS = 1024

/** One paper to start from: its id, a text that need not be in the index, or a vector [dimension] of the index's model. */
export type Example = string | PaperText | Float32Array

/** Several papers to start from: near those liked, away from those disliked (Rocchio). */
export interface Examples {
  liked: readonly Example[]
  disliked?: readonly Example[]
}

/** Vectors of papers of an index, in the order of `ids`. */
export interface IndexVectors {
  ids: string[]
  /** [ids.length, dimension], row-major. The caller's own. */
  vectors: Float32Array<ArrayBuffer>
  dimension: number
  metric: Metric
}

/**
 * Papers of one library, searched in the browser and kept in its storage. Storage and search live in a worker of their own, so
 * that no search waits behind the model.
 */
export class PaperIndex {
  readonly #name: string
  readonly #source: WorkerSource | undefined
  readonly #onChange: PaperIndexOptions['onChange']
  readonly #records = new PaperRecords()
  readonly #queries = new QueryVectors()
  /** One tab embeds at a time: what two would embed is embedded once. */
  readonly #embedding: WritersLock
  readonly #updating: WritersLock
  #embedder: Embedder | null = null
  #embedderLoading: Promise<Embedder> | null = null
  #library: { client: WorkerClient<LibraryWorker>; opened: Promise<void> } | null = null
  #state: LibraryState | null = null
  /** The searches under way that a later one ends. */
  #searching = new AbortController()
  #closed = false

  private constructor(name: string, { embedder, worker, onChange }: PaperIndexOptions) {
    this.#name = name
    this.#source = worker
    this.#onChange = onChange
    this.#embedding = new WritersLock(`${DATABASE_PREFIX}${name}:embedding`)
    this.#updating = new WritersLock(`${DATABASE_PREFIX}${name}:updating`)
    if (embedder) this.useEmbedder(embedder)
  }

  /**
   * Opens an index, a new one where there is none of this name. Where the browser blocks its storage, it lives in memory, and
   * `info.storage` says so.
   *
   * @param name Names the index in this browser, for this site.
   * @throws InvalidArgumentError; the signal's reason; Specter2Error `STORAGE_FAILED`, `UNSUPPORTED` for one that a later version
   *   wrote, `WORKER_FAILED`; with `from` what import() throws, but for a network that fails where there are papers already.
   */
  static async open(name: string, options: PaperIndexOptions = {}): Promise<PaperIndex> {
    checkIndexName(name)
    const { from, signal, onProgress } = options
    signal?.throwIfAborted()
    const index = new PaperIndex(name, options)
    try {
      await within(
        index.#call((worker, call) => worker.state(call)),
        { signal },
      )
      if (from !== undefined) {
        try {
          await index.#import(urlSource('from', from), true, { signal, onProgress })
        } catch (error) {
          const isOffline = error instanceof Specter2Error && error.code === 'DOWNLOAD_FAILED'
          if (!isOffline || index.info.papers === 0) throw error
        }
      }
      return index
    } catch (error) {
      await index.close()
      throw error
    }
  }

  /** Names of the indexes that this browser keeps for this site. */
  static list(): Promise<string[]> {
    return listIndexes()
  }

  /**
   * Deletes an index from this browser. Tabs that have it open lose it: their calls reject with `STORAGE_FAILED`. A name that is
   * not kept is no error.
   */
  static async delete(name: string): Promise<void> {
    checkIndexName(name)
    await deleteIndex(name)
  }

  /** How the index stands, as this tab knows. */
  get info(): PaperIndexInfo {
    const { papers, vectors, pending, bytes, model, storage, damaged } = this.#state!
    const embedder = this.#embedder && modelStamp(this.#embedder)
    const stale = embedder !== null && model !== null && !isSameModel(model, embedder)
    return { name: this.#name, papers, vectors, pending, bytes, model, embedder, stale, storage, damaged }
  }

  /**
   * Embeds papers and queries by this embedder from now on; calls under way end by the one before. Where it is of another model
   * than the index's, `info.stale` says so.
   *
   * @param embedder Borrowed: neither this nor close() disposes it. `null`: none, as before one is disposed; queries are by words
   *   alone then.
   */
  useEmbedder(embedder: Embedder | Promise<Embedder> | null): void {
    if (!embedder) {
      this.#embedder = null
      this.#embedderLoading = null
      if (this.#state) this.#tell()
      return
    }
    const loading = Promise.resolve(embedder)
    this.#embedder = embedder instanceof Promise ? null : embedder
    this.#embedderLoading = loading
    loading.then(
      (loaded) => {
        if (this.#embedderLoading !== loading) return
        this.#embedder = loaded
        if (this.#state) this.#tell()
      },
      // Told by the calls that need it.
      () => {},
    )
  }

  /**
   * Adds papers, or replaces those with the same ids, and embeds those whose text is new. Papers are stored, and found by their
   * words, at once; vectors are stored as they come. A page that is closed in the middle loses at most the vectors in work: the
   * papers are `pending` when the index is opened again, and this call or resume() goes on with them.
   *
   * With an embedder of another model than the index's (`info.stale`) papers wait for reembed(), without one for resume().
   *
   * @param papers Any fields besides `id`, `title` and `abstract` are kept as given, as far as a worker can be sent them.
   * @returns when all papers have vectors; with `embed: false`, when they are stored.
   * @throws InvalidArgumentError naming the paper; the signal's reason; Specter2Error `STORAGE_FAILED` (with `details.reason`
   *   `QuotaExceededError` where the disk is full), or what embedding throws. What was stored before stays.
   */
  async add(papers: readonly PaperRecord[], { signal, onProgress, embed = true }: AddOptions = {}): Promise<AddResult> {
    if (!Array.isArray(papers)) throw new InvalidArgumentError('papers', papers, 'an array of papers')
    const seen = new Map<string, number>()
    for (const [position, paper] of papers.entries()) {
      const { id } = checkPaper(`papers[${position}]`, paper)
      const first = seen.get(id)
      if (first !== undefined)
        throw new InvalidArgumentError(`papers[${position}].id`, id, `another one than that of papers[${first}]`)
      seen.set(id, position)
    }
    const result: AddResult = { added: 0, updated: 0, unchanged: 0, reused: 0, pending: 0 }
    for (let first = 0; first < papers.length; first += SLICE_PAPERS) {
      const slice = papers.slice(first, first + SLICE_PAPERS)
      // Not ended in the middle: what is stored is told.
      const put = await this.#call((worker, call) => worker.put(call, slice)).catch((error) => {
        if (error?.name !== 'DataCloneError') throw error
        const range = `papers[${first}…${first + slice.length - 1}]`
        throw new InvalidArgumentError(
          range,
          error.message,
          'papers whose fields can be cloned: no functions, no elements of the page',
        )
      })
      for (const field of ['added', 'updated', 'unchanged', 'reused'] as const) result[field] += put[field]
      signal?.throwIfAborted()
    }
    if (embed) await this.#embedAll({ signal, onProgress })
    else this.#note(await this.#call((worker, call) => worker.state(call), signal))
    return { ...result, pending: this.info.pending }
  }

  /**
   * Changes some fields of a paper; calls at the same time, in other tabs too, lose none of each other's. It is embedded anew
   * only where its title or abstract has changed.
   *
   * @throws InvalidArgumentError where there is no paper of this id; else as add().
   */
  async update(id: string, fields: Partial<Omit<PaperRecord, 'id'>>, options: AddOptions = {}): Promise<AddResult> {
    const change = async () => {
      const [paper] = await this.get([id])
      if (!paper) throw new InvalidArgumentError('id', id, 'the id of a paper of this index')
      return this.add([{ ...paper, ...fields, id }], { ...options, embed: false })
    }
    const result = await this.#updating.run(change, options.signal)
    if (options.embed === false || result.pending === 0) return result
    await this.#embedAll(options)
    return { ...result, pending: this.info.pending }
  }

  /** @returns how many of the ids were there. */
  async remove(ids: string | Iterable<string>): Promise<number> {
    const list = checkIds(ids)
    return this.#call((worker, call) => worker.remove(call, list))
  }

  /** Papers as they were added, in the order of `ids`; `null` for ids that are not there. */
  async get(ids: Iterable<string>): Promise<(PaperRecord | null)[]> {
    const list = checkIds(ids)
    return this.#call((worker, call) => worker.get(call, list))
  }

  /**
   * All papers without their abstracts, those of the oldest texts first. Held on the page from then on, as for filters: the
   * papers are borrowed, the array is the caller's own. Abstracts come by get().
   *
   * @throws the signal's reason; Specter2Error `STORAGE_FAILED`, `DISPOSED`.
   */
  async papers({ signal }: { signal?: AbortSignal | undefined } = {}): Promise<PaperRecord[]> {
    return this.#records.all(await this.#client(), signal)
  }

  /**
   * Vectors of papers, of the index's own model: for a map, for duplicates, for heads. Ids that are not there, and papers that
   * are pending, are left out.
   *
   * @param ids Default: all papers.
   * @throws InvalidArgumentError; the signal's reason; Specter2Error `STORAGE_FAILED`, `DISPOSED`.
   */
  async vectors(ids?: Iterable<string>, { signal }: { signal?: AbortSignal | undefined } = {}): Promise<IndexVectors> {
    const wanted = ids === undefined ? (await this.papers({ signal })).map(({ id }) => id) : checkIds(ids)
    const found: { id: string; vector: Float32Array }[] = []
    for (let first = 0; first < wanted.length; first += SLICE_VECTORS) {
      const slice = wanted.slice(first, first + SLICE_VECTORS)
      const vectors = await this.#call((worker, call) => worker.vectors(call, slice), signal)
      for (const [index, vector] of vectors.entries()) if (vector) found.push({ id: slice[index]!, vector })
    }
    const dimension = found[0]?.vector.length ?? this.#state?.model?.dimension ?? 0
    const vectors = new Float32Array(found.length * dimension)
    for (const [row, { vector }] of found.entries()) vectors.set(vector, row * dimension)
    return { ids: found.map(({ id }) => id), vectors, dimension, metric: this.#state?.model?.metric ?? 'cosine' }
  }

  /**
   * Embeds what is `pending`: after a tab was closed in the middle of add(), or where a damaged chunk was dropped.
   *
   * @throws as add(); `INDEX_STALE` where the embedder is another model than the index's.
   */
  async resume(options: IndexWorkOptions = {}): Promise<void> {
    const embedder = await this.#loadedEmbedder(options.signal)
    await this.#call((worker, call) => worker.state(call), options.signal)
    if (this.info.stale) throw staleError(this.#state!.model!, modelStamp(embedder))
    await this.#embedAll(options)
  }

  /**
   * Embeds all papers with the index's embedder. The old vectors are kept until all new ones are there,
   * so it can be ended and goes on where it was; they are never mixed.
   *
   * @throws as add().
   */
  async reembed({ signal, onProgress }: IndexWorkOptions = {}): Promise<void> {
    const embedder = await this.#loadedEmbedder(signal)
    const model = modelStamp(embedder)
    await this.#exclusively(async (client) => {
      await embedPending(client, embedder, model, { signal, onProgress: (progress) => tell(onProgress, progress) })
      this.#note(await client.call((worker, call) => worker.adopt(call, model), signal))
    }, signal)
  }

  /**
   * Finds papers: by what they mean (`semantic`: the query through the model's adapter for queries, exact, by the model's own
   * metric), by their words (`lexical`: BM25, stemmed), or by both (`hybrid`, the default).
   *
   * While the model loads, `onUpdate` gets the hits by words, and while the words of a large index are read after its opening,
   * those by vectors; the promise settles with both sides. Of several searches the latest wins: earlier ones reject with an `AbortError`, unless it is `concurrent`. A hybrid search whose query cannot be
   * embedded is by words alone, and `unavailable` says why.
   *
   * @throws InvalidArgumentError; the signal's reason; Specter2Error `INDEX_STALE` (semantic) where the vectors are of another
   *   model, `UNSUPPORTED` (semantic) without an embedder, `STORAGE_FAILED`, `DISPOSED`; what the filter throws.
   */
  async search(query: string, options: SearchOptions = {}): Promise<SearchResult> {
    checkSearch(query, options)
    const { mode = 'hybrid', onUpdate } = options
    const signal = this.#beginSearch(options)
    signal.throwIfAborted()
    return within(
      (async () => {
        const scope = await this.#scope(options, [], signal)
        const request = { mode, query, vector: null, model: null, ...limits(options), scope }
        if (query.trim() === '') return { hits: [], mode, complete: true, unavailable: null }
        if (mode === 'lexical') return { hits: await this.#search(request, signal), mode, complete: true, unavailable: null }

        const embedded = this.#queryVector(query, signal)
        // Told below, or to nobody where the search has ended before.
        embedded.catch(() => {})
        if (mode === 'hybrid' && onUpdate) await this.#tellFirstSide(request, embedded, onUpdate, signal)
        try {
          const hits = await this.#search({ ...request, ...(await embedded) }, signal)
          return { hits, mode, complete: true, unavailable: null }
        } catch (error) {
          // The words are there all the same.
          const isOfVectors = !signal.aborted && error instanceof Specter2Error && NO_VECTORS.includes(error.code)
          if (mode === 'semantic' || !isOfVectors) throw error
          const hits = await this.#search({ ...request, mode: 'lexical' }, signal)
          return { hits, mode: 'lexical', complete: true, unavailable: error }
        }
      })(),
      { signal },
    )
  }

  /**
   * Papers near a paper, a text or a vector, or near several liked and away from disliked ones. Papers that are given by id are
   * not among the hits.
   *
   * @throws as search(); InvalidArgumentError for an id that is not there or a vector of another dimension.
   */
  async similar(target: Example | Examples, options: FilterOptions = {}): Promise<Hit[]> {
    checkFilter(options)
    const { signal } = options
    const { liked, disliked = [] } = isExamples(target) ? target : { liked: [target as Example] }
    if (!Array.isArray(liked) || liked.length === 0) throw new InvalidArgumentError('target.liked', liked, 'one example at least')
    if (!Array.isArray(disliked)) throw new InvalidArgumentError('target.disliked', disliked, 'an array of examples')
    const examples = [...liked, ...disliked]
    const { vectors, model } = await this.#exampleVectors(examples, signal)
    const metric = this.#state?.model?.metric ?? model?.metric ?? 'cosine'
    const vector =
      examples.length === 1 ? vectors[0]! : rocchio(vectors.slice(0, liked.length), vectors.slice(liked.length), metric)
    const ids = examples.filter((example) => typeof example === 'string')
    const scope = await this.#scope(options, ids, signal)
    return this.#search({ mode: 'semantic', query: '', vector: vector.slice(), model, ...limits(options), scope }, signal)
  }

  /**
   * The index as one file: `index` (what import() and `from` take, with exact vectors), `index-int8` (the same with vectors in a
   * quarter of the bytes), `jsonl` (papers), `npy` (vectors [papers, dimension] in the order of `jsonl`), or `parquet` (both).
   *
   * @throws Specter2Error `UNSUPPORTED` for `npy` while papers are pending; `STORAGE_FAILED`; the signal's reason.
   */
  async export(format: ExportFormat = 'index', { signal, onProgress }: IndexWorkOptions = {}): Promise<Blob> {
    if (!EXPORT_FORMATS.includes(format)) throw new InvalidArgumentError('format', format, `one of ${EXPORT_FORMATS.join(', ')}`)
    const listener = proxy((done: number, total: number) => tell(onProgress, { done, total }))
    return this.#call((worker, call) => worker.export(call, format, listener), signal)
  }

  /**
   * Adds the papers of a file that export() or `specter2-web embed` wrote; papers of the same ids are replaced. Its vectors are
   * taken over unless another model made those of the index; then its papers are pending.
   *
   * @throws InvalidArgumentError; Specter2Error `INVALID_INDEX` for a file of another kind, `DAMAGED_FILE`, `UNSUPPORTED` for one
   *   of a later version, `DOWNLOAD_FAILED`, `STORAGE_FAILED`; the signal's reason.
   */
  async import(source: Blob | string | URL, options: IndexWorkOptions = {}): Promise<ImportResult> {
    return this.#import(source instanceof Blob ? { blob: source } : urlSource('source', source), false, options)
  }

  /** Ends the worker; pending calls reject with `DISPOSED`. The embedder is left alone. Idempotent. */
  async close(): Promise<void> {
    this.#closed = true
    this.#library?.client.end(closedError())
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #import(source: ImportSource, once: boolean, { signal, onProgress }: IndexWorkOptions): Promise<ImportResult> {
    const listener = proxy((done: number, total: number) => tell(onProgress, { done, total }))
    const result = await this.#call((worker, call) => worker.import(call, source, once, listener), signal)
    this.#note(await this.#call((worker, call) => worker.state(call), signal))
    return result
  }

  /** Embeds what is pending, if that can be done now. */
  async #embedAll({ signal, onProgress }: IndexWorkOptions): Promise<void> {
    if (!this.#embedderLoading) return
    const embedder = await this.#loadedEmbedder(signal)
    await this.#exclusively(async (client) => {
      this.#note(await client.call((worker, call) => worker.state(call), signal))
      if (this.info.stale) return
      await embedPending(client, embedder, modelStamp(embedder), {
        signal,
        onProgress: (progress) => tell(onProgress, progress),
      })
      this.#note(await client.call((worker, call) => worker.state(call), signal))
    }, signal)
  }

  async #exclusively(work: (client: WorkerClient<LibraryWorker>) => Promise<void>, signal?: AbortSignal): Promise<void> {
    const client = await this.#client()
    await within(
      this.#embedding.run(() => work(client), signal),
      { signal },
    )
  }

  async #loadedEmbedder(signal: AbortSignal | undefined): Promise<Embedder> {
    if (!this.#embedderLoading) {
      const message = 'This index has no embedder. Give one to PaperIndex.open() or useEmbedder() to embed papers and queries.'
      throw new Specter2Error('UNSUPPORTED', message)
    }
    return within(this.#embedderLoading, { signal })
  }

  async #queryVector(query: string, signal: AbortSignal): Promise<Pick<SearchRequest, 'vector' | 'model'>> {
    const embedder = await this.#loadedEmbedder(signal).catch((cause) => {
      if (signal.aborted || cause instanceof Specter2Error) throw cause
      throw new Specter2Error('RUNTIME_FAILED', `The embedder did not load: ${(cause as Error)?.message ?? cause}`, { cause })
    })
    return this.#queries.get(embedder, query, signal)
  }

  async #exampleVectors(
    examples: readonly Example[],
    signal: AbortSignal | undefined,
  ): Promise<{ vectors: Float32Array[]; model: ModelStamp | null }> {
    const ids = checkIds(examples.filter((example) => typeof example === 'string'))
    const texts = examples.filter((example): example is PaperText => typeof example === 'object' && 'title' in example)
    const found = await this.#call((worker, call) => worker.vectors(call, ids), signal)
    const missing = ids.find((_, index) => !found[index])
    if (missing !== undefined) {
      const [paper] = await this.get([missing])
      if (!paper) throw new InvalidArgumentError('target', missing, 'the id of a paper of this index')
      const message = `The paper ${JSON.stringify(missing)} has no vector yet. Call resume() and try again.`
      throw new Specter2Error('INDEX_STALE', message, { retryable: true, details: { id: missing } })
    }
    const embedder = texts.length > 0 ? await this.#loadedEmbedder(signal) : null
    const embedded = embedder ? await embedder.embed(texts, { signal }) : null
    const dimension = embedded?.dimension ?? this.#state?.model?.dimension ?? 0
    const vectors = examples.map((example, position) => {
      if (typeof example === 'string') return found[ids.indexOf(example)]!
      if (example instanceof Float32Array) {
        if (example.length === dimension) return example
        throw new InvalidArgumentError('target.length', example.length, `${dimension}, the dimension of the index's vectors`)
      }
      const row = texts.indexOf(example)
      if (row < 0)
        throw new InvalidArgumentError(`target[${position}]`, example, 'an id, a paper { title, abstract } or a Float32Array')
      return embedded!.vectors.subarray(row * dimension, (row + 1) * dimension)
    })
    return { vectors, model: embedder && modelStamp(embedder) }
  }

  /** Ends the searches before this one, and gives what ends this one. */
  #beginSearch({ signal, concurrent = false }: SearchOptions): AbortSignal {
    if (concurrent) return signal ?? new AbortController().signal
    this.#searching.abort(new DOMException('A later search has taken its place.', 'AbortError'))
    this.#searching = new AbortController()
    return signal ? AbortSignal.any([signal, this.#searching.signal]) : this.#searching.signal
  }

  async #scope({ filter, ids }: FilterOptions, except: string[], signal: AbortSignal | undefined): Promise<SearchScope> {
    const rows = filter ? await this.#records.rowsWhere(filter, await this.#client(), signal) : null
    return { rows, ids: ids === undefined ? null : checkIds(ids), except }
  }

  /** Tells the hits of one side where the other is late. Resolves when the words have been searched. */
  async #tellFirstSide(
    request: SearchRequest,
    embedded: Promise<Pick<SearchRequest, 'vector' | 'model'>>,
    onUpdate: NonNullable<SearchOptions['onUpdate']>,
    signal: AbortSignal,
  ): Promise<void> {
    const tellSide = (mode: SearchMode, hits: Hit[]) => tell(onUpdate, { hits, mode, complete: false, unavailable: null })
    let [isEmbedded, isRead] = [false, false]
    const byVectors = async () => {
      const vector = await embedded
      isEmbedded = true
      await new Promise((resolve) => setTimeout(resolve, WORDS_MS))
      if (isRead || signal.aborted) return
      const hits = await this.#search({ ...request, ...vector, mode: 'semantic' }, signal)
      if (!isRead) tellSide('semantic', hits)
    }
    byVectors().catch(() => {})
    const hits = await this.#search({ ...request, mode: 'lexical' }, signal)
    isRead = true
    if (!isEmbedded) tellSide('lexical', hits)
  }

  #search(request: SearchRequest, signal: AbortSignal | undefined): Promise<Hit[]> {
    return this.#call((worker, call) => worker.search(call, request), signal)
  }

  async #call<T>(method: (worker: Remote<LibraryWorker>, call: number) => Promise<Settled<T>>, signal?: AbortSignal): Promise<T> {
    const client = await within(this.#client(), { signal })
    return client.call(method, signal)
  }

  /** The worker with the index open in it; a new one where that died, unless the index died with it. */
  async #client(): Promise<WorkerClient<LibraryWorker>> {
    if (this.#closed) throw closedError()
    const died = this.#library?.client.failure
    if (died && this.#state && !this.#state.storage.persistent) {
      const message = `The index "${this.#name}" lived in memory alone, and its worker has died. Open it again.`
      throw new Specter2Error('STORAGE_FAILED', message, { details: { reason: 'Lost' }, cause: died })
    }
    if (!this.#library || died) this.#library = this.#open()
    await this.#library.opened
    return this.#library.client
  }

  #open(): { client: WorkerClient<LibraryWorker>; opened: Promise<void> } {
    const client = startLibrary(this.#source)
    const onChange = proxy((state: LibraryState) => {
      this.#note(state)
      this.#tell()
    })
    const opened = client
      .call((worker, call) => worker.open(call, this.#name, onChange))
      .then(
        (state) => this.#note(state),
        (error) => {
          // The next call begins anew.
          client.end(error)
          throw error
        },
      )
    return { client, opened }
  }

  #note(state: LibraryState): void {
    if (!this.#state || state.sequence >= this.#state.sequence) this.#state = state
  }

  #tell(): void {
    tell(this.#onChange, this.info)
  }
}

const EXPORT_FORMATS: readonly ExportFormat[] = ['index', 'index-int8', 'jsonl', 'npy', 'parquet']

/** Codes of errors after which papers can still be found by their words. */
const NO_VECTORS: readonly string[] = [
  'INDEX_STALE',
  'UNSUPPORTED',
  'MODEL_NOT_FOUND',
  'INVALID_MODEL',
  'UNKNOWN_ADAPTER',
  'DOWNLOAD_FAILED',
  'DOWNLOAD_TRUNCATED',
  'HASH_MISMATCH',
  'RUNTIME_FAILED',
  'SELF_TEST_FAILED',
  'DISPOSED',
]

function isExamples(target: Example | Examples): target is Examples {
  return typeof target === 'object' && target !== null && 'liked' in target
}

function limits({ k = 10, offset = 0 }: FilterOptions): { k: number; offset: number } {
  return { k, offset }
}

function urlSource(field: string, url: string | URL): { url: string } {
  try {
    return { url: new URL(url, globalThis.document?.baseURI ?? globalThis.location?.href).href }
  } catch {
    throw new InvalidArgumentError(field, String(url), 'a URL')
  }
}

/** What a caller's listener throws is the caller's own: it shows as an uncaught error, and the work goes on. */
function tell<T>(listener: ((value: T) => void) | undefined, value: T): void {
  try {
    listener?.(value)
  } catch (error) {
    reportError(error)
  }
}

function closedError(): Specter2Error {
  return new Specter2Error('DISPOSED', 'This index is closed. Open it again with PaperIndex.open().')
}

function staleError(index: ModelStamp, embedder: ModelStamp): Specter2Error {
  const message = `The vectors of this index were made by ${index.id} (${index.revision}), the embedder is ${embedder.id} (${embedder.revision}). Call reembed().`
  return new Specter2Error('INDEX_STALE', message)
}
