import type { ModelStamp } from '../../core/model-folder/model-stamp.js'
import type { Embedder } from '../embedder/embedder.js'

/** What of an embedder an index needs. */
export type IndexEmbedder = Pick<Embedder, 'info' | 'embed' | 'embedStream' | 'embedQuery'>

/** What an embedder's vectors of papers depend on. */
export function modelStamp({ info }: Pick<IndexEmbedder, 'info'>): ModelStamp {
  const { model, dtype, defaultAdapter, dimension, metric } = info
  return { id: model.id, revision: model.revision, dtype, adapter: defaultAdapter, dimension, metric }
}
