import { InvalidArgumentError } from '../errors.js'
import type { Metric } from '../types.js'
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
 */
export class VectorIndex {
  readonly dimension: number
  readonly metric: Metric
  readonly #vectors: VectorRows
  #removed: RowSet = new Uint32Array(0)

  /** @throws InvalidArgumentError where the dimension or the metric is none. */
  constructor({ dimension, metric }: VectorIndexOptions) {
    if (!Number.isSafeInteger(dimension) || dimension < 1 || dimension > MAX_DIMENSION)
      throw new InvalidArgumentError('dimension', dimension, `a whole number from 1 to ${MAX_DIMENSION}`)
    if (metric !== 'euclidean' && metric !== 'cosine') throw new InvalidArgumentError('metric', metric, "'euclidean' or 'cosine'")
    this.dimension = dimension
    this.metric = metric
    this.#vectors = new VectorRows(dimension)
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
   * @throws InvalidArgumentError
   */
  search(query: Float32Array, { k, filter, offset = 0 }: VectorSearchOptions): VectorHits {
    if (query.length !== this.dimension)
      throw new InvalidArgumentError('query.length', query.length, `the dimension, ${this.dimension}`)
    this.#checkVectors('query', query)
    for (const [field, value] of Object.entries({ k, offset }))
      if (!Number.isSafeInteger(value) || value < 0) throw new InvalidArgumentError(field, value, 'a whole number of at least 0')
    const distanceTo = exactDistance(query, this.metric)
    const nearest = new NearestRows(Math.min(k + offset, this.count))
    for (let row = 0; row < this.count; row++) {
      if (hasRow(this.#removed, row) || (filter && !hasRow(filter, row))) continue
      nearest.add(row, distanceTo(this.#vectors.chunkOf(row), this.#vectors.startOf(row)))
    }
    const { rows, distances } = nearest.sorted()
    return { rows: rows.slice(offset), distances: distances.slice(offset) }
  }

  #checkRow(row: number): void {
    if (!Number.isSafeInteger(row) || row < 0 || row >= this.count)
      throw new InvalidArgumentError('row', row, `a row of the index, which has ${this.count}`)
  }

  #checkVectors(field: string, vectors: Float32Array): void {
    if (vectors.length % this.dimension !== 0)
      throw new InvalidArgumentError(`${field}.length`, vectors.length, `a multiple of the dimension, ${this.dimension}`)
    const wrong = vectors.findIndex((value) => !Number.isFinite(value))
    if (wrong >= 0) throw new InvalidArgumentError(`${field}[${wrong}]`, vectors[wrong], 'a finite number')
  }
}

/** Ten times the widest embedding published today; the kernels' sums stay within 32 bits. */
const MAX_DIMENSION = 65_535
