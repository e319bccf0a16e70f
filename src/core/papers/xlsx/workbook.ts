import type { ZipEntries } from '../archives/zip-entries.js'
import { LIMITS, limitError } from '../limits.js'
import { parsePart, type XmlHandlers } from './sheet-xml.js'

/** A sheet of a workbook. */
export interface Sheet {
  name: string
  /** Path in the package. */
  path: string
}

/** What the cells of all sheets refer to. */
export interface Workbook {
  sheets: readonly Sheet[]
  /** Texts that cells share, by index. */
  shared: readonly string[]
  /** Whether numbers of a style are dates, by the style's index. */
  dates: readonly boolean[]
  /** Whether days are counted from 1904 rather than 1900. */
  from1904: boolean
}

/** Reads what a workbook's sheets need (ECMA-376, part 1, 18). @returns `undefined` if the package is not a workbook. */
export function openWorkbook(zip: ZipEntries): Workbook | undefined {
  const path = zip.paths.find((name) => /^xl\/workbook\.xml$/i.test(name))
  if (path === undefined) return undefined
  const named: { name: string; id: string }[] = []
  let from1904 = false
  parse(zip, path, {
    open(name, attributes) {
      if (name === 'sheet') named.push({ name: attributes.name ?? '', id: attribute(attributes, 'id') })
      if (name === 'workbookPr') from1904 = /^(?:1|true)$/.test(attributes.date1904 ?? '')
    },
  })
  const targets = new Map<string, string>()
  parse(zip, 'xl/_rels/workbook.xml.rels', {
    open(name, attributes) {
      if (name === 'Relationship') targets.set(attributes.Id ?? '', attributes.Target ?? '')
    },
  })
  const inPackage = (target: string) => (target.startsWith('/') ? target.slice(1) : `xl/${target.replace(/^\.\//, '')}`)
  const related = named.map(({ name, id }) => ({ name, path: inPackage(targets.get(id) ?? '') }))
  // Without relations, sheets are found by their usual names.
  const usual = zip.paths.filter((name) => /^xl\/worksheets\/[^/]+\.xml$/i.test(name)).map((name) => ({ name, path: name }))
  const found = related.filter((sheet) => zip.paths.includes(sheet.path) && !sheet.path.includes('chartsheets/'))
  return { sheets: found.length > 0 ? found : usual, shared: sharedTexts(zip), dates: dateStyles(zip), from1904 }
}

function sharedTexts(zip: ZipEntries): string[] {
  const texts: string[] = []
  let text = ''
  let inText = false
  let phonetic = 0
  let size = 0
  parse(zip, pathOf(zip, 'sharedStrings.xml'), {
    open(name) {
      if (name === 'si') text = ''
      if (name === 'rPh') phonetic++
      inText = name === 't' && phonetic === 0
    },
    close(name) {
      inText = false
      if (name === 'rPh') phonetic--
      if (name === 'si') texts.push(unescaped(text))
    },
    text(piece) {
      if (!inText) return
      size += piece.length
      if (size > LIMITS.MAX_SHARED_CHARACTERS) throw limitError('MAX_SHARED_CHARACTERS', 'Texts shared by cells')
      text += piece
    },
  })
  return texts
}

/** Formats of numbers that are dates, by the standard's numbers for them. */
const DATE_FORMATS = new Set([14, 15, 16, 17, 22, 27, 28, 29, 30, 31, 34, 35, 36, 50, 51, 52, 53, 54, 55, 56, 57, 58])

function dateStyles(zip: ZipEntries): boolean[] {
  const own = new Map<number, boolean>()
  const styles: boolean[] = []
  let inCells = false
  parse(zip, pathOf(zip, 'styles.xml'), {
    open(name, attributes) {
      if (name === 'numFmt') own.set(Number(attributes.numFmtId), isDateFormat(attributes.formatCode ?? ''))
      if (name === 'cellXfs') inCells = true
      if (name !== 'xf' || !inCells) return
      const format = Number(attributes.numFmtId ?? 0)
      styles.push(own.get(format) ?? DATE_FORMATS.has(format))
    },
    close(name) {
      if (name === 'cellXfs') inCells = false
    },
  })
  return styles
}

/** Whether a format shows a year or a day, outside quotes and brackets. */
function isDateFormat(code: string): boolean {
  return /[yd]/i.test(code.replace(/"[^"]*"|\\.|\[[^\]]*\]/g, '').replace(/general|standard/gi, ''))
}

function pathOf(zip: ZipEntries, file: string): string {
  return zip.paths.find((name) => name.toLowerCase() === `xl/${file}`.toLowerCase()) ?? ''
}

function attribute(attributes: Readonly<Record<string, string>>, name: string): string {
  return Object.entries(attributes).find(([key]) => key === name || key.endsWith(`:${name}`))?.[1] ?? ''
}

function parse(zip: ZipEntries, path: string, handlers: XmlHandlers): void {
  for (const _ of parsePart(zip.read(path), handlers));
}

/** `_x000D_` is a character that XML cannot hold. */
export function unescaped(text: string): string {
  return text.includes('_x')
    ? text.replace(/_x([\da-fA-F]{4})_/g, (_, code) => String.fromCharCode(Number.parseInt(code, 16)))
    : text
}
