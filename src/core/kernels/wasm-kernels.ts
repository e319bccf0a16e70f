import { Specter2Error } from '../errors.js'
import { RELAXED_SIMD, SHARED_RELAXED_SIMD, SHARED_SIMD, SIMD } from './wasm-bytes.js'

/** The functions of assembly/kernels.ts; pointers are addresses in `memory`, multiples of 16. */
export interface WasmKernels {
  readonly memory: WebAssembly.Memory
  int8Dots(rows: number, count: number, stride: number, query: number, out: number): void
  quantize(
    rows: number,
    count: number,
    stride: number,
    center: number,
    unit: number,
    scratch: number,
    codes: number,
    stats: number,
  ): void
  product(a: number, rowsA: number, b: number, rowsB: number, stride: number, out: number): void
}

/** Kernels on a memory that threads can share: other threads instantiate the same module on it. */
export interface SharedKernels extends WasmKernels {
  readonly module: WebAssembly.Module
}

let module: WebAssembly.Module | null | undefined
let sharedModule: WebAssembly.Module | null | undefined

/** Kernels with a new memory, or null if the engine has no SIMD or the page's policy forbids WASM. */
export function wasmKernels(): WasmKernels | null {
  if (module === undefined) module = compile(RELAXED_SIMD) ?? compile(SIMD)
  return module && (new WebAssembly.Instance(module).exports as unknown as WasmKernels)
}

/** Kernels with a new shared memory; null also if the engine cannot share memory. */
export function sharedKernels(): SharedKernels | null {
  if (sharedModule === undefined) sharedModule = compile(SHARED_RELAXED_SIMD) ?? compile(SHARED_SIMD)
  if (!sharedModule) return null
  try {
    const memory = new WebAssembly.Memory({ initial: LEAST_PAGES, maximum: MOST_PAGES, shared: true })
    return { module: sharedModule, ...instantiate(sharedModule, memory) }
  } catch {
    // The maximum size is reserved at once, which small devices cannot do.
    return null
  }
}

/** Kernels of a module on the memory of another thread. */
export function instantiate(module: WebAssembly.Module, memory: WebAssembly.Memory): WasmKernels {
  const { exports } = new WebAssembly.Instance(module, { env: { memory } })
  return { ...(exports as unknown as Omit<WasmKernels, 'memory'>), memory }
}

/** @returns `null` if the engine does not support the instructions. The module is only a few kilobytes, so this is fast. */
function compile(base64: string): WebAssembly.Module | null {
  try {
    return new WebAssembly.Module(Uint8Array.from(atob(base64), (character) => character.charCodeAt(0)))
  } catch {
    return null
  }
}

const PAGE_BYTES = 65_536
/** A megabyte at least, so that adding single rows does not grow the memory each time. */
const LEAST_PAGES = 16
/** 4 GiB, as in build/compile-kernels.mjs. */
const MOST_PAGES = 65_536

/**
 * Grows the memory to at least this size, which detaches views of it unless it is shared.
 *
 * @throws Specter2Error `RUNTIME_FAILED` if memory runs out.
 */
export function reserve(memory: WebAssembly.Memory, byteLength: number): void {
  const pages = Math.ceil((byteLength - memory.buffer.byteLength) / PAGE_BYTES)
  if (pages <= 0) return
  try {
    memory.grow(Math.max(pages, LEAST_PAGES))
  } catch (cause) {
    throw new Specter2Error(
      'RUNTIME_FAILED',
      `There is not enough memory for ${byteLength} bytes. Close other pages, or search fewer papers.`,
      {
        details: { byteLength },
        cause,
      },
    )
  }
}

/** The next multiple of 16, for addresses and strides. */
export function align16(value: number): number {
  return Math.ceil(value / 16) * 16
}
