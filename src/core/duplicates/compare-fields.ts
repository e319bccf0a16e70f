import { type AuthorComparison, compareAuthors } from './authors.js'
import { compareTitles, type TitleComparison } from './compare-titles.js'
import { editSimilarity } from './edit-similarity.js'
import type { ComparedField } from './evidence.js'
import { languageOf } from './language.js'
import { comparePages, type FieldState } from './locator.js'
import type { PreparedPaper } from './prepared-paper.js'
import { venueSimilarity } from './venue.js'
import type { VenueAliases } from './venue-aliases.js'

/** Everything by which a pair is judged. */
export interface Comparison {
  title: TitleComparison
  authors: AuthorComparison
  fields: Record<ComparedField, FieldState>
  /** Null if a year is unknown. */
  yearsApart: number | null
  /** Relative distance of the vectors; null without vectors. */
  distance: number | null
  /** Whether both venues' aliases are known, so that venues with different names are different. */
  venuesKnown: boolean
  /** Whether the titles are in two languages, at the same place in the same volume. */
  isTranslated: boolean
  /** Whether the same text appeared in two volumes. */
  isPrintedAgain: boolean
}

/** Compares two papers field by field. */
export function compareFields(
  a: PreparedPaper,
  b: PreparedPaper,
  distance: number | null,
  aliases: VenueAliases | undefined,
): Comparison {
  const title = compareTitles(a.title, b.title)
  const authors = compareAuthors(a.authors, b.authors)
  const yearsApart = a.year && b.year ? Math.abs(a.year - b.year) : null
  const fields = {
    title: state(title.similarity >= 0.9 && !title.replaced && !title.numbersDiffer),
    authors: authors.overlap === null ? 'missing' : state(authors.first ? authors.overlap >= 0.3 : authors.overlap >= 0.6),
    year: yearsApart === null ? 'missing' : state(yearsApart === 0),
    venue:
      a.venue && b.venue
        ? state(venueSimilarity(a.venue, b.venue) >= 0.75 || aliases?.has(a.venue.compact, b.venue.compact) === true)
        : 'missing',
    volume: same(a.volume, b.volume),
    issue: same(a.issue, b.issue),
    pages: comparePages(a.pages, b.pages),
    doi: same(a.doi, b.doi),
    pmid: same(a.pmid, b.pmid),
    arxivId: same(a.arxivId, b.arxivId),
    abstract: a.abstract && b.abstract ? state(abstractsAgree(a.abstract, b.abstract)) : 'missing',
  } satisfies Comparison['fields']
  return {
    title,
    authors,
    yearsApart,
    distance,
    fields,
    venuesKnown: aliases !== undefined && a.venue !== null && b.venue !== null && aliases.knows(a.venue.compact, b.venue.compact),
    isTranslated: title.similarity < 0.8 && areTranslated(a, b, authors, fields),
    isPrintedAgain: title.similarity === 1 && isPrintedAgain(a, b, authors, yearsApart, fields),
  }
}

/** Requires a range of pages, as a single page may hold several letters. */
function areTranslated(
  a: PreparedPaper,
  b: PreparedPaper,
  { overlap, count }: AuthorComparison,
  fields: Comparison['fields'],
): boolean {
  const { year, volume, pages, venue, doi, pmid, abstract } = fields
  if (overlap !== 1 || count === 0 || [year, volume, pages].some((field) => field !== 'agree')) return false
  if ([venue, doi, pmid, abstract].includes('differ') || !a.pages?.end || a.pages.end === a.pages.startNumber) return false
  const languages = [languageOf(a.title.words), languageOf(b.title.words)]
  return !languages.includes(null) && languages[0] !== languages[1]
}

/** An abstract of this many characters is not shared by texts of a series. */
const WHOLE_ABSTRACT = 400

function isPrintedAgain(
  a: PreparedPaper,
  b: PreparedPaper,
  { overlap }: AuthorComparison,
  yearsApart: number | null,
  { venue }: Comparison['fields'],
): boolean {
  const sameAbstract = a.abstract === b.abstract && a.abstractLength === b.abstractLength && a.abstractLength >= WHOLE_ABSTRACT
  const isMeeting = a.isSupplement || b.isSupplement || a.isMeeting || b.isMeeting
  return sameAbstract && overlap === 1 && venue === 'agree' && yearsApart !== null && yearsApart <= 1 && !isMeeting
}

const state = (agree: boolean): FieldState => (agree ? 'agree' : 'differ')
const same = (a: string, b: string): FieldState => (a === '' || b === '' ? 'missing' : state(a === b))

function abstractsAgree(a: string, b: string): boolean {
  const length = Math.min(a.length, b.length)
  return editSimilarity(a.slice(0, length), b.slice(0, length)) >= 0.75
}
