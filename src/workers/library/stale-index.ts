import { InvalidArgumentError, Specter2Error } from '../../core/errors.js'
import type { ModelStamp } from '../../core/model-folder/model-stamp.js'
import { modelKey } from '../../core/model-folder/model-stamp.js'

/**
 * Vectors of different models are never compared.
 *
 * @param model What made `vector`; `null` where the caller does not say.
 * @param own What made the vectors of the index.
 * @throws InvalidArgumentError where the dimension is another; Specter2Error `INDEX_STALE` where the model is.
 */
export function checkQueryVector(vector: Float32Array, model: ModelStamp | null, own: ModelStamp): void {
  if (model && modelKey(model) !== modelKey(own)) throw staleIndex(own, model)
  if (vector.length !== own.dimension)
    throw new InvalidArgumentError('vector.length', vector.length, `${own.dimension}, the dimension of the index's vectors`)
}

function staleIndex(own: ModelStamp, model: ModelStamp): Specter2Error {
  const name = ({ id, revision, dtype, adapter }: ModelStamp) => `${id} (${revision}, ${dtype}, ${adapter})`
  const message = `The vectors of this index were made by ${name(own)}, the embedder is ${name(model)}. Call reembed(), or open the index with the model that made it.`
  return new Specter2Error('INDEX_STALE', message, { details: { index: modelKey(own), embedder: modelKey(model) } })
}
