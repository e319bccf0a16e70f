import { InvalidArgumentError, Specter2Error } from '../errors.js'
import { MAX_DIMENSION } from '../is-model-stamp.js'
import type { StartThreads } from '../kernels/scan-threads.js'
import type { Metric } from '../types.js'
import { checkPage } from './check-page.js'
import { CodedVectors } from './coded-vectors.js'
import { exactDistance } from './exact-distance.js'
import { NearestRows } from './nearest-rows.js'
import { addRow, hasRow, type RowSet } from './row-set.js'
import type { VectorCodes } from './vector-codes.js'
import { VectorRows } from './vector-rows.js'

/** At most k rows by ascending distance, ties by ascending row. Both arrays belong to the caller. */
export interface VectorHits {
  rows: Uint32Array
  distances: Float64Array
}

export interface VectorSearchOptions {
  /** How many rows to find. */
  k: number
  /** Rows that may be found; default all. Borrowed. */
  filter?: RowSet | undefined
  /** How many of the nearest to skip, for a later page of hits. Default 0. */
  offset?: number
}

export interface VectorIndexOptions {
  dimension: number
  metric: Metric
  /** How many rows to expect. Default 0. */
  capacity?: number
  /**
   * Starts threads that help to scan many rows; then the caller must not be on the main thread of a page. Default: no threads.
   */
  startThreads?: StartThreads | undefined
}

/**
 * Exact search in vectors: every search finds what a scan in float64 finds, ties included. The distance of a row is sqrt(Σ (q -
 * x)²), or 1 - cos(q, x), which is 1 if either is a zero vector.
 *
 * A search estimates all distances from 8-bit codes, and computes those that the errors of the codes leave in doubt. Memory: 5
 * bytes per value; 1 for rows that were appended as codes and have no vectors yet. Vectors are coded by the next search.
 */
export class VectorIndex {
  readonly dimension: number
  readonly metric: Metric
  readonly #vectors: VectorRows
  readonly #coded: CodedVectors
  #removed: RowSet = new Uint32Array(0)

  /**
   * @throws InvalidArgumentError for an invalid option; Specter2Error `RUNTIME_FAILED` if there is not enough memory for the
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

  /** Number of rows ever appended, including removed ones. */
  get count(): number {
    return this.#vectors.count
  }

  /**
   * Appends rows.
   *
   * @param vectors [n, dimension], row-major; copied.
   * @returns The number of the first new row.
   * @throws InvalidArgumentError if the length is not a multiple of the dimension, or a value is NaN or infinite; then no row
   *   is added.
   */
  append(vectors: Float32Array): number {
    this.#checkVectors('vectors', vectors)
    const first = this.count
    this.#vectors.append(vectors)
    return first
  }

  /**
   * Appends rows by their codes; {@link fill} adds their vectors later.
   *
   * @param codes Codes for the same metric; borrowed.
   * @returns The number of the first new row.
   * @throws Specter2Error `RUNTIME_FAILED` if there is not enough memory; then no row is added.
   */
  appendCodes(codes: VectorCodes): number {
    const first = this.count
    if (codes.scales.length === 0) return first
    this.#coded.append(codes)
    this.#vectors.appendMissing(codes.scales.length)
    return first
  }

  /**
   * Adds the vectors of rows that one call of {@link appendCodes} appended.
   *
   * @param row Any of these rows.
   * @param vectors [n, dimension]: the vectors of all these rows; taken over, not copied.
   * @throws InvalidArgumentError if their number differs.
   */
  fill(row: number, vectors: Float32Array<ArrayBuffer>): void {
    this.#checkRow(row)
    const { count } = this.#vectors.chunkOf(row)
    if (vectors.length !== count * this.dimension)
      throw new InvalidArgumentError('vectors.length', vectors.length, `${count} × ${this.dimension}, as many as were coded`)
    this.#vectors.fill(row, vectors)
  }

  /** The first row of each group of rows appended by their codes that has no vectors yet. */
  missing(): number[] {
    if (this.#vectors.missing === 0) return []
    return this.#vectors.chunks.flatMap(({ first, vectors }) => (vectors ? [] : [first]))
  }

  /** The first of the rows that were appended together with this one, if they have no vectors yet; otherwise `null`. */
  missingAt(row: number): number | null {
    this.#checkRow(row)
    const { first, vectors } = this.#vectors.chunkOf(row)
    return vectors ? null : first
  }

  /** Excludes a row from all searches. Its memory is not freed: to remove many rows, build a new index. */
  remove(row: number): void {
    this.#checkRow(row)
    if (this.#removed.length <= row >>> 5) {
      const grown = new Uint32Array((this.count + 31) >>> 5)
      grown.set(this.#removed)
      this.#removed = grown
    }
    addRow(this.#removed, row)
  }

  /** A copy of a row's vector, [dimension]; works for removed rows as well. */
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
   * @throws InvalidArgumentError; Specter2Error `RUNTIME_FAILED` if there is not enough memory for the codes of new rows, or a
   *   row in question has no vector yet.
   */
  search(query: Float32Array, options: VectorSearchOptions): VectorHits {
    const found = this.#find(query, options)
    return filled(Array.isArray(found) ? null : found)
  }

  /**
   * As {@link search}, for an index with rows that may have no vectors yet.
   *
   * @param load Called with rows as {@link missing} returns them; must fill in their vectors, or remove rows that have none.
   * @throws As {@link search}; what `load` throws.
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

  /** All rows that a search may find, ascending: those that are not removed and that the filter contains. */
  rows(filter?: RowSet): Uint32Array<ArrayBuffer> {
    const allowed = this.#allowed(filter)
    const rows = new Uint32Array(this.count)
    let length = 0
    for (let row = 0; row < this.count; row++) if (hasRow(allowed, row)) rows[length++] = row
    return rows.slice(0, length)
  }

  /**
   * Distances of a query to some rows, in their order; works for removed rows as well.
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

  /** Hits; or, if these depend on missing vectors, rows as {@link missing} returns them. */
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
      // NaN compares as false, so the row is not considered again.
      squares[row] = Number.NaN
    }
    if (missing.size > 0) {
      // Without these vectors, the distance that others must have is only an estimate; rows within it are requested as well.
      const about = Math.sqrt(Math.max(0, likely.worst)) + error
      for (let row = 0; row < squares.length; row++)
        if (squares[row]! <= (about + errors[row]!) ** 2 && hasRow(allowed, row) && this.missingAt(row) !== null)
          missing.add(this.missingAt(row)!)
      return nearest
    }

    let reach = this.#coded.reach(nearest.worst) + error
    for (let row = 0; row < squares.length; row++) {
      const bound = reach + errors[row]!
      // The row may be at least as near as the worst one found so far.
      if (squares[row]! <= bound * bound && hasRow(allowed, row)) {
        compare(row)
        reach = this.#coded.reach(nearest.worst) + error
      }
    }
    return nearest
  }

  /** Rows that are not removed and that the filter contains. */
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

/** The vectors, which must not be missing. */
function filled<T>(vectors: T | null): T {
  if (vectors === null) throw new Specter2Error('RUNTIME_FAILED', 'Vectors were requested before they were filled in.')
  return vectors
}
