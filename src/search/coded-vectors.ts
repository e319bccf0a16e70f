import { createInt8Rows } from '../kernels/create-int8-rows.js'
import { BLOCK_ROWS, type Int8Rows } from '../kernels/int8-rows.js'
import type { Metric } from '../types.js'
import type { VectorRows } from './vector-rows.js'

/** Estimates of one query; borrowed until the next. */
export interface Estimate {
  /** Of each row, no more than the squared distance from the coded query to the coded row. */
  squares: Float64Array<ArrayBuffer>
  /** Of each row, how far its code may be from it. */
  errors: Float32Array<ArrayBuffer>
  /** How far the coded query may be from the query. */
  error: number
}

/** The center is taken anew when there are this many times the rows that it was taken from, up to so many. */
const CENTER_GROWTH = 8
const CENTER_ROWS = 4096

/**
 * Codes of all vectors of an index, by which distances are known within bounds: by the triangle inequality, a distance between
 * two points differs from that between their codes by no more than the two codes' errors. For the metric cosine the points
 * are divided by their length: then |u - v|² = 2 - 2 cos.
 */
export class CodedVectors {
  readonly #vectors: VectorRows
  readonly #unit: boolean
  readonly #codes: Int8Rows
  /** Points are coded as they lie around their mean: nearer, so with smaller errors. Any center gives right bounds. */
  readonly #center: Float32Array<ArrayBuffer>
  #centerRows = 0
  #count = 0
  #scales = new Float32Array(0)
  /** Squared lengths of the coded points. */
  #lengths = new Float64Array(0)
  #errors = new Float32Array(0)
  #squares = new Float64Array(0)

  constructor(vectors: VectorRows, metric: Metric, capacity: number) {
    this.#vectors = vectors
    this.#unit = metric === 'cosine'
    this.#codes = createInt8Rows(vectors.dimension, capacity)
    this.#center = new Float32Array(vectors.dimension)
    this.#grow(capacity)
  }

  /** @param query [dimension]; borrowed. */
  estimate(query: Float32Array): Estimate {
    this.#codeNewRows()
    const squares = this.#squares.subarray(0, this.#count)
    const errors = this.#errors.subarray(0, this.#count)
    const { codes, scale, length, error } = this.#codeQuery(query)
    if (error < Number.POSITIVE_INFINITY)
      for (let first = 0; first < this.#count; first += BLOCK_ROWS) {
        const dots = this.#codes.dots(codes, first, Math.min(BLOCK_ROWS, this.#count - first))
        for (let index = 0; index < dots.length; index++) {
          const row = first + index
          const lengths = length + this.#lengths[row]!
          squares[row] = lengths - 2 * scale * this.#scales[row]! * dots[index]! - ROUNDING * lengths
        }
      }
    else squares.fill(0)
    return { squares, errors, error }
  }

  /** How far apart two points may lie whose distance, by the metric, is this one. */
  reach(distance: number): number {
    // A sum of rounded terms is off by one rounding each at most.
    const rounding = (this.#vectors.dimension + 8) * 2 * ROUNDING
    return this.#unit ? Math.sqrt(2 * Math.max(0, distance) + 2 * rounding) : distance * (1 + rounding)
  }

  #codeNewRows(): void {
    const { count, dimension } = this.#vectors
    if (this.#count === count) return
    if (this.#centerRows < CENTER_ROWS && count >= CENTER_GROWTH * this.#centerRows) {
      this.#takeCenter()
      this.#codes.clear()
      this.#count = 0
    }
    this.#grow(count)
    while (this.#count < count) {
      const run = this.#vectors.run(this.#count)
      const { scales, squares, errors } = this.#codes.append(run, { center: this.#center, unit: this.#unit })
      this.#scales.set(scales, this.#count)
      this.#errors.set(errors, this.#count)
      for (let row = 0; row < scales.length; row++) this.#lengths[this.#count + row] = scales[row]! ** 2 * squares[row]!
      this.#count += run.length / dimension
    }
  }

  /** The mean of points spread over all rows. */
  #takeCenter(): void {
    const { count, dimension } = this.#vectors
    const taken = Math.min(count, CENTER_ROWS)
    const mean = new Float64Array(dimension)
    for (let index = 0; index < taken; index++) {
      const row = Math.floor((index * count) / taken)
      const start = this.#vectors.startOf(row)
      const point = pointOf(this.#vectors.chunkOf(row).subarray(start, start + dimension), this.#unit)
      if (point) for (let column = 0; column < dimension; column++) mean[column]! += point[column]! / taken
    }
    this.#center.set(mean)
    this.#centerRows = count
  }

  /** The query as int16 codes times a scale, with the squared length of both. */
  #codeQuery(query: Float32Array): { codes: Int16Array; scale: number; length: number; error: number } {
    const codes = new Int16Array(query.length)
    const point = pointOf(query, this.#unit)
    if (!point) return { codes, scale: 0, length: 0, error: Number.POSITIVE_INFINITY }
    let [most, sum, size] = [0, 0, 0]
    for (let column = 0; column < point.length; column++) {
      const value = point[column]! - this.#center[column]!
      size = Math.max(size, Math.abs(point[column]!), Math.abs(this.#center[column]!))
      point[column] = value
      most = Math.max(most, Math.abs(value))
      sum += Math.abs(value)
    }
    const scale = Math.max(most / 32_767, sum / (CODE_SUM - query.length))
    let [length, rest] = [0, 0]
    for (let column = 0; column < point.length; column++) {
      const code = scale > 0 ? Math.round(point[column]! / scale) : 0
      codes[column] = code
      length += code * code
      rest += (point[column]! - code * scale) ** 2
    }
    const rounding = ROUNDING * (query.length + 8)
    return { codes, scale, length: scale ** 2 * length, error: Math.sqrt(rest) * (1 + rounding) + rounding * size }
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

/** A vector, divided by its length for cosine; null for a zero vector, which has no direction. */
function pointOf(vector: Float32Array, unit: boolean): Float64Array<ArrayBuffer> | null {
  const point = Float64Array.from(vector)
  if (!unit) return point
  let squares = 0
  for (let column = 0; column < point.length; column++) squares += point[column]! ** 2
  if (squares === 0) return null
  const factor = 1 / Math.sqrt(squares)
  for (let column = 0; column < point.length; column++) point[column]! *= factor
  return point
}

/** Above a few roundings of float64. */
const ROUNDING = 2 ** -50

/** The sum of a query's codes, by absolute value, whose product with codes of 127 stays below 2^31. */
const CODE_SUM = Math.floor((2 ** 31 - 1) / 127)
