import { within } from '../../core/async/waiting.js'
import { InvalidArgumentError, Specter2Error } from '../../core/errors.js'
import type { ModelStamp } from '../../core/model-folder/model-stamp.js'
import { scaleFor, type VectorScale } from '../../core/search/likeness.js'
import { parseQuery } from '../../core/search/query-language.js'
import { rocchio } from '../../core/search/rocchio.js'
import type { PaperText } from '../../core/types.js'
import type { Hit, SearchAnswer, SearchMode, SearchRequest, SearchScope } from '../../workers/library/library-protocol.js'
import { notify } from '../notify.js'
import type { CurrentEmbedder } from './current-embedder.js'
import type { SearchConnection } from './index-connection.js'
import {
  checkFilter,
  checkIds,
  checkSearch,
  type Example,
  type Examples,
  type FilterOptions,
  type SearchOptions,
  type SearchResult,
} from './index-options.js'
import type { ModelAgreement } from './model-agreement.js'
import type { SearchRecords } from './paper-records.js'
import { QueryVectors } from './query-vectors.js'

/** If one side of a hybrid search takes this many milliseconds longer than the other, the other's hits are reported first. */
const LATE_MS = 150
/** While words are being indexed, what they find so far is reported after this many milliseconds, then half as often each time. */
const SO_FAR_MS = 1000

/** Error codes after which papers can still be found by their words. */
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

type QueryVector = Pick<SearchRequest, 'vector' | 'model' | 'scale'>

/** The searches of one index. */
export class IndexSearch {
  readonly #connection: SearchConnection
  readonly #embedder: CurrentEmbedder
  readonly #records: SearchRecords
  readonly #agreement: ModelAgreement
  readonly #queries = new QueryVectors()
  /** Aborts the searches that a later one replaces. */
  #replaced = new AbortController()

  constructor(connection: SearchConnection, embedder: CurrentEmbedder, records: SearchRecords, agreement: ModelAgreement) {
    this.#agreement = agreement
    this.#connection = connection
    this.#embedder = embedder
    this.#records = records
  }

  /** See PaperIndex.search(). */
  async search(query: string, options: SearchOptions): Promise<SearchResult> {
    checkSearch(query, options)
    const signal = this.#begin(options)
    signal.throwIfAborted()
    return within(this.#search(query, options, signal), { signal })
  }

  /** See PaperIndex.similar(). */
  async similar(target: Example | Examples, options: FilterOptions): Promise<Hit[]> {
    checkFilter(options)
    const { signal } = options
    const { liked, disliked = [] } = isExamples(target) ? target : { liked: [target as Example] }
    if (!Array.isArray(liked) || liked.length === 0) throw new InvalidArgumentError('target.liked', liked, 'at least one example')
    if (!Array.isArray(disliked)) throw new InvalidArgumentError('target.disliked', disliked, 'an array of examples')
    const examples = [...liked, ...disliked]
    const { vectors, model } = await this.#exampleVectors(examples, signal)
    const metric = this.#connection.state?.model?.metric ?? model?.metric ?? 'cosine'
    const vector =
      examples.length === 1 ? vectors[0]! : rocchio(vectors.slice(0, liked.length), vectors.slice(liked.length), metric)
    const ids = examples.filter((example) => typeof example === 'string')
    const scope = await this.#scope(options, ids, signal)
    const scale = this.#scale(vector, 'paper')
    const request = { mode: 'semantic' as const, query: '', vector: vector.slice(), model, scale, ...limits(options), scope }
    return (await this.#answer(request, signal)).hits
  }

  async #search(query: string, options: SearchOptions, signal: AbortSignal): Promise<SearchResult> {
    const { mode = 'hybrid', onUpdate } = options
    const parsed = parseQuery(query)
    const result = (answer: SearchAnswer, mode: SearchMode, rest: Partial<SearchResult> = {}): SearchResult => {
      return { ...answer, mode, query: parsed, complete: true, unavailable: null, ...rest }
    }
    if (query.trim() === '') return result(NOTHING, mode)
    const scope = await this.#scope(options, [], signal)
    const request: SearchRequest = { mode, query, vector: null, model: null, scale: null, ...limits(options), scope }
    const update = (side: SearchMode, answer: SearchAnswer) => notify(onUpdate, result(answer, side, { complete: false }))
    let byWords: Promise<SearchAnswer> | null = null
    const words = () => {
      if (byWords !== null) return byWords
      byWords = this.#answer({ ...request, mode: 'lexical' }, signal)
      if (onUpdate) {
        const soFar = () => this.#answer({ ...request, mode: 'lexical', soFar: true }, signal)
        void ifLate(byWords, LATE_MS, soFar, (answer) => update('lexical', answer), SO_FAR_MS)
      }
      return byWords
    }
    // What names only authors, years or identifiers has no meaning that a model could read.
    if (mode === 'lexical' || parsed.text === '') return result(await words(), 'lexical')
    const reports = mode === 'hybrid' && onUpdate !== undefined
    try {
      const embedding = this.#queryVector(parsed.text, signal)
      if (reports) void ifLate(embedding, this.#embedder.stamp ? LATE_MS : 0, words, (answer) => update('lexical', answer))
      const vector = await embedding
      const searching = this.#answer({ ...request, ...vector }, signal)
      if (reports) {
        const semantic = () => this.#answer({ ...request, ...vector, mode: 'semantic' }, signal)
        void ifLate(searching, LATE_MS, semantic, (answer) => update('semantic', answer))
      }
      return result(await searching, mode)
    } catch (error) {
      const canUseWords =
        mode !== 'semantic' && !signal.aborted && error instanceof Specter2Error && NO_VECTORS.includes(error.code)
      if (!canUseWords) throw error
      return result(await words(), 'lexical', { unavailable: error })
    }
  }

  /** Aborts earlier searches, unless `concurrent`. @returns The signal that aborts this one. */
  #begin({ signal, concurrent = false }: SearchOptions): AbortSignal {
    if (concurrent) return signal ?? new AbortController().signal
    this.#replaced.abort(new DOMException('A later search has taken its place.', 'AbortError'))
    this.#replaced = new AbortController()
    return signal ? AbortSignal.any([signal, this.#replaced.signal]) : this.#replaced.signal
  }

  async #queryVector(query: string, signal: AbortSignal): Promise<QueryVector> {
    const embedder = await this.#embedder.loaded(signal).catch((cause) => {
      if (signal.aborted || cause instanceof Specter2Error) throw cause
      throw new Specter2Error('RUNTIME_FAILED', `The embedder did not load: ${(cause as Error)?.message ?? cause}`, { cause })
    })
    const model = await this.#agreement.settle(embedder, signal)
    const found = await this.#queries.get(embedder, query, signal)
    return { ...found, model, scale: this.#scale(found.vector, 'query') }
  }

  async #exampleVectors(
    examples: readonly Example[],
    signal: AbortSignal | undefined,
  ): Promise<{ vectors: Float32Array[]; model: ModelStamp | null }> {
    const ids = checkIds(examples.filter((example) => typeof example === 'string'))
    const texts = examples.filter((example): example is PaperText => typeof example === 'object' && 'title' in example)
    const stored = await this.#storedVectors(ids, signal)
    const embedder = texts.length > 0 ? await this.#embedder.loaded(signal) : null
    const embedded = embedder ? await embedder.embed(texts, { signal }) : null
    const dimension = embedded?.dimension ?? this.#connection.state?.model?.dimension ?? 0
    const vectors = examples.map((example, position) => {
      if (typeof example === 'string') return stored.get(example)!
      if (example instanceof Float32Array) {
        if (example.length === dimension) return example
        throw new InvalidArgumentError('target.length', example.length, `${dimension}, the dimension of the index's vectors`)
      }
      const row = texts.indexOf(example)
      if (row < 0)
        throw new InvalidArgumentError(`target[${position}]`, example, 'an id, a paper { title, abstract } or a Float32Array')
      return embedded!.vectors.subarray(row * dimension, (row + 1) * dimension)
    })
    return { vectors, model: embedder && (await this.#agreement.settle(embedder, signal)) }
  }

  /** Vectors by id. @throws InvalidArgumentError for an unknown id; Specter2Error `INDEX_STALE` for a pending paper. */
  async #storedVectors(ids: readonly string[], signal: AbortSignal | undefined): Promise<Map<string, Float32Array>> {
    const { found, vectors, dimension } = await this.#connection.call('vectors', { ids, model: null }, { signal })
    const stored = new Map<string, Float32Array>()
    for (const [index, id] of ids.entries()) {
      if (found[index] === 0) {
        const [paper] = await this.#connection.call('get', [id], { signal })
        if (!paper) throw new InvalidArgumentError('target', id, 'the id of a paper of this index')
        const message = `The paper ${JSON.stringify(id)} has no vector yet. Call resume() and try again.`
        throw new Specter2Error('INDEX_STALE', message, { retryable: true, details: { id } })
      }
      const row = found.subarray(0, index).reduce((sum, bit) => sum + bit, 0)
      stored.set(id, vectors.subarray(row * dimension, (row + 1) * dimension))
    }
    return stored
  }

  async #scope({ filter, ids }: FilterOptions, except: string[], signal: AbortSignal | undefined): Promise<SearchScope> {
    const rows = filter ? await this.#records.rowsWhere(filter, signal) : null
    return { rows, ids: ids === undefined ? null : checkIds(ids), except }
  }

  /** `null` if the embedder's scale is not known yet, or there is no embedder. */
  #scale(vector: Float32Array, kind: 'query' | 'paper'): VectorScale | null {
    const scale = this.#embedder.likeness
    return scale && scale.mean.length === vector.length ? scaleFor(vector, scale, kind, this.#embedder.stamp!.metric) : null
  }

  #answer(request: SearchRequest, signal: AbortSignal | undefined): Promise<SearchAnswer> {
    return this.#connection.call('search', request, { signal })
  }
}

/**
 * Reports the result of `other` if `main` has not settled after `ms`, and not when `other` resolves either. Never rejects.
 *
 * @param againMs Repeats it after this long, then after twice as long, and so on. Default: once is enough.
 */
async function ifLate<T>(
  main: Promise<unknown>,
  ms: number,
  other: () => Promise<T>,
  report: (value: T) => void,
  againMs?: number,
): Promise<void> {
  let isSettled = false
  const settled = main.then(
    () => {},
    () => {},
  )
  void settled.then(() => {
    isSettled = true
  })
  const later = (limitMs: number) => within(settled, { limitMs, onLimit: () => {} })
  await later(ms)
  for (let next = againMs; !isSettled; next *= 2) {
    const value = await other().catch(() => null)
    if (value === null || isSettled) return
    report(value)
    if (next === undefined) return
    await later(next)
  }
}

const NOTHING: SearchAnswer = {
  hits: [],
  counts: { withSomeWords: null, withAllWords: null, found: null, isMore: false },
  unread: 0,
}

function isExamples(target: Example | Examples): target is Examples {
  return typeof target === 'object' && target !== null && 'liked' in target
}

function limits({ k = 10, offset = 0, minLikeness = 0 }: FilterOptions) {
  return { k, offset, minLikeness }
}
