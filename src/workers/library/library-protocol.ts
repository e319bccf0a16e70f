/** Types of the messages between page and library worker. */

import type { ModelStamp } from '../../core/model-folder/model-stamp.js'
import type { PaperRecord } from '../../core/papers/paper-record.js'
import type { VectorScale } from '../../core/search/likeness.js'
import type { Report } from '../rpc/protocol.js'

/** Whether an index is stored in the browser, and if not, why. */
export interface IndexStorage {
  /** Whether the index is stored in the browser; if not, it is lost when the page closes. */
  persistent: boolean
  /** Why it is only in memory; `null` if it is stored. */
  reason: string | null
}

/** The state of an index. */
export interface LibraryState {
  papers: number
  /** Papers with a vector of `model`. */
  vectors: number
  /** Papers without a vector of `model`. */
  pending: number
  /** Stored bytes of papers and vectors. */
  bytes: number
  /** The model that made the vectors; `null` while there are none. */
  model: ModelStamp | null
  /**
   * What computed the vectors: `own, vnni` and other tiers of the own encoder, `transformers, wasm` or `transformers, webgpu`. Vectors
   * of the same text differ a little between them, within the dtype's accuracy. Empty if unknown.
   */
  computedBy: readonly string[]
  /** Keys of models whose vectors of a sample of the papers were the same as those of `model`. */
  sameAs: readonly string[]
  storage: IndexStorage
  /** Chunks of vectors that were damaged and have been deleted since the index was opened. Their papers are `pending`. */
  damaged: number
  /** Increases with every change in any tab. */
  sequence: number
}

/** How many papers were added, updated or left unchanged. */
export interface PutResult {
  /** Papers whose id was not in the index. */
  added: number
  /** Papers whose text or other fields changed. */
  updated: number
  /** Papers that equal the stored ones. */
  unchanged: number
  /** New texts for which there was a vector already. */
  reused: number
}

/** Papers to add, perhaps with vectors that others have computed. */
export interface PutPapers {
  papers: readonly PaperRecord[]
  /** `vectors` [number of ones in `found`, dimension] of the papers marked in `found`; transferred. */
  given: { model: ModelStamp; found: Uint8Array<ArrayBuffer>; vectors: Float32Array<ArrayBuffer> } | null
}

export interface PutVectors {
  model: ModelStamp
  rows: readonly number[]
  /** [rows.length, dimension]; transferred. */
  vectors: Float32Array<ArrayBuffer>
  /** What computed them; default unknown. */
  computedBy?: string
}

export interface PendingPaper {
  row: number
  title: string
  abstract: string | null
}

/** `semantic` ranks by vectors, `lexical` by words (BM25), `hybrid` by both. */
export type SearchMode = 'semantic' | 'lexical' | 'hybrid'

/** Which papers may be found: those in `rows` and `ids`; all, if both are `null`. */
export interface SearchScope {
  /** A bit set (bit `row & 31` of word `row >>> 5`); transferred. */
  rows: Uint32Array<ArrayBuffer> | null
  ids: readonly string[] | null
  /** Ids of papers to exclude. */
  except: readonly string[]
}

export interface SearchRequest {
  mode: SearchMode
  /** As typed: its phrases, fields, years, identifiers and exclusions hold in every mode, its words where words are searched. */
  query: string
  /** [dimension]; not used by `lexical`. */
  vector: Float32Array<ArrayBuffer> | null
  /** The model that made `vector`. */
  model: ModelStamp | null
  /** What makes likeness of distances from `vector`; `null` if it is not known. */
  scale: VectorScale | null
  /** Leaves out papers of less likeness. */
  minLikeness: number
  scope: SearchScope
  k: number
  offset: number
  /** Searches the words of the papers that are indexed so far instead of waiting for all. Default `false`. */
  soFar?: boolean
}

/** How many papers a search found, whatever `k`. */
export interface SearchCounts {
  /** Papers with some of the query's words; `null` if words were not searched. */
  withSomeWords: number | null
  /** Papers with all of the query's words, stop words aside; `null` if words were not searched. */
  withAllWords: number | null
  /**
   * How many hits come first because they are alike (`likeness` of at least .5) or, in a `hybrid` search, have all of the query's words.
   * After them, papers are only loosely alike. `null` if there is no likeness.
   */
  found: number | null
  /** Whether even more papers are alike than `found` says, which counts no more than some 1,000. */
  isMore: boolean
}

/** Hits with their counts. */
export interface SearchAnswer {
  hits: Hit[]
  counts: SearchCounts
  /** Papers whose words are not indexed yet, so that this answer could not find them by words. */
  unread: number
}

/** A search hit. */
export interface Hit {
  /** Id of the paper. */
  id: string
  /** Higher is better; comparable within one result. The cosine or minus the distance, BM25, or for `hybrid` the sum of both in standard deviations. */
  score: number
  /** By the model's metric; `null` if no vector was compared. */
  distance: number | null
  /**
   * How alike the paper is to what was searched for, 0 … 1, calibrated for the model: 0 as any paper of any field, .5 where unrelated
   * papers end, 1 as a title and its own abstract. `null` without a distance, or until the model's scale is known.
   */
  likeness: number | null
  /** Position in the ranking by vectors and by words, from 1; `null` if it is not among the first hits there. */
  ranks: { semantic: number | null; lexical: number | null }
  /** Words of the query that occur in the paper, as spelled in the query. */
  terms: string[]
  /** The paper as it was added. */
  paper: PaperRecord
}

/** Papers by row without their abstracts, for filters. */
export interface RecordsPart {
  rows: Uint32Array<ArrayBuffer>
  papers: PaperRecord[]
  /** Those of the rows whose papers have an abstract. */
  withAbstract: Uint32Array<ArrayBuffer>
}

/** What the page needs to update its records. */
export interface RecordsState {
  /** One above the highest row. */
  nextRow: number
  /** Rows that hold a paper, as a bit set. */
  live: Uint32Array<ArrayBuffer>
  /** Increases when a paper's fields change without its row changing. */
  edits: number
}

/** Format of an exported index: an index file (`index-int8` with vectors of 8 bits), or a format for other programs. */
export type ExportFormat = 'index' | 'index-int8' | 'jsonl' | 'npy' | 'parquet'

/** The result of an import. */
export interface ImportResult extends PutResult {
  /** Whether the file's vectors were skipped, because another model made those of the index. */
  otherModel: boolean
}

/** An index file, or its absolute URL. */
export type ImportSource = { blob: Blob } | { url: string }

/** Progress of work on an index. */
export interface IndexProgress {
  /** Papers done so far. */
  done: number
  /** Papers in all. */
  total: number
}

/** Vectors of those requested papers that have one. */
export interface FoundVectors {
  /** [number of papers], 1 for each paper that has a vector, in the order of the request; transferred. */
  found: Uint8Array<ArrayBuffer>
  /** [number of ones in `found`, dimension], row-major; transferred. */
  vectors: Float32Array<ArrayBuffer>
  /** 0 if the index has no vectors at all. */
  dimension: number
}

/** A row permanently identifies one text of one paper: a paper whose text changes gets a new row. */
export interface LibraryProtocol {
  open(name: string): LibraryState
  /** Reports every change, also by other tabs, until the call is aborted. */
  watch(request: undefined, report: Report<LibraryState>): void
  state(): LibraryState
  put(request: PutPapers): PutResult
  /** @returns How many of the ids were in the index. */
  remove(ids: readonly string[]): number
  /** At most `limit` papers without a vector of `model`, and how many there are in all. */
  pending(request: { model: ModelStamp; limit: number }): { papers: PendingPaper[]; total: number }
  /** Stores vectors [rows.length, dimension]; transferred. Skips those of removed rows. */
  putVectors(request: PutVectors): LibraryState
  /** Makes `model` the index's model and deletes all other vectors. Every paper must have a vector of `model`. */
  adopt(model: ModelStamp): LibraryState
  /** Stores that vectors of the model of `key` are the same as those of the index's model. */
  accept(key: string): LibraryState
  search(request: SearchRequest): SearchAnswer
  /** Papers in the order of `ids`; `null` for unknown ids. */
  get(ids: readonly string[]): (PaperRecord | null)[]
  /** `model`: which vectors; `null`: those of the index's model. */
  vectors(request: { ids: readonly string[]; model: ModelStamp | null }): FoundVectors
  /** Reports all papers from row `fromRow` on. */
  records(fromRow: number, report: Report<RecordsPart>): RecordsState
  /** The app's data whose keys begin with `prefix`. */
  data(prefix: string): ReadonlyMap<string, unknown>
  /** Stores values by key; `null` deletes one. */
  setData(values: ReadonlyMap<string, unknown>): void
  export(format: ExportFormat, report: Report<IndexProgress>): Blob
  /** @param request `once`: skip the file if it was the last one imported. */
  import(request: { source: ImportSource; once: boolean }, report: Report<IndexProgress>): ImportResult
}
