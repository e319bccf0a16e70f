import { draftFromFields, type RawFields } from '../fields/schema.js'
import { LIMITS, limitError } from '../limits.js'
import { type Found, type RecordReader, rawExcerpt } from '../record.js'
import { type BibtexEntry, ENTRY_START, nextEntry, scanBalanced, scanEntry } from './bibtex-scanner.js'
import { BIBTEX, ENTRY_TYPE } from './bibtex-schema.js'
import { Inheritance } from './inheritance.js'

/** Entries that hold data of others or of programs (BibLaTeX's manual, 2.1.1; REVTeX), and are no papers. */
const NO_PAPERS = new Set(['xdata', 'set', 'control', 'bibnote'])
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']

/**
 * Reads BibTeX and BibLaTeX: `@string` and `#`, entries in braces or parentheses, `crossref` and `xdata`. If a closing brace is
 * missing, the entry ends before the next line that begins one. Entries that inherit from a later one come last.
 */
export function readBibtex(): RecordReader {
  return new BibtexReader()
}

class BibtexReader implements RecordReader {
  /** Text that has not been read yet; it begins on `#line`. */
  #text = ''
  #line = 1
  /** Length of the text at which reading is tried again. */
  #tryAt = 0
  #records = 0
  readonly #strings = new Map<string, string>()
  readonly #inheritance = new Inheritance()

  push(text: string): Found[] {
    this.#text += text
    if (this.#text.length < this.#tryAt) return []
    return this.#read(false)
  }

  end(): Found[] {
    const found = this.#read(true)
    for (const { raw, missing, tag } of this.#inheritance.rest()) {
      found.push({ ...tag, draft: draftFromFields(raw, BIBTEX) })
      if (missing.length > 0)
        found.push({
          kind: 'noted',
          line: tag.line,
          raw: missing.join(', '),
          reason: 'the record inherits from one that is not in the file',
        })
    }
    return found
  }

  #read(final: boolean): Found[] {
    const found: Found[] = []
    const text = this.#text
    let at = 0
    let counted = 0
    let line = this.#line
    const lineOf = (position: number) => {
      for (let next = text.indexOf('\n', counted); next >= 0 && next < position; next = text.indexOf('\n', next + 1)) line++
      counted = Math.max(counted, position)
      return line
    }
    for (;;) {
      ENTRY_START.lastIndex = at
      const start = ENTRY_START.exec(text)
      if (!start) {
        // The start of an entry may be cut in two.
        const cut = final ? -1 : text.lastIndexOf('@')
        at = cut >= at && text.length - cut < 200 ? cut : text.length
        break
      }
      const type = start[1]!.toLowerCase()
      const open = start.index + start[0].length - 1
      if (type === 'comment' || type === 'preamble') {
        const end = scanBalanced(text, open)
        const broken = nextEntry(text, open + 1)
        if (end === undefined && broken < 0 && !final && text.length - open < LIMITS.MAX_RECORD_CHARACTERS) {
          at = start.index
          break
        }
        // If it is not closed, only its own line is skipped.
        at = end ?? (broken < 0 ? open + 1 : broken)
        continue
      }
      const entry = scanEntry(text, type, open, final)
      if (!entry) {
        if (text.length - start.index <= LIMITS.MAX_RECORD_CHARACTERS) {
          at = start.index
          break
        }
        const { message } = limitError('MAX_RECORD_CHARACTERS', 'Entry without an end')
        found.push({
          kind: 'lost',
          line: lineOf(start.index),
          reason: message,
          raw: rawExcerpt(text.slice(start.index)),
          limit: 'MAX_RECORD_CHARACTERS',
        })
        at = open + 1
        continue
      }
      if (type === 'string') {
        for (const { name, pieces } of entry.fields) this.#strings.set(name, this.#value(pieces, entry.notes))
        const reason = entry.notes.filter((note) => note !== 'the key is missing').join('; ')
        if (reason !== '')
          found.push({ kind: 'noted', line: lineOf(start.index), reason, raw: rawExcerpt(text.slice(start.index, entry.end)) })
      } else this.#found(entry, lineOf(start.index), text.slice(start.index, entry.end), found)
      at = entry.end
      const stray = /^\s*,\s*[A-Za-z][\w-]*\s*=\s*[{"\d][^@]*/.exec(text.slice(at, at + 2_000))?.[0]
      if (stray !== undefined)
        found.push({
          kind: 'noted',
          line: lineOf(at),
          raw: rawExcerpt(stray.trim()),
          reason: 'a surplus brace ended the record before these fields',
        })
    }
    this.#line = lineOf(at)
    this.#text = text.slice(at)
    // Scanning a long entry again for each piece would take quadratic time.
    this.#tryAt = this.#text.length < 100_000 ? 0 : this.#text.length * 1.5
    return found
  }

  #found(entry: BibtexEntry, line: number, source: string, found: Found[]): void {
    if (entry.limit) {
      const { message } = limitError(entry.limit, 'Nested braces')
      found.push({ kind: 'lost', line, reason: message, raw: rawExcerpt(source), limit: entry.limit })
      return
    }
    const raw: RawFields = new Map()
    raw.set(ENTRY_TYPE, [entry.type])
    if (entry.key !== '') raw.set('citekey', [entry.key])
    for (const { name, pieces } of entry.fields) {
      const value = this.#value(pieces, entry.notes)
      const values = raw.get(name)
      if (values) values.push(value)
      else raw.set(name, [value])
    }
    if (entry.notes.length > 0) found.push({ kind: 'noted', line, reason: entry.notes.join('; '), raw: rawExcerpt(source) })
    if (NO_PAPERS.has(entry.type)) {
      this.#inheritance.addParent(raw)
      return
    }
    const tag = { line, record: ++this.#records }
    for (const done of this.#inheritance.add(raw, tag)) found.push({ ...done.tag, draft: draftFromFields(done.raw, BIBTEX) })
  }

  #value(pieces: BibtexEntry['fields'][number]['pieces'], notes: string[]): string {
    // A chain of definitions, each twice as long as the one before, would be a bomb.
    let value = ''
    for (const { text, bare } of pieces) {
      value += bare ? this.#word(text, notes) : text
      if (value.length > LIMITS.MAX_RECORD_CHARACTERS) {
        notes.push(limitError('MAX_RECORD_CHARACTERS', 'Value made of @string definitions').message)
        return ''
      }
    }
    return value.trim()
  }

  #word(word: string, notes: string[]): string {
    const name = word.toLowerCase()
    const value = this.#strings.get(name)
    if (value !== undefined) return value
    if (/[^\d\s]/.test(word) && !MONTHS.includes(name)) notes.push(`@string ${word.slice(0, 60)} is not defined`)
    return word
  }
}
