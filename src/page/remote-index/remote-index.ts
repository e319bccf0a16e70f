// For the declarations, in apps whose `lib` has no `Symbol.asyncDispose`.
/// <reference lib="esnext.disposable" preserve="true" />
import { InvalidArgumentError, Specter2Error } from '../../core/errors.js'
import type { PaperRecord } from '../../core/papers/paper-record.js'
import { SERVICE_LIMITS } from '../../core/search/service-protocol.js'
import type { ModelStamp } from '../../core/types.js'
import type { Hit } from '../../workers/library/library-protocol.js'
import { resolveUrl } from '../embedder/assets-folder.js'
import type { Embedder } from '../embedder/embedder.js'
import { CurrentEmbedder } from '../paper-index/current-embedder.js'
import {
  checkFilter,
  checkIds,
  checkSearch,
  type Example,
  type Examples,
  type FilterOptions,
  type SearchOptions,
  type SearchResult,
} from '../paper-index/index-options.js'
import { IndexSearch } from '../paper-index/index-search.js'
import { ModelAgreement } from '../paper-index/model-agreement.js'
import type { PaperIndex } from '../paper-index/paper-index.js'
import type { SearchRecords } from '../paper-index/paper-records.js'
import { RemoteConnection } from './remote-connection.js'

/** Options of {@link RemoteIndex.open}. */
export interface RemoteIndexOptions {
  /** Embeds queries here, in the page. Without it, papers are found by their words, and near other papers of the table. */
  embedder?: Embedder | Promise<Embedder> | undefined
  /** The service's key, if it asks for one. */
  key?: string | undefined
  /** Answers if the service does not: an index of the page, borrowed. Default: none; the call then rejects. */
  fallback?: PaperIndex | undefined
  /** Milliseconds after which an answer is given up. Default 15,000. */
  timeoutMs?: number | undefined
  /** Aborts opening; the call rejects with its reason. */
  signal?: AbortSignal | undefined
  /** In place of the page's own `fetch`, for tests or other credentials. */
  fetch?: typeof fetch | undefined
}

/** The state of a table, as the service says. */
export interface RemoteIndexInfo {
  /** The service's address. */
  url: string
  /** Papers of the table; 0 until the service has answered. */
  papers: number
  /** The model that made the vectors; `null` until the service has answered. */
  model: ModelStamp | null
  /** The embedder's model; `null` without an embedder, or while it loads. */
  embedder: ModelStamp | null
}

/** The result of a search, and who answered. */
export interface RemoteSearchResult extends SearchResult {
  /** `local` if the fallback answered. */
  source: 'service' | 'local'
  /** Why the service did not answer; `null` if it did. */
  failure: Error | null
}

/** A service that has failed is not asked again for this many milliseconds, if there is a fallback. */
const PAUSE_MS = 5_000

/**
 * A table of papers behind `specter2-web serve`, searched as a {@link PaperIndex} is. Queries are embedded here: the service gets their
 * vectors and the words as typed, and nothing else.
 *
 * @example
 * const remote = await RemoteIndex.open('https://papers.example.org/', { embedder, fallback: index })
 * const { hits, source } = await remote.search('tides year:2010-2020')
 * console.log(source, hits[0]?.paper.title)
 */
export class RemoteIndex {
  readonly #url: string
  readonly #connection: RemoteConnection
  readonly #embedder = new CurrentEmbedder(() => {})
  readonly #search: IndexSearch
  readonly #fallback: PaperIndex | null
  #failed: { error: Error; at: number } | null = null

  private constructor(url: string, { embedder, key, fallback, timeoutMs = 15_000, ...rest }: RemoteIndexOptions) {
    this.#url = url
    this.#fallback = fallback ?? null
    const fetcher = rest.fetch ?? ((input: RequestInfo | URL, init?: RequestInit) => fetch(input, init))
    this.#connection = new RemoteConnection(url, { key, timeoutMs, fetch: fetcher })
    const connection = this.#connection
    const records: SearchRecords = {
      rowsWhere: () => Promise.reject(new Specter2Error('UNSUPPORTED', 'A service has no rows.')),
      all: async () => connection.sample.map((id) => ({ id, title: '' })),
      idsWithAbstract: async () => [...connection.sample],
    }
    this.#search = new IndexSearch(connection, this.#embedder, records, new ModelAgreement(connection, records))
    if (embedder) this.#embedder.use(embedder)
  }

  /**
   * Asks the service what it has.
   *
   * @param url Of the service; the page must be one of its origins.
   * @throws InvalidArgumentError; the signal's reason; without a `fallback`, Specter2Error `SERVICE_FAILED`.
   */
  static async open(url: string | URL, options: RemoteIndexOptions = {}): Promise<RemoteIndex> {
    const { timeoutMs } = options
    if (timeoutMs !== undefined && !(timeoutMs > 0)) throw new InvalidArgumentError('timeoutMs', timeoutMs, 'a number above 0')
    const index = new RemoteIndex(resolveUrl('url', url), options)
    await index
      .#attempt((signal) => index.#connection.open(signal), options.signal)
      .catch((error) => {
        if (!index.#fallback || error?.code !== 'SERVICE_FAILED') throw error
      })
    return index
  }

  /** What the service has said of its table. */
  get info(): RemoteIndexInfo {
    const { state } = this.#connection
    return { url: this.#url, papers: state?.papers ?? 0, model: state?.model ?? null, embedder: this.#embedder.stamp }
  }

  /** As {@link PaperIndex.useEmbedder}. */
  useEmbedder(embedder: Embedder | Promise<Embedder> | null): void {
    this.#embedder.use(embedder)
  }

  /**
   * As {@link PaperIndex.search}. The service ranks by an approximate index and compares what that finds exactly; pages reach its first
   * 1,000 hits. A `filter` is applied to these here; conditions of the query itself, such as `year:2010-2020`, hold in the whole table.
   *
   * @throws as PaperIndex.search(); without a `fallback`, Specter2Error `SERVICE_FAILED` (`retryable`, `details.status`).
   */
  async search(query: string, options: SearchOptions = {}): Promise<RemoteSearchResult> {
    checkSearch(query, options)
    const answer = (service: () => Promise<SearchResult>) => this.#attempt(service, options.signal)
    try {
      const result = await answer(() => {
        if (!options.filter) return this.#search.search(query, options)
        return this.#filtered(options, async (page) => this.#search.search(query, { ...page, onUpdate: undefined }))
      })
      // A model of another kind is no fault of the service, which has found papers by their words.
      return { ...result, source: 'service', failure: null }
    } catch (error) {
      if (!this.#canFallBack(error)) throw error
      return { ...(await this.#fallback!.search(query, options)), source: 'local', failure: error }
    }
  }

  /**
   * As {@link PaperIndex.similar}, near papers of the table, texts or vectors.
   *
   * @throws as search().
   */
  async similar(target: Example | Examples, options: FilterOptions = {}): Promise<Hit[]> {
    checkFilter(options)
    try {
      return await this.#attempt(async () => {
        if (!options.filter) return this.#search.similar(target, options)
        return (await this.#filtered(options, async (page) => ({ hits: await this.#search.similar(target, page) }))).hits
      }, options.signal)
    } catch (error) {
      if (!this.#canFallBack(error)) throw error
      return this.#fallback!.similar(target, options)
    }
  }

  /** Papers of the table in the order of `ids`; `null` for unknown ids. */
  async get(ids: Iterable<string>): Promise<(PaperRecord | null)[]> {
    const list = checkIds(ids)
    return this.#attempt(() => this.#connection.call('get', list), undefined)
  }

  /** Does not dispose of the embedder or the fallback; nothing is held. */
  async close(): Promise<void> {
    this.#embedder.use(null)
  }

  /** Same as {@link close}, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  /** Asks the service, after asking what it has if it has not said so yet. */
  async #attempt<T>(ask: (signal: AbortSignal | undefined) => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    signal?.throwIfAborted()
    if (this.#failed && this.#fallback && performance.now() - this.#failed.at < PAUSE_MS) throw this.#failed.error
    try {
      if (!this.#connection.state) await this.#connection.open(signal)
      const result = await ask(signal)
      this.#failed = null
      return result
    } catch (error) {
      if (error instanceof Specter2Error && error.code === 'SERVICE_FAILED') this.#failed = { error, at: performance.now() }
      throw error
    }
  }

  #canFallBack(error: unknown): error is Specter2Error {
    return this.#fallback !== null && error instanceof Specter2Error && error.code === 'SERVICE_FAILED'
  }

  /** Reads pages until enough hits pass, or the service's reach ends. */
  async #filtered<T extends { hits: Hit[] }>(
    { filter, k = 10, offset = 0, ...rest }: FilterOptions,
    read: (page: FilterOptions) => Promise<T>,
  ): Promise<T> {
    const hits: Hit[] = []
    const { MAX_K, MAX_REACH } = SERVICE_LIMITS
    for (let first = 0; ; first += MAX_K) {
      const result = await read({ ...rest, k: MAX_K, offset: first })
      for (const hit of result.hits) if (filter!(hit.paper)) hits.push(hit)
      if (hits.length >= offset + k || result.hits.length < MAX_K || first + 2 * MAX_K > MAX_REACH)
        return { ...result, hits: hits.slice(offset, offset + k) }
    }
  }
}
