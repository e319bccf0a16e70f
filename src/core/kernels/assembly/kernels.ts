// AssemblyScript, compiled by build/kernels.mjs into wasm-bytes.ts beside this folder: with and without relaxed SIMD. All
// pointers are multiples of 16. The host lays out the memory; nothing is allocated here.

/**
 * Products of int8 rows with an int16 query, in int32.
 *
 * @param stride Bytes from row to row and columns of each, a multiple of 16; the padding of a row is 0.
 * @param query [stride] int16; 127 times the sum of its absolute values must stay below 2^31.
 * @param out [count] int32.
 */
export function int8Dots(rows: usize, count: i32, stride: i32, query: usize, out: usize): void {
  const bytes = <usize>stride
  const part = count >> 3
  // Eight distant rows at once: a single stream does not use the bandwidth of the memory.
  const gap = <usize>part * bytes
  const outGap = (<usize>part) << 2
  for (let row: i32 = 0; row < part; row++) {
    const r0 = rows + <usize>row * bytes
    const r1 = r0 + gap
    const r2 = r1 + gap
    const r3 = r2 + gap
    const r4 = r3 + gap
    const r5 = r4 + gap
    const r6 = r5 + gap
    const r7 = r6 + gap
    let s0 = i32x4.splat(0)
    let s1 = i32x4.splat(0)
    let s2 = i32x4.splat(0)
    let s3 = i32x4.splat(0)
    let s4 = i32x4.splat(0)
    let s5 = i32x4.splat(0)
    let s6 = i32x4.splat(0)
    let s7 = i32x4.splat(0)
    for (let column: usize = 0; column < bytes; column += 16) {
      const low = v128.load(query + (column << 1))
      const high = v128.load(query + (column << 1), 16)
      s0 = addDot(s0, v128.load(r0 + column), low, high)
      s1 = addDot(s1, v128.load(r1 + column), low, high)
      s2 = addDot(s2, v128.load(r2 + column), low, high)
      s3 = addDot(s3, v128.load(r3 + column), low, high)
      s4 = addDot(s4, v128.load(r4 + column), low, high)
      s5 = addDot(s5, v128.load(r5 + column), low, high)
      s6 = addDot(s6, v128.load(r6 + column), low, high)
      s7 = addDot(s7, v128.load(r7 + column), low, high)
    }
    const o0 = out + ((<usize>row) << 2)
    const o1 = o0 + outGap
    const o2 = o1 + outGap
    const o3 = o2 + outGap
    const o4 = o3 + outGap
    const o5 = o4 + outGap
    const o6 = o5 + outGap
    store<i32>(o0, sumInt(s0))
    store<i32>(o1, sumInt(s1))
    store<i32>(o2, sumInt(s2))
    store<i32>(o3, sumInt(s3))
    store<i32>(o4, sumInt(s4))
    store<i32>(o5, sumInt(s5))
    store<i32>(o6, sumInt(s6))
    store<i32>(o6 + outGap, sumInt(s7))
  }
  for (let row: i32 = part << 3; row < count; row++) {
    const start = rows + <usize>row * bytes
    let sum = i32x4.splat(0)
    for (let column: usize = 0; column < bytes; column += 16)
      sum = addDot(sum, v128.load(start + column), v128.load(query + (column << 1)), v128.load(query + (column << 1), 16))
    store<i32>(out + ((<usize>row) << 2), sumInt(sum))
  }
}

/**
 * Codes rows relative to a center as int8 times a scale: x - center, or x / |x| - center.
 *
 * @param rows [count, stride] float32.
 * @param stride Columns, a multiple of 16; the padding of rows and center is 0.
 * @param center [stride] float32.
 * @param unit Whether rows are divided by their length first.
 * @param scratch [stride] float32.
 * @param codes [count, stride] int8.
 * @param stats [count, 4] float32: scale, length of the remainder, length of the coded vector; and int32: the sum of the codes'
 *   squares. NaN if the length of a row is too large or small for squares in float32.
 */
export function quantize(
  rows: usize,
  count: i32,
  stride: i32,
  center: usize,
  unit: i32,
  scratch: usize,
  codes: usize,
  stats: usize,
): void {
  const bytes = (<usize>stride) << 2
  for (let row: i32 = 0; row < count; row++) {
    const source = rows + <usize>row * bytes
    let factor: f32 = 1
    if (unit) {
      let squares = f32x4.splat(0)
      for (let at: usize = 0; at < bytes; at += 16) {
        const value = v128.load(source + at)
        squares = f32x4.add(squares, f32x4.mul(value, value))
      }
      const sum = sumFloat(squares)
      factor = sum > 1e-30 && sum < 1e30 ? 1 / sqrt<f32>(sum) : NaN
    }
    const factors = f32x4.splat(factor)
    let largest = f32x4.splat(0)
    let lengths = f32x4.splat(0)
    for (let at: usize = 0; at < bytes; at += 16) {
      const value = f32x4.sub(f32x4.mul(v128.load(source + at), factors), v128.load(center + at))
      v128.store(scratch + at, value)
      largest = f32x4.max(largest, f32x4.abs(value))
      lengths = f32x4.add(lengths, f32x4.mul(value, value))
    }
    const most = max<f32>(
      max<f32>(f32x4.extract_lane(largest, 0), f32x4.extract_lane(largest, 1)),
      max<f32>(f32x4.extract_lane(largest, 2), f32x4.extract_lane(largest, 3)),
    )
    const scale: f32 = most / 127
    const inverses = f32x4.splat(most > 0 ? 127 / most : 0)
    const scales = f32x4.splat(scale)
    const target = codes + <usize>row * <usize>stride
    let errors = f32x4.splat(0)
    let codeSquares = i32x4.splat(0)
    for (let at: usize = 0; at < bytes; at += 64) {
      const a = v128.load(scratch + at)
      const b = v128.load(scratch + at, 16)
      const c = v128.load(scratch + at, 32)
      const d = v128.load(scratch + at, 48)
      const roundedA = f32x4.nearest(f32x4.mul(a, inverses))
      const roundedB = f32x4.nearest(f32x4.mul(b, inverses))
      const roundedC = f32x4.nearest(f32x4.mul(c, inverses))
      const roundedD = f32x4.nearest(f32x4.mul(d, inverses))
      errors = addSquare(errors, f32x4.sub(a, f32x4.mul(roundedA, scales)))
      errors = addSquare(errors, f32x4.sub(b, f32x4.mul(roundedB, scales)))
      errors = addSquare(errors, f32x4.sub(c, f32x4.mul(roundedC, scales)))
      errors = addSquare(errors, f32x4.sub(d, f32x4.mul(roundedD, scales)))
      const ab = i16x8.narrow_i32x4_s(i32x4.trunc_sat_f32x4_s(roundedA), i32x4.trunc_sat_f32x4_s(roundedB))
      const cd = i16x8.narrow_i32x4_s(i32x4.trunc_sat_f32x4_s(roundedC), i32x4.trunc_sat_f32x4_s(roundedD))
      codeSquares = i32x4.add(codeSquares, i32x4.add(i32x4.dot_i16x8_s(ab, ab), i32x4.dot_i16x8_s(cd, cd)))
      v128.store(target + (at >> 2), i8x16.narrow_i16x8_s(ab, cd))
    }
    const stat = stats + ((<usize>row) << 4)
    store<f32>(stat, scale)
    store<f32>(stat, sqrt<f32>(sumFloat(errors)), 4)
    store<f32>(stat, sqrt<f32>(sumFloat(lengths)), 8)
    store<i32>(stat, sumInt(codeSquares), 12)
  }
}

/**
 * Computes a · bᵀ in float32.
 *
 * @param a [rowsA, stride], rowsA even.
 * @param b [rowsB, stride], rowsB a multiple of 4.
 * @param stride Columns, a multiple of 4.
 * @param out [rowsA, rowsB].
 */
export function product(a: usize, rowsA: i32, b: usize, rowsB: i32, stride: i32, out: usize): void {
  const bytes = (<usize>stride) << 2
  const outBytes = (<usize>rowsB) << 2
  for (let i: i32 = 0; i < rowsA; i += 2) {
    const a0 = a + <usize>i * bytes
    const a1 = a0 + bytes
    for (let j: i32 = 0; j < rowsB; j += 4) {
      const b0 = b + <usize>j * bytes
      const b1 = b0 + bytes
      const b2 = b1 + bytes
      const b3 = b2 + bytes
      let s00 = f32x4.splat(0)
      let s01 = f32x4.splat(0)
      let s02 = f32x4.splat(0)
      let s03 = f32x4.splat(0)
      let s10 = f32x4.splat(0)
      let s11 = f32x4.splat(0)
      let s12 = f32x4.splat(0)
      let s13 = f32x4.splat(0)
      for (let at: usize = 0; at < bytes; at += 16) {
        const x0 = v128.load(a0 + at)
        const x1 = v128.load(a1 + at)
        const y0 = v128.load(b0 + at)
        s00 = multiplyAdd(x0, y0, s00)
        s10 = multiplyAdd(x1, y0, s10)
        const y1 = v128.load(b1 + at)
        s01 = multiplyAdd(x0, y1, s01)
        s11 = multiplyAdd(x1, y1, s11)
        const y2 = v128.load(b2 + at)
        s02 = multiplyAdd(x0, y2, s02)
        s12 = multiplyAdd(x1, y2, s12)
        const y3 = v128.load(b3 + at)
        s03 = multiplyAdd(x0, y3, s03)
        s13 = multiplyAdd(x1, y3, s13)
      }
      const first = out + <usize>i * outBytes + ((<usize>j) << 2)
      v128.store(first, sumEach(s00, s01, s02, s03))
      v128.store(first + outBytes, sumEach(s10, s11, s12, s13))
    }
  }
}

function multiplyAdd(a: v128, b: v128, sum: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, sum)
  return f32x4.add(sum, f32x4.mul(a, b))
}

/** Sums of 16 int8 codes' products with 16 int16 codes, four at a time. */
function addDot(sum: v128, codes: v128, low: v128, high: v128): v128 {
  const products = i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_s(codes), low)
  return i32x4.add(sum, i32x4.add(products, i32x4.dot_i16x8_s(i16x8.extend_high_i8x16_s(codes), high)))
}

function addSquare(sum: v128, value: v128): v128 {
  return multiplyAdd(value, value, sum)
}

function sumInt(sums: v128): i32 {
  return i32x4.extract_lane(sums, 0) + i32x4.extract_lane(sums, 1) + i32x4.extract_lane(sums, 2) + i32x4.extract_lane(sums, 3)
}

function sumFloat(sums: v128): f32 {
  return f32x4.extract_lane(sums, 0) + f32x4.extract_lane(sums, 1) + (f32x4.extract_lane(sums, 2) + f32x4.extract_lane(sums, 3))
}

/** The sums of four vectors' lanes, as one vector. */
function sumEach(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab0 = v128.shuffle<f32>(a, b, 0, 4, 2, 6)
  const ab1 = v128.shuffle<f32>(a, b, 1, 5, 3, 7)
  const ab = f32x4.add(ab0, ab1)
  const cd0 = v128.shuffle<f32>(c, d, 0, 4, 2, 6)
  const cd1 = v128.shuffle<f32>(c, d, 1, 5, 3, 7)
  const cd = f32x4.add(cd0, cd1)
  return f32x4.add(v128.shuffle<f32>(ab, cd, 0, 1, 4, 5), v128.shuffle<f32>(ab, cd, 2, 3, 6, 7))
}
