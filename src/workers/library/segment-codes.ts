import type { VectorCodes } from '../../core/search/vector-codes.js'
import { checksumOf } from './checksum.js'
import type { Segment, SegmentCodes } from './index-store.js'

/** Version of the codes and their layout. Codes of another version are computed again. */
const VERSION = 1

/** The codes of a segment's vectors in their stored form. */
export function segmentCodes({ model, number, rows, hashes }: Segment, codes: VectorCodes): SegmentCodes {
  const data = new ArrayBuffer(dataBytes(rows.length, codes.center.length))
  const parts = partsOf(data, rows.length, codes.center.length)
  parts.center.set(codes.center)
  parts.scales.set(codes.scales)
  parts.squares.set(codes.squares)
  parts.errors.set(codes.errors)
  parts.codes.set(codes.codes)
  return { model, number, version: VERSION, rows, hashes, data, checksum: checksumOf([rows, new Uint32Array(data)], hashes) }
}

/** The codes in a stored chunk, as views of its memory; `null` if it is damaged or of another version. */
export function intactCodes(stored: SegmentCodes, dimension: number): VectorCodes | null {
  const { version, rows, hashes, data, checksum } = stored
  const isComplete = version === VERSION && rows.length === hashes.length && data.byteLength === dataBytes(rows.length, dimension)
  if (!isComplete || checksumOf([rows, new Uint32Array(data)], hashes) !== checksum) return null
  return partsOf(data, rows.length, dimension)
}

function dataBytes(rows: number, dimension: number): number {
  return 4 * dimension + 12 * rows + Math.ceil((rows * dimension) / 4) * 4
}

function partsOf(data: ArrayBuffer, rows: number, dimension: number): VectorCodes {
  const start = 4 * dimension
  return {
    center: new Float32Array(data, 0, dimension),
    scales: new Float32Array(data, start, rows),
    squares: new Int32Array(data, start + 4 * rows, rows),
    errors: new Float32Array(data, start + 8 * rows, rows),
    codes: new Int8Array(data, start + 12 * rows, rows * dimension),
  }
}
