/** Vectors in a quarter of the bytes: each component is `code × scale`, which is off by at most half a scale. */
export interface Int8Vectors {
  /** [count]: the largest component of each vector / 127. */
  scales: Float32Array<ArrayBuffer>
  /** [count, dimension], row-major; -127 … 127. */
  codes: Int8Array<ArrayBuffer>
}

/** @param vectors [count, dimension], row-major; borrowed. */
export function encodeInt8(vectors: Float32Array, dimension: number): Int8Vectors {
  const count = vectors.length / dimension
  const scales = new Float32Array(count)
  const codes = new Int8Array(vectors.length)
  for (let row = 0; row < count; row++) {
    const start = row * dimension
    let largest = 0
    for (let index = start; index < start + dimension; index++) largest = Math.max(largest, Math.abs(vectors[index]!))
    scales[row] = largest / 127
    const scale = scales[row]!
    if (scale > 0) for (let index = start; index < start + dimension; index++) codes[index] = Math.round(vectors[index]! / scale)
  }
  return { scales, codes }
}

/** @returns [count, dimension], row-major; belongs to the caller. */
export function decodeInt8({ scales, codes }: Int8Vectors, dimension: number): Float32Array<ArrayBuffer> {
  return Float32Array.from(codes, (code, index) => code * scales[Math.floor(index / dimension)]!)
}
