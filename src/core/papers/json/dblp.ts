import { normalizeDoi, parseYear } from '../fields/identifiers.js'
import { directName } from '../fields/names.js'
import { typeTable } from '../fields/paper-types.js'
import type { Author } from '../paper.js'
import type { PaperDraft } from '../record.js'
import { cleanText } from '../text/clean-text.js'
import { draftOf, isObject, type JsonKind, type JsonObject, otherFields, textOf } from './json-record.js'

const TYPES = typeTable({
  article: 'Journal Articles',
  conference: 'Conference and Workshop Papers',
  preprint: 'Informal Publications|Informal and Other Publications',
  book: 'Books and Theses|Editorship',
  chapter: 'Parts in Books or Collections|Reference Works',
  dataset: 'Data and Artifacts',
})

/** The `info` of a hit of DBLP's search. */
export const DBLP: JsonKind = {
  is: ({ authors, title, url, key }) =>
    typeof title === 'string' &&
    ((isObject(authors) && Object.hasOwn(authors, 'author')) ||
      (textOf(key) !== undefined && /dblp\.org\/rec\//.test(textOf(url) ?? ''))),
  read: readInfo,
}

function readInfo(info: JsonObject): PaperDraft {
  const people = isObject(info.authors) ? info.authors.author : undefined
  const first = (value: unknown) => textOf(Array.isArray(value) ? value[0] : value)
  const electronic = first(info.ee)
  return draftOf({
    type: TYPES.get(textOf(info.type) ?? '') ?? 'other',
    // DBLP ends every title with a full stop.
    title: cleanText(textOf(info.title) ?? '').replace(/(?<!\.)\.$/, ''),
    authors: (Array.isArray(people) ? people : [people]).flatMap((author) => nameOf(author) ?? []),
    year: parseYear(textOf(info.year) ?? ''),
    venue: cleanText(first(info.venue) ?? ''),
    volume: textOf(info.volume),
    issue: textOf(info.number),
    pages: textOf(info.pages),
    doi: normalizeDoi(textOf(info.doi) ?? '') ?? (/doi\.org/.test(electronic ?? '') ? normalizeDoi(electronic!) : undefined),
    url: electronic ?? textOf(info.url),
    key: textOf(info.key),
    fields: otherFields(info, 'title', 'authors', 'year', 'volume', 'number', 'pages', 'key'),
  })
}

/** A number after a name tells people of the same name apart: `Wei Li 0001`. */
function nameOf(author: unknown): Author | undefined {
  const name = cleanText(textOf(isObject(author) ? author.text : author) ?? '').replace(/\s\d{4}$/, '')
  const words = name.split(' ')
  return name === '' ? undefined : words.length > 1 ? directName(words) : { family: name }
}
