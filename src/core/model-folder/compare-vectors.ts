import { Specter2Error } from '../errors.js'
import type { ModelStamp } from '../types.js'
import { BARS } from './dtypes.js'

/** How vectors that a model made compare with given ones of the same papers. */
export interface VectorComparison {
  /** Whether they may be compared in searches. */
  agrees: boolean
  /** Cosine of each pair; empty if the dimensions differ. */
  cosines: number[]
  /** Length of each given vector by that of its pair. */
  lengths: number[]
  /** The smallest cosine that counts as the same. */
  bar: number
}

/**
 * This share of the papers must agree. Not all do: a source may have embedded an abstract that it may not give away, or an earlier
 * version of the text.
 */
const SHARE = 0.75
/** Where distances are Euclidean, lengths count as well: vectors that were scaled to 1 rank by other distances. */
const LENGTH_TOLERANCE = 0.05

/** Compares vectors of the same papers, in the same order. */
export function compareVectors(
  given: readonly Float32Array[],
  own: readonly Float32Array[],
  model: Pick<ModelStamp, 'dtype' | 'metric'>,
  embedder: Pick<ModelStamp, 'dtype' | 'metric'>,
): VectorComparison {
  const bar = Math.min(BARS[model.dtype].smallest, BARS[embedder.dtype].smallest)
  const pairs = given.map((vector, index) => compare(vector, own[index]!))
  const cosines = pairs.map(({ cosine }) => cosine)
  const lengths = pairs.map(({ length }) => length)
  const euclidean = embedder.metric === 'euclidean' || model.metric === 'euclidean'
  const good = pairs.filter(({ cosine, length }) => cosine >= bar && (!euclidean || Math.abs(length - 1) < LENGTH_TOLERANCE))
  return { agrees: pairs.length > 0 && good.length >= SHARE * pairs.length, cosines, lengths, bar }
}

function compare(given: Float32Array, own: Float32Array): { cosine: number; length: number } {
  if (given.length !== own.length) return { cosine: Number.NaN, length: Number.NaN }
  let [dot, a, b] = [0, 0, 0]
  for (let index = 0; index < given.length; index++) {
    dot += given[index]! * own[index]!
    a += given[index]! ** 2
    b += own[index]! ** 2
  }
  return { cosine: dot / Math.sqrt(a * b), length: Math.sqrt(a / b) }
}

/** For given vectors that are not the embedder's: `details.cosines` has the comparison, paper by paper. */
export function otherVectorsError(
  model: ModelStamp,
  embedder: ModelStamp,
  { cosines, lengths, bar }: VectorComparison,
): Specter2Error {
  const rounded = cosines.map((cosine) => cosine.toFixed(4))
  const compared =
    cosines.length === 0
      ? `they have ${model.dimension} numbers, those of ${embedder.id} ${embedder.dimension}`
      : `of ${cosines.length} papers that ${embedder.id} embedded as well, the cosines are ${rounded.join(', ')}; ${bar} is needed`
  const message = `The given vectors of ${model.id} are not those of this embedder: ${compared}. Give the embedder of their model, or keep them apart with \`otherModel: 'keep'\`.`
  const details = {
    model: model.id,
    embedder: embedder.id,
    dimension: model.dimension,
    expected: embedder.dimension,
    bar,
    cosines: rounded,
    lengths: lengths.map((length) => length.toFixed(4)),
  }
  return new Specter2Error('INDEX_STALE', message, { details })
}
