import { type CodedRows, codedRows, type Int8Coding, type Int8Rows, type QueriedRows } from './int8-rows.js'

/** {@link Int8Rows} without WASM: the same products, about ten times slower. */
export class PlainInt8Rows implements Int8Rows {
  readonly #dimension: number
  #codes: Int8Array<ArrayBuffer>
  #count = 0

  constructor(dimension: number, capacity = 0) {
    this.#dimension = dimension
    this.#codes = new Int8Array(capacity * dimension)
  }

  append(vectors: Float32Array, coding: Int8Coding): CodedRows {
    const dimension = this.#dimension
    const rows = vectors.length / dimension
    this.#reserve(this.#count + rows)
    const stats = new Float32Array(4 * rows)
    for (let row = 0; row < rows; row++) {
      const codes = this.#codes.subarray(this.#count * dimension, (this.#count + 1) * dimension)
      encode(vectors.subarray(row * dimension, (row + 1) * dimension), coding, codes, stats.subarray(4 * row, 4 * row + 4))
      this.#count++
    }
    return codedRows(stats, dimension, coding.unit)
  }

  dots(parts: readonly QueriedRows[]): Int32Array {
    const dimension = this.#dimension
    const out = new Int32Array(parts.reduce((sum, { count }) => sum + count, 0))
    let at = 0
    for (const { first, count, query } of parts)
      for (let row = first; row < first + count; row++) {
        let sum = 0
        for (let column = 0; column < dimension; column++) sum += this.#codes[row * dimension + column]! * query[column]!
        out[at++] = sum
      }
    return out
  }

  appendCodes(codes: Int8Array): void {
    const rows = codes.length / this.#dimension
    this.#reserve(this.#count + rows)
    this.#codes.set(codes, this.#count * this.#dimension)
    this.#count += rows
  }

  codes(first: number, count: number): Int8Array<ArrayBuffer> {
    return this.#codes.slice(first * this.#dimension, (first + count) * this.#dimension)
  }

  truncate(count: number): void {
    this.#count = count
  }

  #reserve(rows: number): void {
    if (this.#codes.length >= rows * this.#dimension) return
    const grown = new Int8Array(Math.max(rows, 2 * this.#count) * this.#dimension)
    grown.set(this.#codes.subarray(0, this.#count * this.#dimension))
    this.#codes = grown
  }
}

function encode(vector: Float32Array, { center, unit }: Int8Coding, codes: Int8Array, stats: Float32Array<ArrayBuffer>): void {
  const squares = unit ? vector.reduce((sum, value) => sum + value * value, 0) : 1
  const factor = squares > 0 ? 1 / Math.sqrt(squares) : Number.NaN
  const values = Float64Array.from(vector, (value, column) => value * factor - center[column]!)
  const scale = Math.fround(values.reduce((most, value) => Math.max(most, Math.abs(value)), 0) / 127)
  let [rest, length, codeSquares] = [0, 0, 0]
  for (const [column, value] of values.entries()) {
    const code = scale > 0 ? Math.max(-127, Math.min(127, Math.round(value / scale))) : 0
    codes[column] = code
    rest += (value - code * scale) ** 2
    length += value * value
    codeSquares += code * code
  }
  stats[0] = scale
  stats[1] = Math.sqrt(rest)
  stats[2] = Math.sqrt(length)
  new Int32Array(stats.buffer, stats.byteOffset)[3] = codeSquares
}
