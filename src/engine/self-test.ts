import { Specter2Error } from '../core/errors.js'
import { BARS, FP32_LARGEST_DIFFERENCE } from '../core/model-folder/dtypes.js'
import type { AdapterName, Device, Dtype } from '../core/types.js'

export interface SelfTest {
  adapter: AdapterName
  device: Device
  dtype: Dtype
  /** Vectors of the manifest's texts as computed here, [texts][dimension]. */
  actual: readonly ArrayLike<number>[]
  /** Their vectors in fp32 from the conversion, [texts][dimension]. */
  expected: readonly (readonly number[])[]
}

/**
 * Compares vectors with those of the manifest: cosine and length, within the quality bar of the dtype, and in fp32 each
 * component.
 *
 * @throws Specter2Error `SELF_TEST_FAILED`.
 */
export function checkSelfTest({ adapter, device, dtype, actual, expected }: SelfTest): void {
  const bar = BARS[dtype].smallest
  for (const [index, vector] of expected.entries()) {
    const { cosine, lengthRatio, difference } = compare(actual[index]!, vector)
    // The distance, relative to their length, of vectors of equal length whose cosine is the bar.
    const withinBar = cosine >= bar && Math.abs(lengthRatio - 1) <= Math.sqrt(2 * (1 - bar))
    if (withinBar && (dtype !== 'fp32' || difference <= FP32_LARGEST_DIFFERENCE[device])) continue
    const found = `cosine ${cosine.toPrecision(6)}, length ${lengthRatio.toPrecision(4)} times, largest difference ${difference.toExponential(1)}`
    const limit = `cosine ${bar}${dtype === 'fp32' ? ` and difference ${FP32_LARGEST_DIFFERENCE[device]}` : ''}`
    const advice =
      device === 'webgpu'
        ? 'Set `device` to "auto" or "wasm".'
        : `Convert the model again${dtype.startsWith('q') ? ', with error feedback' : ''}.`
    throw new Specter2Error(
      'SELF_TEST_FAILED',
      `The self-test failed on ${device} in ${dtype} with adapter ${adapter}: text ${index} is off by ${found} from its vector in the manifest (bar: ${limit}). ${advice}`,
      { details: { device, dtype, adapter, text: index, cosine, difference, bar } },
    )
  }
}

function compare(actual: ArrayLike<number>, expected: readonly number[]) {
  let [dot, actualSquares, expectedSquares, difference] = [0, 0, 0, 0]
  for (const [index, value] of expected.entries()) {
    const found = actual[index]!
    dot += found * value
    actualSquares += found * found
    expectedSquares += value * value
    // Once NaN, it stays NaN.
    difference = Math.max(difference, Math.abs(found - value))
  }
  return {
    cosine: dot / Math.sqrt(actualSquares * expectedSquares),
    lengthRatio: Math.sqrt(actualSquares / expectedSquares),
    difference,
  }
}
