import type { Comparison } from './compare-fields.js'
import type { Veto } from './evidence.js'
import type { FieldState } from './locator.js'

/**
 * Weights of evidence: the log of how much more often a field agrees or differs in duplicates than in other candidates (Fellegi
 * and Sunter 1969). They were set by hand and are few on purpose. {@link SLOPE} and {@link OFFSET} turn their sum into a
 * probability.
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
export function weigh({
  title,
  authors,
  fields,
  yearsApart,
  distance,
  isTranslated,
  isPrintedAgain,
  venuesKnown,
}: Comparison): number {
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
function weighTitle({ similarity, contained, words, numbersMissing, replaced }: Comparison['title']): number {
  const alike = contained ? Math.max(3, interpolate(similarity)) : interpolate(similarity)
  const length = alike > 0 ? Math.min(1, 0.5 + words / 10) : 1
  return alike * length - (numbersMissing && !contained ? 1.5 : 0) - (replaced ? 2 : 0)
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

const SLOPE = 1
const OFFSET = 0
/** The highest confidence with a veto. */
const VETOED = 0.02

/** Turns the sum into a probability. */
export function confidenceOf(sum: number, veto: Veto | null): number {
  const probability = 1 / (1 + Math.exp(-(SLOPE * sum + OFFSET)))
  return veto === null ? probability : Math.min(VETOED, probability)
}
