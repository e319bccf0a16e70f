import { LIMITS, type LimitName } from '../limits.js'

/** A field of an entry, as the pieces between `#`. */
export interface BibtexField {
  name: string
  pieces: BibtexPiece[]
}

export interface BibtexPiece {
  /** Without its braces or quotes. */
  text: string
  /** Whether it is a word or number without braces or quotes. */
  bare: boolean
}

export interface BibtexEntry {
  /** Lower case. */
  type: string
  key: string
  fields: BibtexField[]
  /** Position after the entry. */
  end: number
  /** What had to be guessed. */
  notes: string[]
  limit?: LimitName
}

/** `@article{`, `@string(` and the like. */
export const ENTRY_START = /@[ \t]*([A-Za-z][\w-]*)\s*([{(])/g
/** The start of an entry on a line of its own; inside a value, it means that a closing brace is missing before it. */
const NEXT_ENTRY = /@[ \t]*[A-Za-z]\w*[ \t]*[{(][ \t]*[^\s,{}()=@"]*[ \t]*,/y
/** The start of a field on a line of its own; if a closing brace is missing, the value ends before it. */
const NEXT_FIELD = /,?[ \t]*\r?\n[ \t]*[A-Za-z][\w:+.-]*[ \t]*=[ \t]*[{"\d]/y
const FIELD_NAME = /[^\s={}(),"#%@]+(?:[ \t]+[^\s={}(),"#%@]+)*\s*=/y

/**
 * Reads the entry whose opening bracket is at `open`.
 *
 * @param final Whether the text is complete.
 * @returns `undefined` if the text ends within the entry and is not complete.
 */
export function scanEntry(text: string, type: string, open: number, final: boolean): BibtexEntry | undefined {
  const entry = new Scan(text, open, false).entry(type)
  if (entry) return entry
  const stop = nextEntry(text, open + 1)
  if (stop < 0 && !final) return undefined
  // A brace is missing: read what is there before the next entry.
  const body = text.slice(0, stop < 0 ? text.length : stop)
  const rest = new Scan(body, open, true).entry(type)!
  rest.notes.push('a closing brace is missing')
  return rest
}

/** Position after `@comment{…}` and the like; `undefined` if it is not closed. */
export function scanBalanced(text: string, open: number): number | undefined {
  let depth = 0
  for (let at = open; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === 123 || code === 40) depth += code === text.charCodeAt(open) ? 1 : 0
    else if ((code === 125 && text[open] === '{') || (code === 41 && text[open] === '(')) {
      if (--depth === 0) return at + 1
    }
  }
  return undefined
}

/** Position of the next line that begins an entry; -1 if there is none. */
export function nextEntry(text: string, from: number): number {
  for (let at = text.indexOf('@', from); at >= 0; at = text.indexOf('@', at + 1)) if (beginsEntry(text, at)) return at
  return -1
}

function beginsEntry(text: string, at: number): boolean {
  let before = at - 1
  while (before >= 0 && (text[before] === ' ' || text[before] === '\t')) before--
  if (before >= 0 && text[before] !== '\n' && text[before] !== '\r') return false
  NEXT_ENTRY.lastIndex = at
  return NEXT_ENTRY.test(text)
}

class Scan {
  readonly #text: string
  readonly #lenient: boolean
  readonly #notes: string[] = []
  #limit: LimitName | undefined
  #at: number

  constructor(text: string, open: number, lenient: boolean) {
    this.#text = text
    this.#at = open + 1
    this.#lenient = lenient
  }

  /** `undefined` if the text ends within the entry, unless the scan is lenient. */
  entry(type: string): BibtexEntry | undefined {
    const key = this.#key()
    if (key === undefined) return undefined
    const fields: BibtexField[] = []
    const done = (): BibtexEntry => ({
      type: type.toLowerCase(),
      key,
      fields,
      end: this.#at,
      notes: this.#notes,
      ...(this.#limit && { limit: this.#limit }),
    })
    for (;;) {
      this.#skipSeparators()
      const character = this.#text[this.#at]
      if (character === undefined) return this.#lenient ? done() : undefined
      if (character === '}' || character === ')') {
        this.#at++
        return done()
      }
      if (character === '@' && beginsEntry(this.#text, this.#at)) return this.#lenient ? done() : undefined
      FIELD_NAME.lastIndex = this.#at
      const name = FIELD_NAME.exec(this.#text)?.[0]
      if (name === undefined) {
        const junk = this.#junk()
        if (junk === undefined) return this.#lenient ? done() : undefined
        if (junk !== '') this.#notes.push(`“${junk.slice(0, 60)}” is not a field`)
        continue
      }
      this.#at += name.length
      const pieces = this.#value()
      if (pieces === undefined) return undefined
      fields.push({ name: name.slice(0, -1).trim().replace(/\s+/g, '-').toLowerCase(), pieces })
    }
  }

  #key(): string | undefined {
    const text = this.#text
    const start = this.#at
    // A parenthesis ends an entry in parentheses, but may be part of a key in braces.
    const match = text[start - 1] === '(' ? /[^,{}="()]*/y : /[^,{}="]*/y
    match.lastIndex = start
    const raw = match.exec(text)![0]
    const after = text[start + raw.length]
    if (after === undefined && !this.#lenient) return undefined
    let end = start + raw.length
    if (after === '=' && /^=\s*(?:[{"\d]|[A-Za-z]\w*\s*[,#}])/.test(text.slice(end, end + 80))) {
      // This is already a field: the key or the comma after it is missing.
      end -= /[A-Za-z][\w:+.-]*\s*$/.exec(raw)?.[0].length ?? 0
      this.#notes.push(text.slice(start, end).trim() === '' ? 'the key is missing' : 'the comma after the key is missing')
    } else if (after === '{' || after === '"' || after === '=') {
      // Not valid in a key, but some files have such keys.
      const line = /[^,\n]*/y
      line.lastIndex = start
      end = start + line.exec(text)![0].length
    }
    this.#at = end
    return text.slice(start, end).replace(/\s+/g, ' ').trim()
  }

  #skipSeparators(): void {
    const separators = /(?:[\s,]+|%[^\n]*(?=\n|$))+/y
    separators.lastIndex = this.#at
    if (separators.test(this.#text)) this.#at = separators.lastIndex
  }

  /** Skips what is not a field, up to where the next one may begin. */
  #junk(): string | undefined {
    const from = this.#at
    const character = this.#text[from]!
    if (character === '{' || character === '"') {
      if (this.#delimited(character) === undefined) return undefined
    } else {
      const end = /[,})\n]/g
      end.lastIndex = from + 1
      const match = end.exec(this.#text)
      if (!match && !this.#lenient) return undefined
      this.#at = match?.index ?? this.#text.length
    }
    return this.#text.slice(from, this.#at).trim()
  }

  #value(): BibtexPiece[] | undefined {
    const pieces: BibtexPiece[] = []
    for (;;) {
      this.#space()
      const character = this.#text[this.#at]
      if (character === undefined && !this.#lenient) return undefined
      if (character === '{' || character === '"') {
        const text = this.#delimited(character)
        if (text === undefined) return undefined
        pieces.push({ text, bare: false })
      } else {
        const bare = /[^,{}()#"\n\r]*/y
        bare.lastIndex = this.#at
        const text = bare.exec(this.#text)![0]
        if (this.#at + text.length === this.#text.length && !this.#lenient) return undefined
        this.#at += text.length
        if (text.trim() !== '') pieces.push({ text: text.trim(), bare: true })
      }
      this.#space()
      if (this.#text[this.#at] === undefined && !this.#lenient) return undefined
      if (this.#text[this.#at] !== '#') return pieces
      this.#at++
    }
  }

  #space(): void {
    while (/\s/.test(this.#text[this.#at] ?? '')) this.#at++
  }

  /** Reads a value in braces or quotes, with the braces in it. */
  #delimited(mark: '{' | '"'): string | undefined {
    const text = this.#text
    const from = this.#at + 1
    let depth = 1
    for (let at = from; at < text.length; at++) {
      const code = text.charCodeAt(at)
      if (code === 123) {
        if (++depth > LIMITS.MAX_BRACE_DEPTH) this.#limit = 'MAX_BRACE_DEPTH'
      } else if (code === 125) {
        if (--depth === 0) {
          // An unclosed quote ends with its entry.
          this.#at = mark === '{' ? at + 1 : at
          return text.slice(from, at)
        }
      } else if (code === 34 && mark === '"' && depth === 1) {
        // A quote within quotes if neither a field nor the end follows.
        if (ENDS_VALUE.test(text.slice(at + 1, at + 80))) {
          this.#at = at + 1
          return text.slice(from, at)
        }
      } else if (code === 64) {
        if (!this.#lenient && beginsEntry(text, at)) return undefined
      } else if (this.#lenient && (code === 10 || code === 44)) {
        NEXT_FIELD.lastIndex = at
        if (NEXT_FIELD.test(text)) {
          this.#at = at
          return text.slice(from, at)
        }
      }
    }
    if (!this.#lenient) return undefined
    this.#at = text.length
    return text.slice(from)
  }
}

const ENDS_VALUE = /^\s*(?:[,#})]|$|[A-Za-z][\w:+.-]*\s*=)/
