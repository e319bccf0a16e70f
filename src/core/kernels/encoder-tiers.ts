// Written by `npm run kernels` from src/core/kernels/assembly/encoder/tiles.mjs, which says what each tier is for.
import type { EncoderTier } from '../types.js'

/** How a tier lays out what it multiplies. */
export interface TierLayout {
  /** Rows of a tile of activations. */
  rows: number
  /** Bytes of an activation's code. */
  codeBytes: 1 | 2
  /** Whether two neighbouring weights of a column must not add up to more than 128, since their products' sum would saturate. */
  bounded: boolean
}

/** The fastest first. */
export const LAYOUTS: Readonly<Record<EncoderTier, TierLayout>> = {
  vnni: { rows: 6, codeBytes: 1, bounded: false },
  sdot: { rows: 6, codeBytes: 1, bounded: false },
  maddubs: { rows: 4, codeBytes: 1, bounded: true },
  simd: { rows: 4, codeBytes: 2, bounded: false },
}

/** All tiers, the fastest first. */
export const TIERS = Object.keys(LAYOUTS) as readonly EncoderTier[]
