import type { LikenessScale } from '../../core/search/likeness.js'
import type { AdapterName, Device, Dtype, EncoderTier, EngineName, Metric, StorageState } from '../../core/types.js'
import type { Demotion } from './embedder-options.js'

/** Vectors of all inputs of a call. */
export interface Embeddings {
  /** [count, dimension], row-major, in the order of the inputs. Owned by the caller. */
  vectors: Float32Array<ArrayBuffer>
  /** Number of inputs. */
  count: number
  /** Numbers in a vector. */
  dimension: number
  /** The adapter that was used; `base` for none. */
  adapter: AdapterName
  /** Tokens of each input as the model read it, [count]. */
  tokenCounts: Uint32Array<ArrayBuffer>
  /** Positions of inputs that were longer than the model reads; their vectors ignore the rest. */
  truncated: number[]
}

/** Some vectors of a stream. */
export interface EmbeddedPart {
  /** Positions in the inputs, [n]. */
  indices: number[]
  /** [n, dimension], row-major. Owned by the caller. */
  vectors: Float32Array<ArrayBuffer>
  /** Positions, among `indices`, of inputs that were longer than the model reads. */
  truncated: number[]
}

/** The model that an embedder runs, its device, and where the model came from. */
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
  /** Number format of the loaded weights. */
  dtype: Dtype
  /** Why `device: 'auto'` did not choose WebGPU; `null` if it did or was not asked to choose. */
  deviceReason: string | null
  /** Why WASM replaced WebGPU after WebGPU had been chosen: its vectors were wrong, or it failed; `null` if it was not replaced. */
  demoted: Demotion | null
  /** What runs the model: this package's own encoder on WASM, onnxruntime-node (`native`), or transformers.js. */
  engine: EngineName
  /** Why that engine runs the model. */
  engineReason: string
  /** How the own encoder multiplies on this CPU; `null` for other engines. Vectors differ a little between tiers, within the dtype's accuracy. */
  tier: EncoderTier | null
  /** Threads that share a run of transformers.js on WASM, or a long query of the own encoder: 1 if the page is not cross-origin isolated. */
  threads: number
  /** Workers that share bulk work on WASM; all but the first start with the first call for 16 papers or more. */
  workers: number
  /** Names for `adapter`, `base` first. */
  adapters: readonly AdapterName[]
  /** The model's own adapter for papers. */
  defaultAdapter: AdapterName
  /** The model's own adapter for queries. */
  queryAdapter: AdapterName
  /** What makes likeness of the model's distances; `null` if its manifest does not say: an index then measures it. */
  likeness: LikenessScale | null
  /** Where the model came from: `cache` if at most its manifest was requested over the network. */
  from: 'network' | 'cache' | 'files'
  /** Whether it is stored for the next visit, and if not, why. */
  storage: StorageState
  /** Bytes of the files that were loaded. */
  bytes: number
  /** How many of `bytes` came over the network. */
  bytesDownloaded: number
}
