import type { VectorCoder } from '../src/core/search/vector-codes.js'
import type { VectorIndex } from '../src/core/search/vector-index.js'

/** Number of hits to compare; {@link MANY} for every fourth query. */
const [FEW, MANY] = [10, 100]

/** Number of vectors coded at once. */
const CHUNK_ROWS = 600

export interface Exactness {
  /** Number of vectors, including the planted ones. */
  papers: number
  /** Number of queries whose hits or distances differ from the scan's. */
  wrong: number
  /** Mean time of a query. */
  searchMs: number
  scanMs: number
}

/**
 * Fills an empty index with vectors, and plants for every tenth one a copy and a copy that differs in the last bit of one
 * value. Queries alternate between vectors of the index and mixtures of two.
 *
 * @param vectors [n, dimension]; borrowed.
 * @param coder Codes the vectors outside of the index, as when a stored index is opened; default: the index codes them.
 */
export function differences(index: VectorIndex, vectors: Float32Array, queries: number, coder?: VectorCoder): Exactness {
  const { dimension, metric } = index
  const count = vectors.length / dimension
  const planted: Float32Array[] = []
  for (let row = 0; row < count; row += 10) {
    const copy = vectors.slice(row * dimension, (row + 1) * dimension)
    planted.push(copy, nudged(copy, row % dimension))
  }
  if (coder)
    for (let start = 0; start < vectors.length; start += CHUNK_ROWS * dimension) {
      const chunk = vectors.slice(start, start + CHUNK_ROWS * dimension)
      index.fill(index.appendCodes(coder.code(chunk)), chunk)
    }
  else index.append(vectors)
  for (const vector of planted) index.append(vector)
  const rows = Array.from({ length: index.count }, (_, row) => index.vector(row))
  let [wrong, searchMs, scanMs] = [0, 0, 0]
  for (let number = 0; number < queries; number++) {
    const a = rows[(number * 7919) % rows.length]!
    const b = rows[(number * 104_729 + 1) % rows.length]!
    const query = number % 2 ? a.map((value, column) => 0.5 * value + 0.5 * b[column]!) : a
    const k = number % 4 === 3 ? MANY : FEW
    const started = performance.now()
    const found = index.search(query, { k })
    const between = performance.now()
    const expected = scan(rows, query, metric).slice(0, k)
    scanMs += performance.now() - between
    searchMs += between - started
    const same =
      found.rows.length === expected.length &&
      expected.every(({ row, distance }, rank) => found.rows[rank] === row && found.distances[rank] === distance)
    if (!same) wrong++
  }
  return { papers: rows.length, wrong, searchMs: searchMs / queries, scanMs: scanMs / queries }
}

/** A copy that differs in the last bit of one value. */
function nudged(vector: Float32Array, column: number): Float32Array {
  const copy = vector.slice()
  new Int32Array(copy.buffer)[column]! ^= 1
  return copy
}

/** All rows sorted by distance in float64, straight from its definition; equal distances by row. */
function scan(rows: readonly Float32Array[], query: Float32Array, metric: 'cosine' | 'euclidean') {
  const dot = (a: Float32Array, b: Float32Array) => {
    let sum = 0
    for (let column = 0; column < a.length; column++) sum += a[column]! * b[column]!
    return sum
  }
  const squares = dot(query, query)
  const distance = (vector: Float32Array) => {
    if (metric === 'cosine') {
      const product = dot(query, vector)
      return product === 0 ? 1 : 1 - product / Math.sqrt(squares * dot(vector, vector))
    }
    let sum = 0
    for (let column = 0; column < vector.length; column++) sum += (query[column]! - vector[column]!) ** 2
    return Math.sqrt(sum)
  }
  return rows.map((vector, row) => ({ row, distance: distance(vector) })).sort((a, b) => a.distance - b.distance || a.row - b.row)
}
