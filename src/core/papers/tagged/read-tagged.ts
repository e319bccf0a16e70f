import { draftFromFields, type RawFields } from '../fields/schema.js'
import { LIMITS, limitError } from '../limits.js'
import { type Found, type RecordReader, rawExcerpt } from '../record.js'
import { LineSplitter } from '../text/line-splitter.js'
import { DIALECTS, type Dialect, type DialectName } from './dialects.js'

/** Reads a format with tags and values on lines: RIS, MEDLINE, Web of Science, Refer, Copac, Ovid and the like. */
export function readTagged(name: DialectName): RecordReader {
  return new TaggedReader(DIALECTS[name], name === 'ovid')
}

class TaggedReader implements RecordReader {
  readonly #dialect: Dialect
  /** Whether values are indented on the lines after their label, as in Ovid. */
  readonly #labels: boolean
  readonly #lines = new LineSplitter()
  #line = 0
  /** The current record, and the line on which it begins. */
  #fields: RawFields = new Map()
  #from = 0
  #size = 0
  /** What follows a first tag if the end of the record before is missing; it becomes a record once it has a title. */
  #pending: { fields: RawFields; from: number } | undefined
  /** The field that a continuation line adds to. */
  #last: string[] | undefined
  #lastTag = ''
  #afterBlank = false
  /** Ovid's first label; when it comes again, a record begins. */
  #firstLabel = ''
  #any = false
  #stray: { line: number; text: string } | undefined

  constructor(dialect: Dialect, labels: boolean) {
    this.#dialect = dialect
    this.#labels = labels
  }

  push(text: string): Found[] {
    const found: Found[] = []
    for (const line of this.#lines.push(text)) this.#read(line, found)
    return found
  }

  end(): Found[] {
    const found: Found[] = []
    for (const line of this.#lines.end()) this.#read(line, found)
    this.#mergePending()
    this.#finish(found)
    this.#reportStray(found)
    return found
  }

  #read(line: string, found: Found[]): void {
    const { ends, starts, header, first } = this.#dialect
    this.#line++
    if (line.trim() === '') {
      this.#afterBlank = true
      return
    }
    const afterBlank = this.#afterBlank
    this.#afterBlank = false
    if (ends?.test(line)) {
      this.#mergePending()
      this.#finish(found)
      return
    }
    if (starts?.test(line)) {
      this.#finish(found)
      this.#from = this.#line
      this.#any = true
      return
    }
    if (this.#last === undefined && this.#dialect.between?.test(line)) return
    const match = this.#dialect.line.exec(line)
    const tag = match ? (match[1] ?? match[2] ?? match[3]) : undefined
    if (match === null || tag === undefined) {
      this.#continue(line, found)
      return
    }
    // With labels, the value is in the third group, if it is on the same line.
    const value = (this.#labels ? match[3] : match[2]) ?? ''
    if (header?.has(tag)) {
      this.#last = undefined
      return
    }
    this.#reportStray(found)
    if (this.#begins(tag, first, afterBlank)) this.#begin(tag, found)
    this.#add(tag, value, found)
  }

  #begins(tag: string, first: string | undefined, afterBlank: boolean): boolean {
    if (this.#fields.size === 0) return false
    const { blankSeparates } = this.#dialect
    if (this.#labels) return tag === this.#firstLabel && this.#fields.has(tag)
    if (tag === first && this.#fields.has(first))
      return blankSeparates === false || blankSeparates === 'unless-first' || afterBlank || tag === 'PMID'
    if (tag === first && blankSeparates === 'unless-first') return true
    if (!afterBlank || blankSeparates === false) return false
    return blankSeparates === true || first === undefined || !this.#fields.has(first)
  }

  /** Begins a record; in a format with title tags, only once it has a title. */
  #begin(tag: string, found: Found[]): void {
    const { titles, first } = this.#dialect
    if (titles && titles.length > 0 && tag === first) {
      this.#mergePending()
      this.#pending = { fields: new Map(), from: this.#line }
    } else this.#finish(found)
  }

  #mergePending(): void {
    if (!this.#pending) return
    for (const [tag, values] of this.#pending.fields) this.#fields.set(tag, [...(this.#fields.get(tag) ?? []), ...values])
    this.#pending = undefined
  }

  #add(tag: string, value: string, found: Found[]): void {
    this.#any = true
    if (this.#labels && this.#firstLabel === '') this.#firstLabel = tag
    const pending = this.#pending
    if (pending && this.#dialect.titles!.includes(tag)) {
      // The pending record has a title. Does the current one have one, too?
      if (this.#dialect.titles!.some((title) => this.#fields.has(title))) {
        this.#pending = undefined
        this.#finish(found)
        this.#fields = pending.fields
        this.#from = pending.from
      } else this.#mergePending()
    }
    const fields = this.#pending?.fields ?? this.#fields
    if (this.#fields.size === 0 && !this.#pending && this.#from === 0) this.#from = this.#line
    const values = fields.get(tag)
    this.#last = values ?? []
    this.#lastTag = tag
    this.#size += value.length
    if (values) values.push(value.trim())
    else {
      this.#last = [value.trim()]
      fields.set(tag, this.#last)
    }
  }

  #continue(line: string, found: Found[]): void {
    if (this.#last === undefined) {
      // Lines before the first record are the provider's preface.
      if (this.#any) this.#stray = { line: this.#stray?.line ?? this.#line, text: `${this.#stray?.text ?? ''}${line}\n` }
      return
    }
    const text = line.trim()
    this.#size += text.length
    if (this.#size > LIMITS.MAX_RECORD_CHARACTERS) {
      const { message } = limitError('MAX_RECORD_CHARACTERS', 'Record without an end')
      found.push({ kind: 'lost', line: this.#from, reason: message, raw: rawExcerpt(line), limit: 'MAX_RECORD_CHARACTERS' })
      this.#reset()
    } else if (this.#dialect.lists?.has(this.#lastTag)) this.#last.push(text)
    else {
      const before = this.#last.at(-1)!
      this.#last[this.#last.length - 1] = before === '' ? text : `${before}\n${text}`
    }
  }

  #finish(found: Found[]): void {
    this.#reportStray(found)
    const fields: RawFields = new Map()
    for (const [tag, values] of this.#fields) {
      const nonEmpty = values.filter((value) => value !== '')
      if (nonEmpty.length > 0) fields.set(tag, nonEmpty)
    }
    if (fields.size > 0) found.push({ draft: draftFromFields(fields, this.#dialect.schema), line: this.#from })
    this.#reset()
  }

  #reset(): void {
    this.#fields = new Map()
    this.#from = 0
    this.#size = 0
    this.#last = undefined
    this.#pending = undefined
  }

  #reportStray(found: Found[]): void {
    if (!this.#stray) return
    found.push({
      kind: 'noted',
      line: this.#stray.line,
      raw: rawExcerpt(this.#stray.text.trim()),
      reason: 'these lines do not belong to a record',
    })
    this.#stray = undefined
  }
}
