import { Specter2Error } from '../../errors.js'
import { LIMITS, limitError } from '../limits.js'
import type { UnpackedPiece } from './unpack.js'

/** Headers and contents are padded to blocks of this many bytes (POSIX.1-2001, pax). */
const BLOCK = 512
/** Long names are contents of their own; no system has longer paths. */
const MAX_NAME = 65_536

export function isTar(start: Uint8Array): boolean {
  return start.length >= BLOCK && textAt(start, 257, 5) === 'ustar'
}

/**
 * Splits a tar archive into its files, one after the other, as its bytes arrive. Folders, links and macOS metadata are skipped.
 *
 * @throws Specter2Error `LIMIT_EXCEEDED`, `UNREADABLE_FILE` for a damaged or cut archive.
 */
export async function* unpackTar(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<UnpackedPiece, void, void> {
  let block = new Uint8Array()
  let files = 0
  /** Of the file that is being read: its path, `null` if it is skipped, and how much is left. */
  let file: { path: string | null; left: number; padding: number } | undefined
  let name: { kind: string; left: number; padding: number; parts: number[] } | undefined
  let longName: string | undefined
  for await (let piece of bytes) {
    while (piece.length > 0) {
      if (file) {
        const content = piece.subarray(0, file.left)
        file.left -= content.length
        piece = piece.subarray(content.length)
        if (file.path !== null && content.length > 0) yield { path: file.path, bytes: content, last: file.left === 0 }
        const skipped: number = Math.min(file.padding, file.left === 0 ? piece.length : 0)
        file.padding -= skipped
        piece = piece.subarray(skipped)
        if (file.left === 0 && file.padding === 0) file = undefined
        continue
      }
      const taken = piece.subarray(0, BLOCK - block.length)
      block = joined(block, taken)
      piece = piece.subarray(taken.length)
      if (block.length < BLOCK) continue
      const header = block
      block = new Uint8Array()
      if (name) {
        name.parts.push(...header.subarray(0, name.left))
        name.left -= Math.min(name.left, BLOCK)
        if (name.left === 0) {
          longName = nameIn(name.kind, name.parts) ?? longName
          name = undefined
        }
        continue
      }
      if (header.every((byte) => byte === 0)) continue
      if (!isTar(header))
        throw new Specter2Error('UNREADABLE_FILE', 'The tar archive is damaged: a header is missing. Unpack it first.')
      const size = sizeOf(header)
      const kind = textAt(header, 156, 1)
      const padding = (BLOCK - (size % BLOCK)) % BLOCK
      if (kind === 'L' || kind === 'x' || kind === 'g') {
        if (size > MAX_NAME) throw new Specter2Error('UNREADABLE_FILE', `The tar archive is damaged: a name of ${size} bytes.`)
        if (size > 0) name = { kind, left: size, padding, parts: [] }
        continue
      }
      const prefix = textAt(header, 345, 155)
      const path = longName ?? (prefix === '' ? textAt(header, 0, 100) : `${prefix}/${textAt(header, 0, 100)}`)
      longName = undefined
      if (++files > LIMITS.MAX_ARCHIVE_FILES) throw limitError('MAX_ARCHIVE_FILES', 'Files in one archive')
      const isFile = (kind === '0' || kind === '' || kind === '7') && !/\/$|(?:^|\/)(?:__MACOSX\/|\._|\.DS_Store$)/.test(path)
      if (size > 0) file = { path: isFile ? path : null, left: size, padding }
    }
  }
  if (file && file.left > 0) throw new Specter2Error('UNREADABLE_FILE', 'The tar archive is cut off. Get it again.')
}

function textAt(bytes: Uint8Array, from: number, length: number): string {
  const field = bytes.subarray(from, from + length)
  const end = field.indexOf(0)
  return new TextDecoder().decode(end < 0 ? field : field.subarray(0, end))
}

/** In octal digits; in base 256 if the first bit is set, as GNU writes what is too large for those. */
function sizeOf(header: Uint8Array): number {
  const size =
    (header[124]! & 0x80) === 0
      ? Number.parseInt(textAt(header, 124, 12).trim() || '0', 8)
      : header.subarray(125, 136).reduce((sum, byte) => sum * 256 + byte, 0)
  if (!Number.isSafeInteger(size)) throw new Specter2Error('UNREADABLE_FILE', 'The tar archive is damaged: a file has no size.')
  return size
}

/** The path in GNU's long name or in pax's records: `30 path=folder/file.ris\n`. */
function nameIn(kind: string, parts: readonly number[]): string | undefined {
  const text = new TextDecoder().decode(Uint8Array.from(parts))
  if (kind === 'L') return text.replace(/\0.*$/s, '')
  return kind === 'x' ? /^\d+ path=(.*)$/m.exec(text)?.[1] : undefined
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(a.length + b.length)
  all.set(a)
  all.set(b, a.length)
  return all
}
