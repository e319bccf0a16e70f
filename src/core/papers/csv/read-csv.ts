import { draftFromFields, type RawFields, type Schema } from '../fields/schema.js'
import { type Found, type RecordReader, rawExcerpt } from '../record.js'
import { type ColumnMapping, type ColumnProperty, columnSchema, RAW_HEADING, recogniseColumns, rowId } from './columns.js'
import { type CsvRow, CsvRows, csvDelimiter } from './csv-rows.js'

/** Reads a table with a row of headings, separated by commas, semicolons, tabs or bars. */
export function readCsv(mapping?: ColumnMapping): RecordReader {
  return new CsvReader(mapping)
}

class CsvReader implements RecordReader {
  readonly #mapping: ColumnMapping | undefined
  #head = ''
  #rows: CsvRows | undefined
  #headings: string[] | undefined
  #columns: Map<ColumnProperty | 'lastPage', string> = new Map()
  #schema: Schema = columnSchema(this.#columns)

  constructor(mapping: ColumnMapping | undefined) {
    this.#mapping = mapping
  }

  push(text: string): Found[] {
    if (this.#rows) return this.#found(this.#rows.push(text))
    this.#head += text
    // The first line is needed to detect the delimiter.
    if (!/\S[^\r\n]*[\r\n]/.test(this.#head) && this.#head.length < 100_000) return []
    return this.#start()
  }

  end(): Found[] {
    const found = this.#rows ? [] : this.#start()
    return [...found, ...this.#found(this.#rows!.end())]
  }

  #start(): Found[] {
    this.#rows = new CsvRows(this.#separator())
    const head = this.#head
    this.#head = ''
    return this.#found(this.#rows.push(head))
  }

  #separator(): string {
    const declared = /^\s*sep=(.)\s*[\r\n]+/.exec(this.#head)
    if (!declared) return csvDelimiter(this.#head)
    this.#head = this.#head.slice(declared[0].length)
    return declared[1]!
  }

  #found(rows: readonly CsvRow[]): Found[] {
    return rows.flatMap((row) => {
      if (this.#headings) return this.#record(row, this.#headings)
      this.#begin(row.cells)
      return []
    })
  }

  #begin(cells: readonly string[]): void {
    const seen = new Set<string>()
    this.#headings = cells.map((cell, index) => {
      const name = cell.replace(/^\ufeff/, '').trim() || `column ${index + 1}`
      const unique = seen.has(name) ? `${name} (${index + 1})` : name
      seen.add(unique)
      return unique
    })
    this.#columns = recogniseColumns(this.#headings, this.#mapping)
    this.#schema = columnSchema(this.#columns)
  }

  #record({ cells, line, raw, note }: CsvRow, headings: readonly string[]): Found[] {
    if (cells.every((cell) => cell.trim() === '')) return []
    const found: Found[] = []
    if (note !== undefined) found.push({ kind: 'noted', line, reason: note, raw: rawExcerpt(raw) })
    const extra = cells.slice(headings.length).some((cell) => cell.trim() !== '')
    if (extra)
      found.push({
        kind: 'noted',
        line,
        reason: `${cells.length} cells under ${headings.length} headings`,
        raw: rawExcerpt(raw),
      })
    const fields: RawFields = new Map()
    for (const [index, cell] of cells.entries())
      if (cell.trim() !== '') fields.set(headings[index] ?? `column ${index + 1}`, [cell])
    const id = rowId(fields, this.#columns)
    if (id !== undefined) fields.delete(this.#columns.get('id')!)
    const kept = [...fields].filter(([name]) => name.startsWith(RAW_HEADING))
    for (const [name] of kept) fields.delete(name)
    const draft = draftFromFields(fields, this.#schema)
    for (const [name, values] of kept) draft.fields = { ...draft.fields, [name.slice(RAW_HEADING.length)]: values }
    found.push({ draft: id === undefined ? draft : { id, ...draft }, line })
    return found
  }
}
