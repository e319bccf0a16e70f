import type { Device, Dtype } from '../types.js'

/** How close a dtype's vectors are to those of fp32, as cosines: over many texts, and for each text of 20 tokens or more. */
export interface QualityBar {
  mean: number
  smallest: number
}

/**
 * Bars of the converter's tests, of `verify` and of the self-test at start. For fp32 the largest difference of a
 * component counts as well: {@link FP32_LARGEST_DIFFERENCE}.
 */
export const BARS: Readonly<Record<Dtype, QualityBar>> = {
  fp32: { mean: 0.99999, smallest: 0.9999 },
  fp16: { mean: 0.9999, smallest: 0.9999 },
  q8: { mean: 0.999, smallest: 0.995 },
  q4: { mean: 0.97, smallest: 0.95 },
  q4f16: { mean: 0.97, smallest: 0.95 },
}

/** All dtypes, in the order in which they are listed everywhere. */
export const DTYPES = Object.keys(BARS) as readonly Dtype[]

/** Largest difference of a component that fp32 may have to a reference: a GPU sums in another order. */
export const FP32_LARGEST_DIFFERENCE: Readonly<Record<Device, number>> = { wasm: 2e-5, webgpu: 1e-3 }

/** All devices. */
export const DEVICES = Object.keys(FP32_LARGEST_DIFFERENCE) as readonly Device[]
