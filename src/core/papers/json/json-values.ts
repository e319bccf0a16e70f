import { LIMITS, limitError } from '../limits.js'

export interface JsonValue {
  text: string
  /** Line on which the value begins, from 1. */
  line: number
  /** Why the value is not valid JSON, if this was found while looking for its end. */
  broken?: string
  limit?: string
}

/** An object longer than this that begins with another one holds many records, such as SciDocs' by their ids. */
const KEYED_CHARACTERS = 2 ** 20

/** Keys under which the responses of APIs hold their records. */
const LISTS: ReadonlySet<string> = new Set(['results', 'data', 'items', 'papers', 'records', 'works'])

/**
 * Splits JSON that arrives in pieces into values: each line of JSON Lines, each element of an array, each element of the list in
 * an object such as `{ "results": [ … ] }`, or an object itself.
 */
export class JsonValues {
  #text = ''
  #at = 0
  #line = 1
  /** Where the current value begins; -1 between values. */
  #from = -1
  #fromLine = 1
  #depth = 0
  /** Depth at which values are: 0, 1 in an array, 2 in a list within an object. */
  #base = 0
  #inString = false
  #key = ''
  #keyFrom = -1
  /** Whether the current object has a title: then it is a record, and its lists are part of it. */
  #titled = false
  /** Whether the values are those of an object, by key. */
  #keyed = false
  /** Whether the values are in a list within an object. */
  #wrapped = false

  push(text: string): JsonValue[] {
    this.#text += text
    const values = this.#scan()
    if (this.#from >= 0 && this.#base === 0 && this.#text.length - this.#from > KEYED_CHARACTERS && this.#openKeyed())
      values.push(...this.#scan())
    const keep = this.#from < 0 ? this.#at : this.#from
    this.#text = this.#text.slice(keep)
    this.#at -= keep
    this.#keyFrom -= keep
    if (this.#from >= 0) this.#from = 0
    if (this.#from >= 0 && this.#text.length > LIMITS.MAX_RECORD_CHARACTERS) {
      const { message } = limitError('MAX_RECORD_CHARACTERS', 'JSON value')
      values.push({ text: this.#text, line: this.#fromLine, broken: message, limit: 'MAX_RECORD_CHARACTERS' })
      // Skip to its end, or to the next line that begins an object.
      this.#text = ''
      this.#at = 0
      this.#from = -1
      this.#depth = this.#base
      this.#inString = false
    }
    return values
  }

  end(): JsonValue[] {
    const rest = this.#from < 0 ? '' : this.#text.slice(this.#from).trim()
    return rest === '' ? [] : [{ text: rest, line: this.#fromLine, broken: 'the file ends within this value' }]
  }

  /** Goes back into an object that is too long for a record, if it begins with an object under a key: its values are the records. */
  #openKeyed(): boolean {
    const start = /^\{\s*(?="(?:[^"\\]|\\.)*"\s*:\s*\{)/.exec(this.#text.slice(this.#from, this.#from + 1_000))
    if (!start) return false
    this.#at = this.#from + start[0].length
    this.#line = this.#fromLine + (start[0].match(/\n/g)?.length ?? 0)
    this.#from = -1
    this.#base = this.#depth = 1
    this.#inString = false
    this.#keyed = true
    return true
  }

  #scan(): JsonValue[] {
    const values: JsonValue[] = []
    const text = this.#text
    for (; this.#at < text.length; this.#at++) {
      const code = text.charCodeAt(this.#at)
      if (this.#inString) {
        if (code === 92) {
          if (this.#at + 1 === text.length) break
          this.#at++
        } else if (code === 34) {
          this.#inString = false
          if (this.#depth === this.#base + 1 && this.#keyFrom >= 0) {
            this.#key = text.slice(this.#keyFrom, this.#at)
            if (this.#key === 'title') this.#titled = true
          }
        } else if (code === 10) {
          // A string cannot span lines: a quote is missing, and the next line may begin a record.
          this.#line++
          this.#inString = false
          if (this.#base === 0) values.push(...this.#broken('a string is not closed'))
        }
        continue
      }
      switch (code) {
        case 10:
          this.#line++
          // JSON Lines: an object is not closed at the end of its line, and the next line begins another.
          if (
            this.#base === 0 &&
            this.#depth > 0 &&
            /^\s*\{\s*"/.test(text.slice(this.#at + 1, this.#at + 40)) &&
            this.#oneLine()
          )
            values.push(...this.#broken('the line ends within this value'))
          break
        case 34:
          this.#inString = true
          this.#keyFrom = this.#at + 1
          break
        case 123:
        case 91:
          if (this.#depth === 0 && code === 91 && this.#base === 0 && this.#from < 0) {
            this.#base = this.#depth = 1
            break
          }
          if (this.#depth === 1 && this.#base === 0 && code === 91 && !this.#titled && LISTS.has(this.#key)) {
            this.#base = this.#depth = 2
            this.#wrapped = true
            this.#from = -1
            break
          }
          if (this.#depth === this.#base && this.#from < 0) {
            this.#from = this.#at
            this.#titled = false
            this.#fromLine = this.#line
          }
          if (++this.#depth > LIMITS.MAX_JSON_DEPTH + this.#base) throw limitError('MAX_JSON_DEPTH', 'Nested arrays and objects')
          break
        case 125:
        case 93:
          if (this.#depth === this.#base) {
            // The end of the list, or of the object around it.
            if (this.#base > 0 && code === 93) {
              this.#base = this.#depth = this.#wrapped ? 1 : 0
            } else if (this.#keyed && code === 125) {
              this.#base = this.#depth = 0
              this.#keyed = false
            } else if (this.#wrapped && code === 125) {
              this.#base = this.#depth = 0
              this.#wrapped = false
            }
            break
          }
          if (--this.#depth === this.#base) {
            if (this.#from >= 0 && !(this.#wrapped && this.#base === 1))
              values.push({ text: text.slice(this.#from, this.#at + 1), line: this.#fromLine })
            this.#from = -1
          }
          break
      }
    }
    return values
  }

  /** Whether the current value is on one line so far. */
  #oneLine(): boolean {
    return !this.#text.slice(this.#from, this.#at).includes('\n')
  }

  #broken(reason: string): JsonValue[] {
    const value = { text: this.#text.slice(Math.max(0, this.#from), this.#at), line: this.#fromLine, broken: reason }
    const had = this.#from >= 0
    this.#from = -1
    this.#depth = this.#base
    return had ? [value] : []
  }
}
