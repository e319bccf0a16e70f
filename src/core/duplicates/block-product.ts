/**
 * The product of two blocks of vectors: `out[i * rowsB + j]` is the dot product of row `i` of `a` with row `j` of `b`. The
 * narrow waist behind which a SIMD kernel can stand.
 *
 * @param a [rowsA, dimension], row-major; borrowed.
 * @param b [rowsB, dimension], row-major; borrowed.
 * @param out At least rowsA × rowsB; written.
 */
export type BlockProduct = (
  a: Float32Array,
  rowsA: number,
  b: Float32Array,
  rowsB: number,
  dimension: number,
  out: Float32Array,
) => void

/** {@link BlockProduct} in plain JavaScript: two rows by four at a time, so that each value that is loaded is used often. */
export const plainBlockProduct: BlockProduct = (a, rowsA, b, rowsB, dimension, out) => {
  const evenA = rowsA - (rowsA % 2)
  const wholeB = rowsB - (rowsB % 4)
  for (let i = 0; i < evenA; i += 2) {
    const a0 = i * dimension
    const a1 = a0 + dimension
    for (let j = 0; j < wholeB; j += 4) {
      const b0 = j * dimension
      const b1 = b0 + dimension
      const b2 = b1 + dimension
      const b3 = b2 + dimension
      let s00 = 0
      let s01 = 0
      let s02 = 0
      let s03 = 0
      let s10 = 0
      let s11 = 0
      let s12 = 0
      let s13 = 0
      for (let k = 0; k < dimension; k++) {
        const x = a[a0 + k]!
        const y = a[a1 + k]!
        const v0 = b[b0 + k]!
        const v1 = b[b1 + k]!
        const v2 = b[b2 + k]!
        const v3 = b[b3 + k]!
        s00 += x * v0
        s01 += x * v1
        s02 += x * v2
        s03 += x * v3
        s10 += y * v0
        s11 += y * v1
        s12 += y * v2
        s13 += y * v3
      }
      const first = i * rowsB + j
      out[first] = s00
      out[first + 1] = s01
      out[first + 2] = s02
      out[first + 3] = s03
      const second = first + rowsB
      out[second] = s10
      out[second + 1] = s11
      out[second + 2] = s12
      out[second + 3] = s13
    }
    for (let j = wholeB; j < rowsB; j++) {
      out[i * rowsB + j] = dot(a, a0, b, j * dimension, dimension)
      out[(i + 1) * rowsB + j] = dot(a, a1, b, j * dimension, dimension)
    }
  }
  for (let i = evenA; i < rowsA; i++)
    for (let j = 0; j < rowsB; j++) out[i * rowsB + j] = dot(a, i * dimension, b, j * dimension, dimension)
}

/** The dot product of two rows that begin at `startA` and `startB`. */
export function dot(a: Float32Array, startA: number, b: Float32Array, startB: number, length: number): number {
  let s0 = 0
  let s1 = 0
  let s2 = 0
  let s3 = 0
  const whole = length - (length % 4)
  for (let k = 0; k < whole; k += 4) {
    s0 += a[startA + k]! * b[startB + k]!
    s1 += a[startA + k + 1]! * b[startB + k + 1]!
    s2 += a[startA + k + 2]! * b[startB + k + 2]!
    s3 += a[startA + k + 3]! * b[startB + k + 3]!
  }
  for (let k = whole; k < length; k++) s0 += a[startA + k]! * b[startB + k]!
  return s0 + s1 + s2 + s3
}
