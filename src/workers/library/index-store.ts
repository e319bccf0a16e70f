import { Specter2Error } from '../../core/errors.js'
import type { ModelStamp } from '../../core/model-folder/model-stamp.js'
import type { PaperRecord } from '../../core/papers/paper-record.js'
import type { IndexStorage } from './library-protocol.js'

/** Describes an index apart from its papers and vectors. Written last in every transaction, so it always matches the rest. */
export interface IndexMeta {
  formatVersion: 1
  /** Increases by one with every change: a writer that has read another value must catch up first. */
  sequence: number
  /** Rows are never reused: a paper whose text changes gets a new one. */
  nextRow: number
  nextSegment: number
  /** Rows that hold a paper, as a bit set. */
  live: Uint32Array<ArrayBuffer>
  papers: number
  /** The model that made the vectors; `null` while there are none. */
  model: ModelStamp | null
  /** What computed the vectors of each model, by its key: engines and tiers, as `EmbedderInfo` names them. */
  computedBy?: Readonly<Record<string, readonly string[]>>
  /** Keys of models whose vectors are the same as those of `model`, which others have computed. */
  sameAs?: readonly string[]
  /** How many changes of papers left their texts, and so their rows, unchanged. */
  edits: number
  /** Bytes of all papers as JSON. */
  textBytes: number
  /** Id of the file that was imported last. */
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

/** A paper as it is stored: its abstract is stored separately, so that filters read little. */
export interface StoredPaper {
  row: number
  /** Hash of title and abstract: papers with the same text have the same vector. */
  hash: string
  /** Without its abstract if that is a string. */
  paper: PaperRecord
}

/** One model's vectors of some rows, written together and never changed. */
export interface Segment {
  /** Key of the model, from `modelKey`. */
  model: string
  /** Unique in the index, ascending. */
  number: number
  rows: Uint32Array<ArrayBuffer>
  /** Content hashes of the rows. */
  hashes: string[]
  /** [rows.length, dimension], row-major. */
  vectors: Float32Array<ArrayBuffer>
  /** Checksum of rows, hashes and vectors. */
  checksum: number
}

/** What a search reads of a segment first: its rows, and its vectors as codes. Can be computed from the segment again. */
export interface SegmentCodes {
  /** The segment's. */
  model: string
  number: number
  /** Format of `data`. */
  version: number
  rows: Uint32Array<ArrayBuffer>
  hashes: string[]
  /** Laid out by `segmentCodes`. */
  data: ArrayBuffer
  /** Checksum of rows, hashes and data. */
  checksum: number
}

export type SegmentId = Pick<Segment, 'model' | 'number'>

/** One transaction: stored as a whole or not at all. */
export interface Change {
  meta: IndexMeta
  papers?: readonly { stored: StoredPaper; abstract: string | null }[]
  removedIds?: readonly string[]
  /** Rows whose abstracts are deleted, also those of papers whose text changed. */
  removedRows?: readonly number[]
  segments?: readonly Segment[]
  /** Codes of those segments, or of older ones that lack them. */
  codes?: readonly SegmentCodes[]
  /** Deleted together with their codes. */
  removedSegments?: readonly SegmentId[]
  /** The app's data by key; `null` deletes a value. */
  data?: ReadonlyMap<string, unknown>
}

/** Storage of an index. A method that fails rejects with `STORAGE_FAILED`. */
export interface IndexStore {
  readonly storage: IndexStorage
  /** The current meta data; `null` if nothing was ever written. */
  meta(): Promise<IndexMeta | null>
  /**
   * Stores a change unless another one was stored first.
   *
   * @returns whether it was stored: `false` if the stored sequence is not `change.meta.sequence - 1`.
   */
  commit(change: Change): Promise<boolean>
  /** @returns `undefined` for unknown ids. */
  papersById(ids: readonly string[]): Promise<(StoredPaper | undefined)[]>
  papersByRow(rows: readonly number[]): Promise<(StoredPaper | undefined)[]>
  /** Papers by ascending row, from `from` (inclusive) to `to` (exclusive). */
  papersInRange(from: number, to: number): Promise<StoredPaper[]>
  /** Abstracts by row; `undefined` if the paper has none. */
  abstracts(rows: readonly number[]): Promise<(string | undefined)[]>
  /** Rows in the same range that have an abstract. */
  abstractRows(from: number, to: number): Promise<number[]>
  abstractsInRange(from: number, to: number): Promise<Map<number, string>>
  /** Reads a model's segments in the order of `numbers`; `onSegment` gets `null` for one that cannot be read. */
  readSegments(
    model: string,
    numbers: readonly number[],
    onSegment: (segment: Segment | null, number: number) => void,
  ): Promise<void>
  /** Reads the codes of segments in the same way; `onCodes` gets `null` also if a segment has none. */
  readCodes(
    model: string,
    numbers: readonly number[],
    onCodes: (codes: SegmentCodes | null, number: number) => void,
  ): Promise<void>
  /** Segments of all models. */
  segmentIds(): Promise<SegmentId[]>
  /** The app's data whose keys begin with `prefix`, by ascending key. */
  data(prefix: string): Promise<Map<string, unknown>>
}

/** Reads the meta data. @throws Specter2Error `UNSUPPORTED` if a later version of the package wrote the index. */
export async function readMeta(store: IndexStore): Promise<IndexMeta> {
  const meta = (await store.meta()) ?? EMPTY_META
  if (meta.formatVersion !== 1) {
    const message = `A later version of the package wrote this index (format ${meta.formatVersion}; this version reads 1). Update the package.`
    throw new Specter2Error('UNSUPPORTED', message, { details: { expected: 1, actual: meta.formatVersion } })
  }
  return meta
}

/** What computed vectors of each model, with `name` among those of the model `key`. */
export function withComputedBy({ computedBy = {} }: IndexMeta, key: string, name: string | undefined) {
  const known = computedBy[key] ?? []
  return name === undefined || known.includes(name) ? computedBy : { ...computedBy, [key]: [...known, name] }
}
