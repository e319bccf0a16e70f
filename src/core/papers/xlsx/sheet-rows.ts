import type { ZipEntries } from '../archives/zip-entries.js'
import type { CsvRow } from '../csv/csv-rows.js'
import { LIMITS, limitError } from '../limits.js'
import { parsePart } from './sheet-xml.js'
import { unescaped, type Workbook } from './workbook.js'

/** Reads the rows of a sheet, as many at a time as a piece of it holds. */
export function* sheetRows(zip: ZipEntries, path: string, workbook: Workbook): Generator<CsvRow[], void, void> {
  let rows: CsvRow[] = []
  let cells: string[] = []
  let line = 0
  let size = 0
  let column = -1
  let type = ''
  let style = 0
  let value = ''
  let reading = false
  let phonetic = 0
  const finishCell = () => {
    const text = cellText(type, value, style, workbook)
    if (text === '') return
    if (column >= LIMITS.MAX_COLUMNS) throw limitError('MAX_COLUMNS', `A cell in column ${column + 1} of row ${line}`)
    size += text.length
    if (size > LIMITS.MAX_RECORD_CHARACTERS) throw limitError('MAX_RECORD_CHARACTERS', `Row ${line}`)
    // A text that many cells share is unpacked once, but read as often.
    zip.meter.unpacked += type === 's' ? text.length : 0
    while (cells.length < column) cells.push('')
    cells[column] = text
  }
  const pieces = parsePart(zip.read(path), {
    open(name, attributes) {
      if (name === 'row') {
        line = Number(attributes.r) || line + 1
        cells = []
        size = 0
        column = -1
      } else if (name === 'c') {
        column = columnOf(attributes.r) ?? column + 1
        type = attributes.t ?? 'n'
        style = Number(attributes.s ?? 0)
        value = ''
      } else if (name === 'rPh') phonetic++
      else reading = (name === 'v' || name === 't') && phonetic === 0
    },
    close(name) {
      reading = false
      if (name === 'rPh') phonetic--
      if (name === 'c') finishCell()
      if (name === 'row' && cells.length > 0) {
        zip.meter.check()
        rows.push(new SheetRow(cells, line))
      }
    },
    text(piece) {
      if (!reading) return
      value += piece
      if (value.length > LIMITS.MAX_RECORD_CHARACTERS) throw limitError('MAX_RECORD_CHARACTERS', `A cell in row ${line}`)
    },
  })
  for (const _ of pieces) {
    if (rows.length === 0) continue
    yield rows
    rows = []
  }
}

/** A row whose raw text is made only if a problem is reported. */
class SheetRow implements CsvRow {
  readonly cells: string[]
  readonly line: number

  constructor(cells: string[], line: number) {
    this.cells = cells
    this.line = line
  }

  get raw(): string {
    return this.cells.join('\t')
  }
}

/** The column of a reference, from 0: `B7` is 1. */
function columnOf(reference: string | undefined): number | undefined {
  const letters = /^\$?([A-Z]{1,3})/i.exec(reference ?? '')?.[1]?.toUpperCase()
  if (letters === undefined) return undefined
  return [...letters].reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0) - 1
}

function cellText(type: string, value: string, style: number, { shared, dates, from1904 }: Workbook): string {
  switch (type) {
    case 's':
      return shared[Number(value)] ?? ''
    case 'inlineStr':
    case 'str':
      return unescaped(value)
    case 'b':
      return value === '1' ? 'TRUE' : value === '0' ? 'FALSE' : ''
    // The error of a formula is no value.
    case 'e':
      return ''
    case 'd':
      return value
  }
  const number = Number(value)
  if (value.trim() === '' || !Number.isFinite(number)) return value.trim()
  if (dates[style] && number > 0 && number < 2_958_466) return isoDate(number, from1904)
  return Number.isInteger(number) && Math.abs(number) < 1e15 ? String(number) : value.trim()
}

/** The date of a day's number: day 60 of 1900 is a leap day that there was not. */
function isoDate(days: number, from1904: boolean): string {
  const since = from1904 ? Date.UTC(1904, 0, 1) : Date.UTC(1899, 11, days < 60 ? 31 : 30)
  return new Date(since + Math.floor(days) * 86_400_000).toISOString().slice(0, 10)
}
