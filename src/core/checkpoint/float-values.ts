/** Float types of checkpoints, as safetensors names them. */
export type FloatType = 'F64' | 'F32' | 'F16' | 'BF16'

/** Bytes of one element. */
export const FLOAT_BYTES: Readonly<Record<FloatType, number>> = { F64: 8, F32: 4, F16: 2, BF16: 2 }

/**
 * Little-endian floats of `type` as float32, rounded to the nearest if the type is wider. The result may share the buffer of
 * `bytes`. Typed arrays are little-endian wherever WebAssembly runs.
 */
export function toFloat32(bytes: Uint8Array<ArrayBuffer>, type: FloatType): Float32Array<ArrayBuffer> {
  const size = FLOAT_BYTES[type]
  const count = bytes.byteLength / size
  const { buffer, byteOffset } = bytes.byteOffset % size === 0 ? bytes : bytes.slice()
  if (type === 'F32') return new Float32Array(buffer, byteOffset, count)
  if (type === 'F64') return new Float32Array(new Float64Array(buffer, byteOffset, count))

  const codes = new Uint16Array(buffer, byteOffset, count)
  const values = new Float32Array(count)
  if (type === 'BF16') {
    // bfloat16 is the upper half of a float32.
    const bits = new Uint32Array(values.buffer)
    for (let i = 0; i < count; i++) bits[i] = codes[i]! << 16
  } else {
    halves ??= Float32Array.from({ length: 65536 }, (_, code) => halfValue(code))
    for (let i = 0; i < count; i++) values[i] = halves[codes[i]!]!
  }
  return values
}

/** Every float16, computed at first use: a look-up is several times faster than decoding 100 million halves. */
let halves: Float32Array | undefined

function halfValue(code: number): number {
  const sign = code & 0x8000 ? -1 : 1
  const exponent = (code >> 10) & 31
  const fraction = code & 1023
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25))
}

/** Whether `value` can be a size or an offset: an integer of at least 0 that a double holds exactly. */
export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

/** Number of elements of a shape; may exceed what a double holds exactly, so check it before use. */
export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1)
}
