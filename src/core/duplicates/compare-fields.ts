import { type AuthorComparison, compareAuthors } from './authors.js'
import { compareTitles, type TitleComparison } from './compare-titles.js'
import { editSimilarity } from './edit-similarity.js'
import type { ComparedField } from './evidence.js'
import { scriptOf } from './fold-text.js'
import { languagesOf } from './language.js'
import { comparePages, type FieldState } from './locator.js'
import type { PreparedPaper } from './prepared-paper.js'
import { contentWords } from './title.js'
import { areIncomparableVenues, venueSimilarity } from './venue.js'
import type { VenueAliases } from './venue-aliases.js'

/**
 * How much a place says. `own`: a range of pages, or an article number, that holds one text. `page`: one page, on which several
 * texts may stand. `volume`: the volume of a year, whose pages are not known. Null: no place agrees, or one differs.
 */
export type Place = 'own' | 'page' | 'volume' | null

/** Everything by which a pair is judged. */
export interface Comparison {
  title: TitleComparison
  authors: AuthorComparison
  fields: Record<ComparedField, FieldState>
  /** The place on which both agree. */
  place: Place
  /** Whether an identifier of the record itself agrees, not of a supplement or book. */
  sameIdentifier: boolean
  /** Null if a year is unknown. */
  yearsApart: number | null
  /** Relative distance of the vectors; null without vectors. */
  distance: number | null
  /** Whether both venues' aliases are known, so that venues with different names are different. */
  venuesKnown: boolean
  /** Whether the titles are in two languages, at the same place in the same volume or under one identifier. */
  isTranslated: boolean
  /** Whether the same text appeared in two volumes. */
  isPrintedAgain: boolean
  isDamaged: boolean
  /** Whether both abstracts are the same from beginning to end, and long enough to be of one text. */
  sameAbstract: boolean
}

/** What the library says about a pair. */
export interface ComparedContext {
  distance: number | null
  aliases: VenueAliases | undefined
  /** Whether their identifier stands with texts of several titles. */
  isShared: boolean
  /** Whether the titles were read by machines, so that a word that differs may be an error. */
  isDamaged: boolean
}

/** Compares two papers field by field. */
export function compareFields(a: PreparedPaper, b: PreparedPaper, context: ComparedContext): Comparison {
  const title = compareTitles(a.title, b.title)
  const authors = compareAuthors(a.authors, b.authors)
  const yearsApart = a.year && b.year ? Math.abs(a.year - b.year) : null
  const hasTitles = a.title.compact !== '' && b.title.compact !== ''
  const isSameTitle = title.similarity >= 0.9 && !title.replaced && !title.inserted && !title.numbersDiffer
  const fields = {
    title: hasTitles ? state(isSameTitle) : 'missing',
    authors: authors.overlap === null ? 'missing' : state(authors.first ? authors.overlap >= 0.3 : authors.overlap >= 0.6),
    year: yearsApart === null ? 'missing' : state(yearsApart === 0),
    venue: compareVenues(a, b, context.aliases),
    volume: same(a.volume, b.volume),
    issue: same(a.issue, b.issue),
    pages: comparePages(a.pages, b.pages),
    doi: same(a.doi, b.doi),
    pmid: same(a.pmid, b.pmid),
    arxivId: same(a.arxivId, b.arxivId),
    abstract: a.abstract && b.abstract ? state(abstractsAgree(a.abstract, b.abstract)) : 'missing',
  } satisfies Comparison['fields']
  const place = placeOf(a, b, fields)
  const sameIdentifier =
    [fields.doi, fields.pmid, fields.arxivId].includes('agree') && !(context.isShared && title.similarity < 1)
  const sameAbstract = a.abstract === b.abstract && a.abstractLength === b.abstractLength && a.abstractLength >= WHOLE_ABSTRACT
  return {
    title,
    authors,
    yearsApart,
    distance: context.distance,
    fields,
    place,
    sameIdentifier,
    venuesKnown:
      context.aliases !== undefined &&
      a.venue !== null &&
      b.venue !== null &&
      context.aliases.knows(a.venue.compact, b.venue.compact),
    isTranslated: hasTitles && title.similarity < 0.9 && areTranslated(a, b, { title, authors, fields, place, sameIdentifier }),
    isPrintedAgain: title.similarity === 1 && sameAbstract && isPrintedAgain(a, b, authors, yearsApart, fields),
    isDamaged: context.isDamaged,
    sameAbstract,
  }
}

function compareVenues(a: PreparedPaper, b: PreparedPaper, aliases: VenueAliases | undefined): FieldState {
  if (!a.venue || !b.venue || areIncomparableVenues(a.venue, b.venue)) return 'missing'
  return state(venueSimilarity(a.venue, b.venue) >= 0.75 || aliases?.has(a.venue.compact, b.venue.compact) === true)
}

function placeOf(a: PreparedPaper, b: PreparedPaper, { volume, issue, pages, year, venue }: Comparison['fields']): Place {
  if (volume === 'differ') return null
  if (pages === 'agree') {
    const isRange = [a, b].some((paper) => paper.pages!.end !== '' && paper.pages!.end !== paper.pages!.startNumber)
    const isNumber = a.pages!.startNumber.length > 3 && b.pages!.startNumber.length > 3 && !a.isSupplement && !b.isSupplement
    const isOwn = (isRange || isNumber) && !a.hasReplies && !b.hasReplies && issue !== 'differ'
    return isOwn && (volume === 'agree' || venue === 'agree') ? 'own' : 'page'
  }
  return volume === 'agree' && year === 'agree' && pages === 'missing' && issue !== 'differ' ? 'volume' : null
}

/** A page may hold several letters, so a place must be a range of pages in a volume. */
function areTranslated(
  a: PreparedPaper,
  b: PreparedPaper,
  {
    title,
    authors: { overlap, count },
    fields,
    place,
    sameIdentifier,
  }: Pick<Comparison, 'title' | 'authors' | 'fields' | 'place' | 'sameIdentifier'>,
): boolean {
  // Simplified and traditional Chinese are as two languages, and may share no letter of a name.
  const areVariants = title.mistyped && scriptOf(a.title.compact) === 'Han'
  const areAuthors = overlap === null || areVariants ? a.authors.length === b.authors.length : overlap >= 0.8
  if (a.title.notice !== b.title.notice || !areAuthors || a.title.isHeading || b.title.isHeading) return false
  if (place !== 'own' && !sameIdentifier) return false
  const isOther = areInTwoLanguages(a, b, fields.pages)
  const isMarked = a.title.isTranslated || b.title.isTranslated || areVariants
  if (sameIdentifier) return isOther || isMarked
  // An edition in another language has its own DOI.
  const { year, volume, venue, pmid, abstract } = fields
  if ([year, volume].some((field) => field !== 'agree') || [venue, pmid, abstract].includes('differ')) return false
  if (a.pages?.end === '' || b.pages?.end === '') return false
  return (isOther || isMarked) && (count > 0 || venue === 'agree')
}

/** A title in which no language is recognized may be in another only if it shares no word with the other title. */
function areInTwoLanguages(a: PreparedPaper, b: PreparedPaper, pages: FieldState): boolean {
  if (pages === 'differ') return false
  if (scriptsDiffer(a, b)) return true
  const [languagesA, languagesB] = [languagesOf(a.title.words), languagesOf(b.title.words)]
  const areKnown = languagesA.length > 0 && languagesB.length > 0
  if (areKnown && !languagesA.some((language) => languagesB.includes(language))) return true
  const isUnclear = areKnown ? a.title.hasAccents !== b.title.hasAccents : languagesA.length + languagesB.length > 0
  if (!isUnclear || a.isSupplement || b.isSupplement) return false
  return !contentWords(a.title.words).some((word) => b.title.words.includes(word))
}

/** An abstract of this many characters is not shared by texts of a series. */
const WHOLE_ABSTRACT = 150

function isPrintedAgain(
  a: PreparedPaper,
  b: PreparedPaper,
  { overlap }: AuthorComparison,
  yearsApart: number | null,
  { venue }: Comparison['fields'],
): boolean {
  const isMeeting = [a, b].some((paper) => paper.isSupplement || paper.kind === 'meeting')
  const isLong = a.abstractLength >= 400
  return isLong && overlap === 1 && venue === 'agree' && yearsApart !== null && yearsApart <= 1 && !isMeeting
}

const scriptsDiffer = (a: PreparedPaper, b: PreparedPaper) => scriptOf(a.title.compact) !== scriptOf(b.title.compact)

const state = (agree: boolean): FieldState => (agree ? 'agree' : 'differ')
const same = (a: string, b: string): FieldState => (a === '' || b === '' ? 'missing' : state(a === b))

function abstractsAgree(a: string, b: string): boolean {
  const length = Math.min(a.length, b.length)
  return editSimilarity(a.slice(0, length), b.slice(0, length)) >= 0.75
}
