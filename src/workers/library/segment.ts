import { type ModelStamp, modelKey } from '../../core/model-folder/model-stamp.js'
import { checksumOf } from './checksum.js'
import type { Segment } from './index-store.js'

/** At most this many vectors in a segment: a few megabytes, so that a damaged one costs minutes of embedding, not hours. */
export const SEGMENT_ROWS = 1024

/** A segment of papers with their vectors [dimension]. */
export function segmentOf(
  model: ModelStamp,
  number: number,
  items: readonly { row: number; hash: string; vector: Float32Array }[],
): Segment {
  const vectors = new Float32Array(items.length * model.dimension)
  for (const [index, { vector }] of items.entries()) vectors.set(vector, index * model.dimension)
  const rows = Uint32Array.from(items, ({ row }) => row)
  const segment = { model: modelKey(model), number, rows, hashes: items.map(({ hash }) => hash), vectors }
  return { ...segment, checksum: segmentChecksum(segment) }
}

/** Whether a segment is undamaged. */
export function isIntact(segment: Segment, dimension: number): boolean {
  const { rows, hashes, vectors, checksum } = segment
  return rows.length === hashes.length && vectors.length === rows.length * dimension && segmentChecksum(segment) === checksum
}

/** Stored bytes of vectors with their codes. */
export function storedBytes(rows: number, dimension: number): number {
  return rows * (dimension + 1) * 4 + rows * (dimension + 16)
}

function segmentChecksum({ rows, hashes, vectors }: Pick<Segment, 'rows' | 'hashes' | 'vectors'>): number {
  return checksumOf([vectors, rows], hashes)
}
