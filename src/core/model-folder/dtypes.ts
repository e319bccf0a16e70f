import type { Device, Dtype } from '../types.js'

/**
 * How close the vectors of a dtype must be to those of fp32, as cosines: the mean over many texts, and the smallest for texts of
 * 20 tokens or more.
 */
export interface QualityBar {
  mean: number
  smallest: number
}

/**
 * Quality bars of the converter's tests, of `verify` and of the self-test at start. For fp32 the largest difference of a
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

/** Largest difference of a component from the reference in fp32: a GPU sums in a different order. */
export const FP32_LARGEST_DIFFERENCE: Readonly<Record<Device, number>> = { wasm: 2e-5, webgpu: 1e-3 }

/** All devices. */
export const DEVICES = Object.keys(FP32_LARGEST_DIFFERENCE) as readonly Device[]
