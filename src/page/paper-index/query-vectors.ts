import type { ModelStamp } from '../../core/model-folder/model-stamp.js'
import { isSameModel } from '../../core/model-folder/model-stamp.js'
import { type IndexEmbedder, modelStamp } from './model-stamp.js'

/** Deleted letters, further pages and changed filters ask for the same queries again. */
const KEPT = 64

/** Vectors of the latest queries. */
export class QueryVectors {
  readonly #kept = new Map<string, Float32Array<ArrayBuffer>>()
  #model: ModelStamp | null = null

  /** A copy of the query's vector, and what made it. Rejects as embedQuery does. */
  async get(
    embedder: IndexEmbedder,
    query: string,
    signal: AbortSignal,
  ): Promise<{ vector: Float32Array<ArrayBuffer>; model: ModelStamp }> {
    const model = modelStamp(embedder)
    if (this.#model && !isSameModel(this.#model, model)) this.#kept.clear()
    this.#model = model
    const vector = this.#kept.get(query) ?? (await embedder.embedQuery(query, { signal }))
    this.#kept.delete(query)
    this.#kept.set(query, vector)
    if (this.#kept.size > KEPT) this.#kept.delete(this.#kept.keys().next().value!)
    return { vector: vector.slice(), model }
  }
}
