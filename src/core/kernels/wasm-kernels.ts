import { Specter2Error } from '../errors.js'
import { RELAXED_SIMD, SHARED_RELAXED_SIMD, SHARED_SIMD, SIMD } from './wasm-bytes.js'

/** The functions of assembly/kernels.ts; numbers named as there are addresses in `memory`, multiples of 16. */
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

/** Kernels on a memory that threads may share: a thread that is handed both makes the same of them. */
export interface SharedKernels extends WasmKernels {
  readonly module: WebAssembly.Module
}

let module: WebAssembly.Module | null | undefined
let sharedModule: WebAssembly.Module | null | undefined

/** Kernels with a memory of their own, or null where the engine has no SIMD or the page's policy forbids WASM. */
export function wasmKernels(): WasmKernels | null {
  if (module === undefined) module = compile(RELAXED_SIMD) ?? compile(SIMD)
  return module && (new WebAssembly.Instance(module).exports as unknown as WasmKernels)
}

/** The same for threads; null, too, where the engine shares no memory. */
export function sharedKernels(): SharedKernels | null {
  if (sharedModule === undefined) sharedModule = compile(SHARED_RELAXED_SIMD) ?? compile(SHARED_SIMD)
  if (!sharedModule) return null
  try {
    const memory = new WebAssembly.Memory({ initial: LEAST_PAGES, maximum: MOST_PAGES, shared: true })
    return { module: sharedModule, ...instantiate(sharedModule, memory) }
  } catch {
    // Room is set apart for the largest memory at once, which a small device does not have.
    return null
  }
}

/** Kernels of another thread's module on that thread's memory. */
export function instantiate(module: WebAssembly.Module, memory: WebAssembly.Memory): WasmKernels {
  const { exports } = new WebAssembly.Instance(module, { env: { memory } })
  return { ...(exports as unknown as Omit<WasmKernels, 'memory'>), memory }
}

/** @returns null where the engine does not know the instructions. The module is a few kilobytes: this takes no time. */
function compile(base64: string): WebAssembly.Module | null {
  try {
    return new WebAssembly.Module(Uint8Array.from(atob(base64), (character) => character.charCodeAt(0)))
  } catch {
    return null
  }
}

const PAGE_BYTES = 65_536
/** A megabyte at least, so that rows added one by one do not grow the memory one by one. */
const LEAST_PAGES = 16
/** 4 GiB, as build/compile-kernels.mjs has it. */
const MOST_PAGES = 65_536

/**
 * Makes the memory at least this large. Views of it end when it grows.
 *
 * @throws Specter2Error `RUNTIME_FAILED` where there is no more.
 */
export function reserve(memory: WebAssembly.Memory, byteLength: number): void {
  const pages = Math.ceil((byteLength - memory.buffer.byteLength) / PAGE_BYTES)
  if (pages <= 0) return
  try {
    memory.grow(Math.max(pages, LEAST_PAGES))
  } catch (cause) {
    throw new Specter2Error('RUNTIME_FAILED', `No memory for ${byteLength} bytes. Close other pages, or search fewer papers.`, {
      details: { byteLength },
      cause,
    })
  }
}

/** The next multiple of 16, for addresses and strides. */
export function align16(value: number): number {
  return Math.ceil(value / 16) * 16
}
