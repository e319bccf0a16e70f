import { pauses } from '../async/pauses.js'
import { multiplyTransposed } from '../kernels/multiply-transposed.js'
import type { BlockProduct } from './block-product.js'
import { samplePairs, squaredDistance } from './typical-distance.js'

/** Pairs of near vectors, as columns: `a[n]` and `b[n]`, `a[n] < b[n]`, are `distance[n]` apart. */
export interface NeighbourPairs {
  a: Uint32Array
  b: Uint32Array
  /** Euclidean. */
  distance: Float32Array
}

export interface NeighbourOptions {
  /** Neighbours of a row that are kept, nearest first; a pair is found where either has the other. Default 10. */
  k?: number
  /** Farther pairs are no neighbours. Euclidean. */
  maxDistance: number
  /** Rows from here on are compared with all rows, those before only with them. Default 0: all pairs. */
  from?: number
  /** Default: the SIMD kernel, plain JavaScript where the engine has none. */
  product?: BlockProduct
  signal?: AbortSignal | undefined
  /** Called with the share of the work that is done, 0 … 1. */
  onProgress?: ((done: number) => void) | undefined
}

/** Rows of a block: two blocks of some hundred columns and their product fit into a core's own cache. */
const BLOCK_ROWS = 256
/** Columns that are compared first come in steps of so many, with one more for the length of the rest. */
const HEAD_STEP = 64
/** A column costs as many times more in a pair that is left after them, which no kernel compares. */
const SLOWER = 16
/** Columns after which a pair that is too far apart by then is left. */
const WITHIN_STEP = 32
/** Of a float32 sum, by its terms and size (the kernel's bound, and the columns' own rounding): it must not lose a pair at the limit. */
const roundingOf = (terms: number) => (terms + 4) * 2 ** -23

/**
 * All pairs within `maxDistance` by exact comparison, at most `k` for each row.
 *
 * Distances do not change when the mean is subtracted from all vectors. The squared distance over the first columns, and with
 * it the squared difference of the lengths that remain, is a lower bound of the whole (Cauchy and Schwarz): most pairs are done
 * with after a part of the work, and none is missed. With the remaining length as one more column, the bound is a product like any other.
 *
 * @param vectors [count, dimension], row-major; borrowed. A copy of the first columns is made.
 * @throws the signal's reason.
 */
export async function nearPairs(
  vectors: Float32Array,
  dimension: number,
  { k = 10, maxDistance, from = 0, product = multiplyTransposed, signal, onProgress }: NeighbourOptions,
): Promise<NeighbourPairs> {
  const pause = pauses(signal)
  const count = vectors.length / dimension
  const limit = maxDistance ** 2
  const { heads, columns, squares } = withoutTails(vectors, count, dimension, headColumns(vectors, count, dimension, limit))
  // Rows a and b may be near where their product reaches the sum of their bounds.
  const rounding = roundingOf(columns)
  const bounds = squares.map((square) => (square * (1 - rounding) - limit / 2) / 2)
  const nearest = new Nearest(count, k, limit)
  const products = new Float32Array(BLOCK_ROWS * BLOCK_ROWS)
  const blocks = Math.ceil(count / BLOCK_ROWS)
  const firstBlock = Math.floor(from / BLOCK_ROWS)
  const total = ((blocks - firstBlock) * (blocks + firstBlock + 1)) / 2
  let done = 0
  for (let blockB = firstBlock; blockB < blocks; blockB++) {
    const startB = blockB * BLOCK_ROWS
    const rowsB = Math.min(BLOCK_ROWS, count - startB)
    const boundsB = bounds.subarray(startB, startB + rowsB)
    for (let blockA = 0; blockA <= blockB; blockA++) {
      const startA = blockA * BLOCK_ROWS
      const rowsA = Math.min(BLOCK_ROWS, count - startA)
      product(rows(heads, startA, rowsA, columns), rowsA, rows(heads, startB, rowsB, columns), rowsB, columns, products)
      for (let i = 0; i < rowsA; i++) {
        const bound = bounds[startA + i]!
        const firstJ = Math.max(blockA === blockB ? i + 1 : 0, from - startB)
        for (let j = firstJ; j < rowsB; j++) {
          if (products[i * rowsB + j]! < bound + boundsB[j]!) continue
          const [a, b] = [startA + i, startB + j]
          nearest.add(a, b, squaredWithin(vectors, a, b, dimension, columns, limit))
        }
      }
      done++
      await pause()
    }
    onProgress?.(done / total)
  }
  return nearest.pairs()
}

/**
 * The squared distance of two rows, or, where that is beyond the limit, of a part of their columns that already is.
 *
 * @param first The column to begin with: the bound had those before it.
 */
function squaredWithin(vectors: Float32Array, a: number, b: number, dimension: number, first: number, limit: number): number {
  const [startA, startB] = [a * dimension, b * dimension]
  let sum = 0
  for (let done = 0; done < dimension && sum <= limit; done += WITHIN_STEP)
    for (let step = done; step < Math.min(done + WITHIN_STEP, dimension); step++) {
      const column = step + first < dimension ? step + first : step + first - dimension
      const difference = vectors[startA + column]! - vectors[startB + column]!
      sum += difference * difference
    }
  return sum
}

const rows = (matrix: Float32Array, start: number, count: number, columns: number) =>
  matrix.subarray(start * columns, (start + count) * columns)

/** How many columns are best compared first, as some pairs show: more cost more in each pair, and leave fewer pairs over. */
function headColumns(vectors: Float32Array, count: number, dimension: number, limit: number): number {
  const pairs = samplePairs(count)
  let best = dimension
  let least = dimension
  for (let head = HEAD_STEP; head < dimension; head += HEAD_STEP) {
    const left = pairs.filter(([a, b]) => squaredDistance(vectors, a, b, dimension, head) <= limit).length / pairs.length
    const cost = head + left * dimension * SLOWER
    if (cost < least) [best, least] = [head - 1, cost]
  }
  return best
}

/** The centred vectors' first columns and the length of the rest, with the squared length of the whole. */
function withoutTails(vectors: Float32Array, count: number, dimension: number, head: number) {
  const mean = new Float64Array(dimension)
  for (let at = 0; at < vectors.length; at += dimension) for (let k = 0; k < dimension; k++) mean[k]! += vectors[at + k]!
  for (let k = 0; k < dimension; k++) mean[k]! /= Math.max(1, count)
  const columns = head < dimension ? head + 1 : dimension
  const heads = new Float32Array(count * columns)
  const squares = new Float64Array(count)
  for (let row = 0; row < count; row++) {
    let sum = 0
    let tail = 0
    for (let k = 0; k < dimension; k++) {
      const value = vectors[row * dimension + k]! - mean[k]!
      if (k < head) heads[row * columns + k] = value
      else tail += value * value
      sum += value * value
    }
    if (head < dimension) heads[row * columns + head] = Math.sqrt(tail)
    squares[row] = sum
  }
  return { heads, columns, squares }
}

/** The `k` nearest of each row, in order; ties by row. */
class Nearest {
  readonly #k: number
  readonly #rows: Uint32Array
  readonly #squares: Float64Array
  readonly #counts: Uint32Array
  readonly #limit: number

  constructor(count: number, k: number, limit: number) {
    this.#k = k
    this.#limit = limit
    this.#rows = new Uint32Array(count * k)
    this.#squares = new Float64Array(count * k)
    this.#counts = new Uint32Array(count)
  }

  add(a: number, b: number, squared: number): void {
    if (squared > this.#limit) return
    this.#keep(a, b, squared)
    this.#keep(b, a, squared)
  }

  #keep(row: number, other: number, squared: number): void {
    const start = row * this.#k
    let at = start + this.#counts[row]!
    if (this.#counts[row] === this.#k) {
      if (squared >= this.#squares[at - 1]!) return
      at--
    } else this.#counts[row]!++
    for (; at > start && this.#squares[at - 1]! > squared; at--) {
      this.#rows[at] = this.#rows[at - 1]!
      this.#squares[at] = this.#squares[at - 1]!
    }
    this.#rows[at] = other
    this.#squares[at] = squared
  }

  pairs(): NeighbourPairs {
    const a: number[] = []
    const b: number[] = []
    const distance: number[] = []
    for (let row = 0; row < this.#counts.length; row++)
      for (let at = row * this.#k; at < row * this.#k + this.#counts[row]!; at++) {
        const other = this.#rows[at]!
        // Each pair once: by its first row, or by its second where the first does not have it.
        if (other < row && this.#has(other, row)) continue
        a.push(Math.min(row, other))
        b.push(Math.max(row, other))
        distance.push(Math.sqrt(this.#squares[at]!))
      }
    return { a: Uint32Array.from(a), b: Uint32Array.from(b), distance: Float32Array.from(distance) }
  }

  #has(row: number, other: number): boolean {
    const start = row * this.#k
    return this.#rows.subarray(start, start + this.#counts[row]!).includes(other)
  }
}
