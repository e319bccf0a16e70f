import type { StartThreads } from '../../core/kernels/scan-threads.js'
import type { ModelStamp } from '../../core/model-folder/model-stamp.js'
import { addRow, hasRow, type RowSet } from '../../core/search/row-set.js'
import { VectorCoder, type VectorCodes } from '../../core/search/vector-codes.js'
import { type VectorHits, VectorIndex, type VectorSearchOptions } from '../../core/search/vector-index.js'
import type { Segment, SegmentCodes } from './index-store.js'

/** Reads the vectors of a stored segment; `null` if it is missing or damaged. */
export type ReadVectors = (segment: number) => Promise<Float32Array<ArrayBuffer> | null>

/**
 * One model's vectors in memory, by the rows of their papers. A vector's position in the VectorIndex is its slot: a row may move
 * to a new slot. Vectors of segments that were added by their codes are read when needed.
 */
export class VectorView {
  readonly model: ModelStamp
  /** Segments with lower numbers have been added. */
  nextSegment = 0
  /** Rows of each stored segment, by its number. */
  readonly segments = new Map<number, Uint32Array>()
  readonly #read: ReadVectors
  readonly #index: VectorIndex
  readonly #coder: VectorCoder
  /** Row and content hash of each slot. */
  readonly #rows: number[] = []
  readonly #hashes: string[] = []
  readonly #slots = new Map<number, number>()
  /** Slots by content hash, of the slots below `#hashedSlots`. */
  readonly #slotsByHash = new Map<string, number>()
  #hashedSlots = 0
  /** Segments that were added by their codes, by their first slots. */
  readonly #sources = new Map<number, { number: number; count: number }>()
  readonly #loading = new Map<number, Promise<void>>()

  /** @param startThreads Starts threads for searches. */
  constructor(model: ModelStamp, read: ReadVectors, startThreads?: StartThreads) {
    this.model = model
    this.#read = read
    this.#index = new VectorIndex({ dimension: model.dimension, metric: model.metric, startThreads })
    this.#coder = new VectorCoder(model.dimension, model.metric)
  }

  /** Papers that have a vector. */
  get count(): number {
    return this.#slots.size
  }

  /** Codes to store with vectors. @param vectors [n, dimension]; borrowed. */
  code(vectors: Float32Array): VectorCodes {
    return this.#coder.code(vectors)
  }

  /**
   * Adds the vectors of a stored segment, except those already loaded.
   *
   * @param live Rows that hold a paper.
   */
  add({ number, rows, hashes, vectors }: Segment, live: RowSet): void {
    this.#addSegment(number, rows)
    const { dimension } = this.model
    const isNew = (row: number) => hasRow(live, row) && !this.#isLoaded(row)
    if (rows.every(isNew)) this.#index.append(vectors)
    else
      for (const [index, row] of rows.entries())
        if (isNew(row)) this.#index.append(vectors.subarray(index * dimension, (index + 1) * dimension))
    let slot = this.#rows.length
    for (const [index, row] of rows.entries()) {
      if (!isNew(row)) continue
      const before = this.#slots.get(row)
      if (before !== undefined) this.#index.remove(before)
      this.#put(slot++, row, hashes[index]!)
    }
  }

  /**
   * Adds a stored segment by its codes.
   *
   * @param live Rows that hold a paper.
   */
  addCodes({ number, rows, hashes }: Pick<SegmentCodes, 'number' | 'rows' | 'hashes'>, codes: VectorCodes, live: RowSet): void {
    this.#addSegment(number, rows)
    const first = this.#index.appendCodes(codes)
    this.#sources.set(first, { number, count: rows.length })
    for (const [index, row] of rows.entries()) {
      if (hasRow(live, row) && !this.#slots.has(row)) this.#put(first + index, row, hashes[index]!)
      else {
        this.#rows[first + index] = row
        this.#hashes[first + index] = hashes[index]!
        this.#index.remove(first + index)
      }
    }
  }

  has(row: number): boolean {
    return this.#slots.has(row)
  }

  /** Hides a paper from searches; its vector can still be reused for the same text until the index is closed. */
  remove(row: number): void {
    const slot = this.#slots.get(row)
    if (slot === undefined) return
    this.#slots.delete(row)
    this.#index.remove(slot)
  }

  /** A copy of the vector of a paper; `null` if it has none. */
  async vector(row: number): Promise<Float32Array<ArrayBuffer> | null> {
    await this.loadRows([row])
    return this.has(row) ? this.loadedVector(row) : null
  }

  /** A copy of a vector that {@link loadRows} has read. */
  loadedVector(row: number): Float32Array<ArrayBuffer> {
    return this.#index.vector(this.#slots.get(row)!)
  }

  /** A copy of the vector of a text; `null` if there is none. */
  async vectorOfText(hash: string): Promise<Float32Array<ArrayBuffer> | null> {
    for (; this.#hashedSlots < this.#hashes.length; this.#hashedSlots++)
      this.#slotsByHash.set(this.#hashes[this.#hashedSlots]!, this.#hashedSlots)
    const slot = this.#slotsByHash.get(hash)
    if (slot === undefined) return null
    await this.#load([slot])
    return this.#index.missingAt(slot) === null ? this.#index.vector(slot) : null
  }

  /** Rows of the nearest papers by ascending distance, as {@link VectorIndex.search}. Reads missing vectors as needed. */
  async nearest(query: Float32Array, { k, filter }: VectorSearchOptions): Promise<VectorHits> {
    const options = { k, filter: filter && this.#slotsIn(filter) }
    return this.#byRow(await this.#index.searchLoading(query, options, (slots) => this.#load(slots)))
  }

  /** As nearest(), if all vectors are loaded. @param filter Rows of papers that may be found; default all. */
  search(query: Float32Array, { k, filter }: VectorSearchOptions): VectorHits {
    return this.#byRow(this.#index.search(query, { k, filter: filter && this.#slotsIn(filter) }))
  }

  /** Rows of papers that a search may find. */
  rows(filter?: RowSet): Uint32Array<ArrayBuffer> {
    return this.#index.rows(filter && this.#slotsIn(filter)).map((slot) => this.#rows[slot]!)
  }

  /** Distances of papers by row; all of their vectors must be loaded. */
  distances(query: Float32Array, rows: ArrayLike<number>): Float64Array<ArrayBuffer> {
    return this.#index.distances(
      query,
      Uint32Array.from(rows, (row) => this.#slots.get(row)!),
    )
  }

  /** Loads the vectors of papers. */
  async loadRows(rows: Iterable<number>): Promise<void> {
    await this.#load([...rows].map((row) => this.#slots.get(row)).filter((slot) => slot !== undefined))
  }

  /**
   * Loads vectors that are not in memory.
   *
   * @param segments How many segments at most; default all.
   * @returns whether any were missing.
   */
  async loadMissing(segments = Number.POSITIVE_INFINITY): Promise<boolean> {
    const missing = this.#index.missing().filter((first) => this.#sources.has(first))
    await this.#load(missing.slice(0, segments))
    return missing.length > 0
  }

  async #load(slots: readonly number[]): Promise<void> {
    const firsts = new Set(slots.map((slot) => this.#index.missingAt(slot)).filter((first) => first !== null))
    await Promise.all([...firsts].map((first) => this.#loading.get(first) ?? this.#startLoading(first)))
  }

  #startLoading(first: number): Promise<void> {
    const loading = this.#readSegment(first).finally(() => this.#loading.delete(first))
    this.#loading.set(first, loading)
    return loading
  }

  async #readSegment(first: number): Promise<void> {
    const source = this.#sources.get(first)
    if (!source) return
    const vectors = await this.#read(source.number)
    this.#sources.delete(first)
    if (vectors?.length === source.count * this.model.dimension) this.#index.fill(first, vectors)
    else this.#drop(first, source)
  }

  /** Removes a segment's vectors, except those that another segment has replaced. */
  #drop(first: number, { number, count }: { number: number; count: number }): void {
    this.segments.delete(number)
    for (let slot = first; slot < first + count; slot++) {
      this.#index.remove(slot)
      if (this.#slots.get(this.#rows[slot]!) === slot) this.#slots.delete(this.#rows[slot]!)
    }
  }

  #addSegment(number: number, rows: Uint32Array): void {
    this.segments.set(number, rows)
    this.nextSegment = Math.max(this.nextSegment, number + 1)
  }

  #put(slot: number, row: number, hash: string): void {
    this.#rows[slot] = row
    this.#hashes[slot] = hash
    this.#slots.set(row, slot)
  }

  #isLoaded(row: number): boolean {
    const slot = this.#slots.get(row)
    return slot !== undefined && this.#index.missingAt(slot) === null
  }

  #byRow({ rows, distances }: VectorHits): VectorHits {
    return { rows: rows.map((slot) => this.#rows[slot]!), distances }
  }

  #slotsIn(filter: RowSet): RowSet {
    const slots = new Uint32Array((this.#index.count + 31) >>> 5)
    for (const [slot, row] of this.#rows.entries()) if (hasRow(filter, row)) addRow(slots, slot)
    return slots
  }
}
