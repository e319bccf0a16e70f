import { createReadStream } from 'node:fs'
import { basename } from 'node:path'
import { InvalidArgumentError, Specter2Error } from '../../core/errors.js'

/** One line of a text file, and what to say of it. */
export interface TextLine {
  text: string
  /** From 1. */
  number: number
  /** `DAMAGED_FILE`, naming file and line, with what was found or expected there. */
  wrong: (what: string, cause?: unknown) => Specter2Error
}

/**
 * The lines of a UTF-8 file that are not blank, read as a stream. They end at a line feed alone (JSON may hold U+2028 as it is,
 * where Node's own reader of lines would end one); a byte order mark and carriage returns are left out.
 *
 * @throws Specter2Error `DAMAGED_FILE` where the file is not UTF-8; what opening a file throws.
 */
export async function* textLines(path: string): AsyncGenerator<TextLine, void, void> {
  const name = basename(path)
  let number = 0
  const line = (text: string): TextLine => {
    const at = ++number
    const wrong = (what: string, cause?: unknown) =>
      new Specter2Error('DAMAGED_FILE', `${name}, line ${at}: ${what}.`, { details: { file: path, line: at }, cause })
    return { text: text.endsWith('\r') ? text.slice(0, -1) : text, number: at, wrong }
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
    const lines = (rest + decode(bytes)).split('\n')
    rest = lines.pop()!
    for (const found of lines.map(line)) if (found.text.trim() !== '') yield found
  }
  const last = line(rest + decode())
  if (last.text.trim() !== '') yield last
}

/** The object that a line of a JSON Lines file is. */
export function parseJsonLine({ text, wrong }: TextLine): Record<string, unknown> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw wrong(`this is not JSON (${(cause as Error).message})`, cause)
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  throw wrong('this is JSON, but no object')
}

/** A field's text; without `optional`, it has to be there. */
export function textField(
  record: Record<string, unknown>,
  field: string,
  wrong: TextLine['wrong'],
  optional?: 'optional',
): string {
  const value = record[field]
  if (typeof value === 'string') return value
  if (optional && (value === undefined || value === null)) return ''
  throw wrong(new InvalidArgumentError(field, value, 'a string').message.replace(/\.$/, ''))
}
