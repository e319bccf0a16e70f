import { type CodedRows, codedRows, type Int8Coding, type Int8Rows, type QueriedRows } from './int8-rows.js'
import { SCAN_BYTES, type ScanJob, type ScanThreads } from './scan-threads.js'
import { align16, reserve, type WasmKernels, wasmKernels } from './wasm-kernels.js'

/** Rows that one kernel call codes. */
const STAGED_ROWS = 256
const STAT_BYTES = 16

/** Rows that a thread multiplies at a time: about 50 µs of work. */
const JOB_ROWS = 1024

/**
 * {@link Int8Rows} in the memory of a WASM instance: working space for coding, then the codes, [rows, stride] int8. During a
 * call, queries and products follow the codes; they are overwritten when the codes grow.
 */
export class WasmInt8Rows implements Int8Rows {
  #kernels: WasmKernels
  readonly #dimension: number
  readonly #stride: number
  /** Addresses. */
  readonly #center: number
  readonly #scratch: number
  readonly #staged: number
  readonly #stats: number
  readonly #codes: number
  #threads: ScanThreads | null
  #count = 0

  /**
   * @param kernels Used by these rows only.
   * @param threads Threads that share the kernels' memory.
   */
  constructor(kernels: WasmKernels, dimension: number, capacity: number, threads: ScanThreads | null = null) {
    this.#kernels = kernels
    this.#dimension = dimension
    this.#threads = threads
    this.#stride = align16(dimension)
    this.#center = threads ? SCAN_BYTES : 0
    this.#scratch = this.#center + 4 * this.#stride
    this.#staged = this.#scratch + 4 * this.#stride
    this.#stats = this.#staged + 4 * this.#stride * STAGED_ROWS
    this.#codes = this.#stats + STAT_BYTES * STAGED_ROWS
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

  dots(parts: readonly QueriedRows[]): Int32Array {
    const { memory } = this.#kernels
    const [dimension, stride] = [this.#dimension, this.#stride]
    const rows = parts.reduce((sum, { count }) => sum + count, 0)
    const queries = this.#codes + this.#count * stride
    const products = queries + 2 * stride * parts.length
    reserve(memory, products + 4 * rows)
    const jobs: ScanJob[] = []
    let out = products
    for (const [index, { first, count, query: codes }] of parts.entries()) {
      const query = queries + 2 * stride * index
      // Values after the end of the query are multiplied by zeros.
      new Int16Array(memory.buffer, query, dimension).set(codes)
      for (let row = first; row < first + count; row += JOB_ROWS) {
        const rows = Math.min(JOB_ROWS, first + count - row)
        jobs.push({ rows: this.#codes + row * stride, count: rows, query, out })
        out += 4 * rows
      }
    }
    if (!this.#threads?.run(jobs, stride)) {
      if (this.#threads?.areDead) this.#leaveThreads()
      for (const { rows, count, query, out } of jobs) this.#kernels.int8Dots(rows, count, stride, query, out)
    }
    return new Int32Array(this.#kernels.memory.buffer, products, rows)
  }

  /** Continues without threads, in a copy of the memory. */
  #leaveThreads(): void {
    const { buffer } = this.#kernels.memory
    const kernels = wasmKernels()!
    reserve(kernels.memory, buffer.byteLength)
    new Uint8Array(kernels.memory.buffer).set(new Uint8Array(buffer))
    this.#kernels = kernels
    this.#threads = null
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
      // The memory may hold remains of earlier rows, and the padding must be zero.
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
