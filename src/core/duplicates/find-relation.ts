import type { Comparison } from './compare-fields.js'
import type { Relation, Veto } from './evidence.js'
import type { PreparedPaper } from './prepared-paper.js'

/** Of fewer words, a title names too many texts to be that of one. */
const TITLE_WORDS = 3

/** Finds how two papers that are not the same belong together; null if nothing says that they do. */
export function findRelation(
  a: PreparedPaper,
  b: PreparedPaper,
  { title, authors, fields, sameAbstract }: Comparison,
  veto: Veto | null,
): Relation | null {
  if (veto === null || veto === 'decision') return null
  const sharesTrial = a.trial.numbers.some((number) => b.trial.numbers.includes(number))
  const isOneText = (title.similarity >= 0.85 && !title.numbersDiffer && !title.replaced) || title.contained
  if (veto === 'different-kind' && a.trial.isRegistered !== b.trial.isRegistered)
    return sharesTrial || (isOneText && title.words >= TITLE_WORDS) ? 'registration' : null
  const byAuthors = (authors.overlap ?? 0) >= 0.5
  if ((a.kind === 'preprint') !== (b.kind === 'preprint') && sameAbstract && byAuthors) return 'version'
  if (!isOneText || title.words < TITLE_WORDS || a.title.isHeading || b.title.isHeading) return null
  const notices = [a.title.notice, b.title.notice]
  if (veto === 'notice' && notices[0] !== notices[1]) {
    if (notices.includes('reply')) return 'reply'
    const notice = notices.includes(null) ? (notices[0] ?? notices[1]) : null
    const byOthers = notice === 'comment' || notice === 'summary' || authors.overlap === null
    return notice && (byOthers || byAuthors) ? notice : null
  }
  if (!byAuthors) return null
  if (veto === 'preprint-and-published' || veto === 'other-version') return 'version'
  if (veto === 'meeting-and-article') return 'abstract'
  if (veto === 'different-place' && fields.venue === 'differ' && a.isSupplement !== b.isSupplement) return 'abstract'
  if (veto !== 'different-kind') return null
  const kinds = [a.kind, b.kind]
  return kinds.includes('thesis') ? 'thesis' : kinds.includes('patent') ? null : 'material'
}
