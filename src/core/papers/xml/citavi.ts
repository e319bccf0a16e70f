import { normalizeDoi, normalizePmid, parseYear } from '../fields/identifiers.js'
import { formatName } from '../fields/names.js'
import { typeTable } from '../fields/paper-types.js'
import { draftOf } from '../json/json-record.js'
import type { Author } from '../paper.js'
import type { FoundRecord, PaperDraft } from '../record.js'
import { cleanAbstract } from '../text/clean-abstract.js'
import { cleanText } from '../text/clean-text.js'
import { elementAt, elements, leafFields, textWithin, type XmlElement } from './element.js'

/** Elements to which references refer by id. */
const NAMED = ['Person', 'Periodical', 'Keyword', 'Publisher', 'SeriesTitle', 'Group', 'Category']
/** Lists of a reference's id and the ids to which it refers: `reference;person;person`. */
const LINKS = [
  'ReferenceAuthors',
  'ReferenceEditors',
  'ReferenceCollaborators',
  'ReferenceOrganizations',
  'ReferenceOthersInvolved',
  'ReferenceKeywords',
  'ReferencePublishers',
  'ReferenceGroups',
  'ReferenceCategories',
]
/** Lists of a book's id and those of its chapters. */
const CHAPTERS = 'ReferenceReferences'

const TYPES = typeTable({
  article: 'JournalArticle|NewspaperArticle',
  book: 'Book|BookEdited|CollectedWorks|ConferenceProceedings|LegalCommentary|SpecialIssue',
  chapter: 'Contribution|ContributionInLegalCommentary',
  thesis: 'Thesis',
  report: 'UnpublishedWork|Standard',
  software: 'ComputerProgram',
  patent: 'Patent',
  web: 'InternetDocument',
})

/** Paths that the properties express completely. */
const CONSUMED: ReadonlySet<string> = new Set(['Title', 'Subtitle', 'Abstract', 'Volume', 'Number', 'Year'])

/**
 * Reads a project of Citavi 5 or later (`CitaviExchangeData`): an XML export, or a zipped backup. References refer to people,
 * journals and keywords by ids that come later in the file, so everything is collected until it ends.
 */
export class CitaviProject {
  readonly #references = new Map<string, { element: XmlElement; line: number }>()
  readonly #named = new Map<string, XmlElement>()
  /** By list, then by reference. */
  readonly #links = new Map<string, Map<string, string[]>>(LINKS.map((list) => [list, new Map()]))
  readonly #bookOf = new Map<string, string>()

  /** Collects the elements of a project, by name. */
  readonly parts = Object.fromEntries(
    ['Reference', ...NAMED, ...LINKS, CHAPTERS].map((name) => [
      name,
      (element: XmlElement, line: number) => {
        this.#collect(element, line)
        return 'deferred' as const
      },
    ]),
  )

  /** All references, once the file has ended. */
  records(): FoundRecord[] {
    return [...this.#references].map(([id, { element, line }]) => ({ draft: this.#draft(id, element), line }))
  }

  #collect(element: XmlElement, line: number): void {
    const id = element.attributes.id ?? ''
    if (element.name === 'Reference') this.#references.set(id || `line ${line}`, { element, line })
    else if (NAMED.includes(element.name)) this.#named.set(id, element)
    else
      for (const list of elements(element, 'OnetoN')) {
        const [from, ...to] = textWithin(list).trim().split(';')
        if (element.name === CHAPTERS) for (const chapter of to) this.#bookOf.set(chapter, from!)
        else this.#links.get(element.name)!.set(from!, to)
      }
  }

  #draft(id: string, reference: XmlElement): PaperDraft {
    const text = (name: string) => textAt(reference, name)
    const linked = (list: string) => (this.#links.get(list)!.get(id) ?? []).flatMap((to) => this.#named.get(to) ?? [])
    const names = (list: string) => linked(list).map(nameOf)
    const book = this.#references.get(this.#bookOf.get(id) ?? '')?.element
    const kind = text('ReferenceType')
    const inProceedings =
      kind === 'Contribution' && book !== undefined && textAt(book, 'ReferenceType') === 'ConferenceProceedings'
    const draft = draftOf({
      type: inProceedings ? 'conference' : kind === '' ? undefined : (TYPES.get(kind) ?? 'other'),
      title: titleOf(reference),
      abstract: cleanAbstract(textWithin(elementAt(reference, 'Abstract'))),
      authors: linked('ReferenceAuthors').flatMap((person) => authorOf(person) ?? []),
      year: ['Year', 'Date', 'DateForSorting'].map((name) => parseYear(text(name))).find((year) => year !== undefined),
      venue: textAt(this.#named.get(text('PeriodicalID')), 'Name') || (book ? titleOf(book) : ''),
      volume: text('Volume'),
      issue: text('Number'),
      pages: pagesOf(reference),
      doi: normalizeDoi(text('DOI') || text('Doi')),
      pmid: normalizePmid(text('PubMedID')),
      url: text('OnlineAddress'),
      keywords: [...new Set(names('ReferenceKeywords'))],
      key: text('CitationKey') || text('BibTeXKey'),
    })
    const fields = Object.entries(leafFields(reference, CONSUMED) ?? {})
    for (const list of LINKS.filter((name) => name !== 'ReferenceAuthors' && name !== 'ReferenceKeywords'))
      if (linked(list).length > 0) fields.push([list, names(list)])
    const series = this.#named.get(text('SeriesTitleID'))
    if (series) fields.push(['SeriesTitle', [nameOf(series)]])
    return fields.length > 0 ? { ...draft, fields: Object.fromEntries(fields) } : draft
  }
}

function textAt(element: XmlElement | undefined, name: string): string {
  return cleanText(textWithin(elementAt(element, name)))
}

function titleOf(reference: XmlElement): string {
  const [title, subtitle] = [textAt(reference, 'Title'), textAt(reference, 'Subtitle')]
  return subtitle === '' ? title : `${title}: ${subtitle}`
}

/** The text has its own markup, with the range as displayed at the end: `<sp>…</sp><os>11-19</os>`. */
function pagesOf(reference: XmlElement): string {
  const range = textWithin(elementAt(reference, 'PageRange'))
  return cleanText(/.*<os>([^<]*)<\/os>/s.exec(range)?.[1] ?? range).replace(/\s*–\s*/, '-')
}

function authorOf(person: XmlElement): Author | undefined {
  const part = (...names: string[]) =>
    names
      .map((name) => textAt(person, name))
      .filter((name) => name !== '')
      .join(' ')
  const [family, given, suffix] = [part('Prefix', 'LastName'), part('FirstName', 'MiddleName'), part('Suffix')]
  if (family === '' || given === '') return family + given === '' ? undefined : { name: family + given }
  return { family, given, ...(suffix !== '' && { suffix }) }
}

function nameOf(named: XmlElement): string {
  const author = named.name === 'Person' ? authorOf(named) : undefined
  return author ? formatName(author, 'end') : textAt(named, 'Name')
}
