import { normalizeDoi, parseYear } from '../fields/identifiers.js'
import { parseName } from '../fields/names.js'
import { TYPE_WORDS } from '../fields/paper-types.js'
import { draftOf } from '../json/json-record.js'
import type { Author } from '../paper.js'
import type { PaperDraft } from '../record.js'
import { cleanAbstract } from '../text/clean-abstract.js'
import { cleanText } from '../text/clean-text.js'
import { elementAt, elements, elementsWithin, textWithin, withLeafFields, type XmlElement } from './element.js'

/** Reads a `mods` record of the Library of Congress's schema. */
export function modsRecord(mods: XmlElement): PaperDraft | undefined {
  const text = (from: XmlElement | undefined, ...path: string[]) => cleanText(textWithin(elementAt(from, ...path)))
  const host = elements(mods, 'relatedItem').find(({ attributes }) => attributes.type === 'host')
  const part = elementAt(host, 'part') ?? elementAt(mods, 'part')
  const detail = (type: string) =>
    text(
      elements(part, 'detail').find(({ attributes }) => attributes.type === type),
      'number',
    )
  const identifier = (type: string) =>
    cleanText(textWithin(elements(mods, 'identifier').find(({ attributes }) => attributes.type === type)))
  const dates = ['dateIssued', 'copyrightDate', 'dateCreated', 'date'].flatMap((name) => [...elementsWithin(mods, name)])
  const [first, last] = [text(part, 'extent', 'start'), text(part, 'extent', 'end')]
  const [article, head, tail] = ['nonSort', 'title', 'subTitle'].map((name) => text(mods, 'titleInfo', name)) as [
    string,
    string,
    string,
  ]
  const whole = article === '' || /['’-]$/.test(article) ? `${article}${head}` : `${article} ${head}`
  const genres = elementsWithin(mods, 'genre').map((genre) => TYPE_WORDS.get(cleanText(textWithin(genre)).toLowerCase()))
  const draft = draftOf({
    type: genres.find((type) => type !== undefined),
    title: tail === '' ? whole : `${whole}: ${tail}`,
    abstract: cleanAbstract(textWithin(elementAt(mods, 'abstract'))),
    authors: elements(mods, 'name')
      .filter(isAuthor)
      .flatMap((name) => nameOf(name) ?? []),
    year: dates.map((date) => parseYear(textWithin(date))).find((year) => year !== undefined),
    venue: text(host, 'titleInfo', 'title'),
    volume: detail('volume'),
    issue: detail('issue') || detail('number'),
    pages: first === '' || last === '' || first === last ? first : `${first}-${last}`,
    doi: normalizeDoi(identifier('doi')),
    pmid: /^\d+$/.test(identifier('pmid')) ? identifier('pmid') : undefined,
    url: text(mods, 'location', 'url'),
    keywords: elements(mods, 'subject').flatMap((subject) =>
      elements(subject, 'topic').map((topic) => cleanText(textWithin(topic))),
    ),
    key: identifier('citekey') || mods.attributes.ID,
  })
  return withLeafFields(draft, mods, new Set(['titleInfo/nonSort', 'titleInfo/title', 'abstract']))
}

function isAuthor(name: XmlElement): boolean {
  const roles = elementsWithin(name, 'roleTerm').map((role) => textWithin(role).trim().toLowerCase())
  return roles.length === 0 || roles.some((role) => role === 'author' || role === 'aut' || role === 'creator' || role === 'cre')
}

function nameOf(name: XmlElement): Author | undefined {
  const parts = (type: string | undefined) =>
    elements(name, 'namePart')
      .filter(({ attributes }) => attributes.type === type)
      .map((part) => cleanText(textWithin(part)))
      .join(' ')
  const [family, given] = [parts('family'), parts('given')]
  if (family !== '') return given === '' ? { family } : { family, given }
  const whole = parts(undefined) || given
  return whole === '' ? undefined : name.attributes.type === 'corporate' ? { name: whole } : parseName(whole)
}
