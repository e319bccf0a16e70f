import { InvalidArgumentError } from '../../core/errors.js'
import type { ModelStamp } from '../../core/model-folder/model-stamp.js'
import type { PaperRecord } from '../../core/papers/paper-record.js'
import type { Metric, PaperText } from '../../core/types.js'
import type { IndexStorage, PutResult, SearchMode } from '../../workers/library/library-protocol.js'
import type { WorkerSource } from '../../workers/rpc/worker-client.js'
import type { Embedder } from '../embedder/embedder.js'

/** Options of `PaperIndex.open`. */
export interface PaperIndexOptions {
  /**
   * Makes the vectors; a promise of it, such as createEmbedder() gives, lets searches by words begin while the model loads.
   * Without one, papers are found by their words, and by vectors that came with an imported file.
   */
  embedder?: Embedder | Promise<Embedder> | undefined
  /** URL of a file that `specter2-web embed` or export() wrote: imported at the first visit, and again where it has changed. */
  from?: string | URL | undefined
  /** Called after every change, also by other tabs. */
  onChange?: ((info: PaperIndexInfo) => void) | undefined
  /** Called while `from` is imported. */
  onProgress?: ((progress: IndexProgress) => void) | undefined
  /** Ends the opening; rejects with its reason. */
  signal?: AbortSignal | undefined
  /** The library worker, its URL or a function that makes it, for bundlers that do not see the package's own. */
  worker?: WorkerSource | undefined
}

/** How an index stands, as this tab knows. */
export interface PaperIndexInfo {
  /** The name under which the index was opened. */
  name: string
  /** Papers in the index, with or without a vector. */
  papers: number
  /** Papers with a vector. */
  vectors: number
  /** Papers that wait for their vector: found by their words alone until resume(). */
  pending: number
  /** Stored bytes of papers and vectors. */
  bytes: number
  /** What made the vectors; `null` while there are none. */
  model: ModelStamp | null
  /** What the embedder makes; `null` without one, or while it loads. */
  embedder: ModelStamp | null
  /** Whether the embedder is another model than `model`: until reembed(), papers are found by their words alone. */
  stale: boolean
  /** Whether the index is kept in the browser, and why not. */
  storage: IndexStorage
  /** Chunks of vectors that were found damaged, and dropped, since the index was opened. Their papers are among `pending`. */
  damaged: number
}

/** Papers done so far, of `total`. */
export interface IndexProgress {
  /** Papers done so far. */
  done: number
  /** Papers in all. */
  total: number
}

/** Options of work that takes long: adding, embedding, importing, exporting. */
export interface IndexWorkOptions {
  /** Ends the work; the call rejects with its reason. What was stored stays. */
  signal?: AbortSignal | undefined
  /** Called as papers are done. */
  onProgress?: ((progress: IndexProgress) => void) | undefined
}

/** Options of `PaperIndex.add`. */
export interface AddOptions extends IndexWorkOptions {
  /** Whether papers are embedded at once where there is an embedder. Default `true`; else they are `pending` until resume(). */
  embed?: boolean | undefined
}

/** What became of papers that were added. */
export interface AddResult extends PutResult {
  /** Papers that still wait for their vector: without an embedder, or with one of another model. */
  pending: number
}

/** A paper that was found. */
export interface Hit {
  /** Id of the paper. */
  id: string
  /** Higher is better; comparable within one result. The cosine or minus the distance, BM25, or for `hybrid` the sum of both in standard deviations. */
  score: number
  /** By the model's metric; `null` where no vector was compared. */
  distance: number | null
  /** Position among all hits of either side, from 1; `null` where a side has not found it among its first. */
  ranks: { semantic: number | null; lexical: number | null }
  /** Words of the query that the paper has, as the query spells them. */
  terms: string[]
  /** As it was added. */
  paper: PaperRecord
}

/** What a search found. */
export interface SearchResult {
  /** Best first; at most `k`. */
  hits: Hit[]
  /**
   * What the hits are by. Of a `hybrid` search: `lexical` while, or where, there is no vector of the query; `semantic` while the
   * words are still read.
   */
  mode: SearchMode
  /** `false` in `onUpdate`, while the other side is to come. */
  complete: boolean
  /** Why a `hybrid` search is by words alone; `null` where it is not. */
  unavailable: Error | null
}

/** Which hits to return: the options that every search takes. */
export interface FilterOptions {
  /** How many hits. Default 10. */
  k?: number | undefined
  /** How many of the first hits to leave out, for later pages. Default 0. */
  offset?: number | undefined
  /**
   * Which papers may be found. Applied before ranking, so that k hits come where there are k. It sees papers without their
   * abstracts, which are read into the page by the first search with a filter.
   */
  filter?: ((paper: PaperRecord) => boolean) | undefined
  /** Ids of papers that may be found; with `filter`, both hold. */
  ids?: Iterable<string> | undefined
  /** Cancels the search; the call rejects with its reason. */
  signal?: AbortSignal | undefined
}

/** Options of `PaperIndex.search`. */
export interface SearchOptions extends FilterOptions {
  /** Default `hybrid`. */
  mode?: SearchMode | undefined
  /**
   * Called with the hits of one side where the other is late: by words while the model loads, by vectors while the words of an
   * index that was just opened are read.
   */
  onUpdate?: ((result: SearchResult) => void) | undefined
  /** Whether earlier searches of this index go on beside this one. Default `false`: they end with an `AbortError`. */
  concurrent?: boolean | undefined
}

/** Vectors of papers of an index, in the order of `ids`. */
export interface IndexVectors {
  /** Ids of papers that have a vector. */
  ids: string[]
  /** [ids.length, dimension], row-major. The caller's own. */
  vectors: Float32Array<ArrayBuffer>
  /** Numbers in a vector. */
  dimension: number
  /** The metric by which the vectors are compared. */
  metric: Metric
}

/** One paper to start from: its id, a text that need not be in the index, or a vector [dimension] of the index's model. */
export type Example = string | PaperText | Float32Array

/** Several papers to start from: near those liked, away from those disliked (Rocchio). */
export interface Examples {
  /** Examples to search near; at least one. */
  liked: readonly Example[]
  /** Examples to search away from. Default: none. */
  disliked?: readonly Example[]
}

const MODES: readonly unknown[] = ['semantic', 'lexical', 'hybrid'] satisfies SearchMode[]
/** More than any list shows; a page of hits carries whole papers. */
const MAX_K = 10_000

export function checkIndexName(name: unknown): void {
  if (typeof name !== 'string' || name === '' || name.length > 200)
    throw new InvalidArgumentError('name', name, 'a string of 1 to 200 characters')
}

export function checkFilter({ k, offset, filter, ids }: FilterOptions): void {
  if (k !== undefined && (!Number.isInteger(k) || k < 1 || k > MAX_K))
    throw new InvalidArgumentError('k', k, `a whole number from 1 to ${MAX_K}`)
  if (offset !== undefined && (!Number.isInteger(offset) || offset < 0))
    throw new InvalidArgumentError('offset', offset, 'a whole number of at least 0')
  if (filter !== undefined && typeof filter !== 'function')
    throw new InvalidArgumentError('filter', filter, 'a function of a paper')
  if (ids !== undefined && (typeof ids === 'string' || typeof ids?.[Symbol.iterator] !== 'function'))
    throw new InvalidArgumentError('ids', ids, 'ids of papers')
}

export function checkSearch(query: unknown, { mode, ...options }: SearchOptions): void {
  if (typeof query !== 'string') throw new InvalidArgumentError('query', query, 'a string')
  if (mode !== undefined && !MODES.includes(mode)) throw new InvalidArgumentError('mode', mode, `one of ${MODES.join(', ')}`)
  checkFilter(options)
}

/** @returns the ids, of which each must be a string. */
export function checkIds(ids: string | Iterable<string>): string[] {
  const list = typeof ids === 'string' ? [ids] : [...ids]
  for (const [index, id] of list.entries())
    if (typeof id !== 'string') throw new InvalidArgumentError(`ids[${index}]`, id, 'the id of a paper')
  return list
}
