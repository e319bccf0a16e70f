import { align16, reserve, type WasmKernels, wasmKernels } from './wasm-kernels.js'

/** Rows per block: blocks of both matrices fit the second-level cache of a core. */
const BLOCK_A = 256
const BLOCK_B = 64

let shared: WasmKernels | null | undefined

/**
 * Computes a · bᵀ in float32: the products of every row of `a` with every row of `b`. Each is off by less than dimension · 2^-23
 * · |a| |b|; its last digits depend on the machine.
 *
 * @param a [rowsA, dimension], row-major; borrowed.
 * @param b [rowsB, dimension]; borrowed.
 * @param out [rowsA, rowsB]; written.
 */
export function multiplyTransposed(
  a: Float32Array,
  rowsA: number,
  b: Float32Array,
  rowsB: number,
  dimension: number,
  out: Float32Array,
): void {
  if (shared === undefined) shared = wasmKernels()
  if (shared) inBlocks(shared, a, rowsA, b, rowsB, dimension, out)
  else multiplyTransposedPlain(a, rowsA, b, rowsB, dimension, out)
}

/**
 * `multiplyTransposed` without WASM, summed in float64.
 *
 * @example
 * // To compare with the default, or where WebAssembly is not allowed:
 * const finder = new DuplicateFinder({ product: plainBlockProduct })
 * show(finder)
 */
export function multiplyTransposedPlain(
  a: Float32Array,
  rowsA: number,
  b: Float32Array,
  rowsB: number,
  dimension: number,
  out: Float32Array,
): void {
  for (let i = 0; i < rowsA; i++) {
    const atA = i * dimension
    let j = 0
    // Four at a time, as loading the values takes longer than multiplying them.
    for (; j + 4 <= rowsB; j += 4) {
      const atB = j * dimension
      let [sum0, sum1, sum2, sum3] = [0, 0, 0, 0]
      for (let column = 0; column < dimension; column++) {
        const value = a[atA + column]!
        sum0 += value * b[atB + column]!
        sum1 += value * b[atB + dimension + column]!
        sum2 += value * b[atB + 2 * dimension + column]!
        sum3 += value * b[atB + 3 * dimension + column]!
      }
      out.set([sum0, sum1, sum2, sum3], i * rowsB + j)
    }
    for (; j < rowsB; j++) {
      let sum = 0
      for (let column = 0; column < dimension; column++) sum += a[atA + column]! * b[j * dimension + column]!
      out[i * rowsB + j] = sum
    }
  }
}

function inBlocks(
  kernels: WasmKernels,
  a: Float32Array,
  rowsA: number,
  b: Float32Array,
  rowsB: number,
  dimension: number,
  out: Float32Array,
): void {
  const stride = Math.ceil(dimension / 4) * 4
  const atA = align16(1)
  const atB = atA + 4 * BLOCK_A * stride
  const atOut = atB + 4 * BLOCK_B * stride
  reserve(kernels.memory, atOut + 4 * BLOCK_A * BLOCK_B)
  const { buffer } = kernels.memory
  const blockA = new Float32Array(buffer, atA, BLOCK_A * stride)
  const blockB = new Float32Array(buffer, atB, BLOCK_B * stride)
  for (let i = 0; i < rowsA; i += BLOCK_A) {
    const countA = Math.min(BLOCK_A, rowsA - i)
    copyRows(a, i, countA, dimension, blockA, stride)
    for (let j = 0; j < rowsB; j += BLOCK_B) {
      const countB = Math.min(BLOCK_B, rowsB - j)
      copyRows(b, j, countB, dimension, blockB, stride)
      // The kernel processes two rows of a and four of b at once; results beyond the last rows are ignored.
      const paddedB = Math.ceil(countB / 4) * 4
      kernels.product(atA, Math.ceil(countA / 2) * 2, atB, paddedB, stride, atOut)
      const products = new Float32Array(buffer, atOut, countA * paddedB)
      for (let row = 0; row < countA; row++)
        out.set(products.subarray(row * paddedB, row * paddedB + countB), (i + row) * rowsB + j)
    }
  }
}

/** Copies rows, padded with zeros to the stride. */
function copyRows(from: Float32Array, first: number, count: number, dimension: number, to: Float32Array, stride: number): void {
  for (let row = 0; row < count; row++) {
    const start = (first + row) * dimension
    to.set(from.subarray(start, start + dimension), row * stride)
    to.fill(0, row * stride + dimension, (row + 1) * stride)
  }
}
