import { editSimilarity } from './edit-similarity.js'
import { foldCase, isStopWord, scriptOf, wordsOf } from './fold-text.js'
import { kindOfVenue, type WorkKind } from './work-kind.js'

/** A journal, conference or repository, prepared for comparison. */
export interface PreparedVenue {
  words: readonly string[]
  compact: string
  /** With what catalogues add. */
  whole: string
  /** What it publishes according to its name; null if unclear. */
  kind: WorkKind | null
  script: string
}

/** What catalogues add to a name: `[Electronic Resource]`, `(New York, N.Y.)`, `: official journal of …`. */
const ADDED = /[[(][^\])]*[\])]|\s(?:[:=/]|--?)\s.*$|:\s*(?:an?|the|official|journal)\s.*$/g
/** Words in which the names of a conference differ from year to year. */
const EDITION =
  /^(?:\d+(?:st|nd|rd|th)?|annual|international|proceedings|proc|conference|conf|the|first|second|third|ieee|acm|lncs)$/

export function prepareVenue(raw: string): PreparedVenue {
  const folded = foldCase(raw)
  const bare = folded.replaceAll(ADDED, ' ').trim()
  const words = wordsOf((bare === '' ? folded : bare).replaceAll('&', ' ')).filter(isOfName)
  return {
    words,
    compact: words.join(''),
    whole: wordsOf(folded).filter(isOfName).join(''),
    kind: kindOfVenue(folded),
    script: scriptOf(words.join('')),
  }
}

/** Stop words are left out, but not the first letter of `Z Rheumatol`. */
const isOfName = (word: string, index: number) => !isStopWord(word) || (index === 0 && /^[^a]$/.test(word))

/** Whether their names cannot be compared: in two scripts, or Chinese in simplified and traditional letters, partly the same. */
export function areIncomparableVenues(a: PreparedVenue, b: PreparedVenue): boolean {
  if (a.script !== b.script) return a.script !== '' && b.script !== ''
  const isAlike = a.script === 'Han' && a.compact !== b.compact && a.compact.length === b.compact.length
  return isAlike && [...a.compact].filter((letter, index) => letter === b.compact[index]).length >= a.compact.length / 3
}

/** 0 … 1: 1 if the names are the same or one abbreviates the other, 0 if they have nothing in common. */
export function venueSimilarity(a: PreparedVenue, b: PreparedVenue): number {
  if (a.compact === b.compact || a.whole === b.whole) return 1
  if (a.kind && b.kind && a.kind !== b.kind) return 0
  if (areAbbreviated(a.words, b.words) || isAcronym(a, b) || isAcronym(b, a)) return 1
  const [short, long] = a.words.length <= b.words.length ? [a, b] : [b, a]
  if (short.words.length >= 2 && long.compact.includes(short.compact)) return 0.95
  const coreA = a.words.filter((word) => !EDITION.test(word))
  const coreB = b.words.filter((word) => !EDITION.test(word))
  const least = Math.min(coreA.length, coreB.length)
  const shared = coreA.filter((word) => coreB.includes(word)).length
  return Math.max(editSimilarity(a.compact, b.compact), least >= 2 ? (0.95 * shared) / least : 0)
}

/** Whether each word begins like its counterpart: `Am J Obstet Gynecol`. */
function areAbbreviated(a: readonly string[], b: readonly string[]): boolean {
  const [short, long] = a.length <= b.length ? [a, b] : [b, a]
  if (short.length < 2) return short.length === 1 && long.length === 1 && beginsAlike(short[0]!, long[0]!) && short[0]!.length > 2
  let at = 0
  for (const word of short) {
    while (at < long.length && !beginsAlike(word, long[at]!)) at++
    if (at++ >= long.length) return false
  }
  // Some databases add a series or section: `Journal of Physics A`.
  return long.length - short.length <= 2
}

const beginsAlike = (a: string, b: string) =>
  a.startsWith(b) || b.startsWith(a) || (a.length > 4 && b.length > 4 && a.slice(0, 4) === b.slice(0, 4))

/** Whether a name consists of the initials of the other: `JAMA`, `PNAS`, `VLDB`. */
function isAcronym(a: PreparedVenue, b: PreparedVenue): boolean {
  if (b.words.length < 3) return false
  const initials = b.words.map((word) => word[0]).join('')
  return initials === a.words.join('')
}
