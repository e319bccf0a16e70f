import { ENCODER_KERNELS } from '../../core/kernels/encoder-bytes.js'
import type { EncoderTier } from '../../core/types.js'

/** The functions of assembly/encoder; pointers are addresses in the memory, multiples of 16. */
export interface EncoderKernels {
  product(
    codes: number,
    rows: number,
    count: number,
    inputs: number,
    panels: number,
    columns: number,
    panelCount: number,
    out: number,
    outBytes: number,
    add: boolean,
  ): void
  quantizeRows(x: number, count: number, n: number, stride: number, codes: number, rows: number): void
  activateRows(x: number, count: number, n: number, activation: number, codes: number, rows: number): void
  normalizeRows(
    x: number,
    y: number,
    count: number,
    n: number,
    norm: number,
    smoothed: number,
    epsilon: number,
    scratch: number,
    codes: number,
    rows: number,
  ): void
  embedRows(
    ids: number,
    places: number,
    count: number,
    n: number,
    words: number,
    scales: number,
    positions: number,
    x: number,
  ): void
  attend(
    query: number,
    queryBytes: number,
    queries: number,
    key: number,
    value: number,
    keyBytes: number,
    length: number,
    n: number,
    out: number,
    outBytes: number,
    scratch: number,
  ): void
  attentionBytes(length: number, n: number): number
  meanOfRows(x: number, count: number, n: number, out: number): void
}

/** In a module: the name of its import and the byte that says "memory"; the next byte says whether that is shared. */
const MEMORY_IMPORT = '\x06memory\x02'
const SHARED = 2

/** The kernels of a tier on a memory. @throws CompileError if the engine lacks the instructions, or a policy forbids WASM. */
export function instantiate(tier: EncoderTier, memory: WebAssembly.Memory): EncoderKernels {
  const binary = atob(ENCODER_KERNELS[tier])
  const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0))
  if (isShared(memory)) bytes[binary.indexOf(MEMORY_IMPORT) + MEMORY_IMPORT.length]! |= SHARED
  return new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory } }).exports as unknown as EncoderKernels
}

/** Whether threads can share a memory. */
export const isShared = ({ buffer }: WebAssembly.Memory) => !(buffer instanceof ArrayBuffer)
