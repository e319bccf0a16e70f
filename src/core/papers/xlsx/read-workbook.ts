import { Specter2Error } from '../../errors.js'
import { ZipEntries } from '../archives/zip-entries.js'
import type { ColumnMapping } from '../csv/columns.js'
import type { CsvRow } from '../csv/csv-rows.js'
import { HEADING_ROWS, headingRow } from '../csv/heading-row.js'
import { TableReader } from '../csv/table-reader.js'
import type { Found } from '../record.js'
import { sheetRows } from './sheet-rows.js'
import { openWorkbook, type Sheet, type Workbook } from './workbook.js'

/**
 * Reads the records of a workbook's first sheet that has headings of a bibliography, in pieces.
 *
 * @throws Specter2Error `LIMIT_EXCEEDED` for a bomb, `UNREADABLE_FILE` if it is damaged or no workbook.
 */
export function* readWorkbook(bytes: Uint8Array, mapping?: ColumnMapping): Generator<Found[], void, void> {
  const zip = new ZipEntries(bytes)
  const workbook = openWorkbook(zip)
  if (workbook === undefined)
    throw new Specter2Error(
      'UNREADABLE_FILE',
      'This is an Office document, but not a workbook. Export the references as RIS or BibTeX.',
    )
  const isTable = (sheet: Sheet) =>
    headingRow(
      firstRows(zip, sheet, workbook).map(({ cells }) => cells),
      mapping,
    ) >= 0
  const tables = workbook.sheets.filter(isTable)
  const sheet = tables[0] ?? workbook.sheets.find((candidate) => firstRows(zip, candidate, workbook).length > 0)
  if (sheet === undefined) return
  const table = new TableReader(mapping)
  for (const rows of sheetRows(zip, sheet.path, workbook)) yield table.push(rows, false)
  yield table.push([], true)
  if (tables.length > 1) {
    const others = tables.slice(1).map(({ name }) => `“${name}”`)
    yield [
      {
        kind: 'noted',
        reason: `Only the sheet “${sheet.name}” is read. Save ${others.join(', ')} as files of their own.`,
        raw: '',
      },
    ]
  }
}

/** The rows in which the headings may be. */
function firstRows(zip: ZipEntries, sheet: Sheet, workbook: Workbook): CsvRow[] {
  const found: CsvRow[] = []
  for (const rows of sheetRows(zip, sheet.path, workbook)) {
    found.push(...rows)
    if (found.length >= HEADING_ROWS) break
  }
  return found
}
