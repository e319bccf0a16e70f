/** What a spreadsheet takes as the beginning of a formula: `=`, `+`, `-`, `@`, their full-width forms, and white space before them. */
const FORMULA = /^'*[=+\-@\t\r\n＝＋－＠]/

/** A cell that no spreadsheet computes: with an apostrophe before what it would take as a formula. Numbers stay numbers. */
export function plainCell(text: string): string {
  return FORMULA.test(text) && !/^[+-]?\d+(?:[.,]\d+)?$/.test(text) ? `'${text}` : text
}

/** The text that {@link plainCell} was given. */
export function cellText(cell: string): string {
  return cell.charCodeAt(0) === 39 && FORMULA.test(cell) ? cell.slice(1) : cell
}
