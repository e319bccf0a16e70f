/** The text of a paper, as the models read it. `Paper` and `PaperRecord` extend it. */
export interface PaperText {
  /** `''` if unknown. */
  title: string
  /** A missing abstract (`undefined`, `null` or `''`) is embedded as an empty one, as the published models do. */
  abstract?: string | null | undefined
}

/** Where the model runs. */
export type Device = 'wasm' | 'webgpu'

/**
 * What runs a model: this package's own encoder, on WASM only; onnxruntime-node (`native`), in Node only; or transformers.js with
 * onnxruntime-web.
 */
export type EngineName = 'own' | 'native' | 'transformers'

/**
 * `auto`: in Node onnxruntime-node if it is installed; else the own encoder if it can run the model, otherwise transformers.js. `portable`: the own encoder with plain SIMD, which
 * gives the same bits on every CPU.
 */
export type EngineChoice = 'auto' | 'portable' | EngineName

/**
 * How the own encoder multiplies bytes: in one instruction on x86 (`vnni`) or ARM (`sdot`), in pairs on older x86 (`maddubs`), or
 * with plain SIMD (`simd`), which gives the same bits on every CPU.
 */
export type EncoderTier = 'vnni' | 'sdot' | 'maddubs' | 'simd'

/** How the weights are stored: `fp32` is exact, `q8` has a quarter of its size and is twice as fast on a CPU. */
export type Dtype = 'fp32' | 'fp16' | 'q8' | 'q4' | 'q4f16'

/**
 * Name of an adapter. `base` is the model without an adapter; SPECTER2 has `proximity` (papers), `adhoc_query` (short queries),
 * `classification` and `regression`; other adapters get their name when they are loaded.
 */
export type AdapterName = 'base' | 'proximity' | 'adhoc_query' | 'classification' | 'regression' | (string & {})

/** How the distance of two vectors is measured: Euclidean, or 1 - cosine. */
export type Metric = 'euclidean' | 'cosine'

/** Everything besides the text that a paper's vector depends on. Vectors with different stamps are never compared. */
export interface ModelStamp {
  /** Published name and revision of the model. */
  id: string
  /** Revision of the published files, as in the model's manifest. */
  revision: string
  /** How the weights are stored. */
  dtype: Dtype
  /** The adapter that embedded the papers. */
  adapter: string
  /** Numbers in a vector. */
  dimension: number
  /** The metric by which vectors of the model are compared. */
  metric: Metric
  /** Version of what computed the vectors. Vectors of package version 0.1.0 have none. */
  runtime?: number
}

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
