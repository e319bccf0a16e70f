import type { Comparison } from './compare-fields.js'
import type { Veto } from './evidence.js'
import type { PreparedPaper } from './prepared-paper.js'

/**
 * Finds the reason why two papers are not duplicates whatever else agrees; null if there is none.
 *
 * @param isRecurring Whether their titles occur in three or more years.
 */
export function findVeto(a: PreparedPaper, b: PreparedPaper, comparison: Comparison, isRecurring: boolean): Veto | null {
  const trial = trialVeto(a, b, comparison)
  if (trial !== undefined) return trial
  const kind = kindVeto(a, b, comparison)
  if (kind) return kind
  if (comparison.isTranslated) return null
  const words = wordsVeto(a, b, comparison)
  if (words) return words
  const { title, authors, fields, sameIdentifier, place } = comparison
  if (authors.overlap === 0 && !(sameIdentifier && title.similarity > 0.95)) return 'different-authors'
  if (a.title.isHeading || b.title.isHeading || isRecurring) {
    const isSameItem =
      fields.pages === 'agree' && fields.volume !== 'differ' && fields.authors !== 'differ' && fields.year !== 'differ'
    if (!isSameItem && !(sameIdentifier && (isRecurring || fields.pages !== 'differ'))) return 'heading'
  }
  if (sameIdentifier && fields.pmid !== 'differ') return null
  // One text has two PMIDs by mistake only if everything else agrees.
  if (fields.pmid === 'differ' && !(place === 'own' || (sameIdentifier && fields.pages !== 'differ')))
    return 'different-identifier'
  if (fields.arxivId === 'differ') return 'different-identifier'
  return versionVeto(a, b, comparison) ?? placeVeto(a, b, comparison)
}

/** By trial numbers: undefined if these say nothing, null if both are a registry's records of one trial. */
function trialVeto(a: PreparedPaper, b: PreparedPaper, { sameIdentifier, place }: Comparison): Veto | null | undefined {
  const shared = a.trial.numbers.some((number) => b.trial.numbers.includes(number))
  const areKnown = a.trial.numbers.length > 0 && b.trial.numbers.length > 0
  if (a.trial.isRegistered !== b.trial.isRegistered) return 'different-kind'
  if (areKnown && !shared && !(sameIdentifier || (place === 'own' && !a.trial.isRegistered))) return 'different-identifier'
  return a.trial.isRegistered && shared ? null : undefined
}

/** By what they are: notices, theses, data, joint records of letters. */
function kindVeto(a: PreparedPaper, b: PreparedPaper, { title, fields, place, sameIdentifier }: Comparison): Veto | null {
  if (a.title.isJoint !== b.title.isJoint) return 'notice'
  const isAlike = title.similarity > 0.9 || title.contained
  if (a.title.notice !== b.title.notice) {
    const notices = [a.title.notice, b.title.notice]
    // Some databases leave out that a text is a protocol or an abstract.
    const isLeftOut = notices.includes(null) && (notices.includes('protocol') || notices.includes('abstract'))
    if (!isLeftOut || !isAlike || !(place === 'own' || sameIdentifier || (place === 'page' && notices.includes('abstract'))))
      return 'notice'
  }
  const ofOneKind = a.kind === b.kind || (fields.doi === 'agree' && isAlike)
  const isApart = [a, b].some(({ kind }) => kind === 'thesis' || kind === 'dataset' || kind === 'software' || kind === 'patent')
  return !ofOneKind && isApart ? 'different-kind' : null
}

/** By the words and numbers of their titles. */
function wordsVeto(a: PreparedPaper, b: PreparedPaper, comparison: Comparison): Veto | null {
  const { title, fields, sameIdentifier: id, place, sameAbstract } = comparison
  if (fields.title === 'missing') {
    const isBare = a.title.compact === '' && b.title.compact === '' && fields.authors !== 'agree'
    return !isBare && (id || sameAbstract) ? null : 'different-title'
  }
  const isAtPlace = place === 'own' && fields.authors === 'agree'
  const isSupplement = a.isSupplement || b.isSupplement
  // One text with a new title, or a wrong DOI: a person decides.
  if (title.similarity < 0.5 && id && isAtPlace && !isSupplement) return null
  const isOneOfTwo = a.kind === 'preprint' || b.kind === 'preprint'
  if (title.similarity < 0.5 && !title.contained && !(sameAbstract && fields.authors === 'agree' && isOneOfTwo))
    return fields.doi === 'agree' ? 'shared-doi' : 'different-title'
  if (title.numbersDiffer && (title.wordNumbersDiffer || !(isAtPlace && title.similarity > 0.95))) return 'different-number'
  if (comparison.isDamaged) return title.opposite || (title.replaced && fields.pages === 'differ') ? 'different-words' : null
  const differs = title.replaced || title.inserted || title.opposite
  if (!differs) return fields.pages === 'differ' && id && title.similarity < 0.95 && !title.contained ? 'shared-doi' : null
  if (isOneOfTwo && sameAbstract && fields.authors === 'agree') return null
  // A person decides whether a database mistook a word for its opposite.
  if (title.opposite && ((id && fields.pages !== 'differ') || isAtPlace) && !isSupplement) return null
  const isClose = (title.inserted ? title.similarity > 0.8 : title.mistyped) && !title.opposite
  if (id && isClose && fields.authors !== 'differ' && fields.pages !== 'differ' && !a.isSupplement) return null
  if (isAtPlace && !isSupplement && (isClose || title.similarity > 0.85)) return null
  if (isAtPlace && title.similarity > 0.93 && isClose) return null
  if (title.hasSlip && !title.opposite && fields.authors === 'agree' && title.words >= 6) return null
  return fields.doi === 'agree' ? 'shared-doi' : 'different-words'
}

/** By version: a preprint and the article, a Cochrane review and its update. */
function versionVeto(a: PreparedPaper, b: PreparedPaper, { fields }: Comparison): Veto | null {
  if ((a.kind === 'preprint') !== (b.kind === 'preprint')) return 'preprint-and-published'
  if (a.cochrane === '' || a.cochrane !== b.cochrane) return null
  return [fields.doi, fields.year, fields.issue].includes('differ') ? 'other-version' : null
}

/** By where and when they appeared. */
function placeVeto(a: PreparedPaper, b: PreparedPaper, comparison: Comparison): Veto | null {
  const { title, fields, yearsApart, place } = comparison
  if (comparison.isPrintedAgain) return null
  const samePages = fields.pages === 'agree' && !(fields.volume === 'differ' && fields.venue === 'differ')
  const sameYear = fields.year === 'agree'
  const otherVenue = fields.venue === 'differ'
  const places = [fields.volume, fields.pages, fields.issue]
  const differ = places.filter((field) => field === 'differ').length
  const agree = places.filter((field) => field === 'agree').length
  if ((a.kind === 'meeting') !== (b.kind === 'meeting') && otherVenue && !samePages) {
    const isJournal = a.kind === 'article' || b.kind === 'article'
    if ((isJournal && !comparison.isDamaged) || differ > 0) return 'meeting-and-article'
  }
  if (a.isSupplement !== b.isSupplement && fields.pages === 'differ') return 'meeting-and-article'
  if (otherVenue && !samePages && differ > 0) return 'different-place'
  if (fields.pages === 'differ') {
    // Of one title in one volume, a single page is more often the meeting abstract.
    if (isRange(a) !== isRange(b)) return 'meeting-and-article'
    // A journal does not print the same title twice in one volume, but databases do mistype pages.
    const inSameVolume = fields.volume === 'agree' && sameYear && fields.issue !== 'differ' && fields.authors === 'agree'
    if (!inSameVolume || title.words < 6 || title.similarity < 1 || otherIdentifier(comparison)) return 'different-place'
  }
  if (fields.volume === 'differ' && !samePages && (!sameYear || differ > 1 || fields.abstract !== 'agree'))
    return 'different-place'
  // A column appears in every issue, and a text may have several corrections and replies.
  const isSeveral = title.words <= 6 || a.title.notice !== null
  if (fields.issue === 'differ' && !samePages && isSeveral) return 'different-place'
  if (otherIdentifier(comparison) && !isOneWithTwoDois(a, b, comparison)) return 'different-identifier'
  if (yearsApart === null || yearsApart === 0) return null
  if (agree === 0 && (title.words <= 3 || a.title.isPeriodical || b.title.isPeriodical)) return 'different-place'
  const limit = isEarlyView(a, b) || isEarlyView(b, a) ? 2 : 1
  return yearsApart > limit && !samePages && fields.volume !== 'agree' ? 'different-place' : null

  function isOneWithTwoDois(x: PreparedPaper, y: PreparedPaper, { fields: { authors, issue, venue } }: Comparison): boolean {
    if (!sameYear || authors === 'differ' || venue === 'differ') return false
    if (place === 'own') return true
    // A registrant gives a text one DOI, but a publisher and an archive may each give it one.
    const isOfTwo = x.doi.split('/')[0] !== y.doi.split('/')[0]
    return isOfTwo && place === 'volume' && issue === 'agree' && title.words >= 6
  }
}

const isRange = ({ pages }: PreparedPaper) => pages !== null && pages.end !== '' && pages.end !== pages.startNumber

/** Whether `a` may be the article as it was put online, before it had a volume. */
export const isEarlyView = (a: PreparedPaper, b: PreparedPaper) =>
  a.volume + a.issue === '' && a.pages === null && (b.volume !== '' || b.pages !== null) && a.year < b.year

const otherIdentifier = ({ fields: { doi, pmid } }: Comparison) => doi === 'differ' || pmid === 'differ'
