/** How rows are coded: as they are or divided by their length, and relative to a center that makes them short. */
export interface Int8Coding {
  /** [dimension]; borrowed. */
  center: Float32Array
  unit: boolean
}

/** What is known of coded rows, one value for each. */
export interface CodedRows {
  scales: Float32Array<ArrayBuffer>
  /** Sums of the codes' squares. */
  squares: Int32Array<ArrayBuffer>
  /** No less than the length of row - center - scale · codes; Infinity for a row that float32 arithmetic cannot code. */
  errors: Float32Array<ArrayBuffer>
}

/** Vectors as int8 codes, each row with a scale of its own: row - center ≈ scale · codes. */
export interface Int8Rows {
  /**
   * Codes rows and appends them.
   *
   * @param vectors [n, dimension], row-major; borrowed.
   * @returns n values each; they belong to the caller.
   * @throws Specter2Error `RUNTIME_FAILED` where the memory ends; then none is added.
   */
  append(vectors: Float32Array, coding: Int8Coding): CodedRows
  /**
   * Products of rows' codes with queries, exact.
   *
   * @param parts Borrowed.
   * @returns One product for each row of each part, in their order; borrowed until the next call of any method.
   */
  dots(parts: readonly QueriedRows[]): Int32Array
  /**
   * Appends rows that were coded before.
   *
   * @param codes [n, dimension], row-major; borrowed.
   * @throws Specter2Error `RUNTIME_FAILED` where the memory ends; then none is added.
   */
  appendCodes(codes: Int8Array): void
  /** The codes of rows, [count, dimension]; a copy. */
  codes(first: number, count: number): Int8Array<ArrayBuffer>
  /** Forgets all rows behind the first `count`; the memory stays. */
  truncate(count: number): void
}

/** Rows that lie together, and what they are multiplied by. */
export interface QueriedRows {
  first: number
  count: number
  /** [dimension]; 127 times the sum of its absolute values is below 2^31. */
  query: Int16Array
}

/** Largest length of a difference that float32 leaves, and smallest scale beside which its underflow is no matter. */
const LENGTH_LIMIT = 1e15
const SCALE_LIMIT = 1e-12

/**
 * From what was computed in float32, bounds that hold in real numbers: sums of `dimension` terms, each rounded, are off by
 * (dimension + 64) · 2^-24 at most, in relation to the vector's length.
 *
 * @param stats [n, 4]: scale, length of the rest, length of what was coded, and as int32 the sum of the codes' squares.
 */
export function codedRows(stats: Float32Array<ArrayBuffer>, dimension: number, unit: boolean): CodedRows {
  const integers = new Int32Array(stats.buffer, stats.byteOffset, stats.length)
  const count = stats.length / 4
  const coded = { scales: new Float32Array(count), squares: new Int32Array(count), errors: new Float32Array(count) }
  const slack = (dimension + 64) * 2 ** -24
  for (let row = 0; row < count; row++) {
    const [scale, rest, length] = [stats[4 * row]!, stats[4 * row + 1]!, stats[4 * row + 2]!]
    if (length < LENGTH_LIMIT && (scale > SCALE_LIMIT || (scale === 0 && rest === 0))) {
      coded.scales[row] = scale
      coded.squares[row] = integers[4 * row + 3]!
      coded.errors[row] = rest * (1 + slack) + slack * (length + (unit ? 1 : 0))
    } else coded.errors[row] = Number.POSITIVE_INFINITY
  }
  return coded
}
