import { Specter2Error } from '../../core/errors.js'
import type { ModelStamp } from '../../core/model-folder/model-stamp.js'
import type { PaperRecord } from '../../core/papers/paper-record.js'
import type { IndexStorage } from './library-protocol.js'

/** What an index is, apart from its papers and vectors. Written last in every transaction, so it is true of the rest. */
export interface IndexMeta {
  formatVersion: 1
  /** One more with every change: who has read another one has to catch up before writing. */
  sequence: number
  /** Rows are given out once: a paper that changes its text gets a new one. */
  nextRow: number
  nextSegment: number
  /** Rows that are there, as a bit set. */
  live: Uint32Array<ArrayBuffer>
  papers: number
  /** What made the vectors; `null` while there are none. */
  model: ModelStamp | null
  /** Changes of fields that left the text, and so the row, as it was. */
  edits: number
  /** Bytes of papers, as JSON, that were written and not removed. */
  textBytes: number
  /** Id of the last file that was imported. */
  importedFrom: string | null
}

const EMPTY_META: IndexMeta = {
  formatVersion: 1,
  sequence: 0,
  nextRow: 0,
  nextSegment: 0,
  live: new Uint32Array(0),
  papers: 0,
  model: null,
  edits: 0,
  textBytes: 0,
  importedFrom: null,
}

/** A paper as it is stored: its abstract lies apart, so that what filters read is small. */
export interface StoredPaper {
  row: number
  /** Of title and abstract: papers of the same text have the same vector. */
  hash: string
  /** Without the abstract, where that is a text. */
  paper: PaperRecord
}

/** Vectors of some rows under one model, written at once and never changed. */
export interface Segment {
  /** Key of the model, as `modelKey` gives it. */
  model: string
  /** Unique in the index, ascending. */
  number: number
  rows: Uint32Array<ArrayBuffer>
  /** Content hashes of the rows. */
  hashes: string[]
  /** [rows.length, dimension], row-major. */
  vectors: Float32Array<ArrayBuffer>
  /** Of rows, hashes and vectors. */
  checksum: number
}

/** What a search reads of a segment first: its rows, and its vectors as codes. They follow from the segment, and can be made anew. */
export interface SegmentCodes {
  /** Those of the segment. */
  model: string
  number: number
  /** Of what is in `data`. */
  version: number
  rows: Uint32Array<ArrayBuffer>
  hashes: string[]
  /** As `segmentCodes` lays it out. */
  data: ArrayBuffer
  /** Of rows, hashes and data. */
  checksum: number
}

export type SegmentId = Pick<Segment, 'model' | 'number'>

/** One transaction: all of it is stored, or nothing. */
export interface Change {
  meta: IndexMeta
  papers?: readonly { stored: StoredPaper; abstract: string | null }[]
  removedIds?: readonly string[]
  /** Rows whose abstracts go, also those of papers that changed. */
  removedRows?: readonly number[]
  segments?: readonly Segment[]
  /** Of those segments, or of older ones that lack them. */
  codes?: readonly SegmentCodes[]
  /** Their codes go with them. */
  removedSegments?: readonly SegmentId[]
}

/** Where an index is kept. Every method rejects with `STORAGE_FAILED`. */
export interface IndexStore {
  readonly storage: IndexStorage
  /** As it is now, `null` where nothing was ever written. */
  meta(): Promise<IndexMeta | null>
  /**
   * Stores a change, unless another one came first.
   *
   * @returns whether it was stored: `false` where the stored sequence is not the one before `change.meta.sequence`.
   */
  commit(change: Change): Promise<boolean>
  /** @returns `undefined` for ids that are not there. */
  papersById(ids: readonly string[]): Promise<(StoredPaper | undefined)[]>
  papersByRow(rows: readonly number[]): Promise<(StoredPaper | undefined)[]>
  /** Papers with rows from `from` up to, not including, `to`, by row. */
  papersInRange(from: number, to: number): Promise<StoredPaper[]>
  /** Abstracts by row; `undefined` where the paper has none. */
  abstracts(rows: readonly number[]): Promise<(string | undefined)[]>
  abstractsInRange(from: number, to: number): Promise<Map<number, string>>
  /** Segments of a model, in the order of `numbers`, as they are read; `null` and its number for one that cannot be. */
  readSegments(
    model: string,
    numbers: readonly number[],
    onSegment: (segment: Segment | null, number: number) => void,
  ): Promise<void>
  /** The codes of segments, likewise; `null` also where there are none. */
  readCodes(
    model: string,
    numbers: readonly number[],
    onCodes: (codes: SegmentCodes | null, number: number) => void,
  ): Promise<void>
  /** All segments, whichever model they are of. */
  segmentIds(): Promise<SegmentId[]>
}

/** The stored meta data. @throws Specter2Error `UNSUPPORTED` if a later version of the package wrote the index. */
export async function readMeta(store: IndexStore): Promise<IndexMeta> {
  const meta = (await store.meta()) ?? EMPTY_META
  if (meta.formatVersion !== 1) {
    const message = `This index was written by a later version of the package (format ${meta.formatVersion}, known is 1). Update the package.`
    throw new Specter2Error('UNSUPPORTED', message, { details: { expected: 1, actual: meta.formatVersion } })
  }
  return meta
}
