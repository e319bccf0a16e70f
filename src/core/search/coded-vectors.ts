import { createInt8Rows } from '../kernels/create-int8-rows.js'
import type { CodedRows, Int8Rows } from '../kernels/int8-rows.js'
import type { StartThreads } from '../kernels/scan-threads.js'
import type { Metric } from '../types.js'
import { MEAN_POINTS, meanPoint, pointOf } from './points.js'
import type { VectorCodes } from './vector-codes.js'
import type { VectorChunk, VectorRows } from './vector-rows.js'

/** Estimates of one query; borrowed until the next. */
export interface Estimate {
  /** Of each row, no more than the squared distance from the coded query to the coded row. */
  squares: Float64Array<ArrayBuffer>
  /** Of each row, how far its code may be from it. */
  errors: Float32Array<ArrayBuffer>
  /** How far the coded query may be from the query. */
  error: number
}

/** What is coded of a chunk of vectors. */
interface Block {
  count: number
  /** Points are coded as they lie around their mean: nearer, so with smaller errors. Any center gives right bounds. */
  center: Float32Array<ArrayBuffer>
  /** How many rows it is the mean of. */
  centerRows: number
}

/** The center of a chunk is taken anew when there are this many times the rows that it was taken from. */
const CENTER_GROWTH = 8

/**
 * Codes of all vectors of an index, by which distances are known within bounds: by the triangle inequality, a distance between
 * two points differs from that between their codes by no more than the two codes' errors. For the metric cosine the points
 * are divided by their length: then |u - v|² = 2 - 2 cos.
 */
export class CodedVectors {
  readonly #vectors: VectorRows
  readonly #metric: Metric
  readonly #codes: Int8Rows
  /** One for each chunk of vectors. */
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

  /** Takes the codes of a chunk that is about to be added to the vectors. @param coded Borrowed. */
  append(coded: VectorCodes): void {
    this.#codeNewRows()
    this.#codes.appendCodes(coded.codes)
    // A copy: the other may lie in a memory with all the codes.
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

  /** How far apart two points may lie whose distance, by the metric, is this one. */
  reach(distance: number): number {
    // A sum of rounded terms is off by one rounding each at most.
    const rounding = (this.#vectors.dimension + 8) * 2 * ROUNDING
    return this.#metric === 'cosine' ? Math.sqrt(2 * Math.max(0, distance) + 2 * rounding) : distance * (1 + rounding)
  }

  #codeNewRows(): void {
    const { count, chunks, dimension } = this.#vectors
    if (this.#count === count) return
    // All before the last are whole.
    for (let index = Math.max(0, this.#blocks.length - 1); index < chunks.length; index++) {
      const chunk = chunks[index]!
      const block = this.#blockFor(chunk, index)
      if (block.count === chunk.count) continue
      const rows = chunk.vectors!.subarray(block.count * dimension, chunk.count * dimension)
      this.#keep(this.#codes.append(rows, { center: block.center, unit: this.#metric === 'cosine' }))
      block.count = chunk.count
    }
  }

  /** The block of a chunk: a new one, to be coded from its start, where there is none or its center is of too few rows. */
  #blockFor({ first, count, vectors }: VectorChunk, index: number): Block {
    const block = this.#blocks[index]
    if (block && (block.centerRows >= MEAN_POINTS || count < CENTER_GROWTH * block.centerRows)) return block
    const center = meanPoint(vectors!, count, this.#vectors.dimension, this.#metric)
    this.#codes.truncate(first)
    this.#count = first
    this.#blocks[index] = { count: 0, center, centerRows: count }
    return this.#blocks[index]
  }

  /** What is known of rows that were coded. */
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

/** A query's point around a center as int16 codes times a scale, with the squared length of both. */
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
  // A scale whose inverse is infinite codes nothing that matters.
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

/** Above a few roundings of float64. */
const ROUNDING = 2 ** -50

/** The sum of a query's codes, by absolute value, whose product with codes of 127 stays below 2^31. */
const CODE_SUM = Math.floor((2 ** 31 - 1) / 127)
