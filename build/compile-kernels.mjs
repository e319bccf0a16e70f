import { readFileSync } from 'node:fs'
import asc from 'assemblyscript/asc'
import { limitSource, tilesSource } from '../src/core/kernels/assembly/encoder/tiles.mjs'

const folder = new URL('../src/core/kernels/assembly/', import.meta.url)

/**
 * The search's kernels as a WASM module's bytes, the same for the same source.
 *
 * @param {{ relaxed: boolean, shared: boolean }} options Whether with relaxed SIMD, and whether on a memory that threads share, which is imported.
 */
export const compileKernels = ({ relaxed, shared }) => compile('kernels.ts', { relaxed, shared })

/**
 * The encoder's kernels for a tier, on a memory that is imported. Its maximum is declared, as for a shared one: so only one bit tells
 * the two apart, which `instantiate` sets if threads share the memory.
 *
 * @param {import('../src/core/kernels/assembly/encoder/tiles.mjs').Tier} tier
 */
export const compileEncoder = (tier) =>
  compile('encoder/index.ts', { relaxed: tier !== 'simd', imported: true }, { 'encoder/tiles.ts': tilesSource(tier) })

/**
 * A loop as fast as a tier's instructions allow, for benchmarks.
 *
 * @param {import('../src/core/kernels/assembly/encoder/tiles.mjs').Tier} tier
 */
export const compileLimit = (tier) =>
  compile('encoder/limit.ts', { relaxed: tier !== 'simd' }, { 'encoder/limit.ts': limitSource(tier) })

/**
 * @param {string} entry
 * @param {{ relaxed: boolean, shared?: boolean, imported?: boolean }} options
 * @param {Record<string, string>} written Sources that are not files.
 * @returns {Promise<Uint8Array>}
 */
async function compile(entry, { relaxed, shared = false, imported = shared }, written = {}) {
  let bytes = new Uint8Array()
  const features = ['simd', ...(relaxed ? ['relaxed-simd'] : []), ...(shared ? ['threads'] : [])]
  const memory = ['--initialMemory', '1', ...(imported ? ['--importMemory'] : []), ...(shared ? ['--sharedMemory'] : [])]
  const limit = imported ? ['--maximumMemory', '65536'] : []
  const options = [entry, '--outFile', 'kernels.wasm', '-O3', '--noAssert', '--runtime', 'stub', ...memory, ...limit]
  const { error, stderr } = await asc.main([...options, '--enable', features.join(',')], {
    readFile: (name) => written[name] ?? read(name),
    writeFile: (_name, contents) => {
      if (typeof contents !== 'string') bytes = new Uint8Array(contents)
    },
    listFiles: () => [],
  })
  if (error) throw new Error(`The kernels do not compile: ${stderr}`, { cause: error })
  return bytes
}

/** @param {string} name */
function read(name) {
  try {
    return readFileSync(new URL(name, folder), 'utf8')
  } catch {
    return null
  }
}
