import { normalizeDoi, normalizePmid, parseYear } from '../fields/identifiers.js'
import { TYPE_WORDS } from '../fields/paper-types.js'
import type { Author } from '../paper.js'
import type { PaperDraft } from '../record.js'
import { cleanAbstract } from '../text/clean-abstract.js'
import { cleanText } from '../text/clean-text.js'
import { draftOf, isObject, type JsonKind, type JsonObject, objects, otherFields, textOf } from './json-record.js'

/** Works of Lens.org, from its API or its export. */
export const LENS: JsonKind = {
  is: (object) =>
    Object.hasOwn(object, 'lens_id') && (textOf(object.title) !== undefined || Object.hasOwn(object, 'external_ids')),
  read: readWork,
}

function readWork(work: JsonObject): PaperDraft {
  const source = isObject(work.source) ? work.source : {}
  const id = (type: string) => textOf(objects(work.external_ids).find((one) => one.type === type)?.value) ?? ''
  const [first, last] = [textOf(work.start_page), textOf(work.end_page)]
  const type = textOf(work.publication_type)?.toLowerCase()
  return draftOf({
    type: type === undefined ? undefined : (TYPE_WORDS.get(type) ?? 'other'),
    title: cleanText(textOf(work.title) ?? ''),
    abstract: cleanAbstract(textOf(work.abstract) ?? ''),
    authors: objects(work.authors).flatMap((author) => nameOf(author) ?? []),
    year: parseYear(textOf(work.year_published) ?? textOf(work.date_published) ?? ''),
    venue: cleanText(textOf(source.title) ?? ''),
    volume: textOf(work.volume),
    issue: textOf(work.issue),
    pages: first === undefined || last === undefined || first === last ? first : `${first}-${last}`,
    doi: normalizeDoi(id('doi')),
    pmid: normalizePmid(id('pmid')),
    keywords: (Array.isArray(work.keywords) ? work.keywords : []).flatMap((word) => textOf(word) ?? []),
    key: textOf(work.lens_id),
    fields: otherFields(work, 'title', 'abstract', 'volume', 'issue', 'year_published', 'start_page', 'end_page', 'lens_id'),
  })
}

function nameOf(author: JsonObject): Author | undefined {
  const part = (name: string) => cleanText(textOf(author[name]) ?? '')
  const [family, given, group] = [part('last_name'), part('first_name') || part('initials'), part('collective_name')]
  if (family === '') return group === '' && given === '' ? undefined : { name: group || given }
  return given === '' ? { family } : { family, given }
}
