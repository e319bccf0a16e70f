// Writes the kernels as base64 into files that are committed, so that nothing need be built before a test or an import.
import { writeFileSync } from 'node:fs'
import { TIERS } from '../src/core/kernels/assembly/encoder/tiles.mjs'
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
