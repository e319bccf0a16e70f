import type { Device } from '../core/types.js'

/**
 * Where the runtime finds its files for a device: a page on WASM never loads the larger ones with WebGPU. These come in two
 * builds: with WebAssembly's stack switching (JSPI; Chrome and Edge since 137) a third smaller and faster from kernel to
 * kernel, without it for the others. A thread keeps the one that it loaded first.
 *
 * @param folder Folder of the runtime's own files, with a closing slash: a URL, or in Node a path.
 */
export function runtimeFiles(device: Device, folder: string): string | { mjs: string; wasm: string } {
  // Node has the runtime for WASM alone, which knows its files' names and would fetch a single one from the network.
  if (!URL.canParse(folder)) return folder
  const build = device === 'wasm' ? '' : 'Suspending' in WebAssembly ? '.jspi' : '.asyncify'
  const path = `${folder}ort-wasm-simd-threaded${build}`
  return { mjs: `${path}.mjs`, wasm: `${path}.wasm` }
}
