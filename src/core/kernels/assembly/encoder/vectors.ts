// Small helpers on vectors of four floats.
import { RELAXED } from './tiles'

/** a · b + c. */
@inline export function multiplyAdd(a: v128, b: v128, c: v128): v128 {
  if (RELAXED) return f32x4.relaxed_madd(a, b, c)
  return f32x4.add(f32x4.mul(a, b), c)
}

@inline export function least(v: v128): f32 {
  v = f32x4.pmin(v, v128.shuffle<i32>(v, v, 2, 3, 0, 1))
  v = f32x4.pmin(v, v128.shuffle<i32>(v, v, 1, 0, 3, 2))
  return f32x4.extract_lane(v, 0)
}

@inline export function largest(v: v128): f32 {
  v = f32x4.pmax(v, v128.shuffle<i32>(v, v, 2, 3, 0, 1))
  v = f32x4.pmax(v, v128.shuffle<i32>(v, v, 1, 0, 3, 2))
  return f32x4.extract_lane(v, 0)
}

@inline export function total(v: v128): f32 {
  v = f32x4.add(v, v128.shuffle<i32>(v, v, 2, 3, 0, 1))
  v = f32x4.add(v, v128.shuffle<i32>(v, v, 1, 0, 3, 2))
  return f32x4.extract_lane(v, 0)
}

@inline export function totalInt(v: v128): i32 {
  v = i32x4.add(v, v128.shuffle<i32>(v, v, 2, 3, 0, 1))
  v = i32x4.add(v, v128.shuffle<i32>(v, v, 1, 0, 3, 2))
  return i32x4.extract_lane(v, 0)
}

/** Adding 1.5 · 2^23 to a float leaves the nearest integer in its low bits. */
@inline export const ROUND: f32 = 12582912
@inline export const ROUND_BITS: i32 = 0x4b400000

/** 2^x within 2.6e-6 of it, for x from -126 to 126; less counts as -126. */
@inline export function exp2(x: v128): v128 {
  x = f32x4.pmax(x, f32x4.splat(-126))
  const rounded = f32x4.add(x, f32x4.splat(ROUND))
  const rest = f32x4.sub(x, f32x4.sub(rounded, f32x4.splat(ROUND)))
  let p = multiplyAdd(f32x4.splat(0.009570102207), rest, f32x4.splat(0.055917862803))
  p = multiplyAdd(p, rest, f32x4.splat(0.240247443318))
  p = multiplyAdd(p, rest, f32x4.splat(0.693121790885))
  p = multiplyAdd(p, rest, f32x4.splat(0.999999284744))
  return i32x4.add(p, i32x4.shl(rounded, 23))
}

/** x · Φ(x) within 4e-6: Φ(x) - 1/2 is odd, x times a polynomial of x² up to 4.8, where it is 1/2 less 8e-7. */
@inline export function gelu(x: v128): v128 {
  const t = f32x4.pmax(f32x4.pmin(x, f32x4.splat(4.8)), f32x4.splat(-4.8))
  const u = multiplyAdd(f32x4.mul(t, t), f32x4.splat(0.08680555555), f32x4.splat(-1))
  let p = f32x4.splat(0.001443754704)
  p = multiplyAdd(p, u, f32x4.splat(-0.00419462584))
  p = multiplyAdd(p, u, f32x4.splat(0.00539230721))
  p = multiplyAdd(p, u, f32x4.splat(-0.007443361544))
  p = multiplyAdd(p, u, f32x4.splat(0.01386413098))
  p = multiplyAdd(p, u, f32x4.splat(-0.02218754724))
  p = multiplyAdd(p, u, f32x4.splat(0.03072081123))
  p = multiplyAdd(p, u, f32x4.splat(-0.04056592482))
  p = multiplyAdd(p, u, f32x4.splat(0.05290409975))
  p = multiplyAdd(p, u, f32x4.splat(-0.07297975951))
  p = multiplyAdd(p, u, f32x4.splat(0.1472127832))
  return f32x4.mul(x, multiplyAdd(t, p, f32x4.splat(0.5)))
}

/** The tanh form of GELU, x / (1 + exp(-2u)) with u = √(2/π) · (x + 0.044715 x³). */
@inline export function geluTanh(x: v128): v128 {
  // -2 · √(2/π) · log2(e), and the same times 0.044715.
  const power = f32x4.mul(x, multiplyAdd(f32x4.mul(x, x), f32x4.splat(-0.102943240), f32x4.splat(-2.302208198)))
  return f32x4.div(x, f32x4.add(f32x4.splat(1), exp2(f32x4.pmin(power, f32x4.splat(126)))))
}
