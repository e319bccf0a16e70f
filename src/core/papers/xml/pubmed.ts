import { normalizeDoi, normalizePmid, parseYear } from '../fields/identifiers.js'
import { TYPE_WORDS } from '../fields/paper-types.js'
import { draftOf } from '../json/json-record.js'
import type { Author } from '../paper.js'
import type { PaperDraft } from '../record.js'
import { cleanAbstract } from '../text/clean-abstract.js'
import { cleanText } from '../text/clean-text.js'
import { isNoText } from '../text/no-text.js'
import { elementAt, elements, elementsWithin, leafFields, textWithin, type XmlElement } from './element.js'

/** Reads a `PubmedArticle` or `PubmedBookArticle` as the National Library of Medicine documents them. */
export function pubmedRecord(record: XmlElement): PaperDraft | undefined {
  const citation = elementAt(record, 'MedlineCitation') ?? elementAt(record, 'BookDocument') ?? record
  const article = elementAt(citation, 'Article') ?? citation
  const book = elementAt(citation, 'Book')
  const text = (from: XmlElement | undefined, ...path: string[]) => cleanText(textWithin(elementAt(from, ...path)))
  const issue = elementAt(article, 'Journal', 'JournalIssue')
  const title =
    [text(article, 'ArticleTitle'), text(article, 'VernacularTitle'), text(book, 'BookTitle')].find(
      (found) => !isNoText(found),
    ) ?? ''
  // The last one is the latest version.
  const pmid = cleanText(textWithin(elements(citation, 'PMID').at(-1)))
  const pages =
    text(article, 'Pagination', 'MedlinePgn') ||
    [text(article, 'Pagination', 'StartPage'), text(article, 'Pagination', 'EndPage')].filter(Boolean).join('-')
  const authors = [...elements(article, 'AuthorList'), ...elements(book, 'AuthorList')]
    .filter(({ attributes }) => attributes.Type !== 'editors')
    .flatMap((list) => elements(list, 'Author'))
    .flatMap((author) => authorOf(author) ?? [])
  const types = elementsWithin(article, 'PublicationType').map((type) =>
    TYPE_WORDS.get(cleanText(textWithin(type)).toLowerCase()),
  )
  const keywords = elementsWithin(citation, 'Keyword').map((keyword) => cleanText(textWithin(keyword)))
  const headings = elementsWithin(citation, 'DescriptorName').map((heading) => cleanText(textWithin(heading)))
  const draft = draftOf({
    title,
    abstract: cleanAbstract(abstractOf(elementAt(article, 'Abstract') ?? elementAt(citation, 'Abstract'))),
    authors,
    year: [
      elementAt(issue, 'PubDate'),
      elementAt(book, 'PubDate'),
      elementAt(article, 'ArticleDate'),
      elementAt(citation, 'ContributionDate'),
    ]
      .map((date) => parseYear(textWithin(elementAt(date, 'Year') ?? date)))
      .find((year) => year !== undefined),
    venue:
      text(article, 'Journal', 'Title') ||
      text(article, 'Journal', 'ISOAbbreviation') ||
      text(citation, 'MedlineJournalInfo', 'MedlineTA') ||
      (title === text(book, 'BookTitle') ? '' : text(book, 'BookTitle')),
    volume: text(issue, 'Volume'),
    issue: text(issue, 'Issue'),
    pages,
    doi: doiOf(record, article, book),
    pmid: normalizePmid(pmid),
    keywords: [...new Set(keywords.length > 0 ? keywords : headings)].filter((word) => word !== ''),
    type: book
      ? title === text(book, 'BookTitle')
        ? 'book'
        : 'chapter'
      : (types.find((type) => type !== undefined && type !== 'article') ?? types.find((type) => type !== undefined)),
    key: pmid,
  })
  if (Object.keys(draft).length === 1 && draft.title === '') return undefined
  const fields = leafFields(record, CONSUMED)
  return fields ? { ...draft, fields } : draft
}

/** Paths that the properties express completely. */
const CONSUMED: ReadonlySet<string> = new Set(
  [
    'ArticleTitle',
    'Journal/Title',
    'Journal/JournalIssue/Volume',
    'Journal/JournalIssue/Issue',
    'Pagination/MedlinePgn',
    'Abstract',
    'AuthorList',
  ].map((path) => `MedlineCitation/Article/${path}`),
)

function abstractOf(abstract: XmlElement | undefined): string {
  return elements(abstract, 'AbstractText')
    .map((part) => {
      const label = part.attributes.Label
      const text = textWithin(part).trim()
      return label === undefined || /^\s*(?:unlabelled|unassigned)?\s*$/i.test(label) || text === '' ? text : `${label}: ${text}`
    })
    .join(' ')
}

function authorOf(author: XmlElement): Author | undefined {
  const part = (name: string) => cleanText(textWithin(elementAt(author, name)))
  const [family, given, suffix, group] = [
    part('LastName'),
    part('ForeName') || part('FirstName') || part('Initials'),
    part('Suffix'),
    part('CollectiveName'),
  ]
  if (family === '') return group === '' ? (given === '' ? undefined : { name: given }) : { name: group }
  return { family, ...(given !== '' && { given }), ...(suffix !== '' && { suffix }) }
}

function doiOf(record: XmlElement, article: XmlElement, book: XmlElement | undefined): string | undefined {
  const ids = [
    ...elements(article, 'ELocationID').filter(({ attributes }) => attributes.EIdType === 'doi'),
    ...elements(elementAt(record, 'PubmedData', 'ArticleIdList'), 'ArticleId').filter(
      ({ attributes }) => attributes.IdType === 'doi',
    ),
    ...elements(book, 'ELocationID').filter(({ attributes }) => attributes.EIdType === 'doi'),
  ]
  return ids.map((id) => normalizeDoi(textWithin(id))).find((doi) => doi !== undefined)
}
