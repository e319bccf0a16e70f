import { InvalidArgumentError } from './errors.js'
import type { AdapterAddress, ModelAddress } from './protocol.js'
import type { AdapterName, Device, Dtype, PaperText } from './types.js'
import type { WorkerSource } from './worker-client.js'

/** Files by path, as from a folder that the user picked or dropped. */
export type FilesInput = readonly File[] | ReadonlyMap<string, Blob>

/** Models that the package carries, by name; each is a folder under `assets`. */
const KNOWN_MODELS: Readonly<Record<string, string>> = { minilm: 'models/minilm' }

/** Where `specter2-web assets` is expected to have put its files, relative to the page. */
const DEFAULT_ASSETS = 'specter2-web/'

export interface EmbedderOptions {
  /** URL of a model folder, the name of a model of the package, or a folder's files. Default `minilm`. */
  model?: string | URL | FilesInput | undefined
  /** Base URL of what `specter2-web assets <dir>` wrote. Default `specter2-web/` beside the page. */
  assets?: string | URL | undefined
  /** Default `auto`. This version runs on `wasm`. */
  device?: 'auto' | Device | undefined
  /** Default `auto`: q8 where the folder has it. */
  dtype?: 'auto' | Dtype | undefined
  /** Adapter for papers where a call names none; fetched along with the model. Default: the model's own. */
  adapter?: AdapterName | undefined
  /** WASM threads, on a cross-origin isolated page; elsewhere 1. Default: all cores up to 4, above that half of them up to 8. */
  threads?: number | undefined
  /** Called often while the model loads, with the sizes known before the first byte. */
  onProgress?: ((progress: LoadProgress) => void) | undefined
  /** Ends the loading; rejects with its reason. */
  signal?: AbortSignal | undefined
  /** The worker, its URL or a function that makes it, for bundlers that do not see the package's own. A function allows a restart after a crash. */
  worker?: WorkerSource | undefined
}

/** How far a model's loading has come, in bytes over all files that it needs. */
export interface LoadProgress {
  /** `start`: all files are here, the runtime gets ready. */
  stage: 'download' | 'start' | 'ready'
  loaded: number
  /** 0 until the manifest is here. */
  total: number
  /** How many of `loaded` came from the browser's storage. */
  fromCache: number
  files: readonly { path: string; loaded: number; total: number }[]
}

export interface EmbedOptions {
  /** Default: `EmbedderOptions.adapter`, or the model's own for papers. */
  adapter?: AdapterName | undefined
  /** Drops what is not embedded yet; the call rejects with its reason. */
  signal?: AbortSignal | undefined
  onProgress?: ((progress: EmbedProgress) => void) | undefined
}

export interface EmbedProgress {
  /** Inputs embedded so far, of `total`. */
  done: number
  total: number
  /** Tokens that the model has read so far. */
  tokens: number
}

/** @returns how many inputs there are. */
export function checkInputs(inputs: readonly (PaperText | string)[]): number {
  if (!Array.isArray(inputs)) throw new InvalidArgumentError('inputs', inputs, 'an array of papers or strings')
  for (const [index, input] of inputs.entries()) {
    if (typeof input === 'string') continue
    if (typeof input !== 'object' || input === null)
      throw new InvalidArgumentError(`inputs[${index}]`, input, 'a paper { title, abstract } or a string')
    if (typeof input.title !== 'string')
      throw new InvalidArgumentError(`inputs[${index}].title`, input.title, 'a string (an unknown title is "")')
    if (input.abstract !== undefined && input.abstract !== null && typeof input.abstract !== 'string') {
      throw new InvalidArgumentError(`inputs[${index}].abstract`, input.abstract, 'a string, null or left out')
    }
  }
  return inputs.length
}

export function checkAdapter(field: string, adapter: unknown): void {
  if (adapter !== undefined && (typeof adapter !== 'string' || adapter === ''))
    throw new InvalidArgumentError(field, adapter, 'the name of an adapter')
}

const DEVICES: readonly unknown[] = ['auto', 'wasm', 'webgpu'] satisfies ('auto' | Device)[]
const DTYPES: readonly unknown[] = ['auto', 'fp32', 'fp16', 'q8', 'q4', 'q4f16'] satisfies ('auto' | Dtype)[]

export function checkOptions({ device, dtype, adapter, threads, worker }: EmbedderOptions): void {
  if (device !== undefined && !DEVICES.includes(device))
    throw new InvalidArgumentError('device', device, `one of ${DEVICES.join(', ')}`)
  if (dtype !== undefined && !DTYPES.includes(dtype))
    throw new InvalidArgumentError('dtype', dtype, `one of ${DTYPES.join(', ')}`)
  if (threads !== undefined && (!Number.isInteger(threads) || threads < 1 || threads > 64)) {
    throw new InvalidArgumentError('threads', threads, 'a whole number from 1 to 64')
  }
  checkAdapter('adapter', adapter)
  const isSource =
    ['undefined', 'function', 'string'].includes(typeof worker) || worker instanceof URL || worker instanceof Worker
  if (!isSource) throw new InvalidArgumentError('worker', worker, 'a Worker, its URL or a function that makes it')
}

/** Absolute URL of the assets' folder, with a closing slash. */
export function assetsFolder(assets: string | URL = DEFAULT_ASSETS): string {
  const url = resolveUrl('assets', assets)
  return url.endsWith('/') ? url : `${url}/`
}

export function modelAddress(model: string | URL | FilesInput = 'minilm', assets: string): ModelAddress {
  if (typeof model === 'string' && Object.hasOwn(KNOWN_MODELS, model)) return { url: new URL(KNOWN_MODELS[model]!, assets).href }
  // A bare word is a misspelt name, hardly a folder beside the page.
  if (typeof model === 'string' && /^[\w-]*$/.test(model)) {
    const expected = `a URL (./${model || 'models/name'}/ for a folder beside the page) or one of ${Object.keys(KNOWN_MODELS).join(', ')}`
    throw new InvalidArgumentError('model', model, expected)
  }
  return address('model', model)
}

/** What the caller gave as a URL, relative to the page, or as files. */
export function address(field: string, source: string | URL | FilesInput): ModelAddress & AdapterAddress {
  if (typeof source === 'string' || source instanceof URL) return { url: resolveUrl(field, source) }
  if (source instanceof Map) return { files: source }
  if (!Array.isArray(source) || !source.every((file) => file instanceof File))
    throw new InvalidArgumentError(field, source, 'a URL, an array of File, or a Map of paths to Blobs')
  return { files: new Map(source.map((file: File) => [file.webkitRelativePath || file.name, file])) }
}

function resolveUrl(field: string, url: string | URL): string {
  try {
    // The page's own URL is looked up when it is needed, so that a server can import this module.
    return new URL(url, globalThis.document?.baseURI ?? globalThis.location?.href).href
  } catch {
    throw new InvalidArgumentError(field, String(url), 'a URL')
  }
}
