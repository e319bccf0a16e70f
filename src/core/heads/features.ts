import { InvalidArgumentError } from '../errors.js'
import type { BlockProducts } from './block-products.js'

/**
 * Rows of numbers as the solvers see them: dense vectors, sparse words, or both side by side. Weights are float64, those of one
 * output at `offset … offset + dimension` of an array that may hold several.
 */
export interface Features {
  /** Number of rows. */
  readonly count: number
  /** Numbers of a row. */
  readonly dimension: number
  /** Product of a row with weights. */
  dot(row: number, weights: Float64Array, offset: number): number
  /** Adds `factor` times a row to weights. */
  addTo(row: number, factor: number, weights: Float64Array, offset: number): void
  /** Adds `factor` times the squares of a row's numbers to weights. */
  addSquaresTo(row: number, factor: number, weights: Float64Array, offset: number): void
  /** Sum of the squares of a row's numbers. */
  squaredLength(row: number): number
  /** Products with several weight vectors at once, to float32; `null` if the rows are too few, or have no such form. */
  blocks?(outputs: number): BlockProducts | null
}

/** These rows: copied if they are dense, which is faster than looking each up. */
export function selectRows(features: Features, rows: ArrayLike<number>): Features {
  return features instanceof DenseFeatures ? features.select(rows) : new SelectedFeatures(features, rows)
}

/** Dense rows, [count, dimension], row-major; borrowed. */
export class DenseFeatures implements Features {
  readonly count: number
  readonly dimension: number
  /** [count, dimension] */
  protected readonly values: Float32Array | Float64Array

  /** @throws InvalidArgumentError if the length is not a multiple of the dimension. */
  constructor(values: Float32Array | Float64Array, dimension: number) {
    if (!Number.isInteger(dimension) || dimension < 1)
      throw new InvalidArgumentError('dimension', dimension, 'a whole number of at least 1')
    if (values.length % dimension !== 0)
      throw new InvalidArgumentError('vectors.length', values.length, `a multiple of ${dimension}`)
    this.values = values
    this.dimension = dimension
    this.count = values.length / dimension
  }

  /** A copy of these rows. */
  select(rows: ArrayLike<number>): DenseFeatures {
    return new DenseFeatures(this.rowsOf(rows), this.dimension)
  }

  /** The numbers of these rows, a copy. */
  protected rowsOf(rows: ArrayLike<number>): Float32Array | Float64Array {
    const { dimension } = this
    const values = new (this.values instanceof Float32Array ? Float32Array : Float64Array)(rows.length * dimension)
    for (let at = 0; at < rows.length; at++)
      values.set(this.values.subarray(rows[at]! * dimension, (rows[at]! + 1) * dimension), at * dimension)
    return values
  }

  /** @inheritdoc */
  dot(row: number, weights: Float64Array, offset: number): number {
    const values = this.values
    const end = (row + 1) * this.dimension
    let [a, b, c, d] = [0, 0, 0, 0]
    let at = row * this.dimension
    let to = offset
    // Four sums, since each addition waits for the one before it.
    for (; at + 4 <= end; at += 4, to += 4) {
      a += values[at]! * weights[to]!
      b += values[at + 1]! * weights[to + 1]!
      c += values[at + 2]! * weights[to + 2]!
      d += values[at + 3]! * weights[to + 3]!
    }
    for (; at < end; at++, to++) a += values[at]! * weights[to]!
    return a + b + (c + d)
  }

  /** @inheritdoc */
  addTo(row: number, factor: number, weights: Float64Array, offset: number): void {
    const values = this.values
    const end = (row + 1) * this.dimension
    for (let at = row * this.dimension, to = offset; at < end; at++, to++) weights[to]! += factor * values[at]!
  }

  /** @inheritdoc */
  addSquaresTo(row: number, factor: number, weights: Float64Array, offset: number): void {
    const values = this.values
    const end = (row + 1) * this.dimension
    for (let at = row * this.dimension, to = offset; at < end; at++, to++) weights[to]! += factor * values[at]! * values[at]!
  }

  /** @inheritdoc */
  squaredLength(row: number): number {
    let sum = 0
    for (let at = row * this.dimension; at < (row + 1) * this.dimension; at++) sum += this.values[at]! ** 2
    return sum
  }
}

/** Sparse rows: the numbers of row `r` are `values[starts[r] … starts[r + 1])` in these columns, each column once in a row. */
export interface SparseMatrix {
  /** [count + 1] */
  starts: Uint32Array
  columns: Uint32Array
  values: Float32Array | Float64Array
  /** Number of columns. */
  dimension: number
}

/** Sparse rows, such as weighted words; borrowed. */
export class SparseFeatures implements Features {
  readonly count: number
  readonly dimension: number
  readonly #matrix: SparseMatrix

  constructor(matrix: SparseMatrix) {
    this.#matrix = matrix
    this.dimension = matrix.dimension
    this.count = matrix.starts.length - 1
  }

  /** @inheritdoc */
  dot(row: number, weights: Float64Array, offset: number): number {
    const { starts, columns, values } = this.#matrix
    const end = starts[row + 1]!
    let sum = 0
    for (let at = starts[row]!; at < end; at++) sum += values[at]! * weights[offset + columns[at]!]!
    return sum
  }

  /** @inheritdoc */
  addTo(row: number, factor: number, weights: Float64Array, offset: number): void {
    const { starts, columns, values } = this.#matrix
    const end = starts[row + 1]!
    for (let at = starts[row]!; at < end; at++) weights[offset + columns[at]!]! += factor * values[at]!
  }

  /** @inheritdoc */
  addSquaresTo(row: number, factor: number, weights: Float64Array, offset: number): void {
    const { starts, columns, values } = this.#matrix
    const end = starts[row + 1]!
    for (let at = starts[row]!; at < end; at++) weights[offset + columns[at]!]! += factor * values[at]! * values[at]!
  }

  /** @inheritdoc */
  squaredLength(row: number): number {
    const { starts, values } = this.#matrix
    let sum = 0
    for (let at = starts[row]!; at < starts[row + 1]!; at++) sum += values[at]! ** 2
    return sum
  }
}

/** Features side by side, each scaled by a factor: of two parts, the columns of the second follow those of the first. */
export class JoinedFeatures implements Features {
  readonly count: number
  readonly dimension: number
  readonly #parts: readonly { features: Features; factor: number; start: number }[]

  /** @throws InvalidArgumentError if the parts differ in their number of rows. */
  constructor(parts: readonly { features: Features; factor?: number }[]) {
    this.count = parts[0]?.features.count ?? 0
    let start = 0
    this.#parts = parts.map(({ features, factor = 1 }, index) => {
      if (features.count !== this.count)
        throw new InvalidArgumentError(`parts[${index}].features.count`, features.count, `${this.count}, as of the first part`)
      const part = { features, factor, start }
      start += features.dimension
      return part
    })
    this.dimension = start
  }

  /** @inheritdoc */
  dot(row: number, weights: Float64Array, offset: number): number {
    let sum = 0
    for (const { features, factor, start } of this.#parts) sum += factor * features.dot(row, weights, offset + start)
    return sum
  }

  /** @inheritdoc */
  addTo(row: number, by: number, weights: Float64Array, offset: number): void {
    for (const { features, factor, start } of this.#parts) features.addTo(row, factor * by, weights, offset + start)
  }

  /** @inheritdoc */
  addSquaresTo(row: number, by: number, weights: Float64Array, offset: number): void {
    for (const { features, factor, start } of this.#parts)
      features.addSquaresTo(row, factor * factor * by, weights, offset + start)
  }

  /** @inheritdoc */
  squaredLength(row: number): number {
    return this.#parts.reduce((sum, { features, factor }) => sum + factor * factor * features.squaredLength(row), 0)
  }
}

/** Some rows of other features, in this order, as the rows 0, 1 …: the labelled papers of a library, or the folds of a search. */
export class SelectedFeatures implements Features {
  readonly count: number
  readonly dimension: number
  readonly #features: Features
  readonly #rows: ArrayLike<number>

  constructor(features: Features, rows: ArrayLike<number>) {
    this.#features = features
    this.#rows = rows
    this.count = rows.length
    this.dimension = features.dimension
  }

  /** @inheritdoc */
  dot(row: number, weights: Float64Array, offset: number): number {
    return this.#features.dot(this.#rows[row]!, weights, offset)
  }

  /** @inheritdoc */
  addTo(row: number, factor: number, weights: Float64Array, offset: number): void {
    this.#features.addTo(this.#rows[row]!, factor, weights, offset)
  }

  /** @inheritdoc */
  addSquaresTo(row: number, factor: number, weights: Float64Array, offset: number): void {
    this.#features.addSquaresTo(this.#rows[row]!, factor, weights, offset)
  }

  /** @inheritdoc */
  squaredLength(row: number): number {
    return this.#features.squaredLength(this.#rows[row]!)
  }
}
