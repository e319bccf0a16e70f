// Steps on rows of activations. A row is rounded to 8 bits over its own range: value = step · code + offset.
import { CODE_BYTES, SIGNED, TILE_ROWS, UNSIGNED } from './tiles'
import { gelu, geluTanh, largest, least, multiplyAdd, ROUND, ROUND_BITS, total } from './vectors'

/** Bytes from four codes of a row to its next four, and of four inputs of a tile. */
@inline export const LANE_BYTES: usize = <usize>(TILE_ROWS * 4)
@inline const FOUR_INPUTS: usize = <usize>(TILE_ROWS * 4 * CODE_BYTES)

/** Where the codes of row `row` of n inputs begin. */
@inline export function rowCodes(codes: usize, row: i32, n: i32): usize {
  return codes + <usize>(row / TILE_ROWS) * <usize>(n >> 2) * FOUR_INPUTS + ((<usize>(row % TILE_ROWS)) << 2)
}

/** Stores four times four bytes of one row. */
@inline export function storeLanes(to: usize, bytes: v128): void {
  v128.store32_lane(to, bytes, 0)
  v128.store32_lane(to + LANE_BYTES, bytes, 1)
  v128.store32_lane(to + 2 * LANE_BYTES, bytes, 2)
  v128.store32_lane(to + 3 * LANE_BYTES, bytes, 3)
}

@inline function codesOf(x: usize, inverse: v128, shift: v128): v128 {
  return i32x4.add(multiplyAdd(v128.load(x), inverse, f32x4.splat(ROUND)), shift)
}

/** Codes of x [n], which lie in a row that begins at `to`; each is x · inverse + shift, rounded. */
@inline export function storeCodes(x: usize, n: i32, inverse: v128, shift: v128, to: usize): void {
  const end = x + ((<usize>n) << 2)
  for (; x < end; x += 64) {
    const low = i16x8.narrow_i32x4_s(codesOf(x, inverse, shift), codesOf(x + 16, inverse, shift))
    const high = i16x8.narrow_i32x4_s(codesOf(x + 32, inverse, shift), codesOf(x + 48, inverse, shift))
    if (CODE_BYTES == 2) {
      storeLanes(to, low)
      storeLanes(to + 4 * LANE_BYTES, high)
      to += 8 * LANE_BYTES
    } else {
      storeLanes(to, UNSIGNED ? i8x16.narrow_i16x8_u(low, high) : i8x16.narrow_i16x8_s(low, high))
      to += 4 * LANE_BYTES
    }
  }
}

/** Rounds x [n], whose values lie in [lo, hi], which contains 0: then a row of equal values is no special case. */
@inline function quantize(x: usize, n: i32, lo: f32, hi: f32, codes: usize, rows: usize, row: i32): void {
  const range = max<f32>(hi - lo, 1e-20)
  const inverse: f32 = 255 / range
  const zero: f32 = floor<f32>(0.5 - lo * inverse)
  const signed: i32 = SIGNED ? 128 : 0
  storeCodes(x, n, f32x4.splat(inverse), i32x4.splat(<i32>zero - ROUND_BITS - signed), rowCodes(codes, row, n))
  const step: f32 = range * (1.0 / 255.0)
  store<f32>(rows + ((<usize>row) << 3), step)
  store<f32>(rows + ((<usize>row) << 3), -step * (zero - <f32>signed), 4)
}

/** Rounds x [count, n], `stride` bytes from row to row; n a multiple of 16. */
export function quantizeRows(x: usize, count: i32, n: i32, stride: i32, codes: usize, rows: usize): void {
  for (let row: i32 = 0; row < count; row++, x += <usize>stride) {
    let lo = f32x4.splat(0)
    let hi = lo
    for (let at: usize = 0; at < ((<usize>n) << 2); at += 16) {
      const v = v128.load(x + at)
      lo = f32x4.pmin(lo, v)
      hi = f32x4.pmax(hi, v)
    }
    quantize(x, n, least(lo), largest(hi), codes, rows, row)
  }
}

/** Applies an activation (0: GELU, 1: its tanh form, 2: ReLU) to x [count, n] in place, and rounds the result. */
export function activateRows(x: usize, count: i32, n: i32, activation: i32, codes: usize, rows: usize): void {
  const bytes = (<usize>n) << 2
  for (let row: i32 = 0; row < count; row++, x += bytes) {
    let lo = f32x4.splat(0)
    let hi = lo
    // Two vectors at once: each is a chain of dependent operations.
    for (let at: usize = x; at < x + bytes; at += 32) {
      let a = v128.load(at)
      let b = v128.load(at, 16)
      if (activation == 0) {
        a = gelu(a)
        b = gelu(b)
      } else if (activation == 1) {
        a = geluTanh(a)
        b = geluTanh(b)
      } else {
        a = f32x4.pmax(a, f32x4.splat(0))
        b = f32x4.pmax(b, f32x4.splat(0))
      }
      v128.store(at, a)
      v128.store(at, b, 16)
      lo = f32x4.pmin(lo, f32x4.pmin(a, b))
      hi = f32x4.pmax(hi, f32x4.pmax(a, b))
    }
    quantize(x, n, least(lo), largest(hi), codes, rows, row)
  }
}

/**
 * LayerNorm of x [count, n] into y, which may be x, and the codes of y.
 *
 * @param norm [2, n]: weight and bias.
 * @param smoothed [2, n]: weight and bias times the factors by which the next layer's input is multiplied before it is rounded;
 *   0: there are none.
 * @param scratch [n].
 */
export function normalizeRows(
  x: usize,
  y: usize,
  count: i32,
  n: i32,
  norm: usize,
  smoothed: usize,
  epsilon: f32,
  scratch: usize,
  codes: usize,
  rows: usize,
): void {
  const bytes = (<usize>n) << 2
  for (let row: i32 = 0; row < count; row++, x += bytes, y += bytes) {
    let s0 = f32x4.splat(0)
    let s1 = s0
    for (let at: usize = x; at < x + bytes; at += 32) {
      s0 = f32x4.add(s0, v128.load(at))
      s1 = f32x4.add(s1, v128.load(at, 16))
    }
    const mean = f32x4.splat(total(f32x4.add(s0, s1)) / <f32>n)
    s0 = f32x4.splat(0)
    s1 = s0
    for (let at: usize = x; at < x + bytes; at += 32) {
      const a = f32x4.sub(v128.load(at), mean)
      const b = f32x4.sub(v128.load(at, 16), mean)
      s0 = multiplyAdd(a, a, s0)
      s1 = multiplyAdd(b, b, s1)
    }
    const scale = f32x4.splat(1 / sqrt<f32>(total(f32x4.add(s0, s1)) / <f32>n + epsilon))
    let lo = f32x4.splat(0)
    let hi = lo
    for (let at: usize = 0; at < bytes; at += 16) {
      const v = f32x4.mul(f32x4.sub(v128.load(x + at), mean), scale)
      let w = multiplyAdd(v, v128.load(norm + at), v128.load(norm + bytes + at))
      v128.store(y + at, w)
      if (smoothed) {
        w = multiplyAdd(v, v128.load(smoothed + at), v128.load(smoothed + bytes + at))
        v128.store(scratch + at, w)
      }
      lo = f32x4.pmin(lo, w)
      hi = f32x4.pmax(hi, w)
    }
    quantize(smoothed ? scratch : y, n, least(lo), largest(hi), codes, rows, row)
  }
}

/**
 * Sums of word and position embeddings [count, n].
 *
 * @param ids [count] int32.
 * @param places [count] int32, of each token in its text.
 * @param words [vocabulary, n] int8, with `scales` [vocabulary].
 * @param positions [positions, n].
 */
export function embedRows(
  ids: usize,
  places: usize,
  count: i32,
  n: i32,
  words: usize,
  scales: usize,
  positions: usize,
  x: usize,
): void {
  for (let row: i32 = 0; row < count; row++) {
    const id = <usize>load<i32>(ids + ((<usize>row) << 2))
    const word = words + id * <usize>n
    const position = positions + <usize>load<i32>(places + ((<usize>row) << 2)) * ((<usize>n) << 2)
    const scale = v128.load32_splat(scales + (id << 2))
    for (let column: usize = 0; column < <usize>n; column += 8, x += 32) {
      const eight = v128.load_ext<i8>(word + column)
      const at = position + (column << 2)
      v128.store(x, multiplyAdd(f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(eight)), scale, v128.load(at)))
      v128.store(x, multiplyAdd(f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_s(eight)), scale, v128.load(at, 16)), 16)
    }
  }
}

/** The mean of x [count, n]. */
export function meanOfRows(x: usize, count: i32, n: i32, out: usize): void {
  const bytes = (<usize>n) << 2
  const share = f32x4.splat(1 / <f32>count)
  for (let at: usize = 0; at < bytes; at += 16) {
    let sum = f32x4.splat(0)
    for (let row: i32 = 0; row < count; row++) sum = f32x4.add(sum, v128.load(x + <usize>row * bytes + at))
    v128.store(out + at, f32x4.mul(sum, share))
  }
}
