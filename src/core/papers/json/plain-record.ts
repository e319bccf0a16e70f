import { type ColumnMapping, columnSchema, parseTableName, rowId, splitTableKeywords } from '../csv/columns.js'
import { type ColumnProperty, recogniseColumns } from '../csv/headings.js'
import { splitNames } from '../fields/names.js'
import { draftFromFields, type RawFields } from '../fields/schema.js'
import type { Author } from '../paper.js'
import type { PaperWriter } from '../paper-writer.js'
import type { PaperDraft } from '../record.js'
import { cleanAbstract } from '../text/clean-abstract.js'
import { cleanText, escapeMarkup } from '../text/clean-text.js'
import { isNoText } from '../text/no-text.js'
import { toPaper } from '../to-paper.js'
import { draftOf, isObject, type JsonKind, type JsonObject, rawText, textOf } from './json-record.js'

/** Papers of this library, as {@link jsonLinesWriter} writes them. */
export const OWN: JsonKind = {
  is: (object) =>
    typeof object.title === 'string' &&
    textOf(object.id) !== undefined &&
    (isObject(object.source) || object.format === 'specter2-web'),
  read: readOwn,
}

function readOwn(object: JsonObject): PaperDraft | undefined {
  const paper = toPaper(object)
  if (paper === null) return undefined
  const { id, year, doi, pmid, arxivId, url, type, key, fields, source } = paper
  const text = (name: 'title' | 'venue' | 'volume' | 'issue' | 'pages') => cleanText(paper[name] ?? '')
  const cleanName = (author: Author): Author =>
    Object.fromEntries(Object.entries(author).map(([part, name]) => [part, cleanText(name)]))
  return draftOf({
    id,
    title: text('title'),
    abstract: cleanAbstract(paper.abstract ?? ''),
    authors: paper.authors?.map(cleanName),
    year,
    venue: text('venue'),
    volume: text('volume'),
    issue: text('issue'),
    pages: text('pages'),
    doi,
    pmid,
    arxivId,
    url,
    keywords: paper.keywords?.map((word) => cleanText(word)),
    type,
    key,
    fields,
    format: source?.format,
  })
}

/** Writes papers completely as JSON Lines, one paper a line. */
export function jsonLinesWriter(): PaperWriter<string> {
  const escaped = (value: unknown): unknown =>
    typeof value === 'string' ? escapeMarkup(value) : Array.isArray(value) ? value.map(escaped) : value
  const escapedEach = (object: object) =>
    Object.fromEntries(Object.entries(object).map(([name, value]) => [name, escaped(value)]))
  return {
    begin: () => [],
    end: () => [],
    write({ id, fields, source, doi, pmid, arxivId, url, key, authors, ...texts }) {
      const people = authors?.map(escapedEach)
      const own = { id, ...escapedEach(texts), authors: people, doi, pmid, arxivId, url, key, fields, source }
      return [`${JSON.stringify({ ...own, format: 'specter2-web' })}\n`]
    },
  }
}

/** Any other object with a title; its keys are read like the headings of a table. */
export function plainRecords(mapping?: ColumnMapping): JsonKind {
  return {
    is: (object) => {
      const columns = recogniseColumns(Object.keys(object), mapping)
      return (columns.has('title') || columns.has('doi')) && (columns.size > 1 || typeof object.title === 'string')
    },
    read: (object) => readObject(object, mapping),
  }
}

function readObject(object: JsonObject, mapping: ColumnMapping | undefined): PaperDraft {
  const columns = recogniseColumns(Object.keys(object), mapping)
  const known = new Set([...columns.values()].flat())
  const texts = new Set([...(columns.get('title') ?? []), ...(columns.get('abstract') ?? [])])
  const fields: RawFields = new Map()
  for (const [name, value] of Object.entries(object)) {
    if (value === null || value === undefined || value === '') continue
    const plain = known.has(name) ? plainValue(texts.has(name) ? mainOf(value) : value) : undefined
    fields.set(name, [plain ?? (typeof value === 'string' ? value : rawText(value))])
  }
  const id = rowId(fields, columns)
  if (id) fields.delete(id.heading)
  const { authors: _authors, keywords: _keywords, ...draft } = draftFromFields(fields, columnSchema(columns))
  const said = (property: ColumnProperty) => (columns.get(property) ?? []).map((name) => object[name]).find(isSaid)
  const words = said('keywords')
  const rest = draft.fields ?? {}
  return draftOf({
    ...(id && { id: id.id }),
    ...draft,
    authors: namesOf(said('authors')),
    keywords: (typeof words === 'string' ? splitTableKeywords(words) : Array.isArray(words) ? words : [])
      .map((word) => cleanText((isObject(word) ? plainValue(word) : textOf(word)) ?? ''))
      .filter((word) => !isNoText(word)),
    ...(Object.keys(rest).length > 0 && { fields: rest }),
  })
}

/** Of several objects, as DataCite writes descriptions and titles, the one that is called an abstract, or the first. */
function mainOf(value: unknown): unknown {
  if (!Array.isArray(value) || value.length === 0 || !value.every(isObject)) return value
  return value.find((item) => Object.values(item).some((word) => /^abstract$/i.test(String(word)))) ?? value[0]
}

/** The text of a value that is the only one of a list, or the name of an object: `["Title"]`, `{ "name": "Journal" }`. */
function plainValue(value: unknown): string | undefined {
  if (Array.isArray(value)) return value.length === 1 ? (textOf(value[0]) ?? plainValue(value[0])) : undefined
  if (!isObject(value)) return undefined
  return ['name', 'title', 'display_name', 'text', 'value', 'term', 'description', 'abstract']
    .map((name) => textOf(value[name]))
    .find(isSaid)
}

const isSaid = (value: unknown) => value !== undefined && value !== null && value !== ''

function namesOf(people: unknown): Author[] {
  if (typeof people === 'string')
    return isNoText(people) ? [] : splitNames(cleanText(people)).flatMap((name) => parseTableName(name) ?? [])
  if (isObject(people)) return namesOf([people])
  if (!Array.isArray(people)) return []
  return people.flatMap((person): Author[] => {
    if (typeof person === 'string') return [parseTableName(cleanText(person)) ?? []].flat()
    if (!isObject(person)) return []
    const part = (...names: string[]) =>
      cleanText(names.map((name) => textOf(person[name])).find((text) => text !== undefined) ?? '')
    const family = part('family', 'last', 'lastName', 'last_name', 'surname', 'familyName', 'family_name')
    const given = part('given', 'first', 'firstName', 'first_name', 'forename', 'givenName', 'given_name', 'initials')
    const suffix = part('suffix')
    if (family !== '') return [{ family, ...(given !== '' && { given }), ...(suffix !== '' && { suffix }) }]
    // What an object calls a name on its own may be written in any way.
    const name = part('name', 'display_name', 'fullName', 'full_name', 'author', 'text')
    const group = part('literal', 'collective_name', 'group')
    return name === '' ? (group === '' ? [] : [{ name: group }]) : [parseTableName(name) ?? []].flat()
  })
}
