import type { Int8Rows } from './int8-rows.js'
import { PlainInt8Rows } from './plain-int8-rows.js'
import { WasmInt8Rows } from './wasm-int8-rows.js'
import { wasmKernels } from './wasm-kernels.js'

/**
 * No rows yet: with SIMD where there is any, else in plain code with equal products.
 *
 * @param capacity Rows to expect; default 0.
 */
export function createInt8Rows(dimension: number, capacity = 0): Int8Rows {
  const kernels = wasmKernels()
  return kernels ? new WasmInt8Rows(kernels, dimension, capacity) : new PlainInt8Rows(dimension, capacity)
}
