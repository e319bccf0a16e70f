import { pauses } from '../async/pauses.js'
import { multiplyTransposed } from '../kernels/multiply-transposed.js'
import { NearestLists } from '../search/nearest-lists.js'
import { samplePairs, squaredDistance } from './typical-distance.js'

/**
 * Multiplies two blocks of vectors: `out[i * rowsB + j]` is the dot product of row `i` of `a` and row `j` of `b`.
 *
 * @param a [rowsA, dimension], row-major; borrowed.
 * @param b [rowsB, dimension], row-major; borrowed.
 * @param out At least rowsA × rowsB; written.
 */
export type BlockProduct = (
  a: Float32Array,
  rowsA: number,
  b: Float32Array,
  rowsB: number,
  dimension: number,
  out: Float32Array,
) => void

/** Pairs of near vectors, as columns: rows `a[n]` and `b[n]`, with `a[n] < b[n]`, are `distance[n]` apart. */
export interface NearPairs {
  a: Uint32Array
  b: Uint32Array
  /** Euclidean. */
  distance: Float32Array
}

export interface NearPairsOptions {
  /** A pair is found if one row is among the `k` nearest of the other. Default 10. */
  k?: number
  /** Euclidean. */
  maxDistance: number
  /** Only pairs with a row from here on are found. Default 0: all pairs. */
  from?: number
  /** Default: the SIMD kernel, or plain JavaScript if the engine lacks SIMD. */
  product?: BlockProduct
  signal?: AbortSignal | undefined
  /** Called with the share of the work that is done, 0 … 1. */
  onProgress?: ((done: number) => void) | undefined
}

/** Rows of a block: two blocks of some hundred columns and their product fit into a core's own cache. */
const BLOCK_ROWS = 256
/** The number of columns that are compared first is a multiple of this, plus one for the length of the rest. */
const HEAD_STEP = 64
/** For a pair that survives the first columns, a column costs this many times more, as no kernel compares it. */
const SLOWER = 16
/** After this many columns, check whether a pair is already too far apart. */
const WITHIN_STEP = 32
/** Relative error of a float32 sum of so many terms (the kernel's bound, and the rounded columns): no pair at the limit may be lost. */
const roundingOf = (terms: number) => (terms + 4) * 2 ** -23

/**
 * Finds all pairs of rows within `maxDistance`, at most `k` for each row, by exact comparison.
 *
 * Subtracting the mean from all vectors does not change their distances. The squared distance over the first columns, plus the
 * squared difference of the lengths that remain, is a lower bound of the whole squared distance (Cauchy–Schwarz). It rules out
 * most pairs after part of the work and misses none. With the remaining length as one more column, the bound is an ordinary
 * product.
 *
 * @param vectors [count, dimension], row-major; borrowed. The first columns are copied.
 * @throws the signal's reason.
 */
export async function nearPairs(
  vectors: Float32Array,
  dimension: number,
  { k = 10, maxDistance, from = 0, product = multiplyTransposed, signal, onProgress }: NearPairsOptions,
): Promise<NearPairs> {
  const pause = pauses(signal)
  const count = vectors.length / dimension
  const limit = maxDistance ** 2
  const { heads, columns, squares } = shortened(vectors, count, dimension, headColumns(vectors, count, dimension, limit))
  // Rows a and b may be near only if their product reaches the sum of their bounds.
  const rounding = roundingOf(columns)
  const bounds = squares.map((square) => (square * (1 - rounding) - limit / 2) / 2)
  const nearest = new NearestLists(k, new Float64Array(count * k))
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
          const squared = squaredWithin(vectors, a, b, dimension, columns, limit)
          if (squared > limit) continue
          nearest.add(a, b, squared)
          nearest.add(b, a, squared)
        }
      }
      done++
      await pause()
    }
    onProgress?.(done / total)
  }
  return pairsOf(nearest)
}

/**
 * The squared distance of two rows. Beyond the limit, it may cover only some of the columns.
 *
 * @param first The column to begin with, as the bound covered those before it.
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

/** The best number of columns to compare first, estimated from sample pairs: more columns cost more but rule out more pairs. */
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

/** The first columns of the centred vectors with the length of the rest, and the squared length of the whole. */
function shortened(vectors: Float32Array, count: number, dimension: number, head: number) {
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

/** Every pair of the lists, once. */
function pairsOf({ k, neighbours, distances }: NearestLists<Float64Array>): NearPairs {
  const a: number[] = []
  const b: number[] = []
  const distance: number[] = []
  for (let at = 0; at < distances.length; at++) {
    const square = distances[at]!
    if (square === Number.POSITIVE_INFINITY) continue
    const row = Math.floor(at / k)
    const other = neighbours[at]!
    // A pair is taken from its first row, or from its second if the first row's list lacks it.
    if (other < row && lists(other, row)) continue
    a.push(Math.min(row, other))
    b.push(Math.max(row, other))
    distance.push(Math.sqrt(square))
  }
  return { a: Uint32Array.from(a), b: Uint32Array.from(b), distance: Float32Array.from(distance) }

  function lists(row: number, other: number): boolean {
    for (let at = row * k; at < (row + 1) * k && distances[at] !== Number.POSITIVE_INFINITY; at++)
      if (neighbours[at] === other) return true
    return false
  }
}
