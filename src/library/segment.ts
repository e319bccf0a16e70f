import type { ModelStamp } from '../library-protocol.js'
import type { Segment } from './index-store.js'

/** Vectors in one segment at most: some megabytes, so that a damaged one costs minutes of embedding, not hours. */
export const SEGMENT_ROWS = 1024

/** The key under which vectors of a model are stored. */
export function modelKey({ id, revision, dtype, adapter, dimension, metric }: ModelStamp): string {
  return JSON.stringify([id, revision, dtype, adapter, dimension, metric])
}

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
  return { ...segment, checksum: checksumOf(segment) }
}

/** Whether a segment is as it was written. */
export function isIntact(segment: Segment, dimension: number): boolean {
  const { rows, hashes, vectors, checksum } = segment
  return rows.length === hashes.length && vectors.length === rows.length * dimension && checksumOf(segment) === checksum
}

/** Bytes that a segment takes. */
export function segmentBytes(rows: number, dimension: number): number {
  return rows * (dimension + 1) * 4
}

function checksumOf({ rows, hashes, vectors }: Pick<Segment, 'rows' | 'hashes' | 'vectors'>): number {
  const words = new Uint32Array(vectors.buffer, vectors.byteOffset, vectors.length)
  const text = new TextEncoder().encode(hashes.join('\n'))
  let sum = mix(0x811c9dc5, checksumOfWords(words))
  sum = mix(sum, checksumOfWords(rows))
  for (const byte of text) sum = mix(sum, byte)
  return sum
}

/**
 * FNV-1a's step over 32-bit words, in four lanes since each step waits for the one before. Each step is one-to-one, so a single
 * changed word is always found, and any other damage but once in four billion times.
 */
function checksumOfWords(words: Uint32Array): number {
  let [a, b, c, d] = [0x811c9dc5, 0x2f0b4c47, 0x1b873593, 0x5bd1e995]
  const whole = words.length & ~3
  for (let index = 0; index < whole; index += 4) {
    a = Math.imul(a ^ words[index]!, 0x01000193)
    b = Math.imul(b ^ words[index + 1]!, 0x01000193)
    c = Math.imul(c ^ words[index + 2]!, 0x01000193)
    d = Math.imul(d ^ words[index + 3]!, 0x01000193)
  }
  for (let index = whole; index < words.length; index++) a = Math.imul(a ^ words[index]!, 0x01000193)
  return [a, b, c, d, words.length].reduce(mix, 0x811c9dc5)
}

function mix(sum: number, word: number): number {
  // FNV's prime alone never lets high bits reach low ones.
  const mixed = Math.imul(sum ^ word, 0x01000193)
  return (mixed ^ (mixed >>> 15)) >>> 0
}
