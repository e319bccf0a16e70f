import { Specter2Error } from '../errors.js'

/** Type in which a graph computes, and stores weights that are not quantized. */
export type FloatType = 'float32' | 'float16'

/** Values as stored by an initializer of `type`. */
export function floats(type: FloatType, values: Float32Array): Float32Array | Uint16Array<ArrayBuffer> {
  return type === 'float32' ? values : toFloat16(values)
}

/**
 * IEEE 754 binary16 of each value, rounded to the nearest, ties to even; infinite values and NaN are preserved.
 *
 * @throws Specter2Error `UNSUPPORTED` for a finite number of 65,520 or more.
 */
export function toFloat16(values: Float32Array): Uint16Array<ArrayBuffer> {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length)
  const halves = new Uint16Array(values.length)
  for (let index = 0; index < values.length; index++) {
    const half = halfBits(bits[index]!)
    if ((half & 0x7fff) === 0x7c00 && Number.isFinite(values[index])) {
      throw new Specter2Error(
        'UNSUPPORTED',
        `The weights hold ${values[index]}, but the largest float16 is 65,504. Leave out the dtypes fp16 and q4f16.`,
        { details: { actual: values[index]!, expected: 65_504 } },
      )
    }
    halves[index] = half
  }
  return halves
}

/** From the bits of a float32 to those of a float16. */
function halfBits(bits: number): number {
  const sign = (bits >>> 16) & 0x8000
  const exponent = ((bits >>> 23) & 0xff) - 127
  const fraction = bits & 0x7fffff
  if (exponent === 128) return sign | 0x7c00 | (fraction ? 0x200 : 0)
  // Below half of the smallest subnormal, or above the largest number.
  if (exponent < -25) return sign
  if (exponent > 15) return sign | 0x7c00
  // In a subnormal, the leading one is part of the fraction.
  const isSubnormal = exponent < -14
  const shift = isSubnormal ? -1 - exponent : 13
  const value = isSubnormal ? fraction | 0x800000 : fraction + ((exponent + 15) << 23)
  const half = value >>> shift
  const rest = value & ((1 << shift) - 1)
  const middle = 1 << (shift - 1)
  // A carry out of the fraction raises the exponent, as it should.
  return sign | (rest > middle || (rest === middle && (half & 1) === 1) ? half + 1 : half)
}
