import { CsvRows, csvDelimiter } from '../../src/core/papers/csv/csv-rows.js'
import type { ColumnMapping, ColumnProperty } from '../../src/core/papers/index.js'
import { RECORD_FIELDS } from '../paper/record-fields.js'
import { button, element, type Option, select, setChildren } from '../ui/dom.js'

/** The start of a table whose headings were not recognised. */
export interface UnknownTable {
  headings: readonly string[]
  /** Its first rows. */
  rows: readonly (readonly string[])[]
}

const SNIFFED_BYTES = 65_536
const SHOWN_ROWS = 3
const PROPERTIES: readonly Option[] = [['', 'not used'], ...RECORD_FIELDS, ['type', 'Type'], ['key', 'Key of the record']]

/** The table that a text file holds; `null` if it does not look like one: two columns or more, and as many cells in most rows. */
export async function tableOf(file: File): Promise<UnknownTable | null> {
  const text = (await file.slice(0, SNIFFED_BYTES).text()).replace(/^\ufeff/, '')
  if (text.includes('\u0000') || text.includes('\ufffd')) return null
  const reader = new CsvRows(csvDelimiter(text))
  const [head, ...rows] = [...reader.push(text), ...(file.size <= SNIFFED_BYTES ? reader.end() : [])]
    .map(({ cells }) => cells.map((cell) => cell.trim()))
    .filter((cells) => cells.some((cell) => cell !== ''))
  if (!head || head.length < 2 || rows.length === 0) return null
  const even = rows.filter((cells) => cells.length === head.length).length
  return even >= 0.8 * rows.length ? { headings: head, rows: rows.slice(0, 20) } : null
}

/** What each column seems to hold, by its first values; `''`: unknown. */
export function guessColumns({ headings, rows }: UnknownTable): (ColumnProperty | '')[] {
  const values = headings.map((_, column) => rows.map((cells) => cells[column] ?? '').filter(Boolean))
  const share = (column: number, form: RegExp) =>
    values[column]!.filter((value) => form.test(value)).length / (values[column]!.length || 1)
  const length = (column: number) => values[column]!.reduce((sum, value) => sum + value.length, 0) / (values[column]!.length || 1)
  const guessed: (ColumnProperty | '')[] = headings.map(() => '')
  const give = (property: ColumnProperty, fits: (column: number) => boolean, rank: (column: number) => number = () => 0) => {
    const free = headings.map((_, column) => column).filter((column) => guessed[column] === '' && fits(column))
    const best = free.sort((a, b) => rank(b) - rank(a))[0]
    if (best !== undefined) guessed[best] = property
  }
  give('doi', (column) => share(column, /\b10\.\d{4,9}\//) > 0.5)
  give('year', (column) => share(column, /^(?:1[6-9]|20)\d\d$/) > 0.7)
  give('abstract', (column) => length(column) > 250, length)
  give('authors', (column) => share(column, /\p{Lu}[\p{L}'’-]+,? \p{Lu}\.?.*(?:;|,| and |&)|^\p{Lu}[\p{L}'’-]+, \p{Lu}/u) > 0.5)
  give('title', (column) => length(column) >= 15, length)
  return guessed
}

/** Asks which column is what, over the first rows. @param onRead Gets the headings of the columns that are used. */
export function mappingPanel(name: string, table: UnknownTable, onRead: (mapping: ColumnMapping) => void): HTMLElement {
  const guessed = guessColumns(table)
  const selects = table.headings.map((heading, column) =>
    select({ 'aria-label': `Column ${heading || column + 1}` }, PROPERTIES, guessed[column]),
  )
  const problem = element('span', { class: 'hint', role: 'status' })
  const read = () => {
    const chosen = selects.map(({ value }) => value)
    const used = chosen.filter(Boolean)
    if (!used.includes('title')) problem.textContent = 'Say which column has the titles.'
    else if (new Set(used).size < used.length) problem.textContent = 'Two columns have the same meaning. Choose one of them.'
    else
      onRead(Object.fromEntries(chosen.flatMap((property, column) => (property ? [[property, headingAt(table, column)]] : []))))
  }
  const row = (cells: readonly string[]) =>
    element('tr', {}, ...table.headings.map((_, column) => element('td', { dir: 'auto' }, (cells[column] ?? '').slice(0, 80))))
  const section = element('section', { 'aria-label': `Columns of ${name}` })
  setChildren(
    section,
    element('h3', {}, `${name}: which column is what?`),
    element('p', { class: 'hint' }, 'This is a table, but its headings are not known. Say what the columns hold.'),
    element(
      'div',
      { class: 'table', tabindex: '0', role: 'region', 'aria-label': `First rows of ${name}` },
      element(
        'table',
        {},
        element(
          'thead',
          {},
          element('tr', {}, ...table.headings.map((heading) => element('th', { scope: 'col' }, heading))),
          element('tr', {}, ...selects.map((made) => element('td', {}, made))),
        ),
        element('tbody', {}, ...table.rows.slice(0, SHOWN_ROWS).map(row)),
      ),
    ),
    element('p', { class: 'dialog-actions' }, button('Read with these columns', read, { class: 'secondary' }), problem),
  )
  return section
}

/** As the reader names a column without a heading. */
const headingAt = ({ headings }: UnknownTable, column: number) => headings[column] || `column ${column + 1}`
