import { Specter2Error } from '../errors.js'
import type { ModelStamp } from '../types.js'

export type { ModelStamp } from '../types.js'

/**
 * Version of what computes vectors: the tokenizer, the own encoder and onnxruntime-web. All engines of one version agree within the
 * bar of the dtype, which `specter2-web verify` checks. It increases when the vector of some text changes by more.
 */
export const RUNTIME_VERSION = 2

/** A stamp as a string: equal for the same model, and the key under which its vectors are stored. */
export function modelKey({ id, revision, dtype, adapter, dimension, metric, runtime }: ModelStamp): string {
  return JSON.stringify([id, revision, dtype, adapter, dimension, metric, ...(runtime === undefined ? [] : [runtime])])
}

/** Whether vectors of both may be compared. */
export function isSameModel(a: ModelStamp, b: ModelStamp): boolean {
  return modelKey(a) === modelKey(b)
}

/** For vectors of `embedder` where those of `index` are needed: vectors of different models are never compared. */
export function staleIndexError(index: ModelStamp, embedder: ModelStamp): Specter2Error {
  const name = ({ id, revision, dtype, adapter, runtime = 1 }: ModelStamp) =>
    `${id} (${revision}, ${dtype}, ${adapter}, runtime ${runtime})`
  const message = `The vectors of this index were made by ${name(index)}, the embedder is ${name(embedder)}. Call reembed(), or open the index with the model that made it.`
  return new Specter2Error('INDEX_STALE', message, { details: { index: modelKey(index), embedder: modelKey(embedder) } })
}
