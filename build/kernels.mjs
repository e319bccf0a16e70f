// Writes src/core/kernels/wasm-bytes.ts, which is committed, so that nothing need be built before a test or an import.
import { writeFileSync } from 'node:fs'
import { compileKernels } from './compile-kernels.mjs'

/** @param {boolean} relaxed @param {boolean} shared */
const base64 = async (relaxed, shared) => Buffer.from(await compileKernels({ relaxed, shared })).toString('base64')

writeFileSync(
  new URL('../src/core/kernels/wasm-bytes.ts', import.meta.url),
  `// Written by \`npm run kernels\` from src/core/kernels/assembly/kernels.ts.

/** The kernels for every engine with SIMD, as base64. */
export const SIMD =
  '${await base64(false, false)}'

/** The same with relaxed SIMD: multiplication and addition in one instruction. */
export const RELAXED_SIMD =
  '${await base64(true, false)}'

/** Both on a memory that threads share. */
export const SHARED_SIMD =
  '${await base64(false, true)}'
export const SHARED_RELAXED_SIMD =
  '${await base64(true, true)}'
`,
)
