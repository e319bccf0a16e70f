import { createReadStream } from 'node:fs'
import { basename } from 'node:path'
import { InvalidArgumentError, Specter2Error } from '../core/errors.js'

/** A line of a text file. */
export interface TextLine {
  text: string
  /** From 1. */
  number: number
  /** An error `DAMAGED_FILE` that names file and line. */
  damaged: (what: string, cause?: unknown) => Specter2Error
}

/**
 * Streams the lines of a UTF-8 file that are not blank, without byte order mark and carriage returns. Only a line feed ends a
 * line: JSON may hold U+2028, at which Node's own line reader would break.
 *
 * @throws Specter2Error `DAMAGED_FILE` if the file is not UTF-8; whatever opening the file throws.
 */
export async function* textLines(path: string): AsyncGenerator<TextLine, void, void> {
  const name = basename(path)
  let number = 0
  const toLine = (text: string): TextLine => {
    const line = ++number
    const damaged = (what: string, cause?: unknown) =>
      new Specter2Error('DAMAGED_FILE', `${name}, line ${line}: ${what}.`, { details: { file: path, line }, cause })
    return { text: text.endsWith('\r') ? text.slice(0, -1) : text, number, damaged }
  }
  const decoder = new TextDecoder('utf-8', { fatal: true })
  const decode = (bytes?: Buffer) => {
    try {
      return decoder.decode(bytes, { stream: bytes !== undefined })
    } catch (cause) {
      const message = `${name} is not UTF-8, somewhere after line ${number}. Save it as UTF-8.`
      throw new Specter2Error('DAMAGED_FILE', message, { details: { file: path, line: number }, cause })
    }
  }
  let rest = ''
  for await (const bytes of createReadStream(path)) {
    const texts = (rest + decode(bytes)).split('\n')
    rest = texts.pop() ?? ''
    for (const line of texts.map(toLine)) if (line.text.trim() !== '') yield line
  }
  const last = toLine(rest + decode())
  if (last.text.trim() !== '') yield last
}

/** Parses a line of a JSON Lines file, which must be an object. */
export function parseJsonLine({ text, damaged }: TextLine): Record<string, unknown> {
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
