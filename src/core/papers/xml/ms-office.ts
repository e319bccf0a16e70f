import { normalizeDoi, parseYear } from '../fields/identifiers.js'
import { TYPE_WORDS } from '../fields/paper-types.js'
import { draftOf } from '../json/json-record.js'
import type { Author } from '../paper.js'
import type { PaperDraft } from '../record.js'
import { cleanText } from '../text/clean-text.js'
import { elementAt, elements, textWithin, withLeafFields, type XmlElement } from './element.js'

/** Reads a `Source` of Microsoft Office's bibliography (ECMA-376, shared bibliography). */
export function msOfficeSource(source: XmlElement): PaperDraft | undefined {
  const text = (...names: string[]) =>
    names.map((name) => cleanText(textWithin(elementAt(source, name)))).find((value) => value !== '') ?? ''
  const people = elements(elementAt(source, 'Author'))
  const author = people.find(({ name }) => name === 'Author') ?? people.find(({ name }) => name === 'Inventor')
  const draft = draftOf({
    type: TYPE_WORDS.get(text('SourceType').toLowerCase()) ?? (text('SourceType') === '' ? undefined : 'other'),
    title: text('Title', 'ShortTitle'),
    abstract: text('BIBTEX_Abstract', 'Abstract'),
    authors: author ? authorsOf(author) : [],
    year: parseYear(text('Year')),
    venue: text('JournalName', 'PeriodicalTitle', 'ConferenceName', 'BookTitle', 'InternetSiteTitle', 'PublicationTitle'),
    volume: text('Volume'),
    issue: text('Issue'),
    pages: text('Pages'),
    doi: normalizeDoi(text('DOI')) ?? (/doi\.org/.test(text('URL')) ? normalizeDoi(text('URL')) : undefined),
    url: text('URL'),
    keywords: text('BIBTEX_KeyWords', 'Keywords')
      .split(/;|,(?!.*;)/)
      .map((word) => word.trim())
      .filter((word) => word !== ''),
    key: text('Tag'),
  })
  return withLeafFields(draft, source, CONSUMED)
}

const CONSUMED: ReadonlySet<string> = new Set(['Title', 'Year', 'Volume', 'Issue', 'Pages', 'URL', 'Tag', 'Author/Author'])

function authorsOf(author: XmlElement): Author[] {
  const group = cleanText(textWithin(elementAt(author, 'Corporate')))
  if (group !== '') return [{ name: group }]
  return elements(elementAt(author, 'NameList'), 'Person').flatMap((person): Author[] => {
    const part = (name: string) => cleanText(textWithin(elementAt(person, name)))
    const family = part('Last')
    const given = [part('First'), part('Middle')].filter((name) => name !== '').join(' ')
    if (family === '') return given === '' ? [] : [{ name: given }]
    return [given === '' ? { family } : { family, given }]
  })
}
