/** What crosses between page and embed worker: types only. */

import type { Manifest } from '../../core/model-folder/manifest.js'
import type { AdapterName, Device, Dtype, PaperText } from '../../core/types.js'
import type { FileProgress, StorageState } from '../../model/open-model.js'
import type { CallableWorker, Settled } from '../rpc/rpc-protocol.js'

/** A model folder by its absolute URL, or as files by path. */
export type ModelAddress = { url: string } | { files: ReadonlyMap<string, Blob> }

/** What is to be converted: files by path, a base checkpoint and its adapters; or a published model by its name, from a hub. */
export type PublishedAddress = { files: ReadonlyMap<string, Blob> } | { name: string; hub: HubAccess }

export interface HubAccess {
  /** Absolute URL; `undefined`: huggingface.co. */
  endpoint: string | undefined
  token: string | undefined
  /** Branch, tag or commit of the base. */
  revision: string | undefined
  /** Whether the hub is asked for newer files although the model is kept. */
  update: boolean
}

/** How a conversion is to store weights. */
export interface WeightsRequest {
  dtype: Dtype
  /** Whether quantized weights are rounded with error feedback, beyond smoothing. */
  errorFeedback: boolean
}

/** What to convert, and to what. */
export interface ConversionRequest extends WeightsRequest {
  model: PublishedAddress
  /** Absolute URL of the runtime's own files, with a closing slash. */
  runtime: string
}

/** A model folder that was made of published files. */
export interface Converted {
  model: ModelAddress
  /** Why it is not kept in the browser's storage; `null` where it is. */
  reason: string | null
  /** Whether this call has made it. */
  isNew: boolean
  /** Bytes that came over the network. */
  bytesDownloaded: number
}

/** A published adapter: the folder's absolute URL, or its files by name. */
export type AdapterAddress = ModelAddress

export interface WorkerLoadOptions {
  model: ModelAddress
  device: 'auto' | Device
  dtype: 'auto' | Dtype
  /** Default: by the number of cores; 1 where the page is not isolated, and on WebGPU. */
  threads: number | undefined
  /** Absolute URL of the runtime's own files, with a closing slash. */
  runtime: string
  /** Adapters to fetch along with the model; without any, the model's own default. */
  adapters: readonly AdapterName[]
  /** Whether the self-test may be left out on WASM: another worker passed it. On WebGPU it never is. */
  tested: boolean
}

export interface LoadedInfo {
  manifest: Manifest
  device: Device
  dtype: Dtype
  threads: number
  /** Why `auto` did not take WebGPU; `null` where it did or was not asked to choose. */
  deviceReason: string | null
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

/** `call` names a call for `cancel`. */
export interface EmbedWorker extends CallableWorker {
  load(call: number, options: WorkerLoadOptions, onProgress: FilesProgress): Promise<Settled<LoadedInfo>>
  /** @param adapter Default: the model's own for papers or queries. */
  embed(call: number, inputs: EmbedInputs, adapter: AdapterName | null, onPart: OnPart): Promise<Settled<void>>
  preload(call: number, adapters: readonly AdapterName[], onProgress: FilesProgress): Promise<Settled<void>>
  /** @returns the name under which the adapter is known now. */
  addAdapter(call: number, address: AdapterAddress, name: AdapterName | null): Promise<Settled<AdapterName>>
}

/** What the same worker does before there is a model folder to load. */
export interface ConversionWorker {
  /** @returns the address under which the model is kept that this conversion would give; `null` where it is not. */
  findConverted(call: number, request: ConversionRequest): Promise<Settled<string | null>>
  convert(call: number, request: ConversionRequest, onProgress: ConversionProgress): Promise<Settled<Converted>>
  /** Resolves when no conversion is in work, and what cancelled ones had stored is deleted. */
  conversionsEnded(): Promise<void>
  cancel(call: number): void
}

/** Resolves when the part has arrived. */
export type OnPart = (part: VectorPart) => void | Promise<void>

/** All files of a load and how far each has come. Resolves when that has arrived. */
export type FilesProgress = (files: readonly FileProgress[]) => void | Promise<void>

/** What a conversion reads over the network, or has written of all that it will, by files. Resolves when that has arrived. */
export type ConversionProgress = (stage: 'download' | 'convert', files: readonly FileProgress[]) => void | Promise<void>
