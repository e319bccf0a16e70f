/** What crosses between page and library worker: types only. */

import type { ModelStamp } from '../../core/model-folder/model-stamp.js'
import type { PaperRecord } from '../../core/papers/paper-record.js'
import type { CallableWorker, Settled } from '../rpc/rpc-protocol.js'

/** Whether an index is kept, and why not. */
export interface IndexStorage {
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
  added: number
  /** With another text or other fields than before. */
  updated: number
  unchanged: number
  /** How many of the new texts had a vector already. */
  reused: number
}

export interface PendingPaper {
  row: number
  title: string
  abstract: string | null
}

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

export type ExportFormat = 'index' | 'index-int8' | 'jsonl' | 'npy' | 'parquet'

export interface ImportResult extends PutResult {
  /** Whether the file's vectors were left out: another model made them than those of the index. */
  otherModel: boolean
}

/** A file of this package, or the absolute URL of one. */
export type ImportSource = { blob: Blob } | { url: string }

/** Work done so far, of `total`. Resolves when it has arrived. */
export type CountProgress = (done: number, total: number) => void | Promise<void>

/** `call` names a call for `cancel`. A row names one text of one paper, for ever; papers that change get a new one. */
export interface LibraryWorker extends CallableWorker {
  /** @param onChange Is told of every change, also by other tabs. */
  open(call: number, name: string, onChange: (state: LibraryState) => void): Promise<Settled<LibraryState>>
  state(call: number): Promise<Settled<LibraryState>>
  put(call: number, papers: readonly PaperRecord[]): Promise<Settled<PutResult>>
  /** @returns how many of the ids were there. */
  remove(call: number, ids: readonly string[]): Promise<Settled<number>>
  /** Papers without a vector of `model`, `limit` at most, and how many there are. */
  pending(call: number, model: ModelStamp, limit: number): Promise<Settled<{ papers: PendingPaper[]; total: number }>>
  /** @param vectors [rows.length, dimension]; transferred. Those of rows that are gone by now are dropped. */
  putVectors(
    call: number,
    model: ModelStamp,
    rows: readonly number[],
    vectors: Float32Array<ArrayBuffer>,
  ): Promise<Settled<LibraryState>>
  /** Makes `model`, of which no vector is missing, the index's own, and deletes all other vectors. */
  adopt(call: number, model: ModelStamp): Promise<Settled<LibraryState>>
  search(call: number, request: SearchRequest): Promise<Settled<LibraryHit[]>>
  /** Papers by id in the order of `ids`; `null` for those that are not there. */
  get(call: number, ids: readonly string[]): Promise<Settled<(PaperRecord | null)[]>>
  /** Vectors [dimension] by id; `null` for papers without one. */
  vectors(call: number, ids: readonly string[]): Promise<Settled<(Float32Array<ArrayBuffer> | null)[]>>
  records(call: number, fromRow: number, onPart: (part: RecordsPart) => void | Promise<void>): Promise<Settled<RecordsState>>
  export(call: number, format: ExportFormat, onProgress: CountProgress): Promise<Settled<Blob>>
  /** @param once Whether a file that was the last one imported is left alone. */
  import(call: number, source: ImportSource, once: boolean, onProgress: CountProgress): Promise<Settled<ImportResult>>
}
