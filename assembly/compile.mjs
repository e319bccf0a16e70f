import { readFileSync } from 'node:fs'
import asc from 'assemblyscript/asc'

const source = readFileSync(new URL('kernels.ts', import.meta.url), 'utf8')

/**
 * The kernels as a WASM module's bytes, the same for the same source.
 *
 * @param {{ relaxed: boolean }} options Whether with relaxed SIMD.
 * @returns {Promise<Uint8Array>}
 */
export async function compileKernels({ relaxed }) {
  let bytes = new Uint8Array()
  const options = ['kernels.ts', '--outFile', 'kernels.wasm', '-O3', '--noAssert', '--runtime', 'stub', '--initialMemory', '1']
  const { error, stderr } = await asc.main([...options, '--enable', relaxed ? 'simd,relaxed-simd' : 'simd'], {
    readFile: (name) => (name === 'kernels.ts' ? source : null),
    writeFile: (_name, contents) => {
      if (typeof contents !== 'string') bytes = new Uint8Array(contents)
    },
    listFiles: () => [],
  })
  if (error) throw new Error(`The kernels do not compile: ${stderr}`, { cause: error })
  return bytes
}
