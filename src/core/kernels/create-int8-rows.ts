import type { Int8Rows } from './int8-rows.js'
import { PlainInt8Rows } from './plain-int8-rows.js'
import { ScanThreads, type StartThreads } from './scan-threads.js'
import { WasmInt8Rows } from './wasm-int8-rows.js'
import { sharedKernels, wasmKernels } from './wasm-kernels.js'

/**
 * Creates an empty set of rows, with SIMD if the engine has it, otherwise in plain code with equal products.
 *
 * @param capacity Number of rows to expect; default 0.
 * @param startThreads Starts threads that help to multiply many rows; default: no threads.
 */
export function createInt8Rows(dimension: number, capacity = 0, startThreads?: StartThreads): Int8Rows {
  const shared = startThreads && sharedKernels()
  if (shared) return new WasmInt8Rows(shared, dimension, capacity, new ScanThreads(shared, startThreads))
  const kernels = wasmKernels()
  return kernels ? new WasmInt8Rows(kernels, dimension, capacity) : new PlainInt8Rows(dimension, capacity)
}
