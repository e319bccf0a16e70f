import { foreignFields } from '../fields/foreign-fields.js'
import { formatPlainName } from '../fields/names.js'
import { writtenType } from '../fields/written-type.js'
import type { Paper, PaperType } from '../paper.js'
import type { PaperWriter } from '../paper-writer.js'
import { escapeMarkup } from '../text/clean-text.js'
import { escapeXml } from './escape-xml.js'

/** EndNote's reference types, by its names and numbers for them. */
const TYPES: Readonly<Record<PaperType, readonly [name: string, number: number]>> = {
  article: ['Journal Article', 17],
  conference: ['Conference Paper', 47],
  preprint: ['Unpublished Work', 34],
  book: ['Book', 6],
  chapter: ['Book Section', 5],
  thesis: ['Thesis', 32],
  report: ['Report', 27],
  dataset: ['Dataset', 59],
  software: ['Computer Program', 9],
  patent: ['Patent', 25],
  web: ['Web Page', 12],
  other: ['Generic', 13],
}
/** The order of a record's elements in EndNote's own exports. */
const ORDER =
  'database source-app rec-number foreign-keys ref-type contributors auth-address titles periodical alt-periodical pages volume number edition section keywords dates pub-location publisher isbn accession-num notes abstract research-notes label work-type urls custom1 custom2 custom3 custom4 custom5 custom6 custom7 electronic-resource-num remote-database-name remote-database-provider language access-date'.split(
    ' ',
  )
/** Elements that the properties and the writer determine; others are kept as they were read. */
const WRITTEN =
  /^(?:database|source-app|rec-number|foreign-keys|ref-type|label|contributors\/authors|titles\/(?:title|secondary-title)|periodical|pages|volume|number|issue|abstract|keywords|dates\/year|electronic-resource-num|doi)(?:\/|$)/

/** Writes papers as EndNote's XML, one record a piece. A paper's key is in `label`, as records are numbered. */
export function endnoteWriter(): PaperWriter<string> {
  let number = 0
  return {
    begin: () => ['<?xml version="1.0" encoding="UTF-8"?>\n<xml><records>\n'],
    write: (paper) => [`${record(paper, ++number)}\n`],
    end: () => ['</records></xml>\n'],
  }
}

function record(paper: Paper, number: number): string {
  const type = writtenType(paper)
  const root = new Element('record')
  const add = (path: string, value: string | null | undefined) => {
    if (value) root.add(path.split('/'), escapeXml(escapeMarkup(value)))
  }
  const [typeName, typeNumber] = TYPES[type]
  root.child('source-app', ' name="specter2-web" version="1"').text = 'specter2-web'
  root.child('rec-number').text = String(number)
  root.child('ref-type', ` name="${typeName}"`).text = String(typeNumber)
  for (const author of paper.authors ?? []) add('contributors/authors/author', formatPlainName(author))
  add('titles/title', paper.title)
  add('titles/secondary-title', paper.venue)
  if (type === 'article') add('periodical/full-title', paper.venue)
  add('pages', paper.pages)
  add('volume', paper.volume)
  add('number', paper.issue)
  for (const keyword of paper.keywords ?? []) add('keywords/keyword', keyword)
  add('dates/year', paper.year === undefined ? undefined : String(paper.year))
  add('abstract', paper.abstract)
  add('label', paper.key)
  add('electronic-resource-num', paper.doi)
  const { own, foreign } = foreignFields(paper, 'endnote-xml')
  const accession = own.get('accession-num')?.[0]
  const urls = own.get('urls/related-urls/url') ?? []
  for (const url of urls.includes(paper.url ?? '') ? urls : paper.url === undefined ? [] : [paper.url])
    add('urls/related-urls/url', url)
  if (paper.pmid !== undefined) {
    add('accession-num', paper.pmid)
    add('remote-database-name', 'PubMed')
  } else if (accession !== undefined) add('accession-num', accession)
  add('custom7', paper.arxivId === undefined ? own.get('custom7')?.[0] : `arXiv:${paper.arxivId}`)
  const done = /^(?:accession-num|custom7|urls\/related-urls\/url)$/
  for (const [path, values] of [...own, ...[...foreign].map(([name, value]) => [name, [value]] as const)])
    if (
      !WRITTEN.test(path) &&
      !done.test(path) &&
      !(path === 'remote-database-name' && paper.pmid !== undefined) &&
      NAMES.test(path)
    )
      for (const value of values) add(path, value)
  return root.xml()
}

const NAMES = /^[A-Za-z][\w.-]*(?:\/[A-Za-z][\w.-]*){0,9}$/

/** An element of a record; those of the same name within it are in the order in which they were added. */
class Element {
  readonly #name: string
  readonly #attributes: string
  readonly #children: Element[] = []
  text = ''

  constructor(name: string, attributes = '') {
    this.#name = name
    this.#attributes = attributes
  }

  child(name: string, attributes = ''): Element {
    const child = new Element(name, attributes)
    this.#children.push(child)
    return child
  }

  /** Adds a leaf; the elements above it are shared with the leaves before it. */
  add([name, ...rest]: readonly string[], text: string): void {
    const above = rest.length > 0 ? this.#children.find((child) => child.#name === name) : undefined
    const child = above ?? this.child(name!)
    if (rest.length > 0) child.add(rest, text)
    else child.text = text
  }

  xml(): string {
    // What is not in the list comes last.
    const place = (child: Element) => (ORDER.indexOf(child.#name) + ORDER.length + 1) % (ORDER.length + 1)
    const children = this.#children.toSorted((a, b) => place(a) - place(b))
    return `<${this.#name}${this.#attributes}>${this.text}${children.map((child) => child.xml()).join('')}</${this.#name}>`
  }
}
