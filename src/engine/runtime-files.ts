import type { Device } from '../core/types.js'

/**
 * Where onnxruntime-web finds its files for a device. A page on WASM never loads the larger files for WebGPU, of which there are
 * two builds: one with WebAssembly's stack switching (JSPI; Chrome and Edge since 137), a third smaller and faster between
 * kernels, and one for other browsers. A thread uses the build that it loaded first.
 *
 * @param folder Folder of the files, with a trailing slash: a URL, or in Node a path.
 */
export function runtimeFiles(device: Device, folder: string): string | { mjs: string; wasm: string } {
  // In Node there is only the build for WASM, which knows the names of its files; given single files, it would fetch them.
  if (!URL.canParse(folder)) return folder
  const build = device === 'wasm' ? '' : 'Suspending' in WebAssembly ? '.jspi' : '.asyncify'
  const path = `${folder}ort-wasm-simd-threaded${build}`
  return { mjs: `${path}.mjs`, wasm: `${path}.wasm` }
}
