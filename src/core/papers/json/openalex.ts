import { normalizeDoi, normalizePmid } from '../fields/identifiers.js'
import { directName } from '../fields/names.js'
import { TYPE_WORDS } from '../fields/paper-types.js'
import type { PaperDraft } from '../record.js'
import { cleanAbstract } from '../text/clean-abstract.js'
import { cleanText } from '../text/clean-text.js'
import { draftOf, integerOf, isObject, type JsonKind, type JsonObject, objects, otherFields, textOf } from './json-record.js'

/** Works of OpenAlex, from its API or its snapshot. */
export const OPENALEX: JsonKind = {
  is: (object) =>
    /^https?:\/\/openalex\.org\/W/i.test(textOf(object.id) ?? '') || Object.hasOwn(object, 'abstract_inverted_index'),
  read: readWork,
}

function readWork(work: JsonObject): PaperDraft {
  const ids = isObject(work.ids) ? work.ids : {}
  const biblio = isObject(work.biblio) ? work.biblio : {}
  const location = isObject(work.primary_location) ? work.primary_location : {}
  const source = isObject(location.source) ? location.source : isObject(work.host_venue) ? work.host_venue : {}
  const [first, last] = [textOf(biblio.first_page), textOf(biblio.last_page)]
  const id = textOf(work.id)
  return draftOf({
    title: cleanText(textOf(work.title) ?? textOf(work.display_name) ?? ''),
    abstract: cleanAbstract(invertedText(work.abstract_inverted_index) ?? textOf(work.abstract) ?? ''),
    authors: objects(work.authorships).flatMap(({ author, raw_author_name }) => {
      const name = cleanText((isObject(author) ? textOf(author.display_name) : undefined) ?? textOf(raw_author_name) ?? '')
      const words = name.split(' ')
      return name === '' ? [] : [words.length > 1 ? directName(words) : { family: name }]
    }),
    year: integerOf(work.publication_year),
    venue: cleanText(textOf(source.display_name) ?? ''),
    volume: textOf(biblio.volume),
    issue: textOf(biblio.issue),
    pages: first === undefined || last === undefined || first === last ? first : `${first}-${last}`,
    doi: normalizeDoi(textOf(work.doi) ?? textOf(ids.doi) ?? ''),
    pmid: normalizePmid(textOf(ids.pmid) ?? ''),
    arxivId: undefined,
    url: textOf(location.landing_page_url) ?? id,
    keywords: objects(work.keywords).flatMap((keyword) => textOf(keyword.display_name) ?? textOf(keyword.keyword) ?? []),
    type: TYPE_WORDS.get(textOf(work.type) ?? '') ?? (work.type === undefined ? undefined : 'other'),
    key: id?.replace(/^.*\//, ''),
    fields: otherFields(work, 'title', 'abstract_inverted_index', 'publication_year', 'doi', 'biblio', 'display_name'),
  })
}

/** The longest abstracts have some thousand words; a hostile index could have any number. */
const MAX_WORDS = 100_000

/** Restores a text from an inverted index, which has the positions of each word. */
function invertedText(index: unknown): string | undefined {
  if (!isObject(index)) return undefined
  const words: [position: number, word: string][] = []
  for (const [word, positions] of Object.entries(index))
    if (Array.isArray(positions))
      for (const position of positions) if (typeof position === 'number' && words.length < MAX_WORDS) words.push([position, word])
  if (words.length === 0) return undefined
  return words
    .sort(([a], [b]) => a - b)
    .map(([, word]) => word)
    .join(' ')
}
