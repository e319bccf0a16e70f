import { multiplyTransposed } from '../kernels/multiply-transposed.js'
import { type BlockProduct, dot } from './block-product.js'
import { pauses } from './pauses.js'

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

/** Rows of a block: two blocks of 192 columns and their product fit into a core's own cache. */
const BLOCK_ROWS = 128
/** Columns that are compared first; those that cannot come near any more are left there. */
const HEAD_COLUMNS = 192
/** Of a float32 sum, by its terms and size (the kernel's bound, and the columns' own rounding): it must not lose a pair at the limit. */
const roundingOf = (terms: number) => (terms + 4) * 2 ** -23

/**
 * All pairs within `maxDistance` by exact comparison, at most `k` for each row.
 *
 * Distances do not change when the mean is subtracted from all vectors. The squared distance over the first columns, and with
 * it the squared difference of the lengths that remain, is a lower bound of the whole (Cauchy and Schwarz): most pairs are done with after a quarter of
 * the work, and none is missed.
 *
 * @param vectors [count, dimension], row-major; borrowed. A copy of its size is made.
 * @throws the signal's reason.
 */
export async function nearPairs(
  vectors: Float32Array,
  dimension: number,
  { k = 10, maxDistance, from = 0, product = multiplyTransposed, signal, onProgress }: NeighbourOptions,
): Promise<NeighbourPairs> {
  const pause = pauses(signal)
  const count = vectors.length / dimension
  const head = dimension > HEAD_COLUMNS * 2 ? HEAD_COLUMNS : dimension
  const { heads, tails, headSquares, tailNorms } = split(vectors, count, dimension, head)
  const nearest = new Nearest(count, k, maxDistance ** 2)
  const products = new Float32Array(BLOCK_ROWS * BLOCK_ROWS)
  const tail = dimension - head
  const limit = maxDistance ** 2
  const rounding = roundingOf(head)
  const blocks = Math.ceil(count / BLOCK_ROWS)
  const firstBlock = Math.floor(from / BLOCK_ROWS)
  const total = ((blocks - firstBlock) * (blocks + firstBlock + 1)) / 2
  let done = 0
  for (let blockB = firstBlock; blockB < blocks; blockB++) {
    const startB = blockB * BLOCK_ROWS
    const rowsB = Math.min(BLOCK_ROWS, count - startB)
    for (let blockA = 0; blockA <= blockB; blockA++) {
      const startA = blockA * BLOCK_ROWS
      const rowsA = Math.min(BLOCK_ROWS, count - startA)
      product(rows(heads, startA, rowsA, head), rowsA, rows(heads, startB, rowsB, head), rowsB, head, products)
      for (let i = 0; i < rowsA; i++) {
        const a = startA + i
        const squaresA = headSquares[a]!
        const normA = tailNorms[a]!
        const firstJ = Math.max(blockA === blockB ? i + 1 : 0, from - startB)
        for (let j = firstJ; j < rowsB; j++) {
          const b = startB + j
          const apart = squaresA + headSquares[b]! - 2 * products[i * rowsB + j]!
          const lengths = normA - tailNorms[b]!
          const slack = rounding * (squaresA + headSquares[b]!)
          if (apart + lengths * lengths > limit + slack) continue
          const rest = tail === 0 ? 0 : normA ** 2 + tailNorms[b]! ** 2 - 2 * dot(tails, a * tail, tails, b * tail, tail)
          // Near 0 the three terms cancel; what is left is rounding.
          const squared = Math.max(0, apart + rest)
          if (squared <= limit + slack) nearest.add(a, b, exact(vectors, a, b, dimension, squared))
        }
      }
      done++
      await pause()
    }
    onProgress?.(done / total)
  }
  return nearest.pairs()
}

const rows = (matrix: Float32Array, start: number, count: number, columns: number) =>
  matrix.subarray(start * columns, (start + count) * columns)

/** The squared distance without cancellation. */
function exact(vectors: Float32Array, a: number, b: number, dimension: number, squared: number): number {
  let sum = 0
  for (let k = 0; k < dimension; k++) sum += (vectors[a * dimension + k]! - vectors[b * dimension + k]!) ** 2
  return Number.isNaN(sum) ? squared : sum
}

/** The centred vectors in two parts, with the squared lengths of the first and the lengths of the second. */
function split(vectors: Float32Array, count: number, dimension: number, head: number) {
  const mean = new Float64Array(dimension)
  for (let at = 0; at < vectors.length; at += dimension) for (let k = 0; k < dimension; k++) mean[k]! += vectors[at + k]!
  for (let k = 0; k < dimension; k++) mean[k]! /= Math.max(1, count)
  const tail = dimension - head
  const heads = new Float32Array(count * head)
  const tails = new Float32Array(count * tail)
  const headSquares = new Float64Array(count)
  const tailNorms = new Float64Array(count)
  for (let row = 0; row < count; row++) {
    let headSum = 0
    let tailSum = 0
    for (let k = 0; k < dimension; k++) {
      const value = vectors[row * dimension + k]! - mean[k]!
      if (k < head) {
        heads[row * head + k] = value
        headSum += value * value
      } else {
        tails[row * tail + k - head] = value
        tailSum += value * value
      }
    }
    headSquares[row] = headSum
    tailNorms[row] = Math.sqrt(tailSum)
  }
  return { heads, tails, headSquares, tailNorms }
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
