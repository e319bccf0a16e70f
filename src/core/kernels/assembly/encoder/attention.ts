// Attention of one head of one text, in 8 bits: queries, keys and values have a scale for each token.
import { product } from './product'
import { LANE_BYTES, rowCodes, storeCodes, storeLanes } from './rows'
import { BOUNDED, CODE_BYTES, UNSIGNED } from './tiles'
import { exp2, largest, multiplyAdd, ROUND, ROUND_BITS, total, totalInt } from './vectors'

/** Queries at a time: whole tiles of every tier. */
@inline const QUERIES: i32 = 12
/** Two keys next to each other must not add up to more than 128 if sums of products saturate. */
@inline const KEY_MAX: f32 = BOUNDED ? 64 : 127
@inline const LOG2_E: f32 = 1.4426950408889634
/** Steps of a softmax: two codes of 7 bits, so that attention's long tail is not rounded away; with 16-bit products, one code. */
@inline const SHARES: f32 = 16383

@inline function largestSize(x: usize, n: i32): f32 {
  let top = f32x4.splat(1e-20)
  for (let at: usize = 0; at < ((<usize>n) << 2); at += 16) top = f32x4.pmax(top, f32x4.abs(v128.load(x + at)))
  return largest(top)
}

@inline function eightCodes(x: usize, inverse: v128): v128 {
  const magic = f32x4.splat(ROUND)
  const shift = i32x4.splat(-ROUND_BITS)
  return i16x8.narrow_i32x4_s(
    i32x4.add(multiplyAdd(v128.load(x), inverse, magic), shift),
    i32x4.add(multiplyAdd(v128.load(x, 16), inverse, magic), shift),
  )
}

/** Rounds a query x [n] around zero. */
function quantizeQuery(x: usize, n: i32, codes: usize, rows: usize, row: i32): void {
  const most = largestSize(x, n)
  const shift = (UNSIGNED ? 128 : 0) - ROUND_BITS
  storeCodes(x, n, f32x4.splat(127 / most), i32x4.splat(shift), rowCodes(codes, row, n))
  const step: f32 = most / 127
  store<f32>(rows + ((<usize>row) << 3), step)
  store<f32>(rows + ((<usize>row) << 3), UNSIGNED ? -128 * step : 0, 4)
}

/** Rounds the key x [n] of token j around zero, as a column of the keys' panels. Scores are powers of two. */
function quantizeKey(x: usize, n: i32, j: i32, panels: usize, columns: usize): void {
  const most = largestSize(x, n)
  const inverse = f32x4.splat(KEY_MAX / most)
  let sums = i32x4.splat(0)
  let to = panels + <usize>((j >> 3) * n * 8) + ((<usize>(j & 7)) << (CODE_BYTES == 2 ? 1 : 2))
  for (let i: i32 = 0; i < n; i += 16, x += 64, to += 128) {
    const bytes = i8x16.narrow_i16x8_s(eightCodes(x, inverse), eightCodes(x + 32, inverse))
    sums = i32x4.add(sums, i32x4.extadd_pairwise_i16x8_s(i16x8.extadd_pairwise_i8x16_s(bytes)))
    if (CODE_BYTES == 2) {
      v128.store16_lane(to, bytes, 0)
      v128.store16_lane(to, bytes, 1, 16)
      v128.store16_lane(to, bytes, 2, 32)
      v128.store16_lane(to, bytes, 3, 48)
      v128.store16_lane(to, bytes, 4, 64)
      v128.store16_lane(to, bytes, 5, 80)
      v128.store16_lane(to, bytes, 6, 96)
      v128.store16_lane(to, bytes, 7, 112)
    } else {
      v128.store32_lane(to, bytes, 0)
      v128.store32_lane(to, bytes, 1, 32)
      v128.store32_lane(to, bytes, 2, 64)
      v128.store32_lane(to, bytes, 3, 96)
    }
  }
  const scale: f32 = (most / KEY_MAX) * LOG2_E
  const column = columns + <usize>((j >> 3) * 96 + (j & 7) * 4)
  store<f32>(column, scale)
  store<f32>(column, scale * <f32>totalInt(sums), 32)
  store<f32>(column, 0, 64)
}

/** Rounds the value x [n] of a token around zero. @returns Its step. */
function quantizeValue(x: usize, n: i32, codes: usize): f32 {
  const most = largestSize(x, n)
  const inverse = f32x4.splat(127 / most)
  for (let i: i32 = 0; i < n; i += 16, x += 64, codes += 16)
    v128.store(codes, i8x16.narrow_i16x8_s(eightCodes(x, inverse), eightCodes(x + 32, inverse)))
  return most / 127
}

/** Values [padded, n] as panels of weights whose inputs are the tokens. */
function packValues(codes: usize, padded: i32, n: i32, panels: usize): void {
  const width = <usize>n
  const bytes = (<usize>padded) << 3
  for (let j: i32 = 0; j < padded; j += 4, codes += width << 2)
    for (let d: usize = 0; d < width; d += 16) {
      const from = codes + d
      const a = v128.load(from)
      const b = v128.load(from + width)
      const c = v128.load(from + 2 * width)
      const e = v128.load(from + 3 * width)
      const to = panels + (d >> 3) * bytes + ((<usize>j) << 3)
      const ab0 = v128.shuffle<i8>(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23)
      const ab1 = v128.shuffle<i8>(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31)
      const ce0 = v128.shuffle<i8>(c, e, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23)
      const ce1 = v128.shuffle<i8>(c, e, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31)
      if (CODE_BYTES == 2) {
        v128.store(to, ab0)
        v128.store(to, ce0, 16)
        v128.store(to + bytes, ab1)
        v128.store(to + bytes, ce1, 16)
      } else {
        v128.store(to, v128.shuffle<i16>(ab0, ce0, 0, 8, 1, 9, 2, 10, 3, 11))
        v128.store(to, v128.shuffle<i16>(ab0, ce0, 4, 12, 5, 13, 6, 14, 7, 15), 16)
        v128.store(to + bytes, v128.shuffle<i16>(ab1, ce1, 0, 8, 1, 9, 2, 10, 3, 11))
        v128.store(to + bytes, v128.shuffle<i16>(ab1, ce1, 4, 12, 5, 13, 6, 14, 7, 15), 16)
      }
    }
}

/** Four steps of the softmax from scores less the largest, times the values' factors; and their sum before that. */
@inline function share(e: v128, factors: usize): v128 {
  return i32x4.sub(multiplyAdd(e, v128.load(factors), f32x4.splat(ROUND)), i32x4.splat(ROUND_BITS))
}

/**
 * Turns scores s [padded] into codes of their softmax times each value's step.
 *
 * @param factors [padded]: the values' steps relative to the largest, times {@link SHARES}; 0 for padding.
 * @param step Value of one code, times the sum of the powers.
 */
function softmaxRow(
  s: usize,
  length: i32,
  padded: i32,
  factors: usize,
  step: f32,
  high: usize,
  highRows: usize,
  low: usize,
  lowRows: usize,
  row: i32,
): void {
  for (let j: i32 = length; j < padded; j++) store<f32>(s + ((<usize>j) << 2), -1e15)
  const bytes = (<usize>padded) << 2
  let top = v128.load(s)
  for (let at: usize = 16; at < bytes; at += 16) top = f32x4.pmax(top, v128.load(s + at))
  const most = f32x4.splat(largest(top))
  let sum = f32x4.splat(0)
  let h = rowCodes(high, row, padded)
  let l = rowCodes(low, row, padded)
  let at: usize = 0
  if (CODE_BYTES == 2) {
    for (; at < bytes; at += 32) {
      const a = exp2(f32x4.sub(v128.load(s + at), most))
      const b = exp2(f32x4.sub(v128.load(s + at, 16), most))
      sum = f32x4.add(f32x4.add(sum, a), b)
      storeLanes(h, i16x8.narrow_i32x4_s(share(a, factors + at), share(b, factors + at + 16)))
      h += 4 * LANE_BYTES
    }
    store<f32>(highRows + ((<usize>row) << 3), step / total(sum))
  } else {
    const seven = i16x8.splat(127)
    for (; at + 64 <= bytes; at += 64) {
      const a = exp2(f32x4.sub(v128.load(s + at), most))
      const b = exp2(f32x4.sub(v128.load(s + at, 16), most))
      const c = exp2(f32x4.sub(v128.load(s + at, 32), most))
      const d = exp2(f32x4.sub(v128.load(s + at, 48), most))
      sum = f32x4.add(f32x4.add(f32x4.add(f32x4.add(sum, a), b), c), d)
      const ab = i16x8.narrow_i32x4_s(share(a, factors + at), share(b, factors + at + 16))
      const cd = i16x8.narrow_i32x4_s(share(c, factors + at + 32), share(d, factors + at + 48))
      storeLanes(h, i8x16.narrow_i16x8_u(i16x8.shr_u(ab, 7), i16x8.shr_u(cd, 7)))
      storeLanes(l, i8x16.narrow_i16x8_u(v128.and(ab, seven), v128.and(cd, seven)))
      h += 4 * LANE_BYTES
      l += 4 * LANE_BYTES
    }
    if (at < bytes) {
      const a = exp2(f32x4.sub(v128.load(s + at), most))
      const b = exp2(f32x4.sub(v128.load(s + at, 16), most))
      sum = f32x4.add(f32x4.add(sum, a), b)
      const ab = i16x8.narrow_i32x4_s(share(a, factors + at), share(b, factors + at + 16))
      const upper = i8x16.narrow_i16x8_u(i16x8.shr_u(ab, 7), ab)
      const lower = i8x16.narrow_i16x8_u(v128.and(ab, seven), ab)
      v128.store32_lane(h, upper, 0)
      v128.store32_lane(h + LANE_BYTES, upper, 1)
      v128.store32_lane(l, lower, 0)
      v128.store32_lane(l + LANE_BYTES, lower, 1)
    }
    const one: f32 = step / total(sum)
    store<f32>(highRows + ((<usize>row) << 3), one * 128)
    store<f32>(lowRows + ((<usize>row) << 3), one)
    store<f32>(lowRows + ((<usize>row) << 3), 0, 4)
  }
  store<f32>(highRows + ((<usize>row) << 3), 0, 4)
}

/** Bytes of scratch memory that {@link attend} needs for texts of up to `length` tokens and heads of n. */
export function attentionBytes(length: i32, n: i32): i32 {
  const padded = (length + 7) & ~7
  const rows = QUERIES * 8
  const keys = padded * n + padded * 12
  const values = padded * n * 2 + n * 12 + padded * 4
  return keys + values + QUERIES * (padded * 4 + (n + padded * 2) * CODE_BYTES) + 3 * rows
}

/**
 * One head of one text.
 *
 * @param query [queries, n], of the text's first tokens, scaled by 1 / √n.
 * @param key, value [length, n]; bytes from row to row as given.
 * @param n Width of the head, a multiple of 16.
 * @param out [queries, n].
 * @param scratch {@link attentionBytes}.
 */
export function attend(
  query: usize,
  queryBytes: usize,
  queries: i32,
  key: usize,
  value: usize,
  keyBytes: usize,
  length: i32,
  n: i32,
  out: usize,
  outBytes: usize,
  scratch: usize,
): void {
  const padded = (length + 7) & ~7
  const matrix = <usize>(padded * n)
  const keyPanels = scratch
  const keyColumns = keyPanels + matrix
  const valueCodes = keyColumns + <usize>(padded * 12)
  const valuePanels = valueCodes + matrix
  const valueColumns = valuePanels + matrix
  const factors = valueColumns + <usize>(n * 12)
  const scores = factors + <usize>(padded * 4)
  const queryCodes = scores + <usize>(QUERIES * padded * 4)
  const high = queryCodes + <usize>(QUERIES * n * CODE_BYTES)
  const low = high + <usize>(QUERIES * padded * CODE_BYTES)
  const queryRows = low + <usize>(QUERIES * padded * CODE_BYTES)
  const highRows = queryRows + <usize>(QUERIES * 8)
  const lowRows = highRows + <usize>(QUERIES * 8)

  let most: f32 = 1e-20
  for (let j: i32 = 0; j < length; j++) {
    quantizeKey(key + <usize>j * keyBytes, n, j, keyPanels, keyColumns)
    const step = quantizeValue(value + <usize>j * keyBytes, n, valueCodes + <usize>(j * n))
    store<f32>(factors + ((<usize>j) << 2), step)
    most = max<f32>(most, step)
  }
  memory.fill(valueCodes + <usize>(length * n), 0, <usize>((padded - length) * n))
  packValues(valueCodes, padded, n, valuePanels)
  const relative: f32 = SHARES / most
  for (let j: i32 = 0; j < padded; j++) {
    const at = factors + ((<usize>j) << 2)
    store<f32>(at, j < length ? load<f32>(at) * relative : 0)
  }
  // The values' steps are part of the shares.
  for (let panel: i32 = 0; panel < n >> 3; panel++) {
    const column = valueColumns + <usize>(panel * 96)
    for (let at: usize = 0; at < 96; at += 16) v128.store(column + at, f32x4.splat(at < 32 ? 1 : 0))
  }
  const step: f32 = most / SHARES
  for (let first: i32 = 0; first < queries; first += QUERIES) {
    const count = min(QUERIES, queries - first)
    for (let row: i32 = 0; row < count; row++)
      quantizeQuery(query + <usize>(first + row) * queryBytes, n, queryCodes, queryRows, row)
    product(queryCodes, queryRows, count, n, keyPanels, keyColumns, padded >> 3, scores, (<usize>padded) << 2, false)
    for (let row: i32 = 0; row < count; row++)
      softmaxRow(scores + <usize>(row * padded * 4), length, padded, factors, step, high, highRows, low, lowRows, row)
    const to = out + <usize>first * outBytes
    product(high, highRows, count, padded, valuePanels, valueColumns, n >> 3, to, outBytes, false)
    if (CODE_BYTES == 1) product(low, lowRows, count, padded, valuePanels, valueColumns, n >> 3, to, outBytes, true)
  }
}
