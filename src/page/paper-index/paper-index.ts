import { within } from '../../core/async/waiting.js'
import { InvalidArgumentError, Specter2Error } from '../../core/errors.js'
import { isSameModel, staleIndexError } from '../../core/model-folder/model-stamp.js'
import { checkPaper } from '../../core/papers/check-paper.js'
import type { PaperRecord } from '../../core/papers/paper-record.js'
import { DATABASE_PREFIX, deleteIndex, listIndexes } from '../../storage/index-databases.js'
import { Mutex } from '../../storage/web-locks.js'
import type { ExportFormat, ImportResult, ImportSource } from '../../workers/library/library-protocol.js'
import type { Embedder } from '../embedder/embedder.js'
import { resolveUrl } from '../embedder/embedder-options.js'
import { notify } from '../notify.js'
import { CurrentEmbedder, modelStamp } from './current-embedder.js'
import { embedPending } from './embed-pending.js'
import { IndexConnection } from './index-connection.js'
import {
  type AddOptions,
  type AddResult,
  checkIds,
  checkIndexName,
  type Example,
  type Examples,
  type FilterOptions,
  type Hit,
  type IndexProgress,
  type IndexVectors,
  type IndexWorkOptions,
  type PaperIndexInfo,
  type PaperIndexOptions,
  type SearchOptions,
  type SearchResult,
} from './index-options.js'
import { IndexSearch } from './index-search.js'
import { PaperRecords } from './paper-records.js'

/** Papers sent to the worker at once: few enough that copying them takes the page no time. */
const SLICE_PAPERS = 256

/**
 * Papers of one library, searched in the browser and kept in its storage. Storage and search live in a worker of their own, so
 * that no search waits behind the model.
 */
export class PaperIndex {
  readonly #name: string
  readonly #connection: IndexConnection
  readonly #records: PaperRecords
  readonly #embedder: CurrentEmbedder
  readonly #search: IndexSearch
  /** One tab embeds at a time, so that no paper is embedded twice. */
  readonly #embedding: Mutex
  readonly #updating: Mutex

  private constructor(name: string, { embedder, worker, onChange }: PaperIndexOptions) {
    this.#name = name
    const changed = () => {
      if (this.#connection.state) notify(onChange, this.info)
    }
    this.#connection = new IndexConnection(name, worker, changed)
    this.#records = new PaperRecords(this.#connection)
    this.#embedder = new CurrentEmbedder(changed)
    this.#search = new IndexSearch(this.#connection, this.#embedder, this.#records)
    this.#embedding = new Mutex(`${DATABASE_PREFIX}${name}:embedding`)
    this.#updating = new Mutex(`${DATABASE_PREFIX}${name}:updating`)
    if (embedder) this.#embedder.use(embedder)
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
      await within(index.#connection.refresh(), { signal })
      if (from !== undefined) {
        try {
          await index.#import({ url: resolveUrl('from', from) }, true, { signal, onProgress })
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
    const { papers, vectors, pending, bytes, model, storage, damaged } = this.#connection.state!
    const embedder = this.#embedder.stamp
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
    this.#embedder.use(embedder)
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
      const put = await this.#connection.call('put', slice).catch((error) => {
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
    if (embed && this.#embedder.exists) await this.#embedAll({ signal, onProgress })
    else await this.#connection.refresh(signal)
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
    if (options.embed === false || result.pending === 0 || !this.#embedder.exists) return result
    await this.#embedAll(options)
    return { ...result, pending: this.info.pending }
  }

  /**
   * Removes papers and their vectors.
   *
   * @returns How many of the ids were in the index.
   */
  async remove(ids: string | Iterable<string>): Promise<number> {
    const list = checkIds(ids)
    return this.#connection.call('remove', list)
  }

  /** Papers as they were added, in the order of `ids`; `null` for ids that are not there. */
  async get(ids: Iterable<string>): Promise<(PaperRecord | null)[]> {
    const list = checkIds(ids)
    return this.#connection.call('get', list)
  }

  /**
   * All papers without their abstracts, those of the oldest texts first. Held on the page from then on, as for filters: the
   * papers are borrowed, the array is the caller's own. Abstracts come by get().
   *
   * @throws the signal's reason; Specter2Error `STORAGE_FAILED`, `DISPOSED`.
   */
  async papers({ signal }: { signal?: AbortSignal | undefined } = {}): Promise<PaperRecord[]> {
    return this.#records.all(signal)
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
    const { found, vectors, dimension } = await this.#connection.call('vectors', wanted, { signal })
    const { model } = this.#connection.state!
    return {
      ids: wanted.filter((_, index) => found[index] === 1),
      vectors,
      dimension: dimension || (model?.dimension ?? 0),
      metric: model?.metric ?? 'cosine',
    }
  }

  /**
   * Embeds what is `pending`: after a tab was closed in the middle of add(), or where a damaged chunk was dropped.
   *
   * @throws as add(); `INDEX_STALE` where the embedder is another model than the index's.
   */
  async resume(options: IndexWorkOptions = {}): Promise<void> {
    const embedder = await this.#embedder.loaded(options.signal)
    await this.#connection.refresh(options.signal)
    if (this.info.stale) throw staleIndexError(this.info.model!, modelStamp(embedder))
    await this.#embedAll(options)
  }

  /**
   * Embeds all papers with the index's embedder. The old vectors are kept until all new ones are there,
   * so it can be ended and goes on where it was; they are never mixed.
   *
   * @throws as add().
   */
  async reembed({ signal, onProgress }: IndexWorkOptions = {}): Promise<void> {
    const embedder = await this.#embedder.loaded(signal)
    const model = modelStamp(embedder)
    await this.#exclusively(async () => {
      await embedPending(this.#connection, embedder, model, { signal, onProgress: (progress) => notify(onProgress, progress) })
      this.#connection.note(await this.#connection.call('adopt', model, { signal }))
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
    return this.#search.search(query, options)
  }

  /**
   * Papers near a paper, a text or a vector, or near several liked and away from disliked ones. Papers that are given by id are
   * not among the hits.
   *
   * @throws as search(); InvalidArgumentError for an id that is not there or a vector of another dimension.
   */
  async similar(target: Example | Examples, options: FilterOptions = {}): Promise<Hit[]> {
    return this.#search.similar(target, options)
  }

  /**
   * The index as one file: `index` (what import() and `from` take, with exact vectors), `index-int8` (the same with vectors in a
   * quarter of the bytes), `jsonl` (papers), `npy` (vectors [papers, dimension] in the order of `jsonl`), or `parquet` (both).
   *
   * @throws Specter2Error `UNSUPPORTED` for `npy` while papers are pending; `STORAGE_FAILED`; the signal's reason.
   */
  async export(format: ExportFormat = 'index', { signal, onProgress }: IndexWorkOptions = {}): Promise<Blob> {
    if (!EXPORT_FORMATS.includes(format)) throw new InvalidArgumentError('format', format, `one of ${EXPORT_FORMATS.join(', ')}`)
    return this.#connection.call('export', format, { signal, onReport: (progress) => notify(onProgress, progress) })
  }

  /**
   * Adds the papers of a file that export() or `specter2-web embed` wrote; papers of the same ids are replaced. Its vectors are
   * taken over unless another model made those of the index; then its papers are pending.
   *
   * @throws InvalidArgumentError; Specter2Error `INVALID_INDEX` for a file of another kind, `DAMAGED_FILE`, `UNSUPPORTED` for one
   *   of a later version, `DOWNLOAD_FAILED`, `STORAGE_FAILED`; the signal's reason.
   */
  async import(source: Blob | string | URL, options: IndexWorkOptions = {}): Promise<ImportResult> {
    return this.#import(source instanceof Blob ? { blob: source } : { url: resolveUrl('source', source) }, false, options)
  }

  /** Ends the worker; pending calls reject with `DISPOSED`. The embedder is left alone. Idempotent. */
  async close(): Promise<void> {
    this.#connection.close()
  }

  /** Same as {@link close}, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #import(source: ImportSource, once: boolean, { signal, onProgress }: IndexWorkOptions): Promise<ImportResult> {
    const onReport = (progress: IndexProgress) => notify(onProgress, progress)
    const result = await this.#connection.call('import', { source, once }, { signal, onReport })
    await this.#connection.refresh(signal)
    return result
  }

  /** Embeds what is pending, unless the vectors of the index are of another model. */
  async #embedAll({ signal, onProgress }: IndexWorkOptions): Promise<void> {
    const embedder = await this.#embedder.loaded(signal)
    await this.#exclusively(async () => {
      await this.#connection.refresh(signal)
      if (this.info.stale) return
      await embedPending(this.#connection, embedder, modelStamp(embedder), {
        signal,
        onProgress: (progress) => notify(onProgress, progress),
      })
      await this.#connection.refresh(signal)
    }, signal)
  }

  async #exclusively(work: () => Promise<void>, signal?: AbortSignal): Promise<void> {
    await within(this.#embedding.run(work, signal), { signal })
  }
}

const EXPORT_FORMATS: readonly ExportFormat[] = ['index', 'index-int8', 'jsonl', 'npy', 'parquet']
