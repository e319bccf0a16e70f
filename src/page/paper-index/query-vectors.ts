import { isSameModel, type ModelStamp } from '../../core/model-folder/model-stamp.js'
import type { Embedder } from '../embedder/embedder.js'
import { modelStamp } from './current-embedder.js'

/** Deleted letters, later pages and changed filters repeat recent queries. */
const MAX_QUERIES = 64

/** Caches the vectors of the latest queries. */
export class QueryVectors {
  readonly #vectors = new Map<string, Float32Array<ArrayBuffer>>()
  #model: ModelStamp | null = null

  /** A copy of the query's vector, and the model that made it. Rejects as embedQuery does. */
  async get(
    embedder: Pick<Embedder, 'info' | 'embedQuery'>,
    query: string,
    signal: AbortSignal,
  ): Promise<{ vector: Float32Array<ArrayBuffer>; model: ModelStamp }> {
    const model = modelStamp(embedder)
    if (this.#model && !isSameModel(this.#model, model)) this.#vectors.clear()
    this.#model = model
    const vector = this.#vectors.get(query) ?? (await embedder.embedQuery(query, { signal }))
    this.#vectors.delete(query)
    this.#vectors.set(query, vector)
    if (this.#vectors.size > MAX_QUERIES) this.#vectors.delete(this.#vectors.keys().next().value!)
    return { vector: vector.slice(), model }
  }
}
