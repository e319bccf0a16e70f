import type { ColumnMapping } from './columns.js'
import { CsvRows, csvDelimiter } from './csv-rows.js'
import { headingRow } from './heading-row.js'
import { recogniseColumns } from './headings.js'

export interface FoundTable {
  /** The text without Excel's line `sep=;`. */
  text: string
  delimiter: string
  /** How many columns are known; 0 if there are no headings of a bibliography in the first rows. */
  known: number
  /** Cells of the row of headings, or of the first row if none is known. */
  headings: readonly string[]
}

/** Finds the delimiter of a table, and whether it has headings of a bibliography, perhaps below other lines. */
export function findTable(head: string, mapping?: ColumnMapping): FoundTable {
  const declared = /^\ufeff?\s*sep=(.)\s*[\r\n]+/.exec(head)
  const text = head.slice(declared?.[0].length ?? 0)
  const found = (declared ? [declared[1]!] : [',', ';', '\t', '|']).map((delimiter): FoundTable => {
    const rows = new CsvRows(delimiter)
    const cells = [...rows.push(text), ...rows.end()].map((row) => row.cells)
    const at = headingRow(cells, mapping)
    const headings = cells[Math.max(0, at)] ?? []
    return { text, delimiter, known: at < 0 ? 0 : recogniseColumns(headings, mapping).size, headings }
  })
  const best = found.reduce((most, next) => (next.known > most.known ? next : most))
  if (best.known > 0 || declared) return best
  const delimiter = csvDelimiter(text)
  return found.find((table) => table.delimiter === delimiter)!
}

/** What is wrong with a table whose headings are not known; `undefined` if the text is no table. */
export function unknownTable(head: string): string | undefined {
  const { headings } = findTable(head)
  if (headings.length < 2 || headings.some((cell) => cell.length > 100)) return undefined
  return unknownHeadings(headings)
}

/** The reason for a table whose headings are not known. */
export function unknownHeadings(cells: readonly string[]): string {
  const names = cells.map((cell) => cell.trim()).filter((cell) => cell !== '')
  const shown = names.slice(0, 20).map((name) => `“${name.slice(0, 40)}”`)
  return `This is a table, but no heading tells the titles: ${shown.join(', ')}. Say with mapping (read --map title=HEADING) which column has them.`
}
