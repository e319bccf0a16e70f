import { normalizeArxivId, normalizeDoi, parseYear } from '../fields/identifiers.js'
import { directName } from '../fields/names.js'
import { draftOf } from '../json/json-record.js'
import type { PaperDraft } from '../record.js'
import { cleanAbstract } from '../text/clean-abstract.js'
import { cleanText } from '../text/clean-text.js'
import { elementAt, elements, textWithin, withLeafFields, type XmlElement } from './element.js'

/** Reads an `entry` of an Atom feed, as arXiv's API answers. */
export function atomEntry(entry: XmlElement): PaperDraft | undefined {
  const text = (...path: string[]) => cleanText(textWithin(elementAt(entry, ...path)))
  const id = text('id')
  const arxivId = normalizeArxivId(id)
  const draft = draftOf({
    type: arxivId === undefined ? undefined : 'preprint',
    title: text('title'),
    abstract: cleanAbstract(textWithin(elementAt(entry, 'summary'))),
    authors: elements(entry, 'author').flatMap((author) => {
      const words = cleanText(textWithin(elementAt(author, 'name') ?? author)).split(' ')
      return words[0] === '' ? [] : [words.length > 1 ? directName(words) : { name: words[0]! }]
    }),
    year: parseYear(text('published')) ?? parseYear(text('updated')),
    doi: normalizeDoi(text('doi')),
    arxivId,
    url: /^https?:/.test(id) ? id : undefined,
  })
  return withLeafFields(draft, entry, new Set(['id', 'title', 'summary', 'author/name', 'doi']))
}
