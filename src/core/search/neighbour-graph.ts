import { InvalidArgumentError } from '../errors.js'
import { multiplyTransposed } from '../kernels/multiply-transposed.js'
import type { Metric } from '../types.js'
import { NearestLists } from './nearest-lists.js'

/** The nearest rows of each row; row-major, [count, k], nearest first. */
export interface NeighbourGraph {
  /** Rows whose neighbours are in the graph. */
  count: number
  /** Neighbours of each row. */
  k: number
  /** Row numbers of the neighbours; a row is not its own neighbour. */
  indices: Int32Array
  /** Euclidean distance, or 1 - cosine. */
  distances: Float32Array
}

/** Options of {@link neighbourGraph}. */
export interface NeighbourGraphOptions {
  /** Numbers in a row. */
  dimension: number
  /** Neighbours of each row, at most all other rows. Default 15. */
  k?: number
  /** Default `cosine`. */
  metric?: Metric
  /** First row whose neighbours to find; default 0, for all rows. The rows before it still count as neighbours. */
  from?: number
  /** Called with the share of the work done, 0 … 1. */
  onProgress?: ((done: number) => void) | undefined
}

/** Rows per block: the products of two blocks take 1 MB. */
const BLOCK_ROWS = 512

/**
 * The `k` nearest neighbours of each row among all rows. Compares every pair, so the result is exact except for the last digits
 * of float32. Blocks its thread: call it in a worker.
 *
 * @param vectors [count, dimension], row-major; borrowed. A copy of its size is made.
 * @returns The graph, [count - from, k]; ties by row.
 * @throws InvalidArgumentError if the length of the vectors is not a multiple of the dimension, or an option is invalid.
 * @example
 * const { k, indices } = neighbourGraph(vectors, { dimension, metric: 'cosine', k: 2 })
 * console.log('The nearest to the first row:', indices.subarray(0, k))
 */
export function neighbourGraph(
  vectors: Float32Array,
  { dimension, k: wanted = 15, metric = 'cosine', from = 0, onProgress }: NeighbourGraphOptions,
): NeighbourGraph {
  if (!Number.isInteger(dimension) || dimension < 1)
    throw new InvalidArgumentError('dimension', dimension, 'a whole number of at least 1')
  if (vectors.length % dimension !== 0)
    throw new InvalidArgumentError('vectors.length', vectors.length, `a multiple of ${dimension}`)
  if (!Number.isInteger(wanted) || wanted < 1) throw new InvalidArgumentError('k', wanted, 'a whole number of at least 1')
  const total = vectors.length / dimension
  const count = total - from
  const k = Math.max(0, Math.min(wanted, total - 1))
  const { rows, squares } = prepare(vectors, total, dimension, metric)
  const nearest = new NearestLists(k, new Float32Array(count * k))
  const products = new Float32Array(BLOCK_ROWS * BLOCK_ROWS)
  const part = (start: number, size: number) => rows.subarray(start * dimension, (start + size) * dimension)
  for (let startA = from; startA < total; startA += BLOCK_ROWS) {
    const rowsA = Math.min(BLOCK_ROWS, total - startA)
    for (let startB = 0; startB < total; startB += BLOCK_ROWS) {
      const rowsB = Math.min(BLOCK_ROWS, total - startB)
      multiplyTransposed(part(startA, rowsA), rowsA, part(startB, rowsB), rowsB, dimension, products)
      for (let i = 0; i < rowsA; i++) {
        const a = startA + i
        for (let j = 0; j < rowsB; j++) {
          const b = startB + j
          if (a !== b) nearest.add(a - from, b, squares[a]! + squares[b]! - 2 * products[i * rowsB + j]!)
        }
      }
    }
    onProgress?.((startA + rowsA - from) / count)
  }
  return { count, k, indices: nearest.neighbours, distances: metricDistances(nearest.distances, metric) }
}

/**
 * Prepares a copy of the rows: centred for Euclidean distances, which does not change them but reduces rounding errors; of length
 * 1 for the cosine.
 */
function prepare(vectors: Float32Array, total: number, dimension: number, metric: Metric) {
  const rows = new Float32Array(vectors)
  const mean = new Float64Array(dimension)
  if (metric === 'euclidean') for (let at = 0; at < rows.length; at++) mean[at % dimension]! += rows[at]! / total
  const squares = new Float32Array(total)
  for (let row = 0; row < total; row++) {
    let sum = 0
    for (let column = 0; column < dimension; column++) {
      const at = row * dimension + column
      rows[at] = rows[at]! - mean[column]!
      sum += rows[at]! ** 2
    }
    if (metric === 'cosine' && sum > 0) {
      const scale = 1 / Math.sqrt(sum)
      for (let column = 0; column < dimension; column++) rows[row * dimension + column]! *= scale
    }
    squares[row] = metric === 'cosine' ? 1 : sum
  }
  return { rows, squares }
}

/** Turns squared distances into those of the metric, in place; of unit vectors |a - b|² / 2 is 1 - cosine. */
function metricDistances(distances: Float32Array, metric: Metric): Float32Array {
  for (let at = 0; at < distances.length; at++) {
    const squared = Math.max(0, distances[at]!)
    distances[at] = metric === 'euclidean' ? Math.sqrt(squared) : squared / 2
  }
  return distances
}
