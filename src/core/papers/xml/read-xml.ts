import { SaxesParser } from 'saxes'
import { LIMITS, limitError } from '../limits.js'
import { type Found, type PaperDraft, type RecordReader, rawExcerpt } from '../record.js'
import { atomEntry } from './atom.js'
import { bibtexmlEntry } from './bibtexml.js'
import { CitaviProject } from './citavi.js'
import type { XmlElement } from './element.js'
import { endnoteRecord } from './endnote.js'
import { modsRecord } from './mods.js'
import { msOfficeSource } from './ms-office.js'
import { pubmedRecord } from './pubmed.js'
import { ZoteroRdf } from './zotero-rdf.js'

/** Reads a record's element; `undefined` if it has no content, `deferred` if it is read at the end of the file. */
type ReadElement = (element: XmlElement, line: number) => PaperDraft | undefined | 'deferred'

interface OpenedTag {
  name: string
  attributes: Record<string, string>
}

/** The elements that are records, by format. */
const RECORDS = {
  'pubmed-xml': { PubmedArticle: pubmedRecord, PubmedBookArticle: pubmedRecord, MedlineCitation: pubmedRecord },
  'endnote-xml': { record: endnoteRecord, RECORD: endnoteRecord },
  'ms-office-xml': { Source: msOfficeSource },
  'mods-xml': { mods: modsRecord },
  bibtexml: { entry: bibtexmlEntry },
  'atom-xml': { entry: atomEntry },
} as const satisfies Record<string, Record<string, ReadElement>>

export type XmlFormat = keyof typeof RECORDS | 'citavi-xml' | 'zotero-rdf'

/**
 * Reads the records of an XML file as its text arrives. Entities that the document declares are never expanded, and nothing is
 * fetched. A malformed record is read as far as possible.
 */
export function readXml(format: XmlFormat): RecordReader {
  if (format !== 'citavi-xml' && format !== 'zotero-rdf') return new XmlReader(RECORDS[format])
  const project = format === 'citavi-xml' ? new CitaviProject() : new ZoteroRdf()
  return new XmlReader(project.parts, () => project.records())
}

class XmlReader implements RecordReader {
  readonly #records: Readonly<Record<string, ReadElement>>
  /** Gives the records that are read at the end of the file. */
  readonly #deferred: () => Found[]
  readonly #parser = new SaxesParser<{ position: true; xmlns: false }>({ position: true, xmlns: false })
  #found: Found[] = []
  /** The open elements, from the record's own on. */
  #open: XmlElement[] = []
  #depth = 0
  #line = 1
  #size = 0
  #error = ''
  #lines = 1

  constructor(records: Readonly<Record<string, ReadElement>>, deferred: () => Found[] = () => []) {
    this.#records = records
    this.#deferred = deferred
    const parser = this.#parser
    parser.on('doctype', (text) => {
      if (/<!ENTITY/i.test(text)) throw limitError('MAX_XML_ENTITIES', 'Entities declared in the file')
    })
    parser.on('opentag', (tag) => this.#opened(tag))
    parser.on('closetag', (tag) => this.#closed(tag))
    parser.on('text', (text) => this.#text(text))
    parser.on('cdata', (text) => this.#text(text))
    parser.on('error', (error) => this.#failed(error))
  }

  push(text: string): Found[] {
    this.#parser.write(text)
    return this.#take()
  }

  end(): Found[] {
    // Delivers the last text. What it reports about open elements is reported below.
    const error = this.#error
    this.#parser.close()
    this.#error = error
    const open = this.#open[0]
    if (open) {
      const draft = this.#records[open.name]?.(open, this.#line)
      this.#open = []
      if (draft && draft !== 'deferred') this.#found.push({ draft, line: this.#line })
      const kind = draft ? 'noted' : 'lost'
      this.#found.push({ kind, line: this.#line, reason: 'the file ends within the record', raw: rawExcerpt(show(open)) })
    }
    this.#found.push(...this.#deferred())
    return this.#take()
  }

  #take(): Found[] {
    const found = this.#found
    this.#found = []
    return found
  }

  #opened({ name, attributes }: OpenedTag): void {
    this.#lines = this.#parser.line
    if (++this.#depth > LIMITS.MAX_XML_DEPTH) throw limitError('MAX_XML_DEPTH', 'Nested elements')
    const local = localName(name)
    const parent = this.#open.at(-1)
    if (!parent && !(local in this.#records)) return
    const element: XmlElement = { name: local, attributes, children: [] }
    if (!parent) {
      this.#line = this.#lines
      this.#size = 0
      this.#error = ''
    }
    parent?.children.push(element)
    this.#open.push(element)
  }

  #closed({ name }: { name: string }): void {
    this.#depth--
    if (this.#open.length === 0) return
    const local = localName(name)
    if (this.#open.at(-1)!.name !== local) return
    const element = this.#open.pop()!
    if (this.#open.length > 0) return
    this.#finish(element)
  }

  #finish(element: XmlElement): void {
    const draft = this.#records[element.name]!(element, this.#line)
    if (this.#error !== '')
      this.#found.push({ kind: 'noted', line: this.#line, reason: this.#error, raw: rawExcerpt(show(element)) })
    if (draft === 'deferred') return
    if (draft) this.#found.push({ draft, line: this.#line })
    else this.#found.push({ kind: 'lost', line: this.#line, reason: 'the record is empty', raw: rawExcerpt(show(element)) })
  }

  #text(text: string): void {
    const parent = this.#open.at(-1)
    if (!parent) return
    this.#size += text.length
    if (this.#size > LIMITS.MAX_RECORD_CHARACTERS) throw limitError('MAX_RECORD_CHARACTERS', 'Record')
    parent.children.push(text)
  }

  #failed(error: Error): void {
    // The message begins with the position: `3:17: unexpected close tag.`
    const message = error.message.replace(/^\S*?(\d+):(\d+): /, 'line $1: ')
    if (this.#open.length > 0) {
      if (this.#error === '') this.#error = message
      // An end tag without a start tag: close the elements within the one that it should have closed.
      const name = /close tag: (\S+?)\.?$|unmatched closing tag: (\S+?)\.?$/i.exec(error.message)?.slice(1).find(Boolean)
      if (name !== undefined && this.#open.some((element) => element.name === localName(name)))
        while (this.#open.length > 1 && this.#open.at(-1)!.name !== localName(name)) this.#open.pop()
      return
    }
    // Errors between records do no harm, so only the first is reported.
    if (!this.#reportedBetween) this.#found.push({ kind: 'noted', line: this.#parser.line, reason: message, raw: '' })
    this.#reportedBetween = true
  }

  #reportedBetween = false
}

function localName(name: string): string {
  return name.slice(name.indexOf(':') + 1)
}

function show({ name, children }: XmlElement): string {
  return `<${name}>${children.map((child) => (typeof child === 'string' ? child : show(child))).join('')}</${name}>`.replace(
    /\s+/g,
    ' ',
  )
}
