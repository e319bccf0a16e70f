import { InvalidArgumentError } from '../../core/errors.js'
import { TIERS } from '../../core/kernels/encoder-tiers.js'
import { DEVICES, DTYPES } from '../../core/model-folder/dtypes.js'
import type { AdapterName, Device, Dtype, EncoderTier, EngineChoice, PaperText } from '../../core/types.js'
import { shortName } from '../../model/hub/model-names.js'
import type { PublishedModelName } from '../../model/hub/published-models.js'
import type { AdapterAddress, HubAccess, ModelAddress, PublishedAddress } from '../../workers/embed/embed-protocol.js'
import type { WorkerSource } from '../../workers/rpc/start-worker.js'
import { resolveUrl } from './assets-folder.js'

/** Files by path, for example from folders that the user picked or dropped. */
export type FilesInput = readonly File[] | ReadonlyMap<string, Blob>

/** Models that the package contains, by name; each is a folder under `assets`. */
const KNOWN_MODELS: Readonly<Record<string, string>> = { minilm: 'models/minilm' }

/** Models that are published on the hub in other formats and need conversion. */
const HUB_MODELS: readonly unknown[] = [
  'specter2',
  'specter2-aug2023refresh',
  'specter',
  'scincl',
  'scirepeval-adapters',
] satisfies PublishedModelName[]

/** Options of `createEmbedder`. */
export interface EmbedderOptions {
  /**
   * URL of a model folder (its query is sent with every file), or a folder's files. The default, `minilm`, is part of the
   * package. Published files (a base checkpoint and its adapters) and, by name, models of the hub (`specter2`, also called `allenai/specter2`,
   * `specter2-aug2023refresh`, `specter`, `scincl`, `scirepeval-adapters`) are first converted in a worker; the result is stored
   * in the browser under a URL `converted:…`, which can be given here too.
   */
  model?: string | URL | FilesInput | undefined
  /** How to reach the hub. */
  hub?: HubOptions | undefined
  /**
   * URL of the folder that `specter2-web assets <dir>` wrote. Default `specter2-web/` in the app's folder: the one that a `<base>`
   * names, else the deepest one that holds both the page and a script of it.
   */
  assets?: string | URL | undefined
  /**
   * Default `auto`: WebGPU if there is a hardware adapter and the folder has weights for it, otherwise WASM; also WASM if WebGPU
   * fails later. `webgpu` also accepts software adapters, and rejects if it fails.
   */
  device?: 'auto' | Device | undefined
  /** Default `auto`: the folder's first of q8, q4, fp32 on WASM; of fp16, q4f16 (both need shader-f16), q4, fp32 on WebGPU. */
  dtype?: 'auto' | Dtype | undefined
  /**
   * What runs the model. Default `auto`: on WASM this package's own encoder if it can run the folder's q8 or q4 weights, otherwise
   * transformers.js; on WebGPU transformers.js; in Node onnxruntime-node (`native`) if the app has installed it. `own`, `portable` and
   * `native` reject if they cannot run the model; `portable` is slower, and gives the same bits on every CPU.
   */
  engine?: EngineChoice | undefined
  /** The only way to multiply that the own encoder may use, for comparisons. Default: the fastest that is right on this CPU. */
  tier?: EncoderTier | undefined
  /**
   * For published files only: whether to round quantized weights with error feedback, as the command line does. Closer to fp32,
   * and needed to reach the accuracy bar with 4 bits, but takes many minutes at SPECTER2's size. Default `false`: only smoothing.
   */
  errorFeedback?: boolean | undefined
  /** Adapter for papers if a call names none; loaded with the model. Default: the model's default adapter. */
  adapter?: AdapterName | undefined
  /**
   * Cores to use on WASM, as workers (not if `worker` is a `Worker`) that have a copy of the model each, or share one on the own encoder
   * in a page that is cross-origin isolated; there also as threads for a long query, and if transformers.js runs the model, for all
   * work. Default: all cores up to 4, above that half of them up to 8, and no more workers than fit in half of the memory.
   */
  threads?: number | undefined
  /** Called often while the model loads, with all sizes known before the first byte; and again if WASM takes over from WebGPU. */
  onProgress?: ((progress: LoadProgress) => void) | undefined
  /** Aborts loading; the call rejects with its reason. */
  signal?: AbortSignal | undefined
  /** The worker, its URL or a function that creates it, for bundlers that do not find the package's own. Only a URL or function allows a restart after a crash or on another device. */
  worker?: WorkerSource | undefined
}

/** Whether this names a model that must be converted first. */
export const isPublishedName = (name: string): boolean => HUB_MODELS.includes(shortName(name))

/** How to reach a hub of published models. A converted model is used without asking the hub. */
export interface HubOptions {
  /** The hub's URL, or a mirror's. Default `https://huggingface.co`. */
  endpoint?: string | URL | undefined
  /** Access token, for repositories that need one; sent only to the endpoint. */
  token?: string | undefined
  /** Branch, tag or commit of the base. Default `main`, as of the model's conversion. */
  revision?: string | undefined
  /** Whether to ask the hub for a newer revision and convert that. Default `false`. */
  update?: boolean | undefined
}

/** Why a model no longer runs on the device that was chosen first. */
export interface Demotion {
  /** The device that failed. */
  /** The device that failed. */
  from: Device
  /** What failed there: the self-test, loading or a run. */
  reason: string
}

/** Progress of loading a model, in bytes over all files that the stage needs. */
export interface LoadProgress {
  /** `convert`: published files are being converted; `start`: all files are loaded and the runtime is starting. */
  stage: 'download' | 'convert' | 'start' | 'ready'
  /** Bytes loaded so far, of `total`. */
  loaded: number
  /** 0 until sizes are known; for a conversion an estimate, within a few percent. */
  total: number
  /** How many of `loaded` came from the browser's storage. */
  fromCache: number
  /** The same for each file that the stage needs, by its path in the model folder. */
  files: readonly { path: string; loaded: number; total: number }[]
  /** Set if the device that was chosen first has failed, perhaps in the middle of work, and another one is being prepared. */
  demoted?: Demotion
}

/** Options of a call that embeds inputs. */
export interface EmbedOptions {
  /** Default: `EmbedderOptions.adapter`, or the model's default adapter for papers. */
  adapter?: AdapterName | undefined
  /** Cancels what is not embedded yet; the call rejects with its reason. */
  signal?: AbortSignal | undefined
  /** Called as inputs are embedded. */
  onProgress?: ((progress: EmbedProgress) => void) | undefined
}

/** Progress of a call to `embed`. */
export interface EmbedProgress {
  /** Inputs embedded so far, of `total`. */
  done: number
  /** Inputs of the call. */
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

const DEVICE_VALUES: readonly unknown[] = ['auto', ...DEVICES]
const ENGINE_VALUES: readonly unknown[] = ['auto', 'own', 'portable', 'native', 'transformers'] satisfies EngineChoice[]
const DTYPE_VALUES: readonly unknown[] = ['auto', ...DTYPES]

export function checkOptions({ device, dtype, engine, tier, errorFeedback, adapter, threads, worker }: EmbedderOptions): void {
  if (device !== undefined && !DEVICE_VALUES.includes(device))
    throw new InvalidArgumentError('device', device, `one of ${DEVICE_VALUES.join(', ')}`)
  if (dtype !== undefined && !DTYPE_VALUES.includes(dtype))
    throw new InvalidArgumentError('dtype', dtype, `one of ${DTYPE_VALUES.join(', ')}`)
  if (engine !== undefined && !ENGINE_VALUES.includes(engine))
    throw new InvalidArgumentError('engine', engine, `one of ${ENGINE_VALUES.join(', ')}`)
  if (tier !== undefined && !TIERS.includes(tier)) throw new InvalidArgumentError('tier', tier, `one of ${TIERS.join(', ')}`)
  if (device === 'webgpu' && (engine === 'own' || engine === 'portable' || engine === 'native'))
    throw new InvalidArgumentError('engine', engine, 'auto or transformers with `device: "webgpu"`; the others run on the CPU')
  if (errorFeedback !== undefined && typeof errorFeedback !== 'boolean')
    throw new InvalidArgumentError('errorFeedback', errorFeedback, 'true or false')
  if (threads !== undefined && (!Number.isInteger(threads) || threads < 1 || threads > 64)) {
    throw new InvalidArgumentError('threads', threads, 'a whole number from 1 to 64')
  }
  checkAdapter('adapter', adapter)
  const isSource =
    ['undefined', 'function', 'string'].includes(typeof worker) ||
    worker instanceof URL ||
    (typeof Worker !== 'undefined' && worker instanceof Worker)
  if (!isSource) throw new InvalidArgumentError('worker', worker, 'a Worker, its URL or a function that makes it')
}

/** A model folder, or published files that are to be converted first. */
export type ModelOption = { folder: ModelAddress } | { published: PublishedAddress }

export function modelOption({ model: given = 'minilm', hub = {} }: EmbedderOptions, assets: string): ModelOption {
  const model = typeof given === 'string' ? shortName(given) : given
  if (typeof model === 'string' && Object.hasOwn(KNOWN_MODELS, model))
    return { folder: { url: new URL(KNOWN_MODELS[model]!, assets).href } }
  if (HUB_MODELS.includes(model)) return { published: { name: model as string, hub: hubAccess(hub) } }
  // A single word is more likely a misspelt name than a folder beside the page.
  if (typeof model === 'string' && /^[\w-]*$/.test(model)) {
    const names = [...Object.keys(KNOWN_MODELS), ...HUB_MODELS].join(', ')
    const expected = `a URL (./${model || 'models/name'}/ for a folder beside the page) or one of ${names}`
    throw new InvalidArgumentError('model', model, expected)
  }
  const found = address('model', model)
  if ('url' in found) return { folder: found }
  const isFolder = [...found.files.keys()].some((path) => /(^|\/)manifest\.json$/.test(path))
  return isFolder ? { folder: found } : { published: found }
}

function hubAccess({ endpoint, token, revision, update = false }: HubOptions): HubAccess {
  for (const [field, value] of Object.entries({ token, revision }))
    if (value !== undefined && (typeof value !== 'string' || value === ''))
      throw new InvalidArgumentError(`hub.${field}`, value, 'a string')
  if (typeof update !== 'boolean') throw new InvalidArgumentError('hub.update', update, 'true or false')
  return { endpoint: endpoint === undefined ? undefined : resolveUrl('hub.endpoint', endpoint), token, revision, update }
}

/** The address of a model or adapter given as a URL, which may be relative to the page, or as files. */
export function address(field: string, source: string | URL | FilesInput): ModelAddress & AdapterAddress {
  if (typeof source === 'string' || source instanceof URL) return { url: resolveUrl(field, source) }
  if (source instanceof Map) return { files: source }
  if (!Array.isArray(source) || !source.every((file) => file instanceof File))
    throw new InvalidArgumentError(field, source, 'a URL, an array of File, or a Map of paths to Blobs')
  const files = new Map<string, Blob>()
  for (const [index, file] of source.entries()) {
    const path = file.webkitRelativePath || file.name
    if (files.has(path)) {
      const expected =
        'a file with another path than those before it; if a drop has lost the folders, give a Map of paths to files'
      throw new InvalidArgumentError(`${field}[${index}]`, path, expected)
    }
    files.set(path, file)
  }
  return { files }
}
