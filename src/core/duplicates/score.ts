import type { Comparison } from './compare-fields.js'
import type { Veto } from './evidence.js'
import { isEarlyView } from './find-veto.js'
import type { FieldState } from './locator.js'
import type { PreparedPaper } from './prepared-paper.js'

/**
 * Weights of evidence: the log of how much more often a field agrees or differs in duplicates than in other candidates (Fellegi
 * and Sunter 1969). They were set by hand and are few on purpose.
 */
const FIELDS = {
  volume: { agree: 1.2, differ: -1.5 },
  issue: { agree: 0.3, differ: -0.5 },
  pages: { agree: 3, differ: -3 },
  doi: { agree: 4, differ: -2 },
  pmid: { agree: 4, differ: -3 },
  arxivId: { agree: 3, differ: -2 },
  abstract: { agree: 2, differ: -2 },
} as const satisfies Partial<Record<keyof Comparison['fields'], { agree: number; differ: number }>>

/** The weight of a title similarity, interpolated linearly. */
const TITLE: readonly (readonly [number, number])[] = [
  [0.5, -6],
  [0.7, -3],
  [0.8, -0.5],
  [0.9, 3],
  [0.97, 4.8],
  [1, 6],
]
const PRIOR = -5

/** Sums up the evidence. */
function weigh({ title, authors, fields, yearsApart, distance, isTranslated, isPrintedAgain, venuesKnown }: Comparison): number {
  const known = (...names: readonly (keyof typeof FIELDS)[]) =>
    names.reduce((sum, name) => sum + weight(fields[name], FIELDS[name]), 0)
  return (
    PRIOR +
    (isTranslated ? 0 : weighTitle(title)) +
    weighAuthors(authors) +
    weighYearAndVenue(yearsApart, fields.venue) -
    (venuesKnown && fields.venue === 'differ' ? 2.5 : 0) +
    (isPrintedAgain ? 0 : known('volume', 'issue', 'pages', 'doi')) +
    known('pmid', 'arxivId', 'abstract') +
    weighDistance(distance, title.similarity)
  )
}

const weight = (state: FieldState, { agree, differ }: { agree: number; differ: number }) =>
  state === 'agree' ? agree : state === 'differ' ? differ : 0

/**
 * If only the year differs, the article may be listed a year early; if only the venue differs, the journal may have two names. If
 * both differ, it is another text by the same authors.
 */
function weighYearAndVenue(yearsApart: number | null, venue: FieldState): number {
  const year = yearsApart === null ? 0 : ([1.2, -1.5, -2.5][yearsApart] ?? -3)
  if (venue !== 'differ') return year + (venue === 'agree' ? 1 : 0)
  return yearsApart === null ? -1.5 : yearsApart === 0 ? year - 0.6 : year - 2.5
}

/** Titles of few words agree by chance more often. */
function weighTitle({ similarity, contained, words, numbersMissing, replaced, mistyped }: Comparison['title']): number {
  const alike = contained ? Math.max(3, interpolate(similarity)) : interpolate(similarity)
  const length = alike > 0 ? Math.min(1, 0.5 + words / 10) : 1
  return alike * length - (numbersMissing && !contained ? 1.5 : 0) - (replaced && !mistyped ? 2 : 0)
}

function interpolate(similarity: number): number {
  const above = TITLE.findIndex(([at]) => at >= similarity)
  if (above <= 0) return above === 0 ? TITLE[0]![1] : TITLE.at(-1)![1]
  const [x0, y0] = TITLE[above - 1]!
  const [x1, y1] = TITLE[above]!
  return y0 + ((similarity - x0) / (x1 - x0)) * (y1 - y0)
}

function weighAuthors({ overlap, first, count }: Comparison['authors']): number {
  if (overlap === null) return 0
  if (overlap === 0) return -5
  return (first ? 1.2 : -0.5) + (overlap >= 0.5 ? 1 : -0.5) + (overlap >= 0.8 ? Math.min(2, count / 3) : 0)
}

/** Above this title similarity, near vectors add nothing: many papers have no abstract, so their vectors represent only the title. */
const SAME_TITLE = 0.95

/** Only one paper may have an abstract, so near vectors say more than far ones. */
function weighDistance(distance: number | null, titleSimilarity: number): number {
  if (distance === null || (distance < 0.45 && titleSimilarity > SAME_TITLE)) return 0
  return distance < 0.1 ? 1.5 : distance < 0.25 ? 1 : distance < 0.45 ? 0.3 : -0.5
}

/** What the fields can support at most, and at least. */
export interface Bounds {
  least: number
  most: number
}

const DOUBTFUL = 0.3
const LIKELY = 0.85

/** A pair whose fields say little is doubtful, however well they agree; few pairs are certain whatever their titles say. */
export function boundsOf(a: PreparedPaper, b: PreparedPaper, comparison: Comparison): Bounds {
  const { title, fields, place, sameIdentifier, isTranslated, sameAbstract } = comparison
  if (a.trial.isRegistered && b.trial.isRegistered && a.trial.numbers.some((number) => b.trial.numbers.includes(number)))
    return { least: 0.98, most: 1 }
  if (isTranslated) return { least: sameIdentifier || place === 'own' ? LIKELY : 0, most: 1 }
  if (fields.title === 'missing') return { least: sameAbstract || sameIdentifier ? LIKELY : 0, most: 0.9 }
  if (areBare(a, b) && title.similarity === 1 && title.words >= 6) return { least: LIKELY, most: 0.9 }
  const isSupported =
    sameIdentifier || comparison.isPrintedAgain || fields.pages === 'agree' || (place !== null && title.similarity === 1)
  if (comparison.isDamaged) return { least: 0, most: 1 }
  if (title.similarity < 0.5 && sameIdentifier && place === 'own') return { least: DOUBTFUL, most: 0.6 }
  if (title.opposite) return { least: 0, most: DOUBTFUL }
  const isAbstract = title.isNumbered && place !== null && (a.isSupplement || b.isSupplement || a.kind === 'meeting')
  if (isAbstract) return { least: 0, most: 1 }
  // Another word, not only a mistyped one, is not certain even on the same pages.
  const isOtherWord = title.replaced && !title.mistyped && !title.hasSlip
  const isLong = title.words >= 5 || fields.pages === 'agree'
  const isWhole = !isOtherWord && (!title.inserted || (sameIdentifier && fields.authors === 'agree' && isLong))
  return { least: 0, most: isSupported && isWhole ? 1 : mostWithoutPlace(a, b, comparison) }
}

/** Whether both records are hardly more than a title, and the same. */
const areBare = (a: PreparedPaper, b: PreparedPaper) =>
  [a, b].every(
    ({ authors, year, venue, doi, pmid, pages, volume, abstract }) =>
      authors.length + year === 0 && !venue && !pages && doi + pmid + volume + abstract === '',
  )

/** By title, authors, year and venue alone. */
function mostWithoutPlace(a: PreparedPaper, b: PreparedPaper, comparison: Comparison): number {
  const { title, authors, fields, yearsApart, place } = comparison
  if (place === 'own' && (title.replaced || title.inserted)) return 0.9
  if ((title.replaced && !title.hasSlip) || title.inserted) return DOUBTFUL
  if (a.title.notice === 'correction' || a.title.notice === 'reply') return DOUBTFUL
  if (fields.venue === 'differ') return DOUBTFUL
  if (yearsApart !== null && yearsApart > 0) {
    if (yearsApart === 1 && fields.volume === 'agree' && fields.pages === 'missing' && fields.authors === 'agree') return 1
    const isByAll = authors.overlap === 1 && authors.isComplete && fields.venue === 'agree'
    if (isEarlyView(a, b) || isEarlyView(b, a)) return isByAll && title.words >= 5 ? LIKELY : 0.5
    // Proceedings are often dated a year late, and then only one record has pages.
    return isByAll && title.words >= 6 && hasPlace(a) !== hasPlace(b) ? 0.75 : 0.35
  }
  const isWhole = authors.overlap === 1 && (authors.count > 1 || title.words >= 6)
  if (title.contained) {
    // Near vectors show that a text is the same although its title is cut, but not that it is one study and not its companion.
    const isNear = comparison.distance !== null && comparison.distance < 0.25 && fields.authors === 'agree'
    if (title.numbersMissing || title.isLabelled || !title.isPart) return isNear ? 0.5 : DOUBTFUL
    if (!isWhole || fields.year !== 'agree' || fields.venue !== 'agree') return 0.5
    return title.isInBrackets || comparison.sameAbstract ? 0.98 : LIKELY
  }
  if (title.replaced) return isWhole && fields.year === 'agree' && fields.venue === 'agree' ? LIKELY : DOUBTFUL
  if (fields.authors === 'missing') {
    if (title.words < 6 || fields.year !== 'agree') return 0.35
    return fields.venue === 'agree' ? 0.9 : title.words >= 8 ? 0.8 : 0.5
  }
  if (title.words <= 3) {
    if (!isWhole || fields.venue !== 'agree' || fields.year !== 'agree') return 0.5
    return authors.count > 2 && authors.isComplete ? 0.98 : LIKELY
  }
  // Without any venue, nothing can differ; if one is known, the other record may be of a meeting.
  const isWithoutVenue = !a.venue && !b.venue && isWhole && authors.count > 1 && authors.isComplete
  return fields.venue === 'agree' ? 1 : isWithoutVenue ? 0.98 : 0.95
}

const hasPlace = ({ volume, pages }: PreparedPaper) => volume !== '' || pages !== null

/** The highest confidence with a veto. */
const VETOED = 0.02

/** Turns the sum of evidence into a probability, within what the fields can support. */
export function confidenceOf(comparison: Comparison, veto: Veto | null, { least, most }: Bounds): number {
  const probability = 1 / (1 + Math.exp(-weigh(comparison)))
  return veto === null ? Math.min(most, Math.max(least, probability)) : Math.min(VETOED, probability)
}
