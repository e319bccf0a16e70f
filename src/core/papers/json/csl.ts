import { splitTableKeywords } from '../csv/columns.js'
import { normalizeArxivId, normalizeDoi, normalizePmid, parseYear } from '../fields/identifiers.js'
import { typeTable } from '../fields/paper-types.js'
import { sameValue } from '../fields/schema.js'
import type { Author, PaperType } from '../paper.js'
import type { PaperDraft } from '../record.js'
import { cleanAbstract } from '../text/clean-abstract.js'
import { cleanText, escapeMarkup } from '../text/clean-text.js'
import { draftOf, isObject, type JsonKind, type JsonObject, objects, otherFields, textOf } from './json-record.js'

const CSL_TYPES = typeTable({
  article: 'article-journal|article-magazine|article-newspaper|review|review-book|journal-article',
  conference: 'paper-conference|speech|proceedings-article',
  preprint: 'article|manuscript|posted-content',
  book: 'book|collection|monograph',
  chapter: 'chapter|entry-encyclopedia|entry-dictionary|entry|book-chapter',
  thesis: 'thesis',
  report: 'report|standard',
  dataset: 'dataset',
  software: 'software',
  patent: 'patent',
  web: 'webpage|post|post-weblog',
})
const TYPE_NAMES: Readonly<Record<PaperType, string>> = {
  article: 'article-journal',
  conference: 'paper-conference',
  preprint: 'article',
  book: 'book',
  chapter: 'chapter',
  thesis: 'thesis',
  report: 'report',
  dataset: 'dataset',
  software: 'software',
  patent: 'patent',
  web: 'webpage',
  other: 'document',
}
/** CSL-JSON, as Zotero, citation-js and Crossref write it. */
export const CSL: JsonKind = {
  is: isCsl,
  read: readCsl,
}

/** An item of a CSL type with nothing that tells another format. */
export const BARE_CSL: JsonKind = {
  is: ({ id, type }) => typeof type === 'string' && CSL_TYPES.has(type) && textOf(id) !== undefined,
  read: readCsl,
}

/** Variables that have these names in CSL alone. */
const CSL_NAMES = (
  'container-title title-short container-title-short collection-title publisher-place original-date event-title event-place ' +
  'event-date number-of-pages number-of-volumes citation-key citation-label reviewed-title chapter-number archive_location ' +
  'container-author collection-editor editorial-director'
).split(' ')
/** Types that have these names in CSL alone; `article` and `book` are anyone's. */
const CSL_TYPE =
  /^(?:[a-z]+-(?:journal|magazine|newspaper|conference|encyclopedia|dictionary|weblog|book)|motion_picture|legal_case|musical_score|legislation|webpage|entry)$/

/** Told by CSL's own names: a record may have `type: "article"` and names of another format. */
function isCsl(object: JsonObject): boolean {
  const { type, author, issued } = object
  if (CSL_NAMES.some((name) => Object.hasOwn(object, name))) return true
  if (isObject(issued) || (Array.isArray(issued) && issued.some(isObject))) return true
  if (objects(author).some((name) => 'family' in name || 'literal' in name)) return true
  if (['authors', 'year', 'venue', 'journal'].some((name) => Object.hasOwn(object, name))) return false
  return typeof type === 'string' && (CSL_TYPE.test(type) || (type === 'document' && textOf(object.id) !== undefined))
}

function readCsl(item: JsonObject): PaperDraft {
  const draft = readProperties(item)
  const written = writeProperties(draft)
  // Skip what the properties express completely.
  const consumed = Object.keys(written).filter((name) => sameValue(written[name], item[name]))
  const fields = otherFields(item, ...consumed)
  return { ...draft, ...(fields && { fields }), format: 'csl' }
}

export function readProperties(item: JsonObject): PaperDraft {
  const text = (name: string) => first(item[name])
  const plain = (name: string) => cleanText(text(name) ?? '')
  const type = textOf(item.type)
  const address = text('URL')
  return draftOf({
    ...(text('id') !== undefined && { id: text('id')! }),
    type: type === undefined ? undefined : (CSL_TYPES.get(type) ?? 'other'),
    title: plain('title'),
    abstract: cleanAbstract(text('abstract') ?? ''),
    authors: objects(item.author).flatMap((name) => readName(name) ?? []),
    year: yearOf(item.issued) ?? yearOf(item['original-date']),
    venue: plain('container-title'),
    volume: plain('volume'),
    issue: plain('issue'),
    pages: plain('page').replace(/(?<=\S)\s*[–]\s*(?=\S)/g, '-'),
    doi: normalizeDoi(text('DOI') ?? '') ?? (/doi\.org\//.test(address ?? '') ? normalizeDoi(address!) : undefined),
    pmid: normalizePmid(text('PMID') ?? ''),
    arxivId: /arxiv/i.test(`${text('archive')}${text('number')}${address}${text('publisher')}`)
      ? (normalizeArxivId(text('number') ?? '') ??
        normalizeArxivId(text('archive_location') ?? '') ??
        normalizeArxivId(address ?? ''))
      : undefined,
    url: address?.trim(),
    keywords: keywordsOf(item.keyword),
    key: text('citation-key'),
  })
}

export function writeProperties(paper: PaperDraft): Record<string, unknown> {
  const { id, type, authors, year, keywords, key } = paper
  const text = (value: string | null | undefined) => (value ? escapeMarkup(value) : undefined)
  const item: Record<string, unknown> = {
    id,
    type: type === undefined ? undefined : TYPE_NAMES[type],
    title: text(paper.title),
    author: authors?.map(writeName),
    issued: year === undefined ? undefined : { 'date-parts': [[year]] },
    'container-title': text(paper.venue),
    volume: text(paper.volume),
    issue: text(paper.issue),
    page: text(paper.pages),
    DOI: paper.doi,
    PMID: paper.pmid,
    URL: paper.url,
    abstract: text(paper.abstract),
    keyword:
      keywords && keywords.length > 0 ? `${keywords.map(escapeMarkup).join('; ')}${keywords.length === 1 ? ';' : ''}` : undefined,
    archive: paper.arxivId === undefined ? undefined : 'arXiv',
    number: paper.arxivId === undefined ? undefined : `arXiv:${paper.arxivId}`,
    'citation-key': key,
  }
  for (const [name, value] of Object.entries(item))
    if (value === undefined || (Array.isArray(value) && value.length === 0)) delete item[name]
  return item
}

function readName(name: JsonObject): Author | undefined {
  const part = (key: string) => {
    const text = textOf(name[key])
    return text === undefined ? undefined : cleanText(text)
  }
  const literal = part('literal') ?? part('name')
  const particles = [part('dropping-particle'), part('non-dropping-particle')].filter((particle) => particle !== undefined)
  const family = part('family')
  if (family === undefined) {
    const lone = literal ?? part('given')
    return lone === undefined ? undefined : { name: lone }
  }
  const author: Author = { family: [...particles, family].join(' ') }
  const given = part('given')
  const suffix = part('suffix')
  if (given !== undefined) author.given = given
  if (suffix !== undefined) author.suffix = suffix
  return author
}

function writeName({ family, given, suffix, name }: Author): JsonObject {
  if (family === undefined) return { literal: escapeMarkup(name ?? given ?? '') }
  return {
    family: escapeMarkup(family),
    ...(given !== undefined && { given: escapeMarkup(given) }),
    ...(suffix !== undefined && { suffix: escapeMarkup(suffix) }),
  }
}

function yearOf(date: unknown): number | undefined {
  // Pandoc writes a list of dates, each with year and month.
  if (Array.isArray(date)) return yearOf(date[0])
  if (isObject(date) && date.year !== undefined) return parseYear(textOf(date.year) ?? '')
  if (!isObject(date)) return parseYear(textOf(date) ?? '')
  const parts = date['date-parts']
  const year = Array.isArray(parts) && Array.isArray(parts[0]) ? textOf(parts[0][0]) : undefined
  const number = Number(year)
  if (year !== undefined && Number.isInteger(number)) return number
  return parseYear(textOf(date.raw) ?? textOf(date.literal) ?? '')
}

function keywordsOf(value: unknown): string[] {
  const all =
    typeof value === 'string'
      ? splitTableKeywords(value)
      : Array.isArray(value)
        ? value.flatMap((word) => textOf(word) ?? [])
        : []
  return [...new Set(all.map((word) => cleanText(word)).filter((word) => word !== ''))]
}

/** The first element of an array: Crossref has titles as arrays of one. */
function first(value: unknown): string | undefined {
  return textOf(Array.isArray(value) ? value[0] : value)
}
