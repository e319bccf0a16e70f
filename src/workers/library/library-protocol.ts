/** What crosses between page and library worker: types only. */

import type { ModelStamp } from '../../core/model-folder/model-stamp.js'
import type { PaperRecord } from '../../core/papers/paper-record.js'
import type { Report } from '../rpc/protocol.js'

/** Whether an index is kept, and why not. */
export interface IndexStorage {
  /** Whether the index is stored in the browser; else it is lost with the page. */
  persistent: boolean
  /** Why it lives in memory alone, to be lost with the page; `null` where it is stored. */
  reason: string | null
}

/** How an index stands. */
export interface LibraryState {
  papers: number
  /** Papers with a vector of `model`. */
  vectors: number
  /** Papers that wait for their vector. */
  pending: number
  /** Stored bytes of papers and vectors. */
  bytes: number
  /** What made the vectors; `null` while there are none. */
  model: ModelStamp | null
  storage: IndexStorage
  /** Chunks of vectors that were found damaged since the index was opened, and dropped. Their papers are among `pending`. */
  damaged: number
  /** Grows with every change, in whichever tab. */
  sequence: number
}

/** What became of papers that were put. */
export interface PutResult {
  /** Papers whose id was not in the index. */
  added: number
  /** With another text or other fields than before. */
  updated: number
  /** Papers that equal what is stored. */
  unchanged: number
  /** How many of the new texts had a vector already. */
  reused: number
}

export interface PendingPaper {
  row: number
  title: string
  abstract: string | null
}

/** `semantic` ranks by vectors, `lexical` by words (BM25), `hybrid` by both. */
export type SearchMode = 'semantic' | 'lexical' | 'hybrid'

/** What may be found: rows as a bit set, papers by their ids, or all. */
export interface SearchScope {
  /** Bit `row & 31` of word `row >>> 5`; transferred. */
  rows: Uint32Array<ArrayBuffer> | null
  ids: readonly string[] | null
  /** Papers that are left out. */
  except: readonly string[]
}

export interface SearchRequest {
  mode: SearchMode
  /** Words, for all modes but `semantic`. */
  query: string
  /** [dimension], for all modes but `lexical`. */
  vector: Float32Array<ArrayBuffer> | null
  /** What made `vector`. */
  model: ModelStamp | null
  scope: SearchScope
  k: number
  offset: number
}

export interface LibraryHit {
  id: string
  score: number
  distance: number | null
  ranks: { semantic: number | null; lexical: number | null }
  terms: string[]
  paper: PaperRecord
}

/** Papers by row without their abstracts, for predicates. */
export interface RecordsPart {
  rows: Uint32Array<ArrayBuffer>
  papers: PaperRecord[]
}

/** What the page has to know to bring its records up to date. */
export interface RecordsState {
  /** One above the highest row. */
  nextRow: number
  /** Rows that are there, as a bit set. */
  live: Uint32Array<ArrayBuffer>
  /** Grows where fields of a row changed in place. */
  edits: number
}

/** Format of an exported index: a file of this package (`index-int8` with vectors of 8 bits), or one for other programs. */
export type ExportFormat = 'index' | 'index-int8' | 'jsonl' | 'npy' | 'parquet'

/** What became of an imported file. */
export interface ImportResult extends PutResult {
  /** Whether the file's vectors were left out: another model made them than those of the index. */
  otherModel: boolean
}

/** A file of this package, or the absolute URL of one. */
export type ImportSource = { blob: Blob } | { url: string }

/** Work done so far, of `total`. */
export interface CountProgress {
  done: number
  total: number
}

/** Vectors of some of the papers that were asked for. */
export interface FoundVectors {
  /** [number of papers], 1 for each paper that has a vector, in the order of the request; transferred. */
  found: Uint8Array<ArrayBuffer>
  /** [number of ones in `found`, dimension], row-major; transferred. */
  vectors: Float32Array<ArrayBuffer>
  /** 0 if the index has no vectors at all. */
  dimension: number
}

/** A row names one text of one paper, for ever: a paper whose text changes gets a new row. */
export interface LibraryProtocol {
  open(name: string): LibraryState
  /** Reports every change, also by other tabs, until it is cancelled. */
  watch(request: undefined, report: Report<LibraryState>): void
  state(): LibraryState
  put(papers: readonly PaperRecord[]): PutResult
  /** @returns How many of the ids were there. */
  remove(ids: readonly string[]): number
  /** Papers without a vector of `model`, `limit` at most, and how many there are. */
  pending(request: { model: ModelStamp; limit: number }): { papers: PendingPaper[]; total: number }
  /** Stores vectors [rows.length, dimension]; transferred. Those of rows that have been removed are dropped. */
  putVectors(request: { model: ModelStamp; rows: readonly number[]; vectors: Float32Array<ArrayBuffer> }): LibraryState
  /** Makes `model` the index's own, and deletes all other vectors. Every paper must have a vector of it. */
  adopt(model: ModelStamp): LibraryState
  search(request: SearchRequest): LibraryHit[]
  /** Papers by id in the order of `ids`; `null` for those that are not there. */
  get(ids: readonly string[]): (PaperRecord | null)[]
  vectors(ids: readonly string[]): FoundVectors
  /** Reports papers from a row on. */
  records(fromRow: number, report: Report<RecordsPart>): RecordsState
  export(format: ExportFormat, report: Report<CountProgress>): Blob
  /** @param request `once`: skips a file that was the last one imported. */
  import(request: { source: ImportSource; once: boolean }, report: Report<CountProgress>): ImportResult
}
