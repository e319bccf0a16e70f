import { findTable } from './csv/find-table.js'
import type { TextFormat } from './formats.js'

/** Characters from which the format is detected. */
export const SNIFFED_CHARACTERS = 32_768

/** Lines that begin a record of a format, or a file of it. */
const RECORDS: readonly [TextFormat, RegExp][] = [
  ['noteexpress', /^\{Reference Type\}: ?\S/m],
  ['biblioscape', /^--[A-Z]{2}-- /m],
  ['ris', /^\s{0,3}\ufeff?TY[ \t]{0,3}-[ \t]{0,4}[A-Z]/m],
  ['nbib', /^PMID ?- ?\d/m],
  ['refworks', /^RT [A-Z].*\n(?:.*\n){0,3}(?:SR|ID|A1|T1) \S/m],
  ['wos', /^(?:FN (?:ISI|Clarivate|Thomson)|PT [A-Z]\s*$)/m],
  ['refer', /^\s{0,2}%(?:0|A|T|E) \S/m],
  ['repec-nep', /^NEP: New Economics Papers|nep\.repec\.org/m],
]

/** Lines that number records: any provider may put them between records of another format. */
const NUMBERS: readonly [TextFormat, RegExp][] = [
  ['silverplatter', /^[^\S\n]*(?:\*{1,2}[^\S\n]*)?Record\s.*\d/m],
  ['ovid', /^(?:<\s*\d+\s*>|(?:Accession Number|Unique Identifier|Ovid Technologies)\b.*)\s*$/m],
]

/** Tags within a record, for a file whose first record has lost its beginning; two different ones are needed. */
const TAGS: readonly [TextFormat, RegExp][] = [
  ['ris', /^\s{0,3}(TI|T1|AU|A1|T2|JF|JO|AB|N2|DO|UR|PY|Y1|KW|ER) {1,3}- /gm],
  ['copac', /^(TI|AU|PY|SE|HL)- \S/gm],
  ['nbib', /^(AID|FAU|OWN|STAT|LID) ?- /gm],
]

/** XML elements by which a format is recognised. */
const ELEMENTS: readonly [TextFormat, RegExp][] = [
  ['citavi-xml', /<CitaviExchangeData[\s>]/],
  ['pubmed-xml', /<(?:Pubmed(?:Book)?Article(?:Set)?|MedlineCitation(?:Set)?)[\s>]/],
  ['zotero-rdf', /<rdf:RDF[\s>][\s\S]*<(?:bib:|z:itemType|rdf:Description)/],
  ['ms-office-xml', /<(?:\w+:)?Sources?[\s>]/],
  ['bibtexml', /<bibtex:(?:file|entry)[\s>]|bibtexml\.sf\.net/],
  ['mods-xml', /<(?:\w+:)?mods(?:Collection)?[\s>]/],
  ['atom-xml', /<(?:\w+:)?feed[\s>][\s\S]*(?:<(?:\w+:)?entry[\s>]|arxiv)/],
  [
    'endnote-xml',
    /<(?:records|XML|xml)[\s>][\s\S]*<(?:records?|RECORDS?)[\s>]|<records>|<record>\s*<(?:database|source-app|ref-type|contributors|titles)[\s>]/,
  ],
]

/**
 * Detects the format of a text from its start: the format of records comes before lines that only number them, and what stands
 * before the data does not matter. The file's name decides only between formats that look alike.
 *
 * @returns `undefined` if the format is not supported.
 */
export function detectFormat(head: string, name = ''): TextFormat | undefined {
  const text = head.replace(/^\ufeff/, '')
  const start = text.trimStart()
  if (start === '') return undefined
  // A PDF, an image or a program.
  if (/^%PDF-|^\u0089PNG|^\{\\rtf/.test(start) || (hasBinary(text) && !firstOf(RECORDS, text))) return undefined
  if (start.startsWith('<')) return elementFormat(start) ?? (/^<\s*\d+\s*>/.test(start) ? 'ovid' : htmlFormat(start))
  if (/^[[{]\s*(?:["[{\]}]|$)/.test(start)) return 'json'
  if (/\.(?:csv|tsv)$/i.test(name) && isTable(start)) return 'csv'
  // Any text may quote a BibTeX entry; a tag line before it is stronger evidence.
  const bibtex = /@[ \t]*[A-Za-z][\w-]*\s*[{(]/.exec(text)
  const first = firstOf(RECORDS, text) ?? firstOf(NUMBERS, text)
  if (bibtex && (!first || bibtex.index < first.index || (/\.bib(?:tex)?$/i.test(name) && /^[^\S\n]*@/m.test(text))))
    return 'bibtex'
  if (first) return first.format
  if (isTable(start)) return 'csv'
  const tags = TAGS.find(([, pattern]) => new Set([...text.matchAll(pattern)].map(([, tag]) => tag)).size > 1)?.[0]
  // MEDLINE's files from EBSCO have RIS's blanks, but no line that ends a record.
  if (tags === 'ris') return /^ER {1,3}-|\.ris$/m.test(text + name) ? 'ris' : 'nbib'
  return tags ?? damagedFormat(start, text, name)
}

/** The format of a text without the beginning that files of the format have. */
function damagedFormat(start: string, text: string, name: string): TextFormat | undefined {
  if (/^(?:TI|AU|PY|SE|HL)- \S/m.test(text)) return 'copac'
  if (/^(?:AID|FAU|OWN|STAT|LID) ?- /m.test(text)) return 'nbib'
  if (/^\s{0,3}(?:T1|TI|AU|A1|JF|JO|AB|N2|DO|UR|PY|Y1) {2}- /m.test(text)) return /\.ris$/i.test(name) ? 'ris' : 'nbib'
  if (/^(?:Author|Title|Source)(?:\(s\))?\s*\n {2}\S/m.test(text)) return 'ovid'
  if (isYaml(start)) return 'csl-yaml'
  // Text before the first element, or a script's `var papers = [`.
  const elements = elementFormat(text)
  if (elements) return elements
  return /^[^\n{[]{0,80}[[{]\s*[[{"]/.test(start) && /"(?:title|doi|DOI)"\s*:/.test(text) ? 'json' : undefined
}

function firstOf(patterns: readonly [TextFormat, RegExp][], text: string): { format: TextFormat; index: number } | undefined {
  let first: { format: TextFormat; index: number } | undefined
  for (const [format, pattern] of patterns) {
    const index = pattern.exec(text)?.index
    if (index !== undefined && (first === undefined || index < first.index)) first = { format, index }
  }
  return first
}

function elementFormat(text: string): TextFormat | undefined {
  return ELEMENTS.find(([, element]) => element.test(text))?.[0]
}

function isYaml(start: string): boolean {
  return /^(?:---\s*\n)?(?:[ \t]*#.*\n)*(?:references:\s*\n)?\s*- +(?:id|type|title|author|DOI):|^---\s*\n(?:.*\n){0,40}?references:\s*\n/.test(
    start,
  )
}

function htmlFormat(start: string): TextFormat | undefined {
  // Some sites export BibTeX or RIS as a web page.
  if (!/^<(?:pre|html|body|!doctype html)/i.test(start)) return undefined
  if (/@[A-Za-z]+\s*\{[^,\s{}]*,\s*\n?\s*\w+\s*=/.test(start)) return 'bibtex'
  return /(?:^|<pre>)TY {2}- [A-Z]/m.test(start) && /^ER {2}-/m.test(start) ? 'ris' : undefined
}

function isTable(start: string): boolean {
  return findTable(start).known > 0
}

/** Whether the first thousand characters have control characters that text does not have. */
function hasBinary(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are to be found.
  return (text.slice(0, 1_000).match(/[\u0000-\u0008\u000e-\u001a\u001c-\u001f\ufffd]/g)?.length ?? 0) > 8
}
