// Writes the kernels as base64 into files that are committed, so that nothing need be built before a test or an import.
import { writeFileSync } from 'node:fs'
import { LAYOUTS, TIERS } from '../src/core/kernels/assembly/encoder/tiles.mjs'
import { compileEncoder, compileKernels } from './compile-kernels.mjs'

const folder = new URL('../src/core/kernels/', import.meta.url)

/** @param {Promise<Uint8Array>} bytes */
const base64 = async (bytes) => Buffer.from(await bytes).toString('base64')

/** @param {boolean} relaxed @param {boolean} shared */
const search = (relaxed, shared) => base64(compileKernels({ relaxed, shared }))

writeFileSync(
  new URL('wasm-bytes.ts', folder),
  `// Written by \`npm run kernels\` from src/core/kernels/assembly/kernels.ts.

/** The kernels for every engine with SIMD, as base64. */
export const SIMD =
  '${await search(false, false)}'

/** The same with relaxed SIMD: multiplication and addition in one instruction. */
export const RELAXED_SIMD =
  '${await search(true, false)}'

/** Both on a memory that threads share. */
export const SHARED_SIMD =
  '${await search(false, true)}'
export const SHARED_RELAXED_SIMD =
  '${await search(true, true)}'
`,
)

const tiers = await Promise.all(TIERS.map(async (tier) => `  ${tier}:\n    '${await base64(compileEncoder(tier))}',`))
writeFileSync(
  new URL('encoder-bytes.ts', folder),
  `// Written by \`npm run kernels\` from src/core/kernels/assembly/encoder/.

/** The encoder's kernels for each tier, as base64. */
export const ENCODER_KERNELS = {
${tiers.join('\n')}
}
`,
)

const layout = (/** @type {{ rows: number, codeBytes: number, bounded: boolean }} */ { rows, codeBytes, bounded }) =>
  `{ rows: ${rows}, codeBytes: ${codeBytes}, bounded: ${bounded} }`
writeFileSync(
  new URL('encoder-tiers.ts', folder),
  `// Written by \`npm run kernels\` from src/core/kernels/assembly/encoder/tiles.mjs, which says what each tier is for.
import type { EncoderTier } from '../types.js'

/** How a tier lays out what it multiplies. */
export interface TierLayout {
  /** Rows of a tile of activations. */
  rows: number
  /** Bytes of an activation's code. */
  codeBytes: 1 | 2
  /** Whether two neighbouring weights of a column must not add up to more than 128, since their products' sum would saturate. */
  bounded: boolean
}

/** The fastest first. */
export const LAYOUTS: Readonly<Record<EncoderTier, TierLayout>> = {
${TIERS.map((tier) => `  ${tier}: ${layout(LAYOUTS[tier])},`).join('\n')}
}

/** All tiers, the fastest first. */
export const TIERS = Object.keys(LAYOUTS) as readonly EncoderTier[]
`,
)
