import { InvalidArgumentError, Specter2Error } from '../../core/errors.js'
import { likenessOf } from '../../core/search/likeness.js'
import {
  decodeVector,
  encodeVector,
  SERVICE_LIMITS,
  type ServiceError,
  type ServiceHit,
  type ServiceInfo,
} from '../../core/search/service-protocol.js'
import type { ModelStamp } from '../../core/types.js'
import type {
  FoundVectors,
  Hit,
  LibraryProtocol,
  LibraryState,
  SearchAnswer,
  SearchRequest,
} from '../../workers/library/library-protocol.js'
import type { ResultOf } from '../../workers/rpc/protocol.js'
import type { CallArguments } from '../../workers/rpc/worker-client.js'
import type { SearchConnection } from '../paper-index/index-connection.js'

const { MAX_K, MAX_REACH, MAX_IDS } = SERVICE_LIMITS

export interface RemoteConnectionOptions {
  key: string | undefined
  timeoutMs: number
  fetch: typeof fetch
}

/** A service of `specter2-web serve`, asked as the worker of an index is. */
export class RemoteConnection implements SearchConnection {
  readonly #url: string
  readonly #options: RemoteConnectionOptions
  #state: LibraryState | null = null
  #sample: readonly string[] = []

  constructor(url: string, options: RemoteConnectionOptions) {
    this.#url = url.endsWith('/') ? url : `${url}/`
    this.#options = options
  }

  get state(): LibraryState | null {
    return this.#state
  }

  /** Ids of some papers with vectors. */
  get sample(): readonly string[] {
    return this.#sample
  }

  setState(state: LibraryState): void {
    this.#state = state
  }

  /** @throws Specter2Error `SERVICE_FAILED`; the signal's reason. */
  async open(signal: AbortSignal | undefined): Promise<void> {
    const info = (await this.#ask('v1/info', undefined, signal)) as ServiceInfo
    if (info.protocol !== 1 || !Number.isInteger(info.dimension) || !Number.isInteger(info.papers) || !Array.isArray(info.sample))
      throw this.#failed('it is no service of specter2-web, or one of another version', {})
    const unknown = { id: 'unknown', revision: 'unknown', dtype: 'fp32' as const, adapter: 'base', metric: info.metric }
    const model: ModelStamp = { ...(info.model ?? unknown), dimension: info.dimension }
    this.#sample = info.sample
    this.#state = {
      papers: info.papers,
      vectors: info.papers,
      pending: 0,
      bytes: 0,
      model,
      // Whoever made them, an embedder's vectors are compared with them before its queries are sent.
      computedBy: ['given'],
      sameAs: this.#state?.sameAs ?? [],
      storage: { persistent: true, reason: null },
      damaged: 0,
      sequence: 0,
    }
  }

  async call<Name extends keyof LibraryProtocol>(
    method: Name,
    ...[request, options]: CallArguments<LibraryProtocol[Name]>
  ): Promise<ResultOf<LibraryProtocol[Name]>> {
    const signal = options?.signal ?? undefined
    const answer = async (): Promise<unknown> => {
      if (method === 'search') return this.#search(request as SearchRequest, signal)
      if (method === 'vectors') return this.#vectors((request as { ids: readonly string[] }).ids, signal)
      if (method === 'get') return (await this.#papers(request as readonly string[], signal)).map((found) => found?.paper ?? null)
      if (method === 'accept') return { ...this.#state!, sameAs: [...this.#state!.sameAs, request as string] }
      throw new Specter2Error('UNSUPPORTED', `A service does not ${method}: it is read only.`)
    }
    return (await answer()) as ResultOf<LibraryProtocol[Name]>
  }

  async #search(
    { mode, query, vector, scope, k, offset, scale, minLikeness }: SearchRequest,
    signal?: AbortSignal,
  ): Promise<SearchAnswer> {
    if (offset + k > MAX_REACH)
      throw new InvalidArgumentError('offset', offset, `at most ${MAX_REACH - k}: a service gives its first ${MAX_REACH} hits`)
    const asked = {
      mode: vector || mode === 'lexical' ? mode : 'lexical',
      query,
      vector: vector && encodeVector(vector),
      ids: scope.ids,
      except: scope.except,
    }
    const hits: Hit[] = []
    for (let first = 0; first < k; first += MAX_K) {
      const count = Math.min(MAX_K, k - first)
      const { hits: page } = (await this.#ask('v1/search', { ...asked, k: count, offset: offset + first }, signal)) as {
        hits: ServiceHit[]
      }
      if (!Array.isArray(page) || page.some((hit) => typeof hit?.id !== 'string' || typeof hit.paper?.title !== 'string'))
        throw this.#failed('its answer has no hits', {})
      for (const hit of page)
        hits.push({ ...hit, likeness: scale && hit.distance !== null ? likenessOf(hit.distance, scale) : null })
      if (page.length < count) break
    }
    // Words that a paper has count as much as likeness, as in an index of the page.
    const kept = hits.filter(({ likeness, terms }) => likeness === null || !(likeness < minLikeness) || terms.length > 0)
    return { hits: kept, counts: { withSomeWords: null, withAllWords: null, found: null, isMore: false }, unread: 0 }
  }

  async #vectors(ids: readonly string[], signal?: AbortSignal): Promise<FoundVectors> {
    const { dimension } = this.#state!.model!
    const papers = await this.#papers(ids, signal)
    const present = papers.flatMap((found) => (found?.vector ? [found.vector] : []))
    const vectors = new Float32Array(present.length * dimension)
    for (const [row, vector] of present.entries()) vectors.set(vector, row * dimension)
    return { found: Uint8Array.from(papers, (found) => Number(Boolean(found?.vector))), vectors, dimension }
  }

  async #papers(ids: readonly string[], signal?: AbortSignal) {
    const all: ({ paper: ServiceHit['paper']; vector: Float32Array | null } | null)[] = []
    for (let first = 0; first < ids.length; first += MAX_IDS) {
      const { papers } = (await this.#ask('v1/papers', { ids: ids.slice(first, first + MAX_IDS) }, signal)) as {
        papers: ({ paper: ServiceHit['paper']; vector: string | null } | null)[]
      }
      if (!Array.isArray(papers)) throw this.#failed('its answer has no papers', {})
      for (const found of papers) {
        const vector = found?.vector ? decodeVector(found.vector) : null
        all.push(found && { paper: found.paper, vector: vector?.length === this.#state!.model!.dimension ? vector : null })
      }
    }
    return all
  }

  async #ask(path: string, body: object | undefined, signal: AbortSignal | undefined): Promise<unknown> {
    const { key, timeoutMs, fetch } = this.#options
    const timeout = AbortSignal.timeout(timeoutMs)
    let response: Response
    let answer: unknown
    try {
      response = await fetch(this.#url + path, {
        method: body ? 'POST' : 'GET',
        headers: {
          ...(body && { 'content-type': 'application/json' }),
          ...(key !== undefined && { authorization: `Bearer ${key}` }),
        },
        ...(body && { body: JSON.stringify(body) }),
        credentials: 'omit',
        referrerPolicy: 'no-referrer',
        signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
      })
      answer = await response.json()
    } catch (cause) {
      signal?.throwIfAborted()
      const found = timeout.aborted
        ? `it did not answer within ${timeoutMs} ms`
        : 'it cannot be reached, or does not allow this page'
      throw this.#failed(found, {}, { retryable: true, cause })
    }
    if (response.ok && typeof answer === 'object' && answer !== null) return answer
    const error = (answer as { error?: Partial<ServiceError> } | null)?.error ?? {}
    const details = {
      status: response.status,
      ...(error.field !== undefined && { field: error.field }),
      ...(error.code !== undefined && { reason: error.code }),
    }
    const found = typeof error.message === 'string' ? error.message : `it answered with status ${response.status}`
    throw this.#failed(found, details, { retryable: error.retryable === true })
  }

  #failed(
    found: string,
    details: Record<string, string | number>,
    rest: { retryable?: boolean; cause?: unknown } = {},
  ): Specter2Error {
    const message = `The search service at ${this.#url} failed: ${found}`
    return new Specter2Error('SERVICE_FAILED', message, { details: { url: this.#url, ...details }, ...rest })
  }
}
