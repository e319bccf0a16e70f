import { normalizeDoi, parseYear } from '../fields/identifiers.js'
import { typeTable } from '../fields/paper-types.js'
import type { Author } from '../paper.js'
import type { PaperDraft } from '../record.js'
import { cleanAbstract } from '../text/clean-abstract.js'
import { cleanText } from '../text/clean-text.js'
import { draftOf, type JsonKind, type JsonObject, objects, otherFields, textOf } from './json-record.js'

/** Types by Zotero's names for them. */
export const ZOTERO_TYPES = typeTable({
  article: 'journalArticle|magazineArticle|newspaperArticle',
  conference: 'conferencePaper|presentation',
  preprint: 'preprint|manuscript',
  book: 'book',
  chapter: 'bookSection|encyclopediaArticle|dictionaryEntry',
  thesis: 'thesis',
  report: 'report|standard',
  dataset: 'dataset',
  software: 'computerProgram',
  patent: 'patent',
  web: 'webpage|blogPost',
})

/** Items of Zotero, from its API or Better BibTeX. */
export const ZOTERO: JsonKind = {
  is: (object) => typeof object.itemType === 'string',
  read: readItem,
}

function readItem(item: JsonObject): PaperDraft | undefined {
  const type = textOf(item.itemType)!
  if (type === 'attachment' || type === 'note' || type === 'annotation') return undefined
  const plain = (...names: string[]) => names.map((name) => cleanText(textOf(item[name]) ?? '')).find((text) => text !== '')
  const creators = objects(item.creators)
  const authors = creators.filter(({ creatorType }) =>
    ['author', 'inventor', 'programmer', 'presenter'].includes(String(creatorType)),
  )
  return draftOf({
    title: plain('title', 'caseName', 'nameOfAct', 'subject') ?? '',
    abstract: cleanAbstract(textOf(item.abstractNote) ?? ''),
    authors: authors.flatMap(creatorName),
    year: parseYear(textOf(item.date) ?? ''),
    venue: plain(
      'publicationTitle',
      'proceedingsTitle',
      'bookTitle',
      'encyclopediaTitle',
      'conferenceName',
      'websiteTitle',
      'repository',
    ),
    volume: plain('volume'),
    issue: plain('issue'),
    pages: plain('pages'),
    doi: normalizeDoi(textOf(item.DOI) ?? ''),
    url: textOf(item.url),
    keywords: objects(item.tags).flatMap(({ tag }) => textOf(tag) ?? []),
    type: ZOTERO_TYPES.get(type) ?? 'other',
    key: textOf(item.citationKey) ?? textOf(item.citekey) ?? textOf(item.key),
    fields: otherFields(item, 'title', 'abstractNote', 'volume', 'issue', 'pages', 'url'),
  })
}

function creatorName(creator: JsonObject): Author[] {
  const [family, given, name] = [creator.lastName, creator.firstName, creator.name].map((part) => cleanText(textOf(part) ?? ''))
  if (!family) return name || given ? [{ name: (name || given)! }] : []
  return [given ? { family, given } : { family }]
}
