import { draftFromFields, type RawFields, type Schema } from '../fields/schema.js'
import { LIMITS, limitError } from '../limits.js'
import { type Found, rawExcerpt } from '../record.js'
import { type ColumnMapping, columnSchema, RAW_HEADING, rowId } from './columns.js'
import type { CsvRow } from './csv-rows.js'
import { unknownHeadings } from './find-table.js'
import { headingRow } from './heading-row.js'
import { type Columns, recogniseColumns } from './headings.js'

/** Rows from which is told how people are separated. */
const SAMPLE_ROWS = 200

/** Reads the records of a table from its rows, in pieces. Rows before the headings are skipped. */
export class TableReader {
  readonly #mapping: ColumnMapping | undefined
  /** Rows held back until the headings and the separator of people are known. */
  #held: CsvRow[] = []
  #headings: string[] | undefined
  #columns: Columns = new Map()
  #schema: Schema = columnSchema(this.#columns)

  constructor(mapping?: ColumnMapping) {
    this.#mapping = mapping
  }

  push(rows: readonly CsvRow[], final: boolean): Found[] {
    if (this.#headings) return rows.flatMap((row) => this.#record(row, this.#headings!))
    this.#held.push(...rows)
    if (this.#held.length < SAMPLE_ROWS && !final) return []
    const held = this.#held
    this.#held = []
    if (held.length === 0) return []
    const found = headingRow(
      held.map(({ cells }) => cells),
      this.#mapping,
    )
    const at = Math.max(0, found)
    this.#begin(held[at]!.cells, held.slice(at + 1))
    const unknown: Found[] =
      found < 0 && this.#columns.size === 0
        ? [{ kind: 'lost', line: held[0]!.line, reason: unknownHeadings(held[0]!.cells), raw: rawExcerpt(held[0]!.raw) }]
        : []
    return [...unknown, ...this.push(held.slice(at + 1), final)]
  }

  #begin(cells: readonly string[], sample: readonly CsvRow[]): void {
    const seen = new Set<string>()
    this.#headings = cells.map((cell, index) => {
      const name = cell.replace(/^\ufeff/, '').trim() || `column ${index + 1}`
      const unique = seen.has(name) ? `${name} (${index + 1})` : name
      seen.add(unique)
      return unique
    })
    if (this.#headings.length > LIMITS.MAX_COLUMNS) throw limitError('MAX_COLUMNS', `${this.#headings.length} columns`)
    this.#columns = recogniseColumns(this.#headings, this.#mapping)
    const people = (this.#columns.get('authors') ?? []).map((heading) => this.#headings!.indexOf(heading))
    const separated = sample.some(({ cells: row }) => people.some((index) => /;/.test(row[index] ?? '')))
    this.#schema = columnSchema(this.#columns, separated ? 'within' : 'separate')
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
    if (id !== undefined) fields.delete(id.heading)
    const kept = [...fields].filter(([name]) => name.startsWith(RAW_HEADING))
    for (const [name] of kept) fields.delete(name)
    const draft = draftFromFields(fields, this.#schema)
    for (const [name, values] of kept) draft.fields = { ...draft.fields, [name.slice(RAW_HEADING.length)]: values }
    found.push({ draft: id === undefined ? draft : { id: id.id, ...draft }, line })
    return found
  }
}
