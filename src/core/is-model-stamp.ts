import type { ModelStamp } from './types.js'

/** Ten times the largest embeddings published today; the sums of the search's kernels stay within 32 bits. */
export const MAX_DIMENSION = 65_535

/** Whether a value from a file is a stamp. */
export function isModelStamp(value: unknown): value is ModelStamp {
  if (typeof value !== 'object' || value === null) return false
  const { id, revision, dtype, adapter, dimension, metric, runtime } = value as Readonly<Record<string, unknown>>
  const isNamed = [id, revision, dtype, adapter].every((name) => typeof name === 'string')
  const isSized = Number.isInteger(dimension) && (dimension as number) > 0 && (dimension as number) <= MAX_DIMENSION
  if (runtime !== undefined && !Number.isSafeInteger(runtime)) return false
  return isNamed && isSized && (metric === 'euclidean' || metric === 'cosine')
}
