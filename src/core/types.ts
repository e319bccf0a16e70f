/** The text of a paper, as the models read it. `Paper` types of later parts extend it. */
export interface PaperText {
  /** Title; `''` if it is unknown. */
  title: string
  /** A missing abstract (`undefined`, `null` or `''`) is embedded as an empty one, as the published models do. */
  abstract?: string | null
}

/** Where the model runs. */
export type Device = 'wasm' | 'webgpu'

/** How the weights are stored: `fp32` exact, `q8` a quarter of its size and twice as fast on a CPU. */
export type Dtype = 'fp32' | 'fp16' | 'q8' | 'q4' | 'q4f16'

/**
 * Name of an adapter: `base` is the model without one; SPECTER2's are `proximity` (papers), `adhoc_query` (short
 * queries), `classification` and `regression`; others are named when they are loaded.
 */
export type AdapterName = 'base' | 'proximity' | 'adhoc_query' | 'classification' | 'regression' | (string & {})

/** How similar two vectors are is asked by the model's own metric. */
export type Metric = 'euclidean' | 'cosine'

/** Progress of one file of a model. */
export interface FileProgress {
  path: string
  /** Bytes loaded so far. */
  loaded: number
  /** How many of these came from the cache. */
  fromCache: number
  /** Size of the file in bytes. */
  total: number
}

/** Whether a model's files are stored for the next visit, and if not, why. */
export type StorageState = { cached: true } | { cached: false; reason: string }
