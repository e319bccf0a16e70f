import { normalizeArxivId, normalizeDoi, normalizePmid, parseYear } from '../fields/identifiers.js'
import { parseName, splitValue } from '../fields/names.js'
import { TYPE_WORDS } from '../fields/paper-types.js'
import { draftOf } from '../json/json-record.js'
import type { PaperDraft } from '../record.js'
import { cleanAbstract } from '../text/clean-abstract.js'
import { cleanText } from '../text/clean-text.js'
import { elementAt, elements, elementsWithin, textWithin, withLeafFields, type XmlElement } from './element.js'

/** Reads a `record` of EndNote's XML, which has text in `style` elements. */
export function endnoteRecord(record: XmlElement): PaperDraft | undefined {
  const text = (...path: string[]) => cleanText(textWithin(elementAt(record, ...path)))
  const type = elementAt(record, 'ref-type')?.attributes.name ?? text('ref-type')
  const urls = ['related-urls', 'text-urls', 'web-urls', 'pdf-urls']
    .flatMap((kind) => elements(elementAt(record, 'urls', kind), 'url'))
    .map((url) => cleanText(textWithin(url)))
  const doi = [text('electronic-resource-num'), text('doi'), ...urls.filter((url) => /doi\.org|^doi:/i.test(url))]
    .map(normalizeDoi)
    .find((found) => found !== undefined)
  const accession = text('accession-num')
  const database = `${text('remote-database-name')} ${urls.join(' ')}`
  const draft = draftOf({
    type: type === '' ? undefined : (TYPE_WORDS.get(type.toLowerCase()) ?? 'other'),
    title: text('titles', 'title'),
    abstract: cleanAbstract(textWithin(elementAt(record, 'abstract'))),
    authors: elements(elementAt(record, 'contributors', 'authors'), 'author').flatMap((author) =>
      splitValue(cleanText(textWithin(author))).flatMap((name) => parseName(name) ?? []),
    ),
    year: parseYear(text('dates', 'year')) ?? parseYear(text('dates', 'pub-dates')),
    venue:
      text('titles', 'secondary-title') ||
      text('periodical', 'full-title') ||
      text('alt-periodical', 'full-title') ||
      text('titles', 'alt-title'),
    volume: text('volume'),
    issue: text('number') || text('issue'),
    pages: text('pages') || (/^arxiv/i.test(text('custom7')) ? '' : text('custom7')),
    doi,
    pmid: /pubmed|medline|ncbi/i.test(database) ? normalizePmid(accession) : undefined,
    url: urls[0],
    keywords: [
      ...new Set(elementsWithin(elementAt(record, 'keywords'), 'keyword').map((keyword) => cleanText(textWithin(keyword)))),
    ].filter((word) => word !== ''),
    arxivId: /^arxiv/i.test(text('custom7')) ? normalizeArxivId(text('custom7')) : undefined,
    // Our own records are numbered as they are written.
    key: (isOwn(record) && text('label')) || (isOwn(record) ? undefined : text('rec-number') || accession),
  })
  const consumed = !isOwn(record) ? CONSUMED : urls.length > 1 ? CONSUMED_OF_OWN : CONSUMED_WITH_URL
  return withLeafFields(draft, record, consumed)
}

/** Whether the record was written by this library. */
function isOwn(record: XmlElement): boolean {
  return elementAt(record, 'source-app')?.attributes.name === 'specter2-web'
}

/** Paths that the properties express completely. */
const CONSUMED: ReadonlySet<string> = new Set([
  'contributors/authors/author',
  'titles/title',
  'titles/secondary-title',
  'volume',
  'pages',
  'abstract',
  'keywords/keyword',
  'rec-number',
  'dates/year',
])
/** What this library writes from properties alone. */
const CONSUMED_OF_OWN: ReadonlySet<string> = new Set([
  ...CONSUMED,
  ...'source-app ref-type label number electronic-resource-num periodical/full-title accession-num remote-database-name'.split(
    ' ',
  ),
])
const CONSUMED_WITH_URL: ReadonlySet<string> = new Set([...CONSUMED_OF_OWN, 'urls/related-urls/url'])
