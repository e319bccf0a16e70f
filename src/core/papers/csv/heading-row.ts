import type { ColumnMapping } from './columns.js'
import { isBibliography, recogniseColumns } from './headings.js'

/** Rows in which the headings may be: what stands before them is a title, the search and its date. */
export const HEADING_ROWS = 40
/**
 * The index of the row of headings: the first with the most known ones.
 *
 * @returns -1 if no row has headings of a bibliography.
 */
export function headingRow(rows: readonly (readonly string[])[], mapping?: ColumnMapping): number {
  let best = -1
  let most = 0
  for (const [index, cells] of rows.slice(0, HEADING_ROWS).entries()) {
    if (!isTableHead(cells, mapping)) continue
    const known = recogniseColumns(cells, mapping).size
    if (known > most) [best, most] = [index, known]
  }
  return best
}

function isTableHead(cells: readonly string[], mapping: ColumnMapping | undefined): boolean {
  // Headings are short; a row of data may have a cell that is called like a column.
  if (cells.every((cell) => cell.trim() === '') || cells.some((cell) => cell.length > 200)) return false
  return isBibliography(cells) || Object.values(mapping ?? {}).some((name) => cells.some((cell) => cell.trim() === name?.trim()))
}
