import { createInt8Rows } from '../kernels/create-int8-rows.js'
import type { CodedRows, Int8Rows } from '../kernels/int8-rows.js'
import type { StartThreads } from '../kernels/scan-threads.js'
import type { Metric } from '../types.js'
import { MEAN_POINTS, meanPoint, pointOf } from './points.js'
import type { VectorCodes } from './vector-codes.js'
import type { VectorChunk, VectorRows } from './vector-rows.js'

/** Estimates for one query; valid until the next. */
export interface Estimate {
  /** [count]: a lower bound of the squared distance from the coded query to each coded row. */
  squares: Float64Array<ArrayBuffer>
  /** [count]: how far the code of each row may be from the row. */
  errors: Float32Array<ArrayBuffer>
  /** How far the coded query may be from the query itself. */
  error: number
}

/** The coded part of a chunk of vectors. */
interface Block {
  count: number
  /**
   * Points are coded relative to their mean, which is close to them, so that errors are small. Any center gives correct bounds.
   */
  center: Float32Array<ArrayBuffer>
  /** Number of rows that the center is the mean of. */
  centerRows: number
}

/** The center of a chunk is recomputed when the chunk has this many times the rows that it was computed from. */
const CENTER_GROWTH = 8

/**
 * Codes of all vectors of an index, which give bounds for distances: by the triangle inequality, the distance between two points
 * differs from that between their codes by at most the errors of the two codes. For the metric cosine the points are divided by
 * their length: then |u - v|² = 2 - 2 cos.
 */
export class CodedVectors {
  readonly #vectors: VectorRows
  readonly #metric: Metric
  readonly #codes: Int8Rows
  /** One block for each chunk of vectors. */
  readonly #blocks: Block[] = []
  #count = 0
  #scales = new Float32Array(0)
  /** Squared lengths of the coded points. */
  #lengths = new Float64Array(0)
  #errors = new Float32Array(0)
  #squares = new Float64Array(0)

  constructor(vectors: VectorRows, metric: Metric, capacity: number, startThreads: StartThreads | undefined) {
    this.#vectors = vectors
    this.#metric = metric
    this.#codes = createInt8Rows(vectors.dimension, capacity, startThreads)
    this.#grow(capacity)
  }

  /** Adds the codes of a chunk that is about to be added to the vectors. @param coded Borrowed. */
  append(coded: VectorCodes): void {
    this.#codeNewRows()
    this.#codes.appendCodes(coded.codes)
    // Copied, since it may share a buffer with all the codes.
    this.#blocks.push({ count: coded.scales.length, center: coded.center.slice(), centerRows: Number.POSITIVE_INFINITY })
    this.#keep(coded)
  }

  /** @param query [dimension]; borrowed. */
  estimate(query: Float32Array): Estimate {
    this.#codeNewRows()
    const squares = this.#squares.subarray(0, this.#count)
    const errors = this.#errors.subarray(0, this.#count)
    const point = pointOf(query, this.#metric)
    if (!point) return { squares: squares.fill(0), errors, error: Number.POSITIVE_INFINITY }
    let end = 0
    const parts = this.#blocks.map(({ count, center }) => {
      const first = end
      end += count
      return { first, count, ...codeQuery(point, center) }
    })
    const dots = this.#codes.dots(parts)
    for (const { first, count, scale, length } of parts)
      for (let row = first; row < first + count; row++) {
        const lengths = length + this.#lengths[row]!
        squares[row] = lengths - 2 * scale * this.#scales[row]! * dots[row]! - ROUNDING * lengths
      }
    return { squares, errors, error: Math.max(0, ...parts.map(({ error }) => error)) }
  }

  /** The largest Euclidean distance of two points whose distance, by the metric, is `distance`. */
  reach(distance: number): number {
    // Each term of a sum adds at most one rounding error.
    const rounding = (this.#vectors.dimension + 8) * 2 * ROUNDING
    return this.#metric === 'cosine' ? Math.sqrt(2 * Math.max(0, distance) + 2 * rounding) : distance * (1 + rounding)
  }

  #codeNewRows(): void {
    const { count, chunks, dimension } = this.#vectors
    if (this.#count === count) return
    // Only the last block may be incomplete.
    for (let index = Math.max(0, this.#blocks.length - 1); index < chunks.length; index++) {
      const chunk = chunks[index]!
      const block = this.#blockFor(chunk, index)
      if (block.count === chunk.count) continue
      const rows = chunk.vectors!.subarray(block.count * dimension, chunk.count * dimension)
      this.#keep(this.#codes.append(rows, { center: block.center, unit: this.#metric === 'cosine' }))
      block.count = chunk.count
    }
  }

  /**
   * The block of a chunk. If it has none, or its center was computed from too few rows, a new block, to be coded from its start.
   */
  #blockFor({ first, count, vectors }: VectorChunk, index: number): Block {
    const block = this.#blocks[index]
    if (block && (block.centerRows >= MEAN_POINTS || count < CENTER_GROWTH * block.centerRows)) return block
    const center = meanPoint(vectors!, count, this.#vectors.dimension, this.#metric)
    this.#codes.truncate(first)
    this.#count = first
    this.#blocks[index] = { count: 0, center, centerRows: count }
    return this.#blocks[index]
  }

  /** Stores the properties of coded rows. */
  #keep({ scales, squares, errors }: CodedRows): void {
    this.#grow(this.#count + scales.length)
    this.#scales.set(scales, this.#count)
    this.#errors.set(errors, this.#count)
    for (let row = 0; row < scales.length; row++) this.#lengths[this.#count + row] = scales[row]! ** 2 * squares[row]!
    this.#count += scales.length
  }

  #grow(count: number): void {
    if (this.#scales.length >= count) return
    const size = Math.max(count, 2 * this.#count)
    const grown = <T extends Float32Array | Float64Array>(values: T, larger: T) => {
      larger.set(values.subarray(0, this.#count))
      return larger
    }
    this.#scales = grown(this.#scales, new Float32Array(size))
    this.#lengths = grown(this.#lengths, new Float64Array(size))
    this.#errors = grown(this.#errors, new Float32Array(size))
    this.#squares = new Float64Array(size)
  }
}

/** Codes a query relative to a center as int16 times a scale, with the squared length of the result and the coding error. */
function codeQuery(
  point: Float64Array,
  center: Float32Array,
): { query: Int16Array; scale: number; length: number; error: number } {
  const query = new Int16Array(point.length)
  const moved = new Float64Array(point.length)
  let [most, sum, size] = [0, 0, 0]
  for (let column = 0; column < point.length; column++) {
    const value = point[column]! - center[column]!
    size = Math.max(size, Math.abs(point[column]!), Math.abs(center[column]!))
    moved[column] = value
    most = Math.max(most, Math.abs(value))
    sum += Math.abs(value)
  }
  const scale = Math.max(most / 32_767, sum / (CODE_SUM - point.length))
  // If the inverse of the scale is infinite, the codes do not matter.
  const inverse = scale > 1e-300 ? 1 / scale : 0
  let [length, rest] = [0, 0]
  for (let column = 0; column < point.length; column++) {
    const code = Math.round(moved[column]! * inverse)
    query[column] = code
    length += code * code
    rest += (moved[column]! - code * scale) ** 2
  }
  const rounding = ROUNDING * (point.length + 8)
  return { query, scale, length: scale ** 2 * length, error: Math.sqrt(rest) * (1 + rounding) + rounding * size }
}

/** More than a few roundings of float64. */
const ROUNDING = 2 ** -50

/** Largest sum of a query's absolute codes whose product with codes of 127 stays below 2^31. */
const CODE_SUM = Math.floor((2 ** 31 - 1) / 127)
