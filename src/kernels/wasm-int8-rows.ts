import { BLOCK_ROWS, type CodedRows, codedRows, type Int8Coding, type Int8Rows } from './int8-rows.js'
import { align16, reserve, type WasmKernels } from './wasm-kernels.js'

/** Rows coded at once. */
const STAGED_ROWS = 256
const STAT_BYTES = 16

/** In a memory of its own: what a call needs first, then the codes, [rows, stride] int8, which grow at its end. */
export class WasmInt8Rows implements Int8Rows {
  readonly #kernels: WasmKernels
  readonly #dimension: number
  readonly #stride: number
  /** Addresses. */
  readonly #query: number
  readonly #center: number
  readonly #scratch: number
  readonly #staged: number
  readonly #stats: number
  readonly #out: number
  readonly #codes: number
  #count = 0

  /** @param kernels Used by these rows alone. */
  constructor(kernels: WasmKernels, dimension: number, capacity: number) {
    this.#kernels = kernels
    this.#dimension = dimension
    this.#stride = align16(dimension)
    this.#query = align16(1)
    this.#center = this.#query + 2 * this.#stride
    this.#scratch = this.#center + 4 * this.#stride
    this.#staged = this.#scratch + 4 * this.#stride
    this.#stats = this.#staged + 4 * this.#stride * STAGED_ROWS
    this.#out = this.#stats + STAT_BYTES * STAGED_ROWS
    this.#codes = this.#out + 4 * BLOCK_ROWS
    reserve(kernels.memory, this.#codes + capacity * this.#stride)
  }

  append(vectors: Float32Array, { center, unit }: Int8Coding): CodedRows {
    const { memory } = this.#kernels
    const rows = vectors.length / this.#dimension
    reserve(memory, this.#codes + (this.#count + rows) * this.#stride)
    new Float32Array(memory.buffer, this.#center, this.#dimension).set(center)
    const stats = new Float32Array(4 * rows)
    const staged = new Float32Array(memory.buffer, this.#staged, STAGED_ROWS * this.#stride)
    for (let row = 0; row < rows; row += STAGED_ROWS) {
      const count = Math.min(STAGED_ROWS, rows - row)
      for (let index = 0; index < count; index++) {
        const start = (row + index) * this.#dimension
        staged.set(vectors.subarray(start, start + this.#dimension), index * this.#stride)
      }
      const codes = this.#codes + this.#count * this.#stride
      this.#kernels.quantize(this.#staged, count, this.#stride, this.#center, unit ? 1 : 0, this.#scratch, codes, this.#stats)
      stats.set(new Float32Array(memory.buffer, this.#stats, 4 * count), 4 * row)
      this.#count += count
    }
    return codedRows(stats, this.#dimension, unit)
  }

  dots(query: Int16Array, first: number, count: number): Int32Array {
    const { buffer } = this.#kernels.memory
    new Int16Array(buffer, this.#query, this.#dimension).set(query)
    this.#kernels.int8Dots(this.#codes + first * this.#stride, count, this.#stride, this.#query, this.#out)
    return new Int32Array(buffer, this.#out, count)
  }

  appendCodes(codes: Int8Array): void {
    const { memory } = this.#kernels
    const [dimension, stride] = [this.#dimension, this.#stride]
    const rows = codes.length / dimension
    const start = this.#codes + this.#count * stride
    reserve(memory, start + rows * stride)
    const target = new Int8Array(memory.buffer, start, rows * stride)
    if (stride === dimension) target.set(codes)
    else {
      // Rows that were here before may have left something behind a row's end.
      target.fill(0)
      for (let row = 0; row < rows; row++) target.set(codes.subarray(row * dimension, (row + 1) * dimension), row * stride)
    }
    this.#count += rows
  }

  codes(first: number, count: number): Int8Array<ArrayBuffer> {
    const [dimension, stride] = [this.#dimension, this.#stride]
    const source = new Int8Array(this.#kernels.memory.buffer, this.#codes + first * stride, count * stride)
    if (stride === dimension) return source.slice()
    const codes = new Int8Array(count * dimension)
    for (let row = 0; row < count; row++) codes.set(source.subarray(row * stride, row * stride + dimension), row * dimension)
    return codes
  }

  truncate(count: number): void {
    this.#count = count
  }
}
