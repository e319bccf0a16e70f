import type { AdapterName } from '../../core/types.js'

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
