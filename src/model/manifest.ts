import type { AdapterName, Dtype, Metric } from '../types.js'

/** Bytes covered by one hash of a file, and the unit in which downloads are checked, stored and resumed. */
export const CHUNK_BYTES = 4 * 1024 * 1024

/** One file of a model folder. */
export interface ManifestFile {
  bytes: number
  /** SHA-256 (lower-case hex) of each {@link CHUNK_BYTES} of the file, in order; the last chunk may be shorter. */
  chunks: readonly string[]
}

/** One adapter of a model folder. */
export interface ManifestAdapter {
  /** Path in the folder of a safetensors file that holds the graph's adapter inputs by their own names. */
  file: string
  /** The published name or folder it was made from. */
  source: string
}

/** `manifest.json`: everything a loader must know about a model folder. No code assumes what stands here. */
export interface Manifest {
  formatVersion: 1
  /** Name of the published model, such as `allenai/specter2_base`. */
  id: string
  /** Revision of the published files, or a digest of the weights where none was given. */
  revision: string
  /** SPDX identifier of the weights' licence, or `unknown`. */
  license: string
  dimension: number
  layers: number
  /** Longest input in tokens, [CLS] and [SEP] included; longer texts are cut before the closing [SEP]. */
  maxTokens: number
  pooling: 'cls' | 'mean'
  /** Whether vectors are scaled to length 1. */
  normalized: boolean
  metric: Metric
  templates: {
    /** Text of a paper; `{title}` and `{abstract}` stand for its fields. */
    paper: string
    /** Text of a query; `{query}` stands for it. */
    query: string
    /** Whether the filled template loses its leading and trailing white space. */
    trim: boolean
  }
  /** Graph of each dtype, a path in the folder. */
  dtypes: Readonly<Partial<Record<Dtype, string>>>
  /** Adapters of the folder; empty where the graph has no adapter inputs. `base` is never listed. */
  adapters: Readonly<Record<AdapterName, ManifestAdapter>>
  /** Adapter for papers where the caller names none. */
  defaultAdapter: AdapterName
  /** Adapter for queries. */
  queryAdapter: AdapterName
  /** Size and hashes of every other file of the folder, by path. */
  files: Readonly<Record<string, ManifestFile>>
  selfTest: {
    texts: readonly string[]
    /** Vectors by fp32 of `texts` for `base` and each adapter, [texts][dimension], normalised where `normalized`. */
    vectors: Readonly<Record<AdapterName, readonly (readonly number[])[]>>
  }
}

/** Size of chunk `index` of a file. */
export function chunkByteLength(file: ManifestFile, index: number): number {
  return Math.min(CHUNK_BYTES, file.bytes - index * CHUNK_BYTES)
}
