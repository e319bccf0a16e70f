import type { Found, RecordReader } from '../record.js'
import type { ColumnMapping } from './columns.js'
import { CsvRows } from './csv-rows.js'
import { findTable } from './find-table.js'
import { TableReader } from './table-reader.js'

/** Characters in which the headings are looked for. */
const HEAD = 32_768

/** Reads a table with a row of headings, separated by commas, semicolons, tabs or bars. */
export function readCsv(mapping?: ColumnMapping): RecordReader {
  return new CsvReader(mapping)
}

class CsvReader implements RecordReader {
  readonly #mapping: ColumnMapping | undefined
  readonly #table: TableReader
  #head = ''
  #rows: CsvRows | undefined

  constructor(mapping: ColumnMapping | undefined) {
    this.#mapping = mapping
    this.#table = new TableReader(mapping)
  }

  push(text: string): Found[] {
    if (this.#rows) return this.#table.push(this.#rows.push(text), false)
    this.#head += text
    return this.#head.length < HEAD ? [] : this.#start()
  }

  end(): Found[] {
    const found = this.#rows ? [] : this.#start()
    return [...found, ...this.#table.push(this.#rows!.end(), true)]
  }

  #start(): Found[] {
    const { text, delimiter } = findTable(this.#head, this.#mapping)
    this.#head = ''
    this.#rows = new CsvRows(delimiter)
    return this.#table.push(this.#rows.push(text), false)
  }
}
