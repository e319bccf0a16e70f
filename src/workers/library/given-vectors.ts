import type { PutPapers } from './library-protocol.js'
import type { GivenVectors } from './plan-put.js'

/** Vectors for each paper, as they crossed from the page. */
export function rowsOfGiven({ model, found, vectors }: NonNullable<PutPapers['given']>): GivenVectors {
  let row = 0
  const rows = Array.from(found, (bit) => (bit === 0 ? null : vectors.subarray(row * model.dimension, ++row * model.dimension)))
  return { model, vectors: rows }
}
