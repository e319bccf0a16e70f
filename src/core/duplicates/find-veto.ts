import type { Comparison } from './compare-fields.js'
import type { Veto } from './evidence.js'
import type { PreparedPaper } from './prepared-paper.js'

/**
 * Finds the reason why two papers are not duplicates whatever else agrees; null if there is none.
 *
 * @param isRecurring Whether their titles occur in three or more years.
 */
export function findVeto(a: PreparedPaper, b: PreparedPaper, comparison: Comparison, isRecurring: boolean): Veto | null {
  const { title, authors, fields, yearsApart } = comparison
  const id = sameIdentifier(fields)
  const samePages = fields.pages === 'agree'
  const sameYear = fields.year === 'agree'
  const otherVenue = fields.venue === 'differ'
  if (a.title.notice !== b.title.notice && !(samePages && (title.similarity > 0.9 || title.contained))) return 'notice'
  if (comparison.isTranslated) return null
  if (title.similarity < 0.5 && !title.contained) return id ? 'shared-doi' : 'different-title'
  const isMistyped = samePages && fields.volume !== 'differ' && fields.authors === 'agree' && title.similarity > 0.95
  if (title.numbersDiffer && (title.wordNumbersDiffer || !isMistyped)) return 'different-number'
  if (title.opposite && !isMistyped) return 'different-words'
  if (fields.pages === 'differ' && id && title.similarity < 0.95 && !title.contained) return 'shared-doi'
  if (title.replaced && fields.pages === 'differ') return 'different-words'
  if (authors.overlap === 0 && !(samePages && title.similarity > 0.95)) return 'different-authors'
  const places = [fields.volume, fields.pages, fields.issue]
  const differ = places.filter((field) => field === 'differ').length
  const agree = places.filter((field) => field === 'agree').length
  if (a.title.isHeading || b.title.isHeading || isRecurring) {
    const isSameItem = samePages && fields.volume !== 'differ' && fields.authors !== 'differ'
    const areAll = authors.overlap === 1 && authors.count > (isRecurring ? 1 : 0)
    const isOneOfYear = agree + differ === 0 && sameYear && fields.venue === 'agree' && areAll
    if (!isSameItem && !isOneOfYear && !(isRecurring && id)) return 'heading'
  }
  if (id && fields.pmid !== 'differ') return null
  if (a.isPreprint !== b.isPreprint) return 'preprint-and-published'
  if (comparison.isPrintedAgain) return null
  if (a.isMeeting !== b.isMeeting && otherVenue && (fields.pages === 'differ' || fields.volume === 'differ'))
    return 'meeting-and-article'
  if (a.isSupplement !== b.isSupplement && fields.pages === 'differ') return 'meeting-and-article'
  if (otherVenue && !samePages && differ > 0) return 'different-place'
  // A journal does not print the same title twice in one volume, but databases do mistype pages.
  const inSameVolume =
    fields.volume === 'agree' && sameYear && fields.issue !== 'differ' && title.words >= 6 && fields.authors === 'agree'
  if (fields.pages === 'differ' && !(inSameVolume && title.similarity > 0.97 && !otherIdentifier(fields)))
    return 'different-place'
  if (fields.volume === 'differ' && !samePages && (!sameYear || differ > 1 || fields.abstract !== 'agree'))
    return 'different-place'
  // A column appears in every issue.
  if (fields.issue === 'differ' && !samePages && title.words <= 6) return 'different-place'
  if (otherIdentifier(fields) && (differ > 0 || otherVenue || !sameYear || !(samePages || fields.abstract === 'agree')))
    return 'different-identifier'
  if (yearsApart !== null && yearsApart > 0 && agree === 0 && title.words <= 3) return 'different-place'
  if (yearsApart !== null && yearsApart > 1 && !samePages && fields.volume !== 'agree') return 'different-place'
  return null
}

/** Whether an identifier agrees. */
export const sameIdentifier = ({ doi, pmid, arxivId }: Comparison['fields']) => [doi, pmid, arxivId].includes('agree')
const otherIdentifier = ({ doi, pmid }: Comparison['fields']) => doi === 'differ' || pmid === 'differ'
