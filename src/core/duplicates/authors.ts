import type { Author } from '../papers/paper.js'
import { editSimilarity } from './edit-similarity.js'
import { foldCase, wordsOf } from './fold-text.js'

/** A name, taken apart for comparison. */
export interface PreparedAuthor {
  /** Family name with its particles, compact. */
  family: string
  /** All parts of the name of two letters and more: which of them is the family's differs between databases. */
  parts: readonly string[]
  /** Initial of the given name; empty where it is not known. */
  initial: string
}

/** How two lists of authors are alike. */
export interface AuthorComparison {
  /** Share of the shorter list (its first ten) that is in the other; null: one of them has none. */
  overlap: number | null
  /** Whether the first of one is in the other, and the other way round or first there. */
  first: boolean
  /** Names in the shorter list. */
  count: number
}

/** What stands where an author is not known, or is not one. */
const NOBODY =
  /^(?:anon(?:ymous)?|unknown|none|null|no authors? (?:listed|name|given)|n a|na|et al|others|and others|the editors?|editors?|author unknown)$/
/** Studies and committees come and go at the end of a list. */
const GROUP =
  /\b(?:group|study|trial|consortium|committee|investigators?|collaborat\w+|network|society|association|organi[sz]ation|institute|team|initiative|department|universit\w+|univ|corporate|council|agency|ministry|centre|center|task ?force)\b/
const COMPARED_NAMES = 10

export function prepareAuthors(authors: readonly Author[]): PreparedAuthor[] {
  const people: PreparedAuthor[] = []
  for (const author of authors) {
    const whole = foldCase([author.family, author.given, author.name].filter(Boolean).join(' '))
    const words = wordsOf(whole)
    if (words.length === 0 || NOBODY.test(words.join(' ')) || GROUP.test(whole)) continue
    people.push(author.family ? inParts(author.family, author.given ?? '') : ofOneText(author.name ?? author.given ?? ''))
  }
  return people
}

function inParts(family: string, given: string): PreparedAuthor {
  const familyWords = wordsOf(foldCase(family))
  const givenWords = wordsOf(foldCase(given))
  const parts = [...familyWords, ...givenWords].filter((word) => word.length > 1)
  return { family: familyWords.join(''), parts, initial: givenWords[0]?.[0] ?? '' }
}

/** `Doe, Jane`, `Jane Doe`, `J. Doe` and `Doe J`. */
function ofOneText(name: string): PreparedAuthor {
  const comma = name.indexOf(',')
  if (comma > 0) return inParts(name.slice(0, comma), name.slice(comma + 1))
  const words = name.trim().split(/\s+/)
  const last = words.at(-1)!
  const endsInInitials = words.length > 1 && /^(?:\p{Lu}\.?-?){1,3}$/u.test(last) && !/^(?:\p{Lu}\.?-?){1,3}$/u.test(words[0]!)
  return endsInInitials ? inParts(words.slice(0, -1).join(' '), last) : inParts(last, words.slice(0, -1).join(' '))
}

export function compareAuthors(a: readonly PreparedAuthor[], b: readonly PreparedAuthor[]): AuthorComparison {
  const count = Math.min(a.length, b.length)
  if (count === 0) return { overlap: null, first: false, count }
  const [short, long] = a.length <= b.length ? [a, b] : [b, a]
  const compared = short.slice(0, COMPARED_NAMES)
  const found = compared.filter((author) => long.some((other) => areSame(author, other))).length
  const first = areSame(a[0]!, b[0]!) || (isIn(a[0]!, b.slice(0, 3)) && isIn(b[0]!, a.slice(0, 3)))
  return { overlap: found / compared.length, first, count }
}

const isIn = (author: PreparedAuthor, others: readonly PreparedAuthor[]) => others.some((other) => areSame(author, other))

function areSame(a: PreparedAuthor, b: PreparedAuthor): boolean {
  if (a.family === b.family) return true
  // A typing error, or `Müller` written as `Mueller`.
  if (a.family.length >= 5 && b.family.length >= 5 && editSimilarity(a.family, b.family) >= 0.8) return true
  // Family and given name changed places, or a particle or second family name was left out.
  return a.parts.some(
    (part) => part.length >= 3 && (part === b.family || b.parts.includes(part)) && (isOf(a, part) || isOf(b, part)),
  )
}

const isOf = (author: PreparedAuthor, part: string) => author.family.includes(part)
