import { ENCODER_KERNELS } from '../../core/kernels/encoder-bytes.js'
import type { EncoderTier } from '../../core/types.js'

export type Tier = EncoderTier

/** How a tier lays out what it multiplies. */
export interface TierLayout {
  /** Rows of a tile of activations. */
  rows: number
  /** Bytes of an activation's code. */
  codeBytes: 1 | 2
  /** Whether two neighbouring weights of a column must not add up to more than 128, since their products' sum would saturate. */
  bounded: boolean
}

/** As assembly/encoder/tiles.mjs has them, which says what each tier is for. */
export const LAYOUTS: Readonly<Record<Tier, TierLayout>> = {
  vnni: { rows: 6, codeBytes: 1, bounded: false },
  sdot: { rows: 6, codeBytes: 1, bounded: false },
  maddubs: { rows: 4, codeBytes: 1, bounded: true },
  simd: { rows: 3, codeBytes: 2, bounded: false },
}

/** The fastest first. */
export const TIERS = Object.keys(LAYOUTS) as readonly Tier[]

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

/** The kernels of a tier on a memory. @throws CompileError if the engine lacks the instructions, or a policy forbids WASM. */
export function instantiate(tier: Tier, memory: WebAssembly.Memory): EncoderKernels {
  const module = new WebAssembly.Module(Uint8Array.from(atob(ENCODER_KERNELS[tier]), (character) => character.charCodeAt(0)))
  return new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as EncoderKernels
}
