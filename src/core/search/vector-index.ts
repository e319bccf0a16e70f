import { InvalidArgumentError, Specter2Error } from '../errors.js'
import type { StartThreads } from '../kernels/scan-threads.js'
import type { Metric } from '../types.js'
import { checkPage } from './check-page.js'
import { CodedVectors } from './coded-vectors.js'
import { exactDistance } from './exact-distance.js'
import { NearestRows } from './nearest-rows.js'
import { addRow, hasRow, type RowSet } from './row-set.js'
import type { VectorCodes } from './vector-codes.js'
import { VectorRows } from './vector-rows.js'

/** Rows by ascending distance, equals by ascending row; k or fewer. Both belong to the caller. */
export interface VectorHits {
  rows: Uint32Array
  distances: Float64Array
}

export interface VectorSearchOptions {
  /** How many rows to find. */
  k: number
  /** Rows that may be found; default all. Borrowed. */
  filter?: RowSet | undefined
  /** How many of the nearest to leave out, for a later page of hits. Default 0. */
  offset?: number
}

export interface VectorIndexOptions {
  dimension: number
  metric: Metric
  /** How many rows to expect. Default 0. */
  capacity?: number
  /** Starts threads that scan many rows together with the caller's, which must not be a page's. Default none. */
  startThreads?: StartThreads | undefined
}

/**
 * Vectors to be searched exactly: every search finds what a scan in float64 finds, equals included. A row's distance is
 * sqrt(Σ (q - x)²), or 1 - cos(q, x), which is 1 where either is a zero vector.
 *
 * A search estimates all distances by 8-bit codes, and computes those that the codes' errors leave in doubt. Memory: 5 bytes a
 * value; 1 where codes were appended and their vectors are not filled in yet. Vectors are coded by the next search.
 */
export class VectorIndex {
  readonly dimension: number
  readonly metric: Metric
  readonly #vectors: VectorRows
  readonly #coded: CodedVectors
  #removed: RowSet = new Uint32Array(0)

  /**
   * @throws InvalidArgumentError where an option is wrong; Specter2Error `RUNTIME_FAILED` where there is no memory for the
   *   capacity.
   */
  constructor({ dimension, metric, capacity = 0, startThreads }: VectorIndexOptions) {
    if (!Number.isSafeInteger(dimension) || dimension < 1 || dimension > MAX_DIMENSION)
      throw new InvalidArgumentError('dimension', dimension, `a whole number from 1 to ${MAX_DIMENSION}`)
    if (metric !== 'euclidean' && metric !== 'cosine') throw new InvalidArgumentError('metric', metric, "'euclidean' or 'cosine'")
    if (!Number.isSafeInteger(capacity) || capacity < 0)
      throw new InvalidArgumentError('capacity', capacity, 'a whole number of at least 0')
    this.dimension = dimension
    this.metric = metric
    this.#vectors = new VectorRows(dimension)
    this.#coded = new CodedVectors(this.#vectors, metric, capacity, startThreads)
  }

  /** Rows ever appended, removed ones included. */
  get count(): number {
    return this.#vectors.count
  }

  /**
   * Adds rows behind the last.
   *
   * @param vectors [n, dimension], row-major; copied.
   * @returns The number of the first new row.
   * @throws InvalidArgumentError where the length is no multiple of the dimension, or a value is NaN or infinite; then none
   *   is added.
   */
  append(vectors: Float32Array): number {
    this.#checkVectors('vectors', vectors)
    const first = this.count
    this.#vectors.append(vectors)
    return first
  }

  /**
   * Adds rows behind the last by their codes; their vectors are filled in later.
   *
   * @param codes Of the same metric; borrowed.
   * @returns The number of the first new row.
   * @throws Specter2Error `RUNTIME_FAILED` where there is no memory for them; then none is added.
   */
  appendCodes(codes: VectorCodes): number {
    const first = this.count
    if (codes.scales.length === 0) return first
    this.#coded.append(codes)
    this.#vectors.appendMissing(codes.scales.length)
    return first
  }

  /**
   * Fills in the vectors of rows that were appended together by their codes.
   *
   * @param row Any of them.
   * @param vectors [n, dimension], all of them, as they were coded; kept.
   * @throws InvalidArgumentError where there are more or fewer.
   */
  fill(row: number, vectors: Float32Array<ArrayBuffer>): void {
    this.#checkRow(row)
    const { count } = this.#vectors.chunkOf(row)
    if (vectors.length !== count * this.dimension)
      throw new InvalidArgumentError('vectors.length', vectors.length, `${count} × ${this.dimension}, as many as were coded`)
    this.#vectors.fill(row, vectors)
  }

  /** The first rows of those appended together by their codes whose vectors are not filled in yet. */
  missing(): number[] {
    if (this.#vectors.missing === 0) return []
    return this.#vectors.chunks.flatMap(({ first, vectors }) => (vectors ? [] : [first]))
  }

  /** The first of the rows that were appended together with this one, where their vectors are not filled in yet; else null. */
  missingAt(row: number): number | null {
    this.#checkRow(row)
    const { first, vectors } = this.#vectors.chunkOf(row)
    return vectors ? null : first
  }

  /** The row is never found again. Its memory stays taken: who removes many builds a new index. */
  remove(row: number): void {
    this.#checkRow(row)
    if (this.#removed.length <= row >>> 5) {
      const grown = new Uint32Array((this.count + 31) >>> 5)
      grown.set(this.#removed)
      this.#removed = grown
    }
    addRow(this.#removed, row)
  }

  /** A copy of a row's vector, [dimension]; a removed row's, too. */
  vector(row: number): Float32Array<ArrayBuffer> {
    this.#checkRow(row)
    const { first, vectors } = this.#vectors.chunkOf(row)
    const start = (row - first) * this.dimension
    return filled(vectors).slice(start, start + this.dimension)
  }

  /**
   * The rows nearest to a query.
   *
   * @param query [dimension]; borrowed.
   * @throws InvalidArgumentError; Specter2Error `RUNTIME_FAILED` where there is no memory for the codes of new rows.
   */
  search(query: Float32Array, options: VectorSearchOptions): VectorHits {
    const found = this.#find(query, options)
    return filled(Array.isArray(found) ? null : found)
  }

  /**
   * As search(), where vectors may not be filled in yet.
   *
   * @param load Is given rows as {@link missing} gives them, and fills them in or removes what cannot be.
   * @throws what `load` throws, too.
   */
  async searchLoading(
    query: Float32Array,
    options: VectorSearchOptions,
    load: (rows: readonly number[]) => Promise<void>,
  ): Promise<VectorHits> {
    for (;;) {
      const found = this.#find(query, options)
      if (!Array.isArray(found)) return found
      await load(found)
    }
  }

  /** All rows that a search may find, ascending: those not removed, and in the filter where there is one. */
  rows(filter?: RowSet): Uint32Array<ArrayBuffer> {
    const allowed = this.#allowed(filter)
    const rows = new Uint32Array(this.count)
    let length = 0
    for (let row = 0; row < this.count; row++) if (hasRow(allowed, row)) rows[length++] = row
    return rows.slice(0, length)
  }

  /**
   * Distances of a query to some rows, in their order, removed ones too.
   *
   * @param query [dimension]; borrowed.
   * @param rows Borrowed.
   * @throws InvalidArgumentError
   */
  distances(query: Float32Array, rows: ArrayLike<number>): Float64Array<ArrayBuffer> {
    this.#checkQuery(query)
    const distance = exactDistance(query, this.metric)
    return Float64Array.from(rows, (row) => {
      this.#checkRow(row)
      const { first, vectors } = this.#vectors.chunkOf(row)
      return distance(filled(vectors), (row - first) * this.dimension)
    })
  }

  /** Hits, or rows as {@link missing} gives them without whose vectors they are not known. */
  #find(query: Float32Array, { k, filter, offset = 0 }: VectorSearchOptions): VectorHits | number[] {
    this.#checkQuery(query)
    checkPage(k, offset)
    const missing = new Set<number>()
    const nearest = this.#nearest(query, Math.min(k + offset, this.count), this.#allowed(filter), missing)
    if (missing.size > 0) return [...missing]
    const { rows, distances } = nearest.sorted()
    return { rows: rows.slice(offset), distances: distances.slice(offset) }
  }

  #nearest(query: Float32Array, wanted: number, allowed: RowSet, missing: Set<number>): NearestRows {
    const nearest = new NearestRows(wanted)
    if (wanted === 0) return nearest
    const distance = exactDistance(query, this.metric)
    const compare = (row: number) => {
      const { first, vectors } = this.#vectors.chunkOf(row)
      if (vectors) nearest.add(row, distance(vectors, (row - first) * this.dimension))
      else missing.add(first)
    }
    const { squares, errors, error } = this.#coded.estimate(query)

    const likely = new NearestRows(wanted)
    let least = likely.worst
    for (let row = 0; row < squares.length; row++)
      if (squares[row]! < least && hasRow(allowed, row)) {
        likely.add(row, squares[row]!)
        least = likely.worst
      }
    for (const row of likely.rows) {
      compare(row)
      // Compares as no less than anything: done.
      squares[row] = Number.NaN
    }
    if (missing.size > 0) {
      // How near the others have to be is not known before: about as near as estimated, and those are asked for, too.
      const about = Math.sqrt(Math.max(0, likely.worst)) + error
      for (let row = 0; row < squares.length; row++)
        if (squares[row]! <= (about + errors[row]!) ** 2 && hasRow(allowed, row) && this.missingAt(row) !== null)
          missing.add(this.missingAt(row)!)
      return nearest
    }

    let reach = this.#coded.reach(nearest.worst) + error
    for (let row = 0; row < squares.length; row++) {
      const bound = reach + errors[row]!
      // The row may be as near as the worst of those found so far.
      if (squares[row]! <= bound * bound && hasRow(allowed, row)) {
        compare(row)
        reach = this.#coded.reach(nearest.worst) + error
      }
    }
    return nearest
  }

  /** Rows of the index that are not removed, and in the filter where there is one. */
  #allowed(filter: RowSet | undefined): RowSet {
    return new Uint32Array((this.count + 31) >>> 5).map(
      (_, word) => (filter ? (filter[word] ?? 0) : ~0) & ~(this.#removed[word] ?? 0),
    )
  }

  #checkRow(row: number): void {
    if (!Number.isSafeInteger(row) || row < 0 || row >= this.count)
      throw new InvalidArgumentError('row', row, `a row of the index, which has ${this.count}`)
  }

  #checkQuery(query: Float32Array): void {
    if (query.length !== this.dimension)
      throw new InvalidArgumentError('query.length', query.length, `the dimension, ${this.dimension}`)
    this.#checkVectors('query', query)
  }

  #checkVectors(field: string, vectors: Float32Array): void {
    if (vectors.length % this.dimension !== 0)
      throw new InvalidArgumentError(`${field}.length`, vectors.length, `a multiple of the dimension, ${this.dimension}`)
    for (let index = 0; index < vectors.length; index++)
      if (!Number.isFinite(vectors[index]))
        throw new InvalidArgumentError(`${field}[${index}]`, vectors[index], 'a finite number')
  }
}

/** Who asks for vectors that are to be filled in has to wait for them. */
function filled<T>(vectors: T | null): T {
  if (vectors === null) throw new Specter2Error('RUNTIME_FAILED', 'Vectors were asked for before they were filled in.')
  return vectors
}

/** Ten times the widest embedding published today; the kernels' sums stay within 32 bits. */
const MAX_DIMENSION = 65_535
