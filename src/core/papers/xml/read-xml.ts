import { SaxesParser } from 'saxes'
import { LIMITS, limitError } from '../limits.js'
import { type Found, type PaperDraft, type RecordReader, rawExcerpt } from '../record.js'
import { bibtexmlEntry } from './bibtexml.js'
import { CitaviProject } from './citavi.js'
import type { XmlElement } from './element.js'
import { endnoteRecord } from './endnote.js'
import { modsRecord } from './mods.js'
import { msOfficeSource } from './ms-office.js'
import { pubmedRecord } from './pubmed.js'

/** What reads a record's element; `undefined` where it says nothing, `kept` where the file's end will tell. */
type ReadElement = (element: XmlElement, line: number) => PaperDraft | undefined | 'kept'

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
} as const satisfies Record<string, Record<string, ReadElement>>

export type XmlFormat = keyof typeof RECORDS | 'citavi-xml'

/**
 * Reads records of an XML file as its text comes, each when its element ends. No entity of a document's own is ever
 * expanded and nothing is fetched. A record with a fault in it is read as far as that goes.
 */
export function readXml(format: XmlFormat): RecordReader {
  if (format !== 'citavi-xml') return new XmlReader(RECORDS[format])
  const project = new CitaviProject()
  return new XmlReader(project.parts, () => project.records())
}

class XmlReader implements RecordReader {
  readonly #records: Readonly<Record<string, ReadElement>>
  /** Records that were kept until the file's end. */
  readonly #kept: () => Found[]
  readonly #parser = new SaxesParser<{ position: true; xmlns: false }>({ position: true, xmlns: false })
  #found: Found[] = []
  /** Elements that are open, from the record's own on. */
  #open: XmlElement[] = []
  #depth = 0
  #line = 1
  #size = 0
  #fault = ''
  #lines = 1

  constructor(records: Readonly<Record<string, ReadElement>>, kept: () => Found[] = () => []) {
    this.#records = records
    this.#kept = kept
    const parser = this.#parser
    parser.on('doctype', (text) => {
      if (/<!ENTITY/i.test(text)) throw limitError('MAX_XML_ENTITIES', 'The file declares entities of its own')
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
    // Gives the last text, and complains of what is open, which is said below.
    const fault = this.#fault
    this.#parser.close()
    this.#fault = fault
    const open = this.#open[0]
    if (open) {
      const draft = this.#records[open.name]?.(open, this.#line)
      this.#open = []
      if (draft && draft !== 'kept') this.#found.push({ draft, line: this.#line })
      const kind = draft ? 'noted' : 'lost'
      this.#found.push({ kind, line: this.#line, reason: 'the file ends within the record', raw: rawExcerpt(show(open)) })
    }
    this.#found.push(...this.#kept())
    return this.#take()
  }

  #take(): Found[] {
    const found = this.#found
    this.#found = []
    return found
  }

  #opened({ name, attributes }: OpenedTag): void {
    this.#lines = this.#parser.line
    if (++this.#depth > LIMITS.MAX_XML_DEPTH) throw limitError('MAX_XML_DEPTH', 'Elements within elements')
    const local = localName(name)
    const parent = this.#open.at(-1)
    // A record within a record: the end of the one before is missing, save where the outer holds the inner by its format.
    if (!parent && !(local in this.#records)) return
    const element: XmlElement = { name: local, attributes, children: [] }
    if (!parent) {
      this.#line = this.#lines
      this.#size = 0
      this.#fault = ''
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
    if (this.#fault !== '')
      this.#found.push({ kind: 'noted', line: this.#line, reason: this.#fault, raw: rawExcerpt(show(element)) })
    if (draft === 'kept') return
    if (draft) this.#found.push({ draft, line: this.#line })
    else this.#found.push({ kind: 'lost', line: this.#line, reason: 'the record says nothing', raw: rawExcerpt(show(element)) })
  }

  #text(text: string): void {
    const parent = this.#open.at(-1)
    if (!parent) return
    this.#size += text.length
    if (this.#size > LIMITS.MAX_RECORD_CHARACTERS) throw limitError('MAX_RECORD_CHARACTERS', 'A record of the file')
    parent.children.push(text)
  }

  #failed(error: Error): void {
    // The parser says where: `3:17: unexpected close tag.`
    const message = error.message.replace(/^\S*?(\d+):(\d+): /, 'line $1: ')
    if (this.#open.length > 0) {
      if (this.#fault === '') this.#fault = message
      // An end tag that ends nothing: what it should have ended is read as it is.
      const name = /close tag: (\S+?)\.?$|unmatched closing tag: (\S+?)\.?$/i.exec(error.message)?.slice(1).find(Boolean)
      if (name !== undefined && this.#open.some((element) => element.name === localName(name)))
        while (this.#open.length > 1 && this.#open.at(-1)!.name !== localName(name)) this.#open.pop()
      return
    }
    // Faults between records harm none; the first is enough to know of.
    if (!this.#between) this.#found.push({ kind: 'noted', line: this.#parser.line, reason: message, raw: '' })
    this.#between = true
  }

  #between = false
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
