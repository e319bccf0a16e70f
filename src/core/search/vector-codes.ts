import { createInt8Rows } from '../kernels/create-int8-rows.js'
import type { CodedRows, Int8Rows } from '../kernels/int8-rows.js'
import type { Metric } from '../types.js'
import { meanPoint } from './points.js'

/** Codes of vectors, in a quarter of their bytes: all that a search needs before it compares its candidates exactly. */
export interface VectorCodes extends CodedRows {
  /** [dimension]: the center that the codes are relative to. */
  center: Float32Array<ArrayBuffer>
  /** [n, dimension], row-major. */
  codes: Int8Array<ArrayBuffer>
}

/** Codes vectors outside an index. The codes can be stored beside the vectors and added to an index later. */
export class VectorCoder {
  readonly #dimension: number
  readonly #metric: Metric
  readonly #rows: Int8Rows

  constructor(dimension: number, metric: Metric) {
    this.#dimension = dimension
    this.#metric = metric
    this.#rows = createInt8Rows(dimension)
  }

  /**
   * @param vectors [n, dimension], row-major; borrowed.
   * @returns Codes that belong to the caller.
   */
  code(vectors: Float32Array): VectorCodes {
    const count = vectors.length / this.#dimension
    const center = meanPoint(vectors, count, this.#dimension, this.#metric)
    this.#rows.truncate(0)
    const coded = this.#rows.append(vectors, { center, unit: this.#metric === 'cosine' })
    return { ...coded, center, codes: this.#rows.codes(0, count) }
  }
}
