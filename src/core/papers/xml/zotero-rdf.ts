import { normalizeDoi, parseYear } from '../fields/identifiers.js'
import { draftOf } from '../json/json-record.js'
import { ZOTERO_TYPES } from '../json/zotero.js'
import type { Author } from '../paper.js'
import type { Found, PaperDraft } from '../record.js'
import { cleanAbstract } from '../text/clean-abstract.js'
import { cleanText } from '../text/clean-text.js'
import { elementAt, elements, elementsWithin, textWithin, withLeafFields, type XmlElement } from './element.js'

/** Elements of items; `Description` is an item of any other type. */
const ITEMS = ['Article', 'Book', 'BookSection', 'Thesis', 'Report', 'Document', 'Patent', 'Manuscript', 'Description', 'Data']
/** Elements that items are part of, by `rdf:about`. */
const CONTAINERS = ['Journal', 'Series', 'Book', 'Periodical', 'CourtReporter']
const AUTHORS = ['authors', 'inventors', 'presenters', 'programmers']

/** Reads a Zotero RDF file: an item names its journal, which may come after it, so items are read at the end. */
export class ZoteroRdf {
  readonly #containers = new Map<string, XmlElement>()
  #items: { element: XmlElement; line: number }[] = []

  readonly parts = Object.fromEntries(
    [...new Set([...ITEMS, ...CONTAINERS, 'Attachment', 'Memo', 'Collection'])].map((name) => [
      name,
      (element: XmlElement, line: number) => this.#add(element, line),
    ]),
  )

  records(): Found[] {
    const items = this.#items
    this.#items = []
    return items.flatMap(({ element, line }): Found[] => {
      const draft = itemOf(element, this.#containerOf(element))
      return draft ? [{ draft, line }] : []
    })
  }

  #add(element: XmlElement, line: number): 'deferred' {
    const about = element.attributes['rdf:about']
    if (about !== undefined && CONTAINERS.includes(element.name)) this.#containers.set(about, element)
    const type = textWithin(elementAt(element, 'itemType')).trim()
    const isItem =
      type !== '' ? !['attachment', 'note'].includes(type) : ITEMS.includes(element.name) && element.name !== 'Description'
    // A book that has no type of item is what a chapter is part of.
    if (isItem && (type !== '' || !CONTAINERS.includes(element.name))) this.#items.push({ element, line })
    return 'deferred'
  }

  #containerOf(item: XmlElement): XmlElement | undefined {
    const found = elements(item, 'isPartOf').flatMap((part) => {
      const named = this.#containers.get(part.attributes['rdf:resource'] ?? '')
      return [...(named ? [named] : []), ...elements(part)]
    })
    return found.find(({ name }) => name !== 'Series') ?? found[0]
  }
}

function itemOf(item: XmlElement, container: XmlElement | undefined): PaperDraft | undefined {
  const text = (from: XmlElement | undefined, ...path: string[]) => cleanText(textWithin(elementAt(from, ...path)))
  const either = (...path: string[]) => text(item, ...path) || text(container, ...path)
  const type = text(item, 'itemType')
  const identifiers = [item, container].flatMap((from) => elements(from, 'identifier').map((one) => cleanText(textWithin(one))))
  const draft = draftOf({
    type: ZOTERO_TYPES.get(type) ?? 'other',
    title: text(item, 'title'),
    abstract: cleanAbstract(textWithin(elementAt(item, 'abstract'))),
    authors: AUTHORS.flatMap((role) => elements(item, role)).flatMap((list) =>
      elementsWithin(list, 'Person').flatMap((person) => personOf(person) ?? []),
    ),
    year: parseYear(text(item, 'date')),
    venue:
      text(container, 'title') ||
      ['conferenceName', 'proceedingsTitle', 'repository', 'websiteTitle', 'university']
        .map((name) => text(item, name))
        .find(Boolean) ||
      text(item, 'presentedAt', 'Conference', 'title'),
    volume: either('volume'),
    issue: either('number'),
    pages: text(item, 'pages').replace(/(?<=\S)\s*[–—]\s*(?=\S)/g, '-'),
    doi: identifiers.map((value) => (/\b10\.\d{4,}/.test(value) ? normalizeDoi(value) : undefined)).find(Boolean),
    url: identifiers.find((value) => /^https?:/i.test(value)),
    keywords: elements(item, 'subject')
      .map((subject) => cleanText(textWithin(subject)))
      .filter((word) => word !== ''),
    key: text(item, 'citationKey'),
  })
  return withLeafFields(
    draft,
    item,
    new Set(['itemType', 'title', 'abstract', 'pages', 'authors/Seq/li/Person/surname', 'authors/Seq/li/Person/givenName']),
  )
}

function personOf(person: XmlElement): Author | undefined {
  const part = (...names: string[]) =>
    names.map((name) => cleanText(textWithin(elementAt(person, name)))).find((text) => text !== '')
  const [family, given] = [part('surname', 'familyName'), part('givenName', 'givenname', 'firstName')]
  if (family === undefined) return given === undefined ? undefined : { name: given }
  // Zotero writes a name in one field as a surname alone.
  return given === undefined ? (/\s/.test(family) ? { name: family } : { family }) : { family, given }
}
