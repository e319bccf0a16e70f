import type { AdapterName, Device, Dtype, Metric, StorageState } from '../../core/types.js'
import type { Demotion } from './embedder-options.js'

/** Vectors of all inputs of a call. */
export interface Embeddings {
  /** [count, dimension], row-major, in the order of the inputs. The caller's own. */
  vectors: Float32Array<ArrayBuffer>
  /** Number of inputs. */
  count: number
  /** Numbers in a vector. */
  dimension: number
  /** The adapter that was used; `base` for none. */
  adapter: AdapterName
  /** Tokens of each input as the model read it, [count]. */
  tokenCounts: Uint32Array<ArrayBuffer>
  /** Positions of inputs that were longer than the model reads; their ends are not in the vectors. */
  truncated: number[]
}

/** Some vectors of a stream, as they are done. */
export interface EmbeddedPart {
  /** Positions in the inputs, [n]. */
  indices: number[]
  /** [n, dimension], row-major. The caller's own. */
  vectors: Float32Array<ArrayBuffer>
  /** Those of `indices` whose inputs were longer than the model reads. */
  truncated: number[]
}

/** What an embedder runs, on which device, and where the model came from. */
export interface EmbedderInfo {
  /** Published name, revision and licence of the weights. */
  model: { id: string; revision: string; license: string }
  /** Numbers in a vector. */
  dimension: number
  /** The metric by which the model's vectors are compared. */
  metric: Metric
  /** Whether vectors have length 1. */
  normalized: boolean
  /** Longest input in tokens. */
  maxTokens: number
  /** Device on which the model runs. */
  device: Device
  /** How the loaded weights are stored. */
  dtype: Dtype
  /** Why `device: 'auto'` did not take WebGPU; `null` where it did or was not asked to choose. */
  deviceReason: string | null
  /** Why WebGPU was given up after it had been chosen: its vectors were wrong, or it failed; `null` where it was not. */
  demoted: Demotion | null
  /** WASM threads: 1 where the page is not cross-origin isolated. */
  threads: number
  /** Workers that share bulk work where there are no threads; those but the first are started by the first 16 papers. */
  workers: number
  /** Names for `adapter`, `base` first. */
  adapters: readonly AdapterName[]
  /** The model's own adapter for papers. */
  defaultAdapter: AdapterName
  /** The model's own adapter for queries. */
  queryAdapter: AdapterName
  /** Where the model came from: `cache` where no more than its manifest was asked from the network. */
  from: 'network' | 'cache' | 'files'
  /** Whether it is kept for the next visit, and why not. */
  storage: StorageState
  /** Bytes of the files that were loaded, and how many of them came over the network. */
  bytes: number
  /** How many of `bytes` came over the network. */
  bytesDownloaded: number
}
