import { readFileSync } from 'node:fs'
import asc from 'assemblyscript/asc'

const source = readFileSync(new URL('../src/core/kernels/assembly/kernels.ts', import.meta.url), 'utf8')

/**
 * The kernels as a WASM module's bytes, the same for the same source.
 *
 * @param {{ relaxed: boolean, shared: boolean }} options Whether with relaxed SIMD, and whether on a memory that threads share, which is imported.
 * @returns {Promise<Uint8Array>}
 */
export async function compileKernels({ relaxed, shared }) {
  let bytes = new Uint8Array()
  const features = ['simd', ...(relaxed ? ['relaxed-simd'] : []), ...(shared ? ['threads'] : [])]
  const memory = ['--initialMemory', '1', ...(shared ? ['--importMemory', '--sharedMemory', '--maximumMemory', '65536'] : [])]
  const options = ['kernels.ts', '--outFile', 'kernels.wasm', '-O3', '--noAssert', '--runtime', 'stub', ...memory]
  const { error, stderr } = await asc.main([...options, '--enable', features.join(',')], {
    readFile: (name) => (name === 'kernels.ts' ? source : null),
    writeFile: (_name, contents) => {
      if (typeof contents !== 'string') bytes = new Uint8Array(contents)
    },
    listFiles: () => [],
  })
  if (error) throw new Error(`The kernels do not compile: ${stderr}`, { cause: error })
  return bytes
}
