/** What crosses between page and embed worker: types only. */
import type { ErrorCode, ErrorDetails } from './errors.js'
import type { Manifest } from './model/manifest.js'
import type { FileProgress, StorageState } from './model/open-model.js'
import type { AdapterName, Device, Dtype, PaperText } from './types.js'

/** A model folder by its absolute URL, or as files by path. */
export type ModelAddress = { url: string } | { files: ReadonlyMap<string, Blob> }

/** A published adapter: the folder's absolute URL, or its files by name. */
export type AdapterAddress = ModelAddress

export interface WorkerLoadOptions {
  model: ModelAddress
  device: 'auto' | Device
  dtype: 'auto' | Dtype
  /** Default: by the number of cores, 1 where the page is not isolated. */
  threads: number | undefined
  /** Absolute URL of the runtime's own files, with a closing slash. */
  runtime: string
  /** Adapters to fetch along with the model; without any, the model's own default. */
  adapters: readonly AdapterName[]
}

export interface LoadedInfo {
  manifest: Manifest
  device: Device
  dtype: Dtype
  threads: number
  from: 'network' | 'cache' | 'files'
  storage: StorageState
  /** Bytes of the files that were loaded, and how many of them came over the network. */
  bytes: number
  bytesDownloaded: number
}

/** Vectors of some inputs of a call, as they are done. */
export interface VectorPart {
  /** Positions in the call's inputs. */
  indices: readonly number[]
  /** [indices.length, dimension], row-major; transferred. */
  vectors: Float32Array<ArrayBuffer>
  /** Tokens of each input as the model saw it. */
  tokenCounts: readonly number[]
  /** Whether each input was longer than the model reads. */
  truncated: readonly boolean[]
}

export type EmbedInputs = { papers: readonly (PaperText | string)[] } | { query: string }

/** How a call ended: errors cross as values, so that they keep their code. */
export type Settled<T> = { value: T } | { error: WireError }

/** `call` names a call for `cancel`. */
export interface EmbedWorker {
  /** @returns the Web Lock that the worker holds while it lives, by which the page sees it die; `null` where there are none. */
  lifeLock(): Promise<string | null>
  load(call: number, options: WorkerLoadOptions, onProgress: FilesProgress): Promise<Settled<LoadedInfo>>
  /** @param adapter Default: the model's own for papers or queries. */
  embed(call: number, inputs: EmbedInputs, adapter: AdapterName | null, onPart: OnPart): Promise<Settled<void>>
  preload(call: number, adapters: readonly AdapterName[], onProgress: FilesProgress): Promise<Settled<void>>
  /** @returns the name under which the adapter is known now. */
  addAdapter(call: number, address: AdapterAddress, name: AdapterName | null): Promise<Settled<AdapterName>>
  cancel(call: number): void
}

/** Resolves when the part has arrived. */
export type OnPart = (part: VectorPart) => void | Promise<void>

/** All files of a load and how far each has come. Resolves when that has arrived. */
export type FilesProgress = (files: readonly FileProgress[]) => void | Promise<void>

/** An error on its way from the worker. */
export interface WireError {
  name: string
  message: string
  stack: string | undefined
  /** `null` for anything but a Specter2Error. */
  code: ErrorCode | null
  retryable: boolean
  details: ErrorDetails
  /** Of an InvalidArgumentError. */
  field: string | null
}
