/** Types of the messages between page and embed worker. */

import type { Manifest } from '../../core/model-folder/manifest.js'
import type {
  AdapterName,
  Device,
  Dtype,
  EncoderTier,
  EngineChoice,
  EngineName,
  FileProgress,
  PaperText,
  StorageState,
} from '../../core/types.js'
import type { EncoderShare } from '../../engine/encoder/pack-encoder.js'
import type { Report } from '../rpc/protocol.js'

/** A model folder: its absolute URL, or its files by path. */
export type ModelAddress = { url: string } | { files: ReadonlyMap<string, Blob> }

/** What to convert: files by path (a base checkpoint and its adapters), or the name of a published model on a hub. */
export type PublishedAddress = { files: ReadonlyMap<string, Blob> } | { name: string; hub: HubAccess }

export interface HubAccess {
  /** Absolute URL; `undefined` means huggingface.co. */
  endpoint: string | undefined
  token: string | undefined
  /** Branch, tag or commit of the base. */
  revision: string | undefined
  /** Whether to ask the hub for newer files although the model is stored. */
  update: boolean
}

/** How a conversion stores weights. */
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

/** A model folder converted from published files. */
export interface Converted {
  model: ModelAddress
  /** Why it is not in the browser's storage; `null` if it is. */
  reason: string | null
  /** Whether this call converted it. */
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
  engine: EngineChoice
  /** The only tier of the own encoder to try; `undefined`: all. */
  tier: EncoderTier | undefined
  /** Default: by the number of cores; always 1 if the page is not cross-origin isolated, and on WebGPU. */
  threads: number | undefined
  /** Absolute URL of the runtime's own files, with a closing slash. */
  runtime: string
  /** Adapters to load with the model; if empty, the model's default adapter. */
  adapters: readonly AdapterName[]
  /** Whether to skip the self-test on WASM, because another worker has passed it. On WebGPU it always runs. */
  tested: boolean
  /** The own encoder as another worker has loaded it; `null`: the worker loads the weights itself. */
  share: EncoderShare | null
}

export interface LoadedInfo {
  manifest: Manifest
  device: Device
  dtype: Dtype
  threads: number
  engine: EngineName
  engineReason: string
  tier: EncoderTier | null
  /** Why `auto` did not choose WebGPU; `null` if it did or was not asked to choose. */
  deviceReason: string | null
  from: 'network' | 'cache' | 'files'
  storage: StorageState
  /** Bytes of the files that were loaded, and how many of them came over the network. */
  bytes: number
  bytesDownloaded: number
}

/** Vectors of some inputs of a call. */
export interface VectorPart {
  /** Positions in the call's inputs. */
  indices: readonly number[]
  /** [indices.length, dimension], row-major; transferred. */
  vectors: Float32Array<ArrayBuffer>
  /** Tokens of each input as the model read it. */
  tokenCounts: readonly number[]
  /** Whether each input was longer than the model reads. */
  truncated: readonly boolean[]
}

/** Papers (formatted by the model's template) or plain texts; or one search query. */
export interface EmbedRequest {
  inputs: { papers: readonly (PaperText | string)[] } | { query: string }
  /** `null` means the model's default for papers or for queries. */
  adapter: AdapterName | null
}

/** All files of a load, and how much of each has been read. */
export type FilesProgress = readonly FileProgress[]

/** What a conversion has downloaded or written so far, by file. */
export interface ConversionProgress {
  stage: 'download' | 'convert'
  files: FilesProgress
}

/** One model in one worker. */
export interface EmbedProtocol {
  load(options: WorkerLoadOptions, report: Report<FilesProgress>): LoadedInfo
  embed(request: EmbedRequest, report: Report<VectorPart>): void
  /** The own encoder for another worker: its memory, if the page is isolated, or a copy of the weights, transferred; `null` if transformers.js runs the model. */
  share(): EncoderShare | null
  preload(adapters: readonly AdapterName[], report: Report<FilesProgress>): void
  /**
   * @param request `name`: `null` means the adapter's own.
   * @returns The name to use for the adapter.
   */
  addAdapter(request: { address: AdapterAddress; name: AdapterName | null }): AdapterName
}

/** Methods of the same worker that make a model folder to load. */
export interface ConversionProtocol {
  /** @returns The URL under which the result of an earlier conversion is stored; `null` if there is none. */
  findConverted(request: ConversionRequest): string | null
  convert(request: ConversionRequest, report: Report<ConversionProgress>): Converted
  /** Resolves when no conversion is running and cancelled ones have deleted what they stored. */
  conversionsEnded(): void
}
