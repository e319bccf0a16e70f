/** What crosses between page and embed worker: types only. */

import type { Manifest } from '../../core/model-folder/manifest.js'
import type { AdapterName, Device, Dtype, FileProgress, PaperText, StorageState } from '../../core/types.js'
import type { Report } from '../rpc/protocol.js'

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

/** Papers, by the model's template, or texts as they are; or one search query. */
export interface EmbedRequest {
  inputs: { papers: readonly (PaperText | string)[] } | { query: string }
  /** `null`: the model's own for papers or for queries. */
  adapter: AdapterName | null
}

/** All files of a load, and how much of each has been read. */
export type FilesProgress = readonly FileProgress[]

/** What a conversion reads over the network, or has written of all that it will write, by files. */
export interface ConversionProgress {
  stage: 'download' | 'convert'
  files: FilesProgress
}

/** One model in one worker. */
export interface EmbedProtocol {
  load(options: WorkerLoadOptions, report: Report<FilesProgress>): LoadedInfo
  embed(request: EmbedRequest, report: Report<VectorPart>): void
  preload(adapters: readonly AdapterName[], report: Report<FilesProgress>): void
  /**
   * @param request `name`: default the adapter's own.
   * @returns The adapter's name from now on.
   */
  addAdapter(request: { address: AdapterAddress; name: AdapterName | null }): AdapterName
}

/** What the same worker does before there is a model folder to load. */
export interface ConversionProtocol {
  /** @returns The address under which the result of an earlier conversion is stored; `null` if there is none. */
  findConverted(request: ConversionRequest): string | null
  convert(request: ConversionRequest, report: Report<ConversionProgress>): Converted
  /** Resolves when no conversion is running, and what cancelled ones had stored is deleted. */
  conversionsEnded(): void
}
