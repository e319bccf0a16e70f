import { normalizeArxivId, normalizeDoi, normalizePmid } from '../fields/identifiers.js'
import { directName } from '../fields/names.js'
import { typeTable } from '../fields/paper-types.js'
import type { PaperDraft } from '../record.js'
import { cleanAbstract } from '../text/clean-abstract.js'
import { cleanText } from '../text/clean-text.js'
import { draftOf, integerOf, isObject, type JsonKind, type JsonObject, objects, otherFields, textOf } from './json-record.js'

const TYPES = typeTable({
  article: 'JournalArticle|Review',
  conference: 'Conference',
  book: 'Book',
  chapter: 'BookSection',
  dataset: 'Dataset',
})

/** Papers of Semantic Scholar, from its API or its datasets. */
export const SEMANTIC_SCHOLAR: JsonKind = {
  is: (object) => ['paperId', 'corpusId', 'corpusid', 'externalIds', 'externalids'].some((name) => Object.hasOwn(object, name)),
  read: readPaper,
}

function readPaper(paper: JsonObject): PaperDraft {
  const externalIds = paper.externalIds ?? paper.externalids
  const ids = isObject(externalIds) ? externalIds : {}
  const journal = isObject(paper.journal) ? paper.journal : {}
  const venue = isObject(paper.publicationVenue) ? textOf(paper.publicationVenue.name) : undefined
  const types = Array.isArray(paper.publicationTypes) ? paper.publicationTypes : []
  return draftOf({
    title: cleanText(textOf(paper.title) ?? ''),
    abstract: cleanAbstract(textOf(paper.abstract) ?? ''),
    authors: objects(paper.authors).flatMap((author) => {
      const name = cleanText(textOf(author.name) ?? '')
      const words = name.split(' ')
      return name === '' ? [] : [words.length > 1 ? directName(words) : { family: name }]
    }),
    year: integerOf(paper.year),
    venue: cleanText(textOf(journal.name) ?? venue ?? textOf(paper.venue) ?? ''),
    volume: textOf(journal.volume)?.trim(),
    pages: textOf(journal.pages)?.replace(/\s+/g, ''),
    doi: normalizeDoi(textOf(ids.DOI) ?? textOf(paper.doi) ?? ''),
    pmid: normalizePmid(textOf(ids.PubMed) ?? ''),
    arxivId: normalizeArxivId(textOf(ids.ArXiv) ?? ''),
    url: textOf(paper.url),
    type: types.map((type) => TYPES.get(String(type))).find((type) => type !== undefined),
    key: textOf(paper.paperId) ?? textOf(paper.corpusId) ?? textOf(paper.corpusid) ?? textOf(ids.CorpusId),
    fields: otherFields(paper, 'title', 'abstract', 'authors', 'year', 'url', 'paperId'),
  })
}
