import { copyFileSync, mkdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Folder of the installed ONNX Runtime. */
export const runtimeFolder = dirname(createRequire(import.meta.url).resolve('onnxruntime-web'))

/** The files of it that `transformers.js` loads from `ort/`, depending on the device. */
export const runtimeFiles = ['', '.jspi', '.asyncify'].flatMap((build) =>
  ['mjs', 'wasm'].map((extension) => `ort-wasm-simd-threaded${build}.${extension}`),
)

/** @param {string} folder */
export function copyRuntime(folder) {
  mkdirSync(folder, { recursive: true })
  for (const file of runtimeFiles) copyFileSync(join(runtimeFolder, file), join(folder, file))
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
