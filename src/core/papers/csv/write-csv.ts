import type { PaperWriter } from '../paper-writer.js'
import { plainCell } from './formula-cells.js'
import { TableColumns } from './table-columns.js'

/**
 * Writes papers as a table (RFC 4180), one row each. Begins with a byte order mark, without which Excel does not read it as UTF-8.
 * Text that a spreadsheet would compute has an apostrophe before it, which the reader takes away.
 */
export function csvWriter(): PaperWriter<string> {
  const columns = new TableColumns()
  return {
    scan: (paper) => columns.scan(paper),
    begin: () => [`\ufeff${row(columns.headings)}`],
    write: (paper) => [row(columns.cells(paper))],
    end: () => [],
  }
}

function row(cells: readonly string[]): string {
  return `${cells.map(quoted).join(',')}\r\n`
}

function quoted(text: string): string {
  const cell = plainCell(text)
  return /[",;\t|\r\n]|^\s|\s$/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell
}
