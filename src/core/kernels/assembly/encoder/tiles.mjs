/**
 * The kernels of one tier differ in their integer product alone, whose tiles are written out here: as many rows as the registers
 * hold sums for, times 8 columns. README.md beside this file describes the layouts.
 */

/**
 * The tiers, fastest first, and how each lays out what it multiplies; `npm run kernels` copies them into encoder-tiers.ts.
 *
 * - `vnni`: x86 with AVX-VNNI. Four products and the sum in one instruction.
 * - `sdot`: the same on ARM, where both sides are signed.
 * - `maddubs`: x86 without AVX-VNNI. Its sums of two products saturate at 16 bits, so weights must be bounded.
 * - `simd`: 16-bit products, for every engine with SIMD. The same bits on every CPU.
 *
 * Rows of a tile are what gave the most speed with the 15 registers of V8.
 */
export const LAYOUTS = {
  vnni: { rows: 6, codeBytes: 1, bounded: false },
  sdot: { rows: 6, codeBytes: 1, bounded: false },
  maddubs: { rows: 4, codeBytes: 1, bounded: true },
  simd: { rows: 4, codeBytes: 2, bounded: false },
}

/** @typedef {keyof typeof LAYOUTS} Tier */

export const TIERS = /** @type {readonly Tier[]} */ (Object.keys(LAYOUTS))

/**
 * The source of `tiles.ts` for a tier.
 *
 * @param {Tier} tier
 */
export function tilesSource(tier) {
  const { rows, codeBytes, bounded } = LAYOUTS[tier]
  return `import { multiplyAdd } from './vectors'

@inline export const TILE_ROWS: i32 = ${rows}
@inline export const CODE_BYTES: i32 = ${codeBytes}
@inline export const RELAXED: bool = ${tier !== 'simd'}
@inline export const BOUNDED: bool = ${bounded}
@inline export const UNSIGNED: bool = ${tier === 'maddubs' || tier === 'vnni'}
@inline export const SIGNED: bool = ${tier === 'sdot'}

${Array.from({ length: rows }, (_, index) => tile(tier, index + 1)).join('\n')}

/** The rows that are left for no whole tile. */
export function lastTile(count: i32, ${PARAMETERS}): void {
  switch (count) {
${Array.from({ length: rows - 1 }, (_, index) => `    case ${index + 1}: tile${index + 1}(${ARGUMENTS}); break`).join('\n')}
  }
}

@inline export function wholeTile(${PARAMETERS}): void {
  tile${rows}(${ARGUMENTS})
}
`
}

/** V8 would make a constant anew for each use; `bytes` is even, which compilers do not know. */
const ONES = '  const ones = i16x8.splat(<i16>(1 + (<i32>bytes & 1)))'

/** The instructions that add to a sum themselves. */
const isFused = (/** @type {Tier} */ tier) => tier === 'vnni' || tier === 'sdot'

/**
 * The source of a loop that multiplies and adds in registers alone, as fast as the tier's instructions allow; for benchmarks.
 *
 * @param {Tier} tier
 */
export function limitSource(tier) {
  const count = (/** @type {number} */ length) => Array.from({ length }, (_, index) => index)
  const products = isFused(tier) ? 12 : 8
  const sums = count(isFused(tier) ? products : 4)
  // Unless the sum is part of them, equal products would be computed once.
  const weights = count(isFused(tier) ? 1 : products)
  return `/** Of a round. */
export const products: i32 = ${products}

/** @returns Something that depends on all of it. */
export function limit(rounds: i32): i32 {
  let x = i8x16.splat(<i8>rounds)
${tier === 'maddubs' ? ONES.replace('bytes', 'rounds') : ''}
${weights.map((w) => `  const w${w} = i8x16.splat(<i8>(rounds + ${w}))`).join('\n')}
${sums.map((sum) => `  let a${sum} = i32x4.splat(${sum})`).join('\n')}
  for (; rounds > 0; rounds--) {
${count(products)
  .map((step) => {
    const sum = `a${step % sums.length}`
    return `    ${sum} = ${multiplyAdd(tier, `w${step % weights.length}`, 'x', sum)}`
  })
  .join('\n')}
${isFused(tier) ? '' : '    x = i8x16.add(x, x)'}
  }
  return i32x4.extract_lane(${sums.slice(1).reduce((all, sum) => `i32x4.add(${all}, a${sum})`, 'a0')}, 0)
}
`
}

const PARAMETERS = 'codes: usize, rows: usize, panel: usize, columns: usize, bytes: usize, out: usize, outBytes: usize, add: bool'
const ARGUMENTS = PARAMETERS.replaceAll(/: \w+/g, '')

/**
 * @param {Tier} tier
 * @param {number} rows
 */
function tile(tier, rows) {
  const each = (/** @type {(row: number) => string} */ line) => Array.from({ length: rows }, (_, row) => line(row)).join('\n')
  const isWide = LAYOUTS[tier].codeBytes === 2
  const [load, half] = isWide ? ['v128.load_ext<i8>', 8] : ['v128.load', 16]
  const write = (/** @type {boolean} */ add) =>
    each((row) => {
      const value = (/** @type {string} */ sum, /** @type {number} */ half) => {
        const base = `multiplyAdd(o${row}, sum${half}, bias${half})`
        const result = `multiplyAdd(f32x4.convert_i32x4_s(${sum}${row}), f32x4.mul(s${row}, scale${half}), ${base})`
        return add ? `f32x4.add(${result}, v128.load(out, ${half * 16}))` : result
      }
      return `    {
      const s${row} = v128.load32_splat(rows, ${row * 8})
      const o${row} = v128.load32_splat(rows, ${row * 8 + 4})
      v128.store(out, ${value('a', 0)})
      v128.store(out, ${value('b', 1)}, 16)${row < rows - 1 ? '\n      out += outBytes' : ''}
    }`
    })
  return `
function tile${rows}(${PARAMETERS}): void {
${each((row) => `  let a${row} = i32x4.splat(0)\n  let b${row} = i32x4.splat(0)`)}
${tier === 'maddubs' ? ONES : ''}
  const end = panel + bytes
  // Not unrolled: the compiler would join both products of a sum, and keep twice as many weights in registers as there are.
  do {
    const w0 = ${load}(panel)
    const w1 = ${load}(panel, ${half})
${each(
  (row) => `    const x${row} = v128.load32_splat(codes, ${row * 4})
    a${row} = ${multiplyAdd(tier, 'w0', `x${row}`, `a${row}`)}
    b${row} = ${multiplyAdd(tier, 'w1', `x${row}`, `b${row}`)}`,
)}
    codes += ${LAYOUTS[tier].rows * 4}
    panel += ${2 * half}
  } while (panel != end)
${['scale', 'sum', 'bias'].map((name, index) => `  const ${name}0 = v128.load(columns, ${index * 32})\n  const ${name}1 = v128.load(columns, ${index * 32 + 16})`).join('\n')}
  if (add) {
${write(true)}
  } else {
${write(false)}
  }
}`
}

/** The relaxed instructions take the weights first: their second operand is the one whose sign depends on the CPU. */
const multiplyAdd = (/** @type {Tier} */ tier, /** @type {string} */ w, /** @type {string} */ x, /** @type {string} */ sum) =>
  ({
    simd: `i32x4.add(${sum}, i32x4.dot_i16x8_s(${x}, ${w}))`,
    maddubs: `i32x4.add(${sum}, i32x4.dot_i16x8_s(i16x8.relaxed_dot_i8x16_i7x16_s(${w}, ${x}), ones))`,
    vnni: `i32x4.relaxed_dot_i8x16_i7x16_add_s(${w}, ${x}, ${sum})`,
    sdot: `i32x4.relaxed_dot_i8x16_i7x16_add_s(${w}, ${x}, ${sum})`,
  })[tier]
