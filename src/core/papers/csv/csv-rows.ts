import { LIMITS, limitError } from '../limits.js'
import { cellText } from './formula-cells.js'

export interface CsvRow {
  cells: string[]
  /** Line on which the row begins, from 1. */
  line: number
  raw: string
  /** What had to be guessed. */
  note?: string
}

/** A quoted cell longer than this has lost its closing quote: abstracts have 5,000 characters, the longest cells 200,000. */
const QUOTED_CHARACTERS = 2 ** 20

/** Reads the rows of a table in pieces (RFC 4180). A quote in an unquoted cell is a plain quote. */
export class CsvRows {
  readonly #delimiter: string
  #text = ''
  #line = 1
  #tryAt = 0
  /** Up to here, no quote closes one that opened before. */
  #unclosedTo = 0

  constructor(delimiter: string) {
    this.#delimiter = delimiter
  }

  push(text: string): CsvRow[] {
    this.#text += text
    if (this.#text.length < this.#tryAt) return []
    return this.#read(false)
  }

  end(): CsvRow[] {
    return this.#read(true)
  }

  #read(final: boolean): CsvRow[] {
    const rows: CsvRow[] = []
    let at = 0
    for (;;) {
      const row = this.#row(at, final)
      if (!row) break
      at = row.end
      if (row.cells.length > 1 || row.cells[0] !== '') {
        if (row.cells.length > LIMITS.MAX_COLUMNS)
          throw limitError('MAX_COLUMNS', `${row.cells.length} columns in line ${row.line}`)
        rows.push(row)
      }
    }
    this.#text = this.#text.slice(at)
    this.#unclosedTo = Math.max(0, this.#unclosedTo - at)
    this.#tryAt = this.#text.length < 100_000 ? 0 : this.#text.length * 1.5
    return rows
  }

  #row(from: number, final: boolean): (CsvRow & { end: number }) | undefined {
    if (from >= this.#text.length) return undefined
    const quoted = this.#cells(from, final, true)
    const row = quoted === 'open' ? this.#cells(from, true, false) : quoted
    if (row === undefined || row === 'open') return undefined
    const raw = this.#text.slice(from, row.end)
    const line = this.#line
    for (let next = raw.search(/\r\n|\r|\n/); next >= 0; ) {
      this.#line++
      const after = next + (raw.startsWith('\r\n', next) ? 2 : 1)
      const more = raw.slice(after).search(/\r\n|\r|\n/)
      next = more < 0 ? -1 : after + more
    }
    return {
      cells: row.cells,
      end: row.end,
      line,
      raw: raw.trimEnd(),
      ...(quoted === 'open' && { note: 'a quote is not closed; the row was read up to the end of its line' }),
    }
  }

  /** `undefined` if more text is needed, `open` if a quote is never closed. */
  #cells(from: number, final: boolean, quotes: boolean): { cells: string[]; end: number } | 'open' | undefined {
    const text = this.#text
    const cells: string[] = []
    let at = from
    for (;;) {
      let cell = ''
      if (quotes && text[at] === '"') {
        const close = this.#closingQuote(at, final)
        if (typeof close !== 'number') return close
        cell = text.slice(at + 1, close).replace(/""?/g, '"')
        at = close + 1
      } else {
        const end = this.#cellEnd(at)
        if (end === text.length && !final) return undefined
        cell = text.slice(at, end)
        at = end
      }
      cells.push(cellText(cell))
      if (at >= text.length) return final ? { cells, end: at } : undefined
      if (text[at] === this.#delimiter) {
        at++
        continue
      }
      if (text[at] === '\r') {
        if (at + 1 === text.length && !final) return undefined
        return { cells, end: text[at + 1] === '\n' ? at + 2 : at + 1 }
      }
      return { cells, end: at + 1 }
    }
  }

  /** Where the quote that opens at `opened` closes: before a delimiter, or at the end of a line. Two quotes are one in the cell. */
  #closingQuote(opened: number, final: boolean): number | 'open' | undefined {
    const text = this.#text
    let isFirst = true
    for (let at = opened + 1; ; ) {
      let close = text.indexOf('"', at)
      isFirst &&= close === at
      // Further quotes there close nothing, as an earlier row has found; else each row would look at them again.
      if (!isFirst && close >= 0 && close < this.#unclosedTo) close = text.indexOf('"', this.#unclosedTo)
      if (close < 0 || close - opened > QUOTED_CHARACTERS) {
        if (!final && text.length - opened <= QUOTED_CHARACTERS) return undefined
        this.#unclosedTo = close < 0 ? text.length : close
        return 'open'
      }
      if (close + 1 === text.length && !final) return undefined
      at = close + 1
      if (text[at] === '"') at++
      else if (this.#ends(at)) return close
    }
  }

  #ends(at: number): boolean {
    const character = this.#text[at]
    return character === undefined || character === this.#delimiter || character === '\n' || character === '\r'
  }

  #cellEnd(from: number): number {
    let at = from
    while (at < this.#text.length && !this.#ends(at)) at++
    return at
  }
}

/** The delimiter of a table: comma, semicolon, tab or bar, whichever yields the most headings. */
export function csvDelimiter(head: string): string {
  const line = /^[^\r\n]*/.exec(head.replace(/^(?:\s*[\r\n])+/, ''))![0].replace(/"[^"]*"/g, '')
  const counts = [',', ';', '\t', '|'].map((delimiter) => ({ delimiter, count: line.split(delimiter).length }))
  return counts.reduce((best, next) => (next.count > best.count ? next : best)).delimiter
}
