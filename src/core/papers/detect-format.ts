import { isBibliography } from './csv/columns.js'
import { CsvRows, csvDelimiter } from './csv/csv-rows.js'
import type { FormatName } from './formats.js'

/** Characters from which the format is detected. */
export const SNIFFED_CHARACTERS = 32_768

/** Lines by which a format is recognised; the one that comes first in the text decides. */
const LINES: readonly [FormatName, RegExp][] = [
  ['biblioscape', /^--[A-Z]{2}-- /m],
  ['ris', /^\s{0,3}TY {1,3}- ?[A-Z]/m],
  ['nbib', /^PMID ?- ?\d/m],
  ['refworks', /^RT [A-Z].*\n(?:.*\n){0,3}(?:SR|ID|A1|T1) \S/m],
  ['wos', /^(?:FN (?:ISI|Clarivate|Thomson)|PT [A-Z]\s*$)/m],
  ['refer', /^\s{0,2}%(?:0|A|T|E) \S/m],
  ['silverplatter', /^\s*\*{0,2}\s*Record\s.*\d/m],
  ['ovid', /^(?:<\s*\d+\s*>|(?:Accession Number|Unique Identifier|Ovid Technologies)\b.*)\s*$/m],
  ['repec-nep', /^NEP: New Economics Papers|nep\.repec\.org/m],
]

/** XML elements by which a format is recognised. */
const ELEMENTS: readonly [FormatName, RegExp][] = [
  ['citavi-xml', /<CitaviExchangeData[\s>]/],
  ['pubmed-xml', /<(?:Pubmed(?:Book)?Article(?:Set)?|MedlineCitation(?:Set)?)[\s>]/],
  ['ms-office-xml', /<(?:\w+:)?Sources?[\s>]/],
  ['bibtexml', /<bibtex:(?:file|entry)[\s>]|bibtexml\.sf\.net/],
  ['mods-xml', /<(?:\w+:)?mods(?:Collection)?[\s>]/],
  ['endnote-xml', /<(?:records|XML|xml)[\s>][\s\S]*<(?:records?|RECORDS?)[\s>]|<records>/],
]

/**
 * Detects the format of a text from its start. The file's name decides only between formats that look alike.
 *
 * @returns `undefined` if the format is not supported.
 */
export function detectFormat(head: string, name = ''): FormatName | undefined {
  const text = head.replace(/^\ufeff/, '')
  const start = text.trimStart()
  if (start === '') return undefined
  // A PDF, an image or a program.
  if (/^%PDF-|^\u0089PNG|^\{\\rtf/.test(start) || hasBinary(text)) return undefined
  if (start.startsWith('<'))
    return ELEMENTS.find(([, element]) => element.test(start))?.[0] ?? (/^<\s*\d+\s*>/.test(start) ? 'ovid' : htmlFormat(start))
  if (/^[[{]\s*(?:["[{\]}]|$)/.test(start)) return 'json'
  if (/\.(?:csv|tsv)$/i.test(name) && isTable(start)) return 'csv'
  const bibtex = /@[ \t]*[A-Za-z][\w-]*\s*[{(]/.exec(text)
  const lines = LINES.flatMap(([format, pattern]) => {
    const match = pattern.exec(text)
    return match ? [{ format, index: match.index }] : []
  })
  // Any text may quote a BibTeX entry; a tag line before it is stronger evidence.
  const first = lines.reduce<{ format: FormatName; index: number } | undefined>(
    (best, next) => (best && best.index <= next.index ? best : next),
    undefined,
  )
  if (bibtex && (!first || bibtex.index < first.index || (/\.bib(?:tex)?$/i.test(name) && /^\s*@/m.test(text)))) return 'bibtex'
  if (first) return first.format
  if (isTable(start)) return 'csv'
  // Tags without the one that begins a record: the start of the record is cut off.
  if (/^\s{0,3}(?:T1|TI|AU|A1|JF|JO|AB|N2|DO|UR|PY|Y1) {2}- /m.test(text))
    return /^ER {2}-|\.ris$/m.test(text + name) ? 'ris' : 'nbib'
  if (/^(?:TI|AU|PY|SE|HL)- \S/m.test(text)) return 'copac'
  if (/^(?:AID|FAU|OWN|STAT|LID) ?- /m.test(text)) return 'nbib'
  if (/^(?:Author|Title|Source)(?:\(s\))?\s*\n {2}\S/m.test(text)) return 'ovid'
  return undefined
}

function htmlFormat(start: string): FormatName | undefined {
  // Some sites export BibTeX as a web page.
  return /^<(?:pre|html|body|!doctype html)/i.test(start) && /@[A-Za-z]+\s*\{[^,\s{}]*,\s*\n?\s*\w+\s*=/.test(start)
    ? 'bibtex'
    : undefined
}

function isTable(start: string): boolean {
  const head = start.replace(/^sep=.[\r\n]+/, '')
  const rows = new CsvRows(csvDelimiter(head))
  const headings = rows.push(`${head}\n`)[0]?.cells ?? rows.end()[0]?.cells
  return headings !== undefined && isBibliography(headings)
}

/** Whether the first thousand characters have control characters that text does not have. */
function hasBinary(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are to be found.
  return (text.slice(0, 1_000).match(/[\u0000-\u0008\u000e-\u001a\u001c-\u001f\ufffd]/g)?.length ?? 0) > 8
}
