import type { PaperWriter } from '../paper-writer.js'
import { TableColumns } from './table-columns.js'

/** Writes papers as a table (RFC 4180), one row each. Begins with a byte order mark, without which Excel does not read it as UTF-8. */
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
  return `${cells.map((cell) => (/[",;\t|\r\n]|^\s|\s$/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(',')}\r\n`
}
