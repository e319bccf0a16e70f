import { strToU8, Zip, ZipDeflate } from 'fflate'
import { Specter2Error } from '../../errors.js'
import { TableColumns } from '../csv/table-columns.js'
import type { PaperWriter } from '../paper-writer.js'
import { escapeXml } from '../xml/escape-xml.js'

/** Excel's limits, which it states in its specification. */
const MAX_ROWS = 1_048_576
const MAX_CELL_CHARACTERS = 32_767
/** Characters of XML that are packed at a time. */
const PIECE = 65_536

const DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
const SHEETML = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main'
const RELATIONS = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'
const PACKAGE = 'http://schemas.openxmlformats.org/package/2006'
const CONTENT = 'application/vnd.openxmlformats-officedocument.spreadsheetml'
/** The parts that every workbook of one sheet has (ECMA-376, part 1, 12.3). */
const PARTS: Readonly<Record<string, string>> = {
  '[Content_Types].xml': `<Types xmlns="${PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="${CONTENT}.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="${CONTENT}.worksheet+xml"/><Override PartName="/xl/styles.xml" ContentType="${CONTENT}.styles+xml"/></Types>`,
  '_rels/.rels': `<Relationships xmlns="${PACKAGE}/relationships"><Relationship Id="rId1" Type="${RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
  'xl/workbook.xml': `<workbook xmlns="${SHEETML}" xmlns:r="${RELATIONS}"><sheets><sheet name="Papers" sheetId="1" r:id="rId1"/></sheets></workbook>`,
  'xl/_rels/workbook.xml.rels': `<Relationships xmlns="${PACKAGE}/relationships"><Relationship Id="rId1" Type="${RELATIONS}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="${RELATIONS}/styles" Target="styles.xml"/></Relationships>`,
  'xl/styles.xml': `<styleSheet xmlns="${SHEETML}"><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders><cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="2"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/><xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/></cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>`,
}
const SHEET_START = `<worksheet xmlns="${SHEETML}"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><sheetData>`

/**
 * Writes papers as a workbook of one sheet, with the columns that a CSV has. A text that is longer than a cell can be is cut.
 *
 * @throws Specter2Error `LIMIT_EXCEEDED` for more papers than a sheet has rows.
 */
export function xlsxWriter(): PaperWriter<Uint8Array<ArrayBuffer>> {
  const columns = new TableColumns()
  const out: Uint8Array<ArrayBuffer>[] = []
  const zip = new Zip((error, bytes) => {
    if (error) throw error
    out.push(bytes as Uint8Array<ArrayBuffer>)
  })
  const add = (path: string) => {
    const part = new ZipDeflate(path, { level: 6 })
    // The same papers give the same file.
    part.mtime = new Date(1980, 0, 1)
    zip.add(part)
    return part
  }
  let sheet: ZipDeflate
  let text = ''
  let rows = 0
  let names: string[] = []
  const row = (cells: readonly string[], style: string) => {
    if (++rows > MAX_ROWS)
      throw new Specter2Error('LIMIT_EXCEEDED', `A sheet has ${MAX_ROWS} rows. Write CSV, or fewer papers.`, {
        details: { limit: 'MAX_ROWS', value: MAX_ROWS },
      })
    text += `<row r="${rows}">${cells.map((value, column) => (value === '' ? '' : cell(value, `${letters(column)}${rows}`, names[column]!, style))).join('')}</row>`
    if (text.length < PIECE) return out.splice(0)
    sheet.push(strToU8(text))
    text = ''
    return out.splice(0)
  }
  return {
    scan: (paper) => columns.scan(paper),
    begin() {
      for (const [path, xml] of Object.entries(PARTS)) add(path).push(strToU8(DECLARATION + xml), true)
      sheet = add('xl/worksheets/sheet1.xml')
      text = DECLARATION + SHEET_START
      const { headings } = columns
      names = headings.map(() => '')
      const first = row(headings, ' s="1"')
      names = headings
      return first
    },
    write: (paper) => row(columns.cells(paper), ''),
    end() {
      sheet.push(strToU8(`${text}</sheetData></worksheet>`), true)
      zip.end()
      return out.splice(0)
    },
  }
}

/** Years are numbers, so that a spreadsheet sorts them; anything else is text, which no spreadsheet changes. */
function cell(value: string, reference: string, name: string, style: string): string {
  if (name === 'year' && /^\d{1,4}$/.test(value)) return `<c r="${reference}"><v>${Number(value)}</v></c>`
  // A surrogate pair is not cut in two.
  const cut = value.slice(0, MAX_CELL_CHARACTERS).replace(/[\ud800-\udbff]$/, '')
  return `<c r="${reference}"${style} t="inlineStr"><is><t xml:space="preserve">${escapeXml(escapeCharacters(cut))}</t></is></c>`
}

/** What XML cannot hold, or would change, is `_x000D_`; what looks like that is escaped, too. */
function escapeCharacters(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are to be found.
  return text.replace(/_(?=x[\da-fA-F]{4}_)|[\u0000-\u0008\u000b-\u001f\ufffe\uffff]/g, (character) => {
    const code = character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')
    return `_x${code}_`
  })
}

/** The letters of a column, from 0: `A` to `XFD`. */
function letters(column: number): string {
  const last = String.fromCharCode(65 + (column % 26))
  return column < 26 ? last : letters(Math.floor(column / 26) - 1) + last
}
