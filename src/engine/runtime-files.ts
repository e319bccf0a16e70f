import { Specter2Error } from '../core/errors.js'
import { sha256Hex } from '../core/sha256.js'
import type { Device } from '../core/types.js'

/** One of onnxruntime-web's builds, as its files' names end. */
type Build = '' | '.jspi' | '.asyncify'

/** What the build of the package wrote: the parts of each `.wasm` file, with their SHA-256. Missing if it runs from the sources. */
declare const __RUNTIME_PARTS__: Readonly<Record<Build, readonly { file: string; sha256: string }[]>> | undefined

/** What {@link prepareRuntime} sets: onnxruntime-web's `env.wasm`. */
interface RuntimeSettings {
  numThreads?: number | undefined
  wasmPaths?: string | { mjs?: URL | string; wasm?: URL | string } | undefined
  wasmBinary?: ArrayBufferLike | Uint8Array | undefined
}

/**
 * Says where onnxruntime-web finds its files for a device, and hands it the `.wasm` with the bytes that this version was built
 * with: another version computes other vectors, without any error.
 *
 * @param folder Folder of the files, with a trailing slash: a URL, or in Node a path.
 * @throws Specter2Error `ASSETS_OUTDATED` if a file is of another version; `RUNTIME_FAILED` if it cannot be read.
 */
export async function prepareRuntime(settings: RuntimeSettings, device: Device, folder: string, threads: number): Promise<void> {
  settings.numThreads = threads
  settings.wasmPaths = runtimeFiles(device, folder)
  // A thread uses the build that it loaded first.
  if (typeof __RUNTIME_PARTS__ === 'undefined' || !isUrl(folder) || settings.wasmBinary) return
  const parts = __RUNTIME_PARTS__[buildFor(device)]
  const bytes = await Promise.all(parts.map(({ file, sha256 }) => verified(`${folder}${file}`, sha256, device)))
  settings.wasmBinary = await new Blob(bytes).arrayBuffer()
}

/**
 * Where onnxruntime-web's files for a device are. A page on WASM never loads the larger files for WebGPU, of which there are
 * two builds: one with WebAssembly's stack switching (JSPI; Chrome and Edge since 137), a third smaller and faster between
 * kernels, and one for other browsers.
 */
export function runtimeFiles(device: Device, folder: string): string | { mjs: string; wasm: string } {
  // In Node there is only the build for WASM, which knows the names of its files; given single files, it would fetch them.
  if (!isUrl(folder)) return folder
  const path = `${folder}ort-wasm-simd-threaded${buildFor(device)}`
  return { mjs: `${path}.mjs`, wasm: `${path}.wasm` }
}

const isUrl = (folder: string) => URL.canParse(folder)

function buildFor(device: Device): Build {
  if (device === 'wasm') return ''
  return 'Suspending' in WebAssembly ? '.jspi' : '.asyncify'
}

/** The bytes of a file; those of another version may come from an HTTP cache, so the server is asked once more. */
async function verified(url: string, sha256: string, device: Device): Promise<Uint8Array<ArrayBuffer>> {
  let actual = ''
  for (const cache of ['default', 'reload'] as const) {
    const bytes = await read(url, cache, device)
    actual = await sha256Hex(bytes)
    if (actual === sha256) return bytes
  }
  throw outdatedAssets(url, sha256, actual)
}

async function read(url: string, cache: RequestCache, device: Device): Promise<Uint8Array<ArrayBuffer>> {
  try {
    const response = await fetch(url, { cache })
    if (!response.ok) throw new Error(`status ${response.status}`)
    // What some hosts send for a file that is missing.
    if (response.headers.get('content-type')?.startsWith('text/html')) throw new Error('a web page is served there')
    return new Uint8Array(await response.arrayBuffer())
  } catch (cause) {
    const message = `The runtime's file ${url} could not be read: ${(cause as Error).message}. Check that it serves what \`npx specter2-web assets <dir>\` wrote (option \`assets\`).`
    throw new Specter2Error('RUNTIME_FAILED', message, { details: { url, device }, cause })
  }
}

/** The error if a served file is not the one that this version of the package was built with. */
export function outdatedAssets(url: string, expected: string, actual: string): Specter2Error {
  const message = `${url} is of another version of specter2-web than the worker: it would compute other vectors. Run \`npx specter2-web assets <dir>\` again after every update of the package, publish the folder, and reload the page.`
  return new Specter2Error('ASSETS_OUTDATED', message, { details: { url, expected, actual } })
}
