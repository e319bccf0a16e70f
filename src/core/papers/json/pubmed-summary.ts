import { normalizeDoi, normalizePmid, parseYear } from '../fields/identifiers.js'
import { parseInitialedName } from '../fields/names.js'
import { TYPE_WORDS } from '../fields/paper-types.js'
import type { PaperDraft } from '../record.js'
import { cleanText } from '../text/clean-text.js'
import { draftOf, type JsonKind, type JsonObject, objects, otherFields, textOf } from './json-record.js'

/** A document summary of PubMed's `esummary`, which has no abstract. */
export const PUBMED_SUMMARY: JsonKind = {
  is: (object) =>
    textOf(object.uid) !== undefined &&
    ['articleids', 'fulljournalname', 'sortpubdate', 'pubdate'].some((name) => Object.hasOwn(object, name)),
  read: readSummary,
}

function readSummary(summary: JsonObject): PaperDraft {
  const id = (type: string) => textOf(objects(summary.articleids).find(({ idtype }) => idtype === type)?.value) ?? ''
  const plain = (name: string) => cleanText(textOf(summary[name]) ?? '')
  const types = (Array.isArray(summary.pubtype) ? summary.pubtype : []).map((type) => TYPE_WORDS.get(String(type).toLowerCase()))
  return draftOf({
    type: types.find((type) => type !== undefined && type !== 'article') ?? types.find((type) => type !== undefined),
    title:
      [plain('title'), plain('vernaculartitle'), plain('booktitle')].find(
        (title) => title !== '' && !/^\[not available\]/i.test(title),
      ) ?? '',
    authors: objects(summary.authors).flatMap(({ name, authtype }) => {
      const text = cleanText(textOf(name) ?? '')
      return text === '' ? [] : authtype === 'CollectiveName' ? [{ name: text }] : [parseInitialedName(text) ?? []].flat()
    }),
    year: parseYear(plain('pubdate')) ?? parseYear(plain('epubdate')) ?? parseYear(plain('sortpubdate')),
    venue: plain('fulljournalname') || plain('source') || plain('booktitle'),
    volume: plain('volume'),
    issue: plain('issue'),
    pages: plain('pages'),
    doi: normalizeDoi(id('doi')) ?? (/doi/i.test(plain('elocationid')) ? normalizeDoi(plain('elocationid')) : undefined),
    pmid: normalizePmid(id('pubmed')) ?? normalizePmid(plain('uid')),
    key: plain('uid'),
    fields: otherFields(summary, 'title', 'authors', 'volume', 'issue', 'pages', 'uid', 'fulljournalname'),
  })
}
