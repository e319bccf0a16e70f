import type { Paper } from '../papers/paper.js'
import { type Comparison, compareFields } from './compare-fields.js'
import type { PairEvidence, Rule } from './evidence.js'
import { findRelation } from './find-relation.js'
import { findVeto } from './find-veto.js'
import { type PreparedPaper, preparePaper } from './prepared-paper.js'
import { boundsOf, confidenceOf } from './score.js'
import type { VenueAliases } from './venue-aliases.js'

/** What the library adds to a pair of papers. */
export interface PairContext {
  /** Distance of the vectors, divided by the median distance of two papers of the library; `null` without vectors. Default `null`. */
  distance?: number | null
  /** Whether both titles occur in three or more years: a column, an annual report, a review and its updates. Default `false`. */
  isRecurring?: boolean
  /** Whether texts of several titles share their identifier: it is that of a supplement or a book. Default `false`. */
  isShared?: boolean
  /**
   * Whether titles were read by machines, as in lists of references: a word that differs may be an error, and counts against a
   * pair instead of ruling it out. Default `false`.
   */
  isDamaged?: boolean
  /** Alternative names of venues, if they have been learned. Default: none. */
  venueAliases?: VenueAliases
}

/**
 * Compares two papers: which fields agree, how similar titles and authors are, which rule or veto applies, and how likely they are
 * to be the same.
 *
 * @example
 * const [a, b] = papers
 * if (a && b) {
 *   const { confidence, rule, veto } = comparePapers(a, b)
 *   console.log(confidence, rule, veto)
 * }
 */
export function comparePapers(a: Paper, b: Paper, context: PairContext = {}): PairEvidence {
  return comparePrepared(preparePaper(a), preparePaper(b), context)
}

/** {@link comparePapers} for papers that are prepared once and compared often. */
export function comparePrepared(
  a: PreparedPaper,
  b: PreparedPaper,
  { distance = null, isRecurring = false, isShared = false, isDamaged = false, venueAliases }: PairContext,
): PairEvidence {
  const comparison = compareFields(a, b, { distance, aliases: venueAliases, isShared, isDamaged })
  const { title, authors, fields } = comparison
  const veto = findVeto(a, b, comparison, isRecurring)
  const relation = findRelation(a, b, comparison, veto)
  return {
    a: a.id,
    b: b.id,
    fields,
    titleSimilarity: title.similarity,
    authorSimilarity: authors.overlap,
    distance,
    rule: findRule(comparison),
    veto,
    confidence: confidenceOf(comparison, veto, boundsOf(a, b, comparison)),
    isVersion: relation === 'version',
    relation,
  }
}

function findRule({ title, authors, fields, place, sameIdentifier, isTranslated, isPrintedAgain }: Comparison): Rule {
  if (isTranslated) return 'translated-title'
  const isSame = fields.title === 'agree'
  const isAlike = title.similarity >= 0.7 || title.contained || fields.title === 'missing'
  const atPlace = place !== null
  if (sameIdentifier && isAlike) return 'same-identifier'
  if (isSame && atPlace) return 'same-title-and-place'
  if (isPrintedAgain) return 'printed-again'
  if (isSame && authors.overlap !== null) return 'same-title-and-authors'
  if (isSame) return 'same-title'
  if (title.contained) return 'part-of-title'
  if (isAlike) return 'similar-title'
  return atPlace && fields.authors === 'agree' ? 'other-title-same-place' : 'too-little'
}
