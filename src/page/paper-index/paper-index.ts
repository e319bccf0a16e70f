import { within } from '../../core/async/waiting.js'
import { InvalidArgumentError, Specter2Error } from '../../core/errors.js'
import { isSameModel, type ModelStamp, staleIndexError } from '../../core/model-folder/model-stamp.js'
import { checkPaper } from '../../core/papers/check-paper.js'
import type { AnyPaper, PaperRecord } from '../../core/papers/paper-record.js'
import type { AdapterName } from '../../core/types.js'
import { DATABASE_PREFIX, deleteIndex, listIndexes } from '../../storage/index-databases.js'
import { Mutex } from '../../storage/web-locks.js'
import type { ExportFormat, Hit, ImportResult, ImportSource, IndexProgress } from '../../workers/library/library-protocol.js'
import { transferred } from '../../workers/rpc/transferred.js'
import { resolveUrl } from '../embedder/assets-folder.js'
import type { Embedder } from '../embedder/embedder.js'
import { notify } from '../notify.js'
import { CurrentEmbedder, modelStamp } from './current-embedder.js'
import { embedPending } from './embed-pending.js'
import type { CheckedVectors } from './given-vectors.js'
import { IndexConnection } from './index-connection.js'
import { IndexData } from './index-data.js'
import {
  type AddOptions,
  type AddResult,
  checkIds,
  checkIndexName,
  type Example,
  type Examples,
  type FilterOptions,
  type IndexVectors,
  type IndexWorkOptions,
  type PaperIndexInfo,
  type PaperIndexOptions,
  type SearchOptions,
  type SearchResult,
} from './index-options.js'
import { IndexSearch } from './index-search.js'
import { ModelAgreement } from './model-agreement.js'
import { PaperRecords } from './paper-records.js'

/** Papers sent to the worker at once: few enough that copying them does not delay the page. */
const SLICE_PAPERS = 256
/** With given vectors, a slice becomes a segment of the store. */
const SEGMENT_PAPERS = 1024

/** Few pages add vectors that they have already. */
const givenVectors = () => import('./given-vectors.js')

/**
 * An index of papers, searched and stored in the browser. Storage and search run in a worker of their own, so that no search
 * waits for the model.
 *
 * @example
 * await using index = await PaperIndex.open('my-library', { embedder })
 * await index.add([{ id: '1', title: 'A structure for deoxyribose nucleic acid' }])
 * const { hits } = await index.search('molecule of heredity')
 * console.log(hits[0]?.paper.title)
 */
export class PaperIndex {
  /** The app's own data, kept with the index and in the files that export() writes. */
  readonly data: IndexData
  readonly #name: string
  readonly #connection: IndexConnection
  readonly #records: PaperRecords
  readonly #embedder: CurrentEmbedder
  readonly #search: IndexSearch
  readonly #agreement: ModelAgreement
  /** One tab embeds at a time, so that no paper is embedded twice. */
  readonly #embedding: Mutex
  readonly #updating: Mutex

  private constructor(name: string, { embedder, worker, onChange }: PaperIndexOptions) {
    this.#name = name
    const changed = () => {
      if (this.#connection.state) notify(onChange, this.info)
    }
    this.#connection = new IndexConnection(name, worker, changed)
    this.data = new IndexData(this.#connection)
    this.#records = new PaperRecords(this.#connection)
    this.#embedder = new CurrentEmbedder(changed)
    this.#agreement = new ModelAgreement(this.#connection, this.#records)
    this.#search = new IndexSearch(this.#connection, this.#embedder, this.#records, this.#agreement)
    this.#embedding = new Mutex(`${DATABASE_PREFIX}${name}:embedding`)
    this.#updating = new Mutex(`${DATABASE_PREFIX}${name}:updating`)
    if (embedder) this.#embedder.use(embedder)
  }

  /**
   * Opens an index, or creates it if there is none with this name. If the browser blocks its storage, the index lives in memory,
   * and `info.storage` says so.
   *
   * @param name Identifies the index in this browser, for this site.
   * @throws InvalidArgumentError; the signal's reason; Specter2Error `STORAGE_FAILED`, `UNSUPPORTED` if a later version wrote the
   *   index, `WORKER_FAILED`; with `from` what import() throws, except for a network failure if the index already has papers.
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

  /** Names of the indexes that this browser stores for this site. */
  static list(): Promise<string[]> {
    return listIndexes()
  }

  /**
   * Deletes an index from this browser. In tabs that have it open, calls reject with `STORAGE_FAILED`. An unknown name is
   * ignored.
   */
  static async delete(name: string): Promise<void> {
    checkIndexName(name)
    await deleteIndex(name)
  }

  /** The state of the index, as this tab knows it. */
  get info(): PaperIndexInfo {
    const { papers, vectors, pending, bytes, model, computedBy, storage, damaged } = this.#connection.state!
    const embedder = this.#embedder.stamp
    const stale = embedder !== null && model !== null && !isSameModel(model, this.#agreement.ofStamp(embedder))
    return { name: this.#name, papers, vectors, pending, bytes, model, computedBy, embedder, stale, storage, damaged }
  }

  /**
   * Uses this embedder for papers and queries from now on; running calls finish with the previous one. If its model differs from
   * the index's, `info.stale` is `true`.
   *
   * @param embedder Borrowed: neither this nor close() disposes it. `null`, for example before disposing of one: queries then use
   *   only words.
   */
  useEmbedder(embedder: Embedder | Promise<Embedder> | null): void {
    this.#embedder.use(embedder)
  }

  /**
   * Adds papers, replacing those with the same ids, and embeds those whose text is new. Papers are stored at once and can then be
   * found by their words; vectors are stored as they come. Closing the page in the middle loses at most the vectors being
   * computed: the papers are `pending` when the index is opened again, and this call or resume() embeds them.
   *
   * If the embedder's model differs from the index's (`info.stale`), papers wait for reembed(); without an embedder, for resume().
   *
   * @param papers Of any type with an `id`, a `title` and perhaps an `abstract`. Other fields are stored as given; they must be
   *   structured-cloneable.
   * @returns when all papers have vectors; with `embed: false`, when they are stored.
   * @throws InvalidArgumentError naming the paper or the vector; the signal's reason; Specter2Error `INDEX_STALE` for given `vectors`
   *   that are not those of the embedder (`details.cosines`) or of the index, before anything is stored; `STORAGE_FAILED` (with
   *   `details.reason` `QuotaExceededError` if the disk is full), or what embedding throws. What is already stored remains.
   */
  async add<P extends AnyPaper>(papers: readonly P[], options: AddOptions = {}): Promise<AddResult> {
    const { signal, onProgress, embed = true } = options
    if (!Array.isArray(papers)) throw new InvalidArgumentError('papers', papers, 'an array of papers')
    const seen = new Map<string, number>()
    for (const [position, paper] of papers.entries()) {
      const { id } = checkPaper(`papers[${position}]`, paper)
      const first = seen.get(id)
      if (first !== undefined)
        throw new InvalidArgumentError(`papers[${position}].id`, id, `an id other than that of papers[${first}]`)
      seen.set(id, position)
    }
    const given = options.vectors === undefined ? null : await this.#place(papers, options)
    const { vectorSlice } = given ? await givenVectors() : { vectorSlice: null }
    const result: AddResult = { added: 0, updated: 0, unchanged: 0, reused: 0, pending: 0 }
    const step = given ? SEGMENT_PAPERS : SLICE_PAPERS
    for (let first = 0; first < papers.length; first += step) {
      const slice = papers.slice(first, first + step)
      const vectors = given && vectorSlice!(given, first, first + step)
      const request = transferred({ papers: slice, given: vectors }, vectors ? [vectors.vectors.buffer] : [])
      // Without the signal, so that an abort never leaves a slice whose result is unknown.
      const put = await this.#connection.call('put', request).catch((error) => {
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
      if (given) notify(onProgress, { done: Math.min(first + step, papers.length), total: papers.length })
    }
    if (given) await this.#connection.refresh(signal)
    if (embed && this.#embedder.exists) await this.#embedAll({ signal, onProgress })
    else await this.#connection.refresh(signal)
    return { ...result, pending: this.info.pending }
  }

  /**
   * Changes some fields of a paper. Concurrent calls, also in other tabs, keep each other's changes. The paper is embedded again
   * only if its title or abstract changes.
   *
   * @throws InvalidArgumentError if there is no paper with this id; otherwise as add().
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

  /** Papers as they were added, in the order of `ids`; `null` for unknown ids. */
  async get(ids: Iterable<string>): Promise<(PaperRecord | null)[]> {
    const list = checkIds(ids)
    return this.#connection.call('get', list)
  }

  /**
   * All papers without their abstracts, those with the oldest texts first. They stay in the page's memory, as for filters: the
   * papers are borrowed, the array is owned by the caller. get() returns abstracts.
   *
   * @throws the signal's reason; Specter2Error `STORAGE_FAILED`, `DISPOSED`.
   */
  async papers({ signal }: { signal?: AbortSignal | undefined } = {}): Promise<PaperRecord[]> {
    return this.#records.all(signal)
  }

  /**
   * Ids of the papers that have an abstract, which {@link papers} leaves out.
   *
   * @throws the signal's reason; Specter2Error `STORAGE_FAILED`, `DISPOSED`.
   */
  async idsWithAbstract({ signal }: { signal?: AbortSignal | undefined } = {}): Promise<string[]> {
    return this.#records.idsWithAbstract(signal)
  }

  /**
   * Vectors of papers by the index's model: for maps, duplicates or heads. Skips unknown ids and pending papers.
   *
   * @param ids Default: all papers.
   * @throws InvalidArgumentError; the signal's reason; Specter2Error `STORAGE_FAILED`, `DISPOSED`.
   */
  async vectors(ids?: Iterable<string>, { signal }: { signal?: AbortSignal | undefined } = {}): Promise<IndexVectors> {
    const wanted = ids === undefined ? (await this.papers({ signal })).map(({ id }) => id) : checkIds(ids)
    return this.#vectorsOf(this.#connection.state!.model, wanted, signal)
  }

  /**
   * Vectors of all papers by another adapter of the embedder's model, such as `classification`: features for heads. They are kept
   * with the index, beside its own vectors; a later call embeds new papers only. reembed() deletes them, export() leaves them out.
   *
   * @throws as add(); Specter2Error `UNKNOWN_ADAPTER`.
   */
  async adapterVectors(adapter: AdapterName, { signal, onProgress }: IndexWorkOptions = {}): Promise<IndexVectors> {
    const embedder = await this.#embedder.loaded(signal)
    // The first vectors of an index are those of its model.
    if (this.#connection.state!.model === null) await this.#embedAll({ signal })
    const stampOf = () => ({ ...modelStamp(embedder), adapter })
    const model = stampOf()
    const report = (progress: IndexProgress) => notify(onProgress, progress)
    await this.#exclusively(
      () => embedPending(this.#connection, embedder, model, { signal, adapter, stampOf, onProgress: report }),
      signal,
    )
    return this.#vectorsOf(
      model,
      (await this.papers({ signal })).map(({ id }) => id),
      signal,
    )
  }

  async #vectorsOf(model: ModelStamp | null, ids: readonly string[], signal: AbortSignal | undefined): Promise<IndexVectors> {
    const { found, vectors, dimension } = await this.#connection.call('vectors', { ids, model }, { signal })
    return {
      ids: ids.filter((_, index) => found[index] === 1),
      vectors,
      dimension: dimension || (model?.dimension ?? 0),
      metric: model?.metric ?? 'cosine',
    }
  }

  /**
   * Embeds `pending` papers: after a tab was closed in the middle of add(), or after a damaged chunk was deleted.
   *
   * @throws as add(); `INDEX_STALE` if the embedder's model differs from the index's.
   */
  async resume(options: IndexWorkOptions = {}): Promise<void> {
    const embedder = await this.#embedder.loaded(options.signal)
    await this.#connection.refresh(options.signal)
    await this.#agreement.settle(embedder, options.signal)
    if (this.info.stale) throw staleIndexError(this.info.model!, modelStamp(embedder))
    await this.#embedAll(options)
  }

  /**
   * Embeds all papers with the index's embedder. The old vectors stay in use until all new ones are stored, so the call can be
   * aborted, and a later one resumes; old and new vectors are never mixed.
   *
   * @throws as add().
   */
  async reembed({ signal, onProgress }: IndexWorkOptions = {}): Promise<void> {
    const embedder = await this.#embedder.loaded(signal)
    const model = modelStamp(embedder)
    await this.#exclusively(async () => {
      await embedPending(this.#connection, embedder, model, { signal, onProgress: (progress) => notify(onProgress, progress) })
      this.#connection.setState(await this.#connection.call('adopt', model, { signal }))
    }, signal)
  }

  /**
   * Finds papers by meaning (`semantic`: the query embedded with the model's adapter for queries; exact, by the model's metric), by
   * their words (`lexical`: BM25, stemmed), or by both (`hybrid`, the default).
   *
   * While the model loads, `onUpdate` gets the hits by words, and while the words of a newly opened large index are being indexed,
   * those by vectors; the promise settles with both sides. A search aborts earlier ones, which reject with an `AbortError`, unless
   * it is `concurrent`. If its query cannot be embedded, a hybrid search uses only words, and `unavailable` says why.
   *
   * @throws InvalidArgumentError; the signal's reason; Specter2Error `INDEX_STALE` (semantic) if the vectors are of another model,
   *   `UNSUPPORTED` (semantic) without an embedder, `STORAGE_FAILED`, `DISPOSED`; what the filter throws.
   */
  async search(query: string, options: SearchOptions = {}): Promise<SearchResult> {
    return this.#search.search(query, options)
  }

  /**
   * Finds papers near a paper, a text or a vector, or near several liked ones and away from disliked ones. The hits exclude papers
   * that are given by id.
   *
   * @throws as search(); InvalidArgumentError for an unknown id or a vector of another dimension.
   */
  async similar(target: Example | Examples, options: FilterOptions = {}): Promise<Hit[]> {
    return this.#search.similar(target, options)
  }

  /**
   * Exports the index as one file: `index` (for import() and `from`, with exact vectors), `index-int8` (the same with vectors in a
   * quarter of the bytes), `jsonl` (papers), `npy` (vectors [papers, dimension] in the order of `jsonl`), or `parquet` (both).
   *
   * @throws Specter2Error `UNSUPPORTED` for `npy` while papers are pending; `STORAGE_FAILED`; the signal's reason.
   */
  async export(format: ExportFormat = 'index', { signal, onProgress }: IndexWorkOptions = {}): Promise<Blob> {
    if (!EXPORT_FORMATS.includes(format)) throw new InvalidArgumentError('format', format, `one of ${EXPORT_FORMATS.join(', ')}`)
    return this.#connection.call('export', format, { signal, onReport: (progress) => notify(onProgress, progress) })
  }

  /**
   * Adds the papers of a file that export() or `specter2-web embed` wrote, replacing papers with the same ids. Its vectors are
   * added too, unless another model made those of the index; then its papers are pending.
   *
   * @throws InvalidArgumentError; Specter2Error `INVALID_INDEX` if it is not an index file, `DAMAGED_FILE`, `UNSUPPORTED` if a
   *   later version wrote it, `DOWNLOAD_FAILED`, `STORAGE_FAILED`; the signal's reason.
   */
  async import(source: Blob | string | URL, options: IndexWorkOptions = {}): Promise<ImportResult> {
    return this.#import(source instanceof Blob ? { blob: source } : { url: resolveUrl('source', source) }, false, options)
  }

  /** Terminates the worker; pending calls reject with `DISPOSED`. Does not dispose of the embedder. Idempotent. */
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

  /** Given vectors, under the model under which they are stored. */
  async #place(papers: readonly PaperRecord[], { vectors, model, otherModel, signal }: AddOptions): Promise<CheckedVectors> {
    if (otherModel !== undefined && otherModel !== 'refuse' && otherModel !== 'keep')
      throw new InvalidArgumentError('otherModel', otherModel, 'refuse or keep')
    const { checkVectors } = await givenVectors()
    const checked = checkVectors(papers, vectors!, model)
    const embedder = this.#embedder.exists ? await this.#embedder.loaded(signal) : null
    await this.#connection.refresh(signal)
    return { ...checked, model: await this.#agreement.place(papers, checked, embedder, otherModel === 'keep', signal) }
  }

  /** Embeds pending papers, unless the vectors of the index are of another model. */
  async #embedAll({ signal, onProgress }: IndexWorkOptions): Promise<void> {
    const embedder = await this.#embedder.loaded(signal)
    await this.#exclusively(async () => {
      await this.#connection.refresh(signal)
      await this.#agreement.settle(embedder, signal).catch((error) => {
        if (error?.code !== 'INDEX_STALE') throw error
      })
      if (this.info.stale) return
      await embedPending(this.#connection, embedder, this.#agreement.stampOf(embedder), {
        signal,
        stampOf: () => this.#agreement.stampOf(embedder),
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
