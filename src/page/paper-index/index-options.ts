import { InvalidArgumentError } from '../../core/errors.js'
import type { GivenModel } from '../../core/model-folder/given-model.js'
import type { ModelStamp } from '../../core/model-folder/model-stamp.js'
import type { PaperRecord } from '../../core/papers/paper-record.js'
import type { ParsedQuery } from '../../core/search/query-language.js'
import type { Metric, PaperText } from '../../core/types.js'
import type {
  Hit,
  IndexProgress,
  IndexStorage,
  PutResult,
  SearchCounts,
  SearchMode,
} from '../../workers/library/library-protocol.js'
import type { WorkerSource } from '../../workers/rpc/start-worker.js'
import type { Embedder } from '../embedder/embedder.js'
import type { VectorsInput } from './given-vectors.js'

/** Options of `PaperIndex.open`. */
export interface PaperIndexOptions {
  /**
   * Makes the vectors. A promise, such as createEmbedder() returns, allows searches by words while the model loads. Without an
   * embedder, papers are found by their words, and by vectors from an imported file.
   */
  embedder?: Embedder | Promise<Embedder> | undefined
  /** URL of a file that `specter2-web embed` or export() wrote: imported on the first visit, and again if it has changed. */
  from?: string | URL | undefined
  /** Called after every change, also by other tabs. */
  onChange?: ((info: PaperIndexInfo) => void) | undefined
  /** Called while `from` is imported. */
  onProgress?: ((progress: IndexProgress) => void) | undefined
  /** Aborts opening; the call rejects with its reason. */
  signal?: AbortSignal | undefined
  /** The library worker, its URL or a function that creates it, for bundlers that do not find the package's own. */
  worker?: WorkerSource | undefined
}

/** The state of an index, as this tab knows it. */
export interface PaperIndexInfo {
  /** The name under which the index was opened. */
  name: string
  /** Papers in the index, with or without a vector. */
  papers: number
  /** Papers with a vector. */
  vectors: number
  /** Papers without a vector: found only by their words until resume(). */
  pending: number
  /** Stored bytes of papers and vectors. */
  bytes: number
  /** The model that made the vectors; `null` while there are none. */
  model: ModelStamp | null
  /**
   * What computed the vectors: tiers of the own encoder (`own, vnni`), `transformers, wasm` or `transformers, webgpu`. Their vectors of
   * a text differ a little, within the dtype's accuracy. `given` if others computed them. Empty if unknown.
   */
  computedBy: readonly string[]
  /** The embedder's model; `null` without an embedder, or while it loads. */
  embedder: ModelStamp | null
  /** Whether the embedder's model differs from `model`: until reembed(), papers are found only by their words. */
  stale: boolean
  /** Whether the index is stored in the browser, and if not, why. */
  storage: IndexStorage
  /** Chunks of vectors that were damaged and have been deleted since the index was opened. Their papers are `pending`. */
  damaged: number
}

/** Options of long-running work: adding, embedding, importing, exporting. */
export interface IndexWorkOptions {
  /** Aborts the work; the call rejects with its reason. What is already stored remains. */
  signal?: AbortSignal | undefined
  /** Called as papers are done. */
  onProgress?: ((progress: IndexProgress) => void) | undefined
}

/** Options of `PaperIndex.add`. */
export interface AddOptions extends IndexWorkOptions {
  /** Whether to embed the papers at once if there is an embedder. Default `true`; otherwise they are `pending` until resume(). */
  embed?: boolean | undefined
  /**
   * Vectors that others have computed for the papers: [papers, dimension] row-major, an array with a vector or `null` for each paper, or
   * what readPapersInWorker() found in files. Copied. If there is an embedder, it embeds a few of the papers as well, and vectors that
   * are not its own are refused.
   */
  vectors?: VectorsInput | undefined
  /**
   * The model that made `vectors`: a name such as `specter_v2`, or its id with `metric`, and what else of its stamp is known. Default for
   * vectors of a file: what the file says.
   */
  model?: string | GivenModel | undefined
  /**
   * What becomes of vectors that are not the embedder's. `refuse` throws `INDEX_STALE`; `keep` stores them if the index has no others:
   * its papers are then found by their words and by similar(), and by meaning with the embedder of that model. Default `refuse`.
   */
  otherModel?: 'refuse' | 'keep' | undefined
}

/** The result of adding papers. */
export interface AddResult extends PutResult {
  /** Papers of the index without a vector, if there is no embedder or it has another model. */
  pending: number
}

/** The result of a search. */
export interface SearchResult {
  /** Best first; at most `k`. */
  hits: Hit[]
  /**
   * How the hits were found. For a `hybrid` search: `lexical` if there is no vector of the query (yet); `semantic` while the words
   * are still being indexed.
   */
  mode: SearchMode
  /** How many papers were found, whatever `k`. */
  counts: SearchCounts
  /** What the query was understood as. */
  query: ParsedQuery
  /** `false` in `onUpdate`, while the other side or the words of some papers are still missing. */
  complete: boolean
  /** Papers whose words are still being indexed, and which can be found by words only then; 0 if `complete`. */
  unread: number
  /** Why a `hybrid` search used only words; `null` if it did not. */
  unavailable: Error | null
}

/** Which hits to return: the options that every search takes. */
export interface FilterOptions {
  /** How many hits. Default 10. */
  k?: number | undefined
  /** How many of the first hits to skip, for later pages. Default 0. */
  offset?: number | undefined
  /**
   * Which papers may be found. Applied before ranking, so there are k hits if k papers pass. It gets papers without their
   * abstracts; the first search with a filter reads them into the page.
   */
  filter?: ((paper: PaperRecord) => boolean) | undefined
  /** Ids of papers that may be found; combined with `filter`, both must hold. */
  ids?: Iterable<string> | undefined
  /**
   * Leaves out papers of less likeness, 0 … 1; .5 is where papers begin to be alike. In a `hybrid` search, papers with all of the
   * query's words stay. Ignored where there is no likeness: in a `lexical` search, and until the model's scale is known. Default 0.
   */
  minLikeness?: number | undefined
  /** Cancels the search; the call rejects with its reason. */
  signal?: AbortSignal | undefined
}

/** Options of `PaperIndex.search`. */
export interface SearchOptions extends FilterOptions {
  /** Default `hybrid`. */
  mode?: SearchMode | undefined
  /**
   * Called with the hits of one side if the other is late: by words while the model loads, by vectors while the words of a newly
   * opened index are being indexed. If there is no other side, called now and then with what the words indexed so far find.
   */
  onUpdate?: ((result: SearchResult) => void) | undefined
  /** Whether earlier searches of this index continue. Default `false`: they reject with an `AbortError`. */
  concurrent?: boolean | undefined
}

/** Vectors of papers of an index, in the order of `ids`. */
export interface IndexVectors {
  /** Ids of papers that have a vector. */
  ids: string[]
  /** [ids.length, dimension], row-major. Owned by the caller. */
  vectors: Float32Array<ArrayBuffer>
  /** Numbers in a vector. */
  dimension: number
  /** The metric by which the vectors are compared. */
  metric: Metric
}

/** One example: the id of a paper, a text that need not be in the index, or a vector [dimension] of the index's model. */
export type Example = string | PaperText | Float32Array

/** Several examples: search near the liked ones and away from the disliked ones (Rocchio). */
export interface Examples {
  /** Examples to search near; at least one. */
  liked: readonly Example[]
  /** Examples to search away from. Default: none. */
  disliked?: readonly Example[]
}

const MODES: readonly unknown[] = ['semantic', 'lexical', 'hybrid'] satisfies SearchMode[]
/** More than any list shows: hits contain whole papers. */
const MAX_K = 10_000

export function checkIndexName(name: unknown): void {
  if (typeof name !== 'string' || name === '' || name.length > 200)
    throw new InvalidArgumentError('name', name, 'a string of 1 to 200 characters')
}

export function checkFilter({ k, offset, filter, ids, minLikeness }: FilterOptions): void {
  if (minLikeness !== undefined && !(minLikeness >= 0 && minLikeness <= 1))
    throw new InvalidArgumentError('minLikeness', minLikeness, 'a number from 0 to 1')
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

/** @returns the ids as an array, after checking that each is a string. */
export function checkIds(ids: string | Iterable<string>): string[] {
  const list = typeof ids === 'string' ? [ids] : [...ids]
  for (const [index, id] of list.entries())
    if (typeof id !== 'string') throw new InvalidArgumentError(`ids[${index}]`, id, 'the id of a paper')
  return list
}
