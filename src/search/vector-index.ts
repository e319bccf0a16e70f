import { InvalidArgumentError } from '../errors.js'
import type { Metric } from '../types.js'
import { checkPage } from './check-page.js'
import { CodedVectors } from './coded-vectors.js'
import { exactDistance } from './exact-distance.js'
import { NearestRows } from './nearest-rows.js'
import { addRow, hasRow, type RowSet } from './row-set.js'
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
}

/**
 * Vectors to be searched exactly: every search finds what a scan in float64 finds, equals included. A row's distance is
 * sqrt(Σ (q - x)²), or 1 - cos(q, x), which is 1 where either is a zero vector.
 *
 * A search estimates all distances by 8-bit codes, and computes those that the codes' errors leave in doubt. Memory: 5 bytes a
 * value. What was appended is coded by the next search.
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
  constructor({ dimension, metric, capacity = 0 }: VectorIndexOptions) {
    if (!Number.isSafeInteger(dimension) || dimension < 1 || dimension > MAX_DIMENSION)
      throw new InvalidArgumentError('dimension', dimension, `a whole number from 1 to ${MAX_DIMENSION}`)
    if (metric !== 'euclidean' && metric !== 'cosine') throw new InvalidArgumentError('metric', metric, "'euclidean' or 'cosine'")
    if (!Number.isSafeInteger(capacity) || capacity < 0)
      throw new InvalidArgumentError('capacity', capacity, 'a whole number of at least 0')
    this.dimension = dimension
    this.metric = metric
    this.#vectors = new VectorRows(dimension)
    this.#coded = new CodedVectors(this.#vectors, metric, capacity)
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
    const start = this.#vectors.startOf(row)
    return this.#vectors.chunkOf(row).slice(start, start + this.dimension)
  }

  /**
   * The rows nearest to a query.
   *
   * @param query [dimension]; borrowed.
   * @throws InvalidArgumentError; Specter2Error `RUNTIME_FAILED` where there is no memory for the codes of new rows.
   */
  search(query: Float32Array, { k, filter, offset = 0 }: VectorSearchOptions): VectorHits {
    this.#checkQuery(query)
    checkPage(k, offset)
    const { rows, distances } = this.#nearest(query, Math.min(k + offset, this.count), this.#allowed(filter)).sorted()
    return { rows: rows.slice(offset), distances: distances.slice(offset) }
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
    const distanceTo = this.#distanceTo(query)
    return Float64Array.from(rows, (row) => {
      this.#checkRow(row)
      return distanceTo(row)
    })
  }

  #nearest(query: Float32Array, wanted: number, allowed: RowSet): NearestRows {
    const nearest = new NearestRows(wanted)
    if (wanted === 0) return nearest
    const distanceTo = this.#distanceTo(query)
    const { squares, errors, error } = this.#coded.estimate(query)

    const likely = new NearestRows(wanted)
    for (let row = 0; row < squares.length; row++)
      if (squares[row]! < likely.worst && hasRow(allowed, row)) likely.add(row, squares[row]!)
    for (const row of likely.rows) {
      nearest.add(row, distanceTo(row))
      // Compares as no less than anything: done.
      squares[row] = Number.NaN
    }

    let worst = Number.NaN
    let reach = 0
    for (let row = 0; row < squares.length; row++) {
      if (worst !== nearest.worst) {
        worst = nearest.worst
        reach = this.#coded.reach(worst) + error
      }
      // The row may be as near as the worst of those found so far.
      if (squares[row]! <= (reach + errors[row]!) ** 2 && hasRow(allowed, row)) nearest.add(row, distanceTo(row))
    }
    return nearest
  }

  #distanceTo(query: Float32Array): (row: number) => number {
    const distance = exactDistance(query, this.metric)
    return (row) => distance(this.#vectors.chunkOf(row), this.#vectors.startOf(row))
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

/** Ten times the widest embedding published today; the kernels' sums stay within 32 bits. */
const MAX_DIMENSION = 65_535
