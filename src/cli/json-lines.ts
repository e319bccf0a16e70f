import { closeSync, createReadStream, openSync, readSync } from 'node:fs'
import { basename } from 'node:path'
import { InvalidArgumentError, Specter2Error } from '../core/errors.js'

/** A longer line is no paper, and would fill the memory. */
const MAX_LINE_BYTES = 16 * 2 ** 20
const LINE_FEED = 10

/** Bytes of a file. */
export interface ByteRange {
  start: number
  /** Exclusive. */
  end: number
}

/** A line of a text file. */
export interface TextLine {
  text: string
  /** Its place among the lines that are read, blank ones included; from 0. */
  index: number
  /** Its number in the whole file, from 1. For a part of a file this counts the lines before it, which takes time. */
  number: () => number
  /** An error `DAMAGED_FILE` that names file and line. */
  damaged: (what: string, cause?: unknown) => Specter2Error
  /** Why the line cannot be read, if `lenient` lets it pass. */
  error: Specter2Error | null
}

/**
 * Streams the lines of UTF-8 text that are not blank, without byte order mark and carriage returns. Only a line feed ends a line:
 * JSON may hold U+2028, at which Node's own line reader would break.
 *
 * @param source A path, or bytes of standard input.
 * @param range Of a file: only the lines that begin in these bytes.
 * @param lenient Whether lines that cannot be read pass, with their `error`.
 * @throws Specter2Error `DAMAGED_FILE` for a line that is not UTF-8, `LIMIT_EXCEEDED` for one of more than 16 MB; whatever opening
 *   the file throws.
 */
export async function* textLines(
  source: string | AsyncIterable<Uint8Array>,
  range: ByteRange = { start: 0, end: Number.POSITIVE_INFINITY },
  lenient = false,
): AsyncGenerator<TextLine, void, void> {
  const file = typeof source === 'string' ? source : '-'
  const name = typeof source === 'string' ? basename(source) : 'standard input'
  let before: number | null = null
  const decoder = new TextDecoder('utf-8', { fatal: true })
  const toLine = (bytes: Uint8Array, index: number): TextLine => {
    const number = () => {
      before ??= typeof source === 'string' && range.start > 0 ? countLines(source, range.start - 1) + 1 : 0
      return before + index + 1
    }
    const damaged = (what: string, cause?: unknown) => {
      const line = number()
      return new Specter2Error('DAMAGED_FILE', `${name}, line ${line}: ${what}.`, { details: { file, line }, cause })
    }
    const line = { text: '', index, number, damaged, error: null }
    if (bytes.length > MAX_LINE_BYTES) {
      const details = { file, line: number(), limit: MAX_LINE_BYTES }
      const message = `${name}, line ${details.line}: it has more than ${MAX_LINE_BYTES} bytes, which no paper has. Write each paper on a line of its own.`
      return { ...line, error: new Specter2Error('LIMIT_EXCEEDED', message, { details }) }
    }
    try {
      const text = decoder.decode(bytes)
      return { ...line, text: text.endsWith('\r') ? text.slice(0, -1) : text }
    } catch (cause) {
      return { ...line, error: damaged('this is not UTF-8. Save the file as UTF-8', cause) }
    }
  }
  let index = 0
  for await (const bytes of byteLines(source, range)) {
    const line = toLine(bytes, index++)
    if (line.error && !lenient) throw line.error
    if (line.error || line.text.trim() !== '') yield line
  }
}

/** The lines that begin in `range`, as bytes without the line feed; of a line that is too long, the beginning as soon as that is known. */
async function* byteLines(
  source: string | AsyncIterable<Uint8Array>,
  { start, end }: ByteRange,
): AsyncGenerator<Uint8Array, void, void> {
  // The byte before tells whether a line begins at `start`.
  const from = Math.max(0, start - 1)
  const chunks: AsyncIterable<Uint8Array> =
    typeof source === 'string' ? createReadStream(source, { start: from, highWaterMark: 2 ** 18 }) : source
  let skipping = start > 0
  let pieces: Uint8Array[] = []
  let length = 0
  let position = from
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.length; ) {
      const found = chunk.indexOf(LINE_FEED, at)
      const piece = chunk.subarray(at, found < 0 ? chunk.length : found)
      at += piece.length + 1
      if (!skipping) {
        if (length === 0 && position >= end) return
        pieces.push(piece)
        length += piece.length
        if (length > MAX_LINE_BYTES) {
          yield Buffer.concat(pieces)
          pieces = []
          length = 0
          skipping = true
        }
      }
      position += piece.length + (found < 0 ? 0 : 1)
      if (found < 0) break
      if (!skipping) yield pieces.length === 1 ? piece : Buffer.concat(pieces)
      skipping = false
      pieces = []
      length = 0
    }
  }
  if (length > 0) yield Buffer.concat(pieces)
}

/** Line feeds before a byte of a file. */
function countLines(path: string, end: number): number {
  const file = openSync(path, 'r')
  try {
    const buffer = Buffer.alloc(2 ** 20)
    let count = 0
    for (let position = 0; position < end; ) {
      const bytes = readSync(file, buffer, 0, Math.min(buffer.length, end - position), position)
      if (bytes === 0) break
      for (let at = buffer.indexOf(LINE_FEED); at >= 0 && at < bytes; at = buffer.indexOf(LINE_FEED, at + 1)) count++
      position += bytes
    }
    return count
  } finally {
    closeSync(file)
  }
}

/** Parses a line of a JSON Lines file, which must be an object. */
export function parseJsonLine({ text, damaged, error }: TextLine): Record<string, unknown> {
  if (error) throw error
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw damaged(`this is not JSON (${(cause as Error).message})`, cause)
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  throw damaged('this is JSON, but not an object')
}

/** A field that must be a string; if it is `optional`, a missing one reads as an empty string. */
export function textField(
  record: Record<string, unknown>,
  field: string,
  damaged: TextLine['damaged'],
  optional?: 'optional',
): string {
  const value = record[field]
  if (typeof value === 'string') return value
  if (optional && (value === undefined || value === null)) return ''
  throw damaged(new InvalidArgumentError(field, value, 'a string').message.replace(/\.$/, ''))
}
