import type { ColumnMapping } from './csv/columns.js'
import type { RecordReader } from './record.js'

/** Options of the readers that have any. */
export interface FormatOptions {
  mapping?: ColumnMapping
}

/** The reader of each format, loaded on demand so that a page does not pay for the others. */
export const FORMATS = {
  bibtex: async () => (await import('./bibtex/read-bibtex.js')).readBibtex(),
  ris: () => tagged('ris'),
  nbib: () => tagged('nbib'),
  wos: () => tagged('wos'),
  refer: () => tagged('refer'),
  refworks: () => tagged('refworks'),
  copac: () => tagged('copac'),
  ovid: () => tagged('ovid'),
  biblioscape: () => tagged('biblioscape'),
  noteexpress: () => tagged('noteexpress'),
  silverplatter: () => tagged('silverplatter'),
  'repec-nep': async () => (await import('./tagged/read-nep.js')).readNep(),
  'pubmed-xml': () => xml('pubmed-xml'),
  'endnote-xml': () => xml('endnote-xml'),
  'ms-office-xml': () => xml('ms-office-xml'),
  'mods-xml': () => xml('mods-xml'),
  bibtexml: () => xml('bibtexml'),
  'citavi-xml': () => xml('citavi-xml'),
  'zotero-rdf': () => xml('zotero-rdf'),
  'atom-xml': () => xml('atom-xml'),
  json: async ({ mapping }: FormatOptions) => (await import('./json/read-json.js')).readJson(mapping),
  'csl-yaml': async () => (await import('./yaml/read-csl-yaml.js')).readCslYaml(),
  csv: async ({ mapping }: FormatOptions) => (await import('./csv/read-csv.js')).readCsv(mapping),
} as const satisfies Record<string, (options: FormatOptions) => Promise<RecordReader>>

/** A format of text. */
export type TextFormat = keyof typeof FORMATS

/**
 * The formats that can be read. `json` is JSON and JSON Lines of any kind, `csv` a table with any delimiter, `xlsx` a workbook; `npy`
 * and `faiss` are vectors of the papers of another file.
 */
export type FormatName = keyof typeof FORMATS | 'xlsx' | 'parquet' | 'npy' | 'faiss'

async function tagged(name: import('./tagged/dialects.js').DialectName): Promise<RecordReader> {
  return (await import('./tagged/read-tagged.js')).readTagged(name)
}

async function xml(name: import('./xml/read-xml.js').XmlFormat): Promise<RecordReader> {
  return (await import('./xml/read-xml.js')).readXml(name)
}
