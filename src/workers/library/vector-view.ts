import type { StartThreads } from '../../core/kernels/scan-threads.js'
import type { ModelStamp } from '../../core/model-folder/model-stamp.js'
import { addRow, hasRow, type RowSet } from '../../core/search/row-set.js'
import { VectorCoder, type VectorCodes } from '../../core/search/vector-codes.js'
import { type VectorHits, VectorIndex, type VectorSearchOptions } from '../../core/search/vector-index.js'
import type { Segment, SegmentCodes } from './index-store.js'

/** Gives the vectors of a stored segment; `null` where it is not there, or not as it was written. */
export type ReadVectors = (segment: number) => Promise<Float32Array<ArrayBuffer> | null>

/**
 * The vectors of one model in memory, by the rows of their papers. Those of segments that were added by their codes are read
 * when they are needed.
 */
export class VectorView {
  readonly model: ModelStamp
  /** Segments with lower numbers are in. */
  nextSegment = 0
  /** Rows of each stored segment, by its number. */
  readonly segments = new Map<number, Uint32Array>()
  readonly #read: ReadVectors
  readonly #index: VectorIndex
  readonly #coder: VectorCoder
  /** Paper's row and text's hash of each vector. */
  readonly #rows: number[] = []
  readonly #hashes: string[] = []
  readonly #places = new Map<number, number>()
  /** Places by the hashes of those that were looked at so far. */
  readonly #texts = new Map<string, number>()
  #textsEnd = 0
  /** Segments that were added by their codes, by their first places. */
  readonly #sources = new Map<number, { number: number; count: number }>()
  readonly #loading = new Map<number, Promise<void>>()

  /** @param startThreads For searches on several threads. */
  constructor(model: ModelStamp, read: ReadVectors, startThreads?: StartThreads) {
    this.model = model
    this.#read = read
    this.#index = new VectorIndex({ dimension: model.dimension, metric: model.metric, startThreads })
    this.#coder = new VectorCoder(model.dimension, model.metric)
  }

  /** Papers that have a vector. */
  get count(): number {
    return this.#places.size
  }

  /** What is to be stored beside vectors. @param vectors [n, dimension]; borrowed. */
  code(vectors: Float32Array): VectorCodes {
    return this.#coder.code(vectors)
  }

  /**
   * Takes the vectors of a stored segment, as far as they are not here.
   *
   * @param live Rows that are there.
   */
  add({ number, rows, hashes, vectors }: Segment, live: RowSet): void {
    this.#note(number, rows)
    const { dimension } = this.model
    const isNew = (row: number) => hasRow(live, row) && !this.#isLoaded(row)
    if (rows.every(isNew)) this.#index.append(vectors)
    else
      for (const [index, row] of rows.entries())
        if (isNew(row)) this.#index.append(vectors.subarray(index * dimension, (index + 1) * dimension))
    let place = this.#rows.length
    for (const [index, row] of rows.entries()) {
      if (!isNew(row)) continue
      const before = this.#places.get(row)
      if (before !== undefined) this.#index.remove(before)
      this.#put(place++, row, hashes[index]!)
    }
  }

  /**
   * Takes the codes of a stored segment that is not here.
   *
   * @param live Rows that are there.
   */
  addCodes({ number, rows, hashes }: Pick<SegmentCodes, 'number' | 'rows' | 'hashes'>, codes: VectorCodes, live: RowSet): void {
    this.#note(number, rows)
    const first = this.#index.appendCodes(codes)
    this.#sources.set(first, { number, count: rows.length })
    for (const [index, row] of rows.entries()) {
      if (hasRow(live, row) && !this.#places.has(row)) this.#put(first + index, row, hashes[index]!)
      else {
        this.#rows[first + index] = row
        this.#hashes[first + index] = hashes[index]!
        this.#index.remove(first + index)
      }
    }
  }

  has(row: number): boolean {
    return this.#places.has(row)
  }

  /** The paper is found no more; its vector serves papers of the same text until the index is opened anew. */
  remove(row: number): void {
    const place = this.#places.get(row)
    if (place === undefined) return
    this.#places.delete(row)
    this.#index.remove(place)
  }

  /** A copy of the vector of a paper; `null` if it has none. */
  async vector(row: number): Promise<Float32Array<ArrayBuffer> | null> {
    await this.loadRows([row])
    return this.has(row) ? this.loadedVector(row) : null
  }

  /** A copy of the vector of a paper that has one, which {@link loadRows} has read. */
  loadedVector(row: number): Float32Array<ArrayBuffer> {
    return this.#index.vector(this.#places.get(row)!)
  }

  /** A copy of the vector of a text. */
  async vectorOfText(hash: string): Promise<Float32Array<ArrayBuffer> | null> {
    for (; this.#textsEnd < this.#hashes.length; this.#textsEnd++) this.#texts.set(this.#hashes[this.#textsEnd]!, this.#textsEnd)
    const place = this.#texts.get(hash)
    if (place === undefined) return null
    await this.#load([place])
    return this.#index.missingAt(place) === null ? this.#index.vector(place) : null
  }

  /** Papers by ascending distance, by their rows; as {@link VectorIndex.search}, which reads vectors as they are needed. */
  async nearest(query: Float32Array, { k, filter }: VectorSearchOptions): Promise<VectorHits> {
    const options = { k, filter: filter && this.#placesIn(filter) }
    return this.#byRow(await this.#index.searchLoading(query, options, (places) => this.#load(places)))
  }

  /** As nearest(), when all vectors are here. @param filter Rows of papers that may be found; default all. */
  search(query: Float32Array, { k, filter }: VectorSearchOptions): VectorHits {
    return this.#byRow(this.#index.search(query, { k, filter: filter && this.#placesIn(filter) }))
  }

  /** Rows of papers that a search may find. */
  rows(filter?: RowSet): Uint32Array<ArrayBuffer> {
    return this.#index.rows(filter && this.#placesIn(filter)).map((place) => this.#rows[place]!)
  }

  /** Distances of papers, by their rows; all must have a vector, which is here. */
  distances(query: Float32Array, rows: ArrayLike<number>): Float64Array<ArrayBuffer> {
    return this.#index.distances(
      query,
      Uint32Array.from(rows, (row) => this.#places.get(row)!),
    )
  }

  /** Reads the vectors of papers. */
  async loadRows(rows: Iterable<number>): Promise<void> {
    await this.#load([...rows].map((row) => this.#places.get(row)).filter((place) => place !== undefined))
  }

  /**
   * Reads vectors that are not here.
   *
   * @param segments How many segments at most; default all.
   * @returns whether there were any.
   */
  async loadMissing(segments = Number.POSITIVE_INFINITY): Promise<boolean> {
    const missing = this.#index.missing().filter((first) => this.#sources.has(first))
    await this.#load(missing.slice(0, segments))
    return missing.length > 0
  }

  async #load(places: readonly number[]): Promise<void> {
    const firsts = new Set(places.map((place) => this.#index.missingAt(place)).filter((first) => first !== null))
    await Promise.all([...firsts].map((first) => this.#loading.get(first) ?? this.#begin(first)))
  }

  #begin(first: number): Promise<void> {
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

  /** Its papers have no vector any more, but those that another segment has by now. */
  #drop(first: number, { number, count }: { number: number; count: number }): void {
    this.segments.delete(number)
    for (let place = first; place < first + count; place++) {
      this.#index.remove(place)
      if (this.#places.get(this.#rows[place]!) === place) this.#places.delete(this.#rows[place]!)
    }
  }

  #note(number: number, rows: Uint32Array): void {
    this.segments.set(number, rows)
    this.nextSegment = Math.max(this.nextSegment, number + 1)
  }

  #put(place: number, row: number, hash: string): void {
    this.#rows[place] = row
    this.#hashes[place] = hash
    this.#places.set(row, place)
  }

  #isLoaded(row: number): boolean {
    const place = this.#places.get(row)
    return place !== undefined && this.#index.missingAt(place) === null
  }

  #byRow({ rows, distances }: VectorHits): VectorHits {
    return { rows: rows.map((place) => this.#rows[place]!), distances }
  }

  #placesIn(filter: RowSet): RowSet {
    const places = new Uint32Array((this.#index.count + 31) >>> 5)
    for (const [place, row] of this.#rows.entries()) if (hasRow(filter, row)) addRow(places, place)
    return places
  }
}
