import { guessEncoding } from './guess-encoding.js'
import { windows1252 } from './windows-1252.js'

/** Decodes text from bytes that arrive in pieces. */
export interface TextDecoding {
  /** The encoding of the bytes so far. */
  readonly encoding: string
  /** Whether the encoding was guessed: the file neither declares it nor proves it. */
  readonly guessed: boolean
  push(bytes: Uint8Array): string
  end(): string
}

/** Bytes from which the encoding is detected. */
export const SNIFFED_BYTES = 65_536

/**
 * Detects a file's encoding: from its byte order mark, from the zeros of UTF-16, or UTF-8. A file that is not UTF-8 is read in
 * the encoding that it declares. If it declares none, the encoding is guessed ({@link guessEncoding}). If the guess is
 * Windows-1252, a superset of Latin-1, only the bytes that are not UTF-8 are read so: a file may mix both.
 *
 * @param start The file's first {@link SNIFFED_BYTES} bytes, or all of a shorter file.
 * @param encoding The encoding, if the caller knows it: a label of `TextDecoder`.
 */
export function decodeText(start: Uint8Array, encoding?: string): TextDecoding {
  if (encoding !== undefined) return new KnownEncoding(encoding)
  const mark = byteOrderMark(start) ?? zerosOfUtf16(start)
  if (mark !== undefined) return new KnownEncoding(mark)
  const declared = declaredEncoding(start)
  if (declared !== undefined && !isUtf8(start)) return new KnownEncoding(declared)
  return new Utf8OrGuessed()
}

function byteOrderMark([a, b]: Uint8Array): string | undefined {
  if (a === 0xfe && b === 0xff) return 'utf-16be'
  if (a === 0xff && b === 0xfe) return 'utf-16le'
  return undefined
}

/** UTF-16 without a byte order mark: every other byte is zero. */
function zerosOfUtf16(start: Uint8Array): string | undefined {
  const length = Math.min(start.length & ~1, 2_048)
  if (length < 8) return undefined
  const zeros = [0, 0]
  for (let at = 0; at < length; at++) if (start[at] === 0) zeros[at & 1]!++
  if (zeros[0]! > (0.3 * length) / 2 && zeros[1]! < 0.05 * length) return 'utf-16be'
  if (zeros[1]! > (0.3 * length) / 2 && zeros[0]! < 0.05 * length) return 'utf-16le'
  return undefined
}

/** The encoding that an XML declaration or JabRef's first line declares, if it is neither Unicode nor Windows-1252. */
function declaredEncoding(start: Uint8Array): string | undefined {
  const head = String.fromCharCode(...start.subarray(0, 1_024))
  const label =
    /^[\s\u00ef\u00bb\u00bf]*<\?xml[^>]*\sencoding\s*=\s*["']([\w.:-]+)["']/.exec(head)?.[1] ??
    /^\s*%+\s*Encoding:\s*([\w.:-]+)/im.exec(head)?.[1]
  if (label === undefined) return undefined
  try {
    const { encoding } = new TextDecoder(label.replace(/^cp(\d+)$/i, 'windows-$1').replace(/^MacRoman$/i, 'macintosh'))
    // A file of single bytes that declares UTF-16 is wrong.
    return /^(?:utf-|windows-1252)/.test(encoding) ? undefined : encoding
  } catch {
    return undefined
  }
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true })
    return true
  } catch {
    return false
  }
}

class KnownEncoding implements TextDecoding {
  readonly encoding: string
  readonly guessed = false
  readonly #decoder: TextDecoder

  constructor(encoding: string) {
    this.#decoder = new TextDecoder(encoding)
    this.encoding = this.#decoder.encoding
  }

  push(bytes: Uint8Array): string {
    if (this.encoding === 'windows-1252') return Array.from(bytes, windows1252).join('')
    return this.#decoder.decode(bytes, { stream: true })
  }

  end(): string {
    return this.#decoder.decode()
  }
}

class Utf8OrGuessed implements TextDecoding {
  encoding = 'utf-8'
  guessed = false
  /** Whether characters beyond ASCII were UTF-8: then the file mixes encodings. */
  #utf8 = false
  /** The decoder of a guessed encoding other than Windows-1252. */
  #other: TextDecoder | undefined
  /** The start of a character whose end is in the next piece. */
  #rest: Uint8Array = new Uint8Array()
  #started = false

  push(bytes: Uint8Array): string {
    if (bytes.length === 0) return ''
    if (this.#other) return this.#other.decode(bytes, { stream: true })
    const all = this.#rest.length === 0 ? bytes : joined(this.#rest, bytes)
    const end = all.length - incompleteEnd(all)
    this.#rest = all.slice(end)
    return this.#decode(all.subarray(0, end))
  }

  end(): string {
    if (this.#other) return this.#other.decode()
    const rest = this.#rest
    this.#rest = new Uint8Array()
    return this.#decode(rest)
  }

  #decode(bytes: Uint8Array): string {
    let text: string
    try {
      text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
      // A file that is UTF-8 so far is not guessed again for a damaged byte.
      if (!this.#utf8 && this.encoding === 'utf-8') this.#utf8 = text.length + (text.startsWith('\ufeff') ? 2 : 0) < bytes.length
    } catch {
      const guess = this.#utf8 || this.encoding !== 'utf-8' || hasUtf8(bytes) ? 'windows-1252' : guessEncoding(bytes)
      this.encoding = guess
      this.guessed = true
      if (guess !== 'windows-1252') {
        this.#other = new TextDecoder(guess)
        const rest = this.#rest
        this.#rest = new Uint8Array()
        return this.#other.decode(bytes, { stream: true }) + this.#other.decode(rest, { stream: true })
      }
      text = decodeMixed(bytes)
    }
    if (this.#started || text === '') return text
    this.#started = true
    return text.startsWith('\ufeff') ? text.slice(1) : text
  }
}

/** Decodes UTF-8, and each byte that is not UTF-8 as Windows-1252. */
function decodeMixed(bytes: Uint8Array): string {
  const utf8 = new TextDecoder('utf-8', { ignoreBOM: true })
  let text = ''
  let from = 0
  for (let at = 0; at < bytes.length; ) {
    const length = sequenceLength(bytes, at)
    if (length > 0) at += length
    else {
      text += utf8.decode(bytes.subarray(from, at)) + windows1252(bytes[at]!)
      from = ++at
    }
  }
  return text + utf8.decode(bytes.subarray(from))
}

/**
 * Whether at least a third of the bytes beyond ASCII are valid UTF-8: the file mixes encodings. Those beside bytes that are not
 * UTF-8 do not count: two bytes of a Chinese character may be valid by chance.
 */
function hasUtf8(bytes: Uint8Array): boolean {
  let valid = 0
  let invalid = 0
  let wasInvalid = false
  let last = 0
  for (let at = 0; at < bytes.length; ) {
    const length = sequenceLength(bytes, at)
    if (length === 0) {
      invalid++
      valid -= last
    }
    last = length > 1 && !wasInvalid ? length : 0
    valid += last
    wasInvalid = length === 0 || (wasInvalid && length > 1)
    at += Math.max(1, length)
  }
  return 2 * valid > invalid
}

/** Length in bytes of the UTF-8 character at `at`; 0 if it is not one. */
function sequenceLength(bytes: Uint8Array, at: number): number {
  const lead = bytes[at]!
  if (lead < 0x80) return 1
  const length = lead >= 0xc2 && lead < 0xe0 ? 2 : lead >= 0xe0 && lead < 0xf0 ? 3 : lead >= 0xf0 && lead < 0xf5 ? 4 : 0
  if (length === 0 || at + length > bytes.length) return 0
  for (let next = at + 1; next < at + length; next++) if ((bytes[next]! & 0xc0) !== 0x80) return 0
  const second = bytes[at + 1]!
  if ((lead === 0xe0 && second < 0xa0) || (lead === 0xed && second > 0x9f)) return 0
  if ((lead === 0xf0 && second < 0x90) || (lead === 0xf4 && second > 0x8f)) return 0
  return length
}

/** Number of bytes at the end that may begin a character. */
function incompleteEnd(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back]!
    if ((byte & 0xc0) === 0x80) continue
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc2 ? 2 : 1
    return length > back ? back : 0
  }
  return 0
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const all = new Uint8Array(a.length + b.length)
  all.set(a)
  all.set(b, a.length)
  return all
}
