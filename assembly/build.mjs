// Writes src/kernels/wasm-bytes.ts, which is committed, so that nothing need be built before a test or an import.
import { writeFileSync } from 'node:fs'
import { compileKernels } from './compile.mjs'

const base64 = async (relaxed) => Buffer.from(await compileKernels({ relaxed })).toString('base64')

writeFileSync(
  new URL('../src/kernels/wasm-bytes.ts', import.meta.url),
  `// Written by \`npm run kernels\` from assembly/kernels.ts.

/** The kernels for every engine with SIMD, as base64. */
export const SIMD =
  '${await base64(false)}'

/** The same with relaxed SIMD: multiplication and addition in one instruction. */
export const RELAXED_SIMD =
  '${await base64(true)}'
`,
)
