import { createHash } from 'node:crypto'
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Folder of the installed ONNX Runtime. */
export const runtimeFolder = dirname(createRequire(import.meta.url).resolve('onnxruntime-web'))

/** The files of it that `transformers.js` loads from `ort/`, depending on the device. */
export const runtimeFiles = ['', '.jspi', '.asyncify'].flatMap((build) =>
  ['mjs', 'wasm'].map((extension) => `ort-wasm-simd-threaded${build}.${extension}`),
)

/** Some static hosts take no file above 25 MiB. */
const MAX_BYTES = 24 * 1024 * 1024

/**
 * Copies the runtime's files, large ones in parts, and the third-party notices of what they contain.
 *
 * @param {string} folder
 * @returns The parts of each `.wasm` file, by the end of its name.
 */
export function copyRuntime(folder) {
  mkdirSync(folder, { recursive: true })
  /** @type {Record<string, { file: string, sha256: string }[]>} */
  const parts = {}
  for (const file of runtimeFiles) {
    if (file.endsWith('.mjs')) {
      copyFileSync(join(runtimeFolder, file), join(folder, file))
      continue
    }
    const bytes = readFileSync(join(runtimeFolder, file))
    const count = Math.ceil(bytes.length / MAX_BYTES)
    const size = Math.ceil(bytes.length / count)
    parts[file.replace(/^ort-wasm-simd-threaded|\.wasm$/g, '')] = Array.from({ length: count }, (_, index) => {
      const part = bytes.subarray(index * size, (index + 1) * size)
      const name = count === 1 ? file : file.replace(/wasm$/, `${index + 1}of${count}.wasm`)
      writeFileSync(join(folder, name), part)
      return { file: name, sha256: createHash('sha256').update(part).digest('hex') }
    })
  }
  return parts
}

/**
 * Import aliases for a build that runs in Node or in a browser.
 *
 * transformers.js has a build for Node that loads native code; its web build runs everywhere on the runtime that it is given, which
 * makes its own import of the WebGPU runtime dead code. In a browser the runtime's script loads the files of either device; Node has
 * WASM only.
 *
 * @param {'node' | 'browser'} side
 */
export const aliases = (side) => [
  { find: /^@huggingface\/transformers$/, replacement: module('@huggingface/transformers/dist/transformers.web.js') },
  // Only the layout of embedding-atlas, which has no package entry for it.
  { find: /^embedding-atlas$/, replacement: module('embedding-atlas/dist/umap.js') },
  {
    find: /^onnxruntime-web\/webgpu$/,
    replacement: join(runtimeFolder, `ort.${side === 'node' ? 'wasm' : 'webgpu'}.min.mjs`),
  },
]

/** @param {string} path */
const module = (path) => fileURLToPath(new URL(`../node_modules/${path}`, import.meta.url))

/** What commands for Node load from the user's project if it is there, and the peers of benchmarks. */
export const NOT_BUNDLED = [
  'vite',
  '@playwright/test',
  '@citation-js/core',
  '@citation-js/plugin-bibtex',
  '@citation-js/plugin-ris',
  'libsvm-js',
  'ml-logistic-regression',
  'ml-matrix',
  '@lancedb/lancedb',
  'apache-arrow',
]
