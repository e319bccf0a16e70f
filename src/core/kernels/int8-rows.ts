/** How rows are coded: relative to a center, which makes them shorter, and optionally divided by their length first. */
export interface Int8Coding {
  /** [dimension]; borrowed. */
  center: Float32Array
  unit: boolean
}

/** Properties of coded rows, one value for each row. */
export interface CodedRows {
  scales: Float32Array<ArrayBuffer>
  /** Sums of the codes' squares. */
  squares: Int32Array<ArrayBuffer>
  /** Upper bounds for the length of row - center - scale · codes; Infinity for a row that float32 arithmetic cannot code. */
  errors: Float32Array<ArrayBuffer>
}

/** Vectors as int8 codes, with a scale for each row: row - center ≈ scale · codes. */
export interface Int8Rows {
  /**
   * Codes rows and appends them.
   *
   * @param vectors [n, dimension], row-major; borrowed.
   * @returns [n] each; belongs to the caller.
   * @throws Specter2Error `RUNTIME_FAILED` if memory runs out; then no row is added.
   */
  append(vectors: Float32Array, coding: Int8Coding): CodedRows
  /**
   * Exact products of the rows' codes with queries.
   *
   * @param parts Borrowed.
   * @returns One product for each row of each part, in order; valid until the next call of any method.
   */
  dots(parts: readonly QueriedRows[]): Int32Array
  /**
   * Appends rows that are already coded.
   *
   * @param codes [n, dimension], row-major; borrowed.
   * @throws Specter2Error `RUNTIME_FAILED` if memory runs out; then no row is added.
   */
  appendCodes(codes: Int8Array): void
  /** The codes of rows, [count, dimension]; a copy. */
  codes(first: number, count: number): Int8Array<ArrayBuffer>
  /** Removes all rows after the first `count`; does not free memory. */
  truncate(count: number): void
}

/** Consecutive rows, and the query to multiply them by. */
export interface QueriedRows {
  first: number
  count: number
  /** [dimension]; 127 times the sum of its absolute values is below 2^31. */
  query: Int16Array
}

/** Beyond this length float32 overflows; below this scale its underflow matters. */
const LENGTH_LIMIT = 1e15
const SCALE_LIMIT = 1e-12

/**
 * Turns float32 results into bounds that hold for real numbers: a sum of `dimension` rounded terms is off by at most (dimension +
 * 64) · 2^-24, relative to the vector's length.
 *
 * @param stats [n, 4]: scale, length of the remainder, length of the coded vector, and as int32 the sum of the codes' squares.
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
