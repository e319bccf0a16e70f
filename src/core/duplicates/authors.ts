import type { Author } from '../papers/paper.js'
import { editSimilarity } from './edit-similarity.js'
import { foldCase, scriptOf, wordsOf } from './fold-text.js'

/** A name prepared for comparison. */
export interface PreparedAuthor {
  /** Family name with its particles, without spaces. */
  family: string
  /** All parts of the name with at least two letters, as databases disagree on which of them is the family name. */
  parts: readonly string[]
  /** The whole name without spaces, in a script that writes none. */
  whole: string
  script: string
  /** The family name as it is written in ASCII: `Müller`, `Mueller` and `Muller` are one, and `Åse` and `Aase`. */
  ascii: string
}

/** How similar two lists of authors are. */
export interface AuthorComparison {
  /** Share of the shorter list (its first ten) that is in the other; null if a list is empty or in another script. */
  overlap: number | null
  /** Whether the first authors are the same, or each is among the other list's first three. */
  first: boolean
  /** Number of names in the shorter list. */
  count: number
  /** Whether the lists are of the same length. */
  isComplete: boolean
}

/** What databases write instead of an unknown author. */
const PLACEHOLDER =
  /^(?:anon(?:ymous)?|unknown|none|null|no authors? (?:listed|name|given)|n a|na|et al|others|and others|the editors?|editors?|author unknown)$/
/** Groups such as studies and committees, which some databases leave out. */
const GROUP =
  /\b(?:group|study|trial|consortium|committee|investigators?|collaborat\w+|network|society|association|organi[sz]ation|institute|team|initiative|survey|commission|foundation|federation|bureau|programme?|project|academy|alliance|panel|service|authority|ltd|inc|gmbh|department|universit\w+|univ|corporate|council|agency|ministry|centre|center|task ?force)\b/
const COMPARED_NAMES = 10

export function prepareAuthors(authors: readonly Author[]): PreparedAuthor[] {
  const people: PreparedAuthor[] = []
  for (const author of authors) {
    const whole = foldCase([author.family, author.given, author.name].filter(Boolean).join(' '))
    const words = wordsOf(whole)
    if (words.length === 0 || PLACEHOLDER.test(words.join(' ')) || GROUP.test(whole)) continue
    if (author.family) people.push(fromParts(author.family, author.given ?? ''))
    else people.push(...runTogether(author.name ?? author.given ?? '').map(fromText))
  }
  return people
}

/** `Halvorsen I.Petrov S.Oduya K.` */
const runTogether = (name: string) => name.split(/(?<=\p{Lu}\.)(?=\p{Lu}\p{Ll})/u)

function fromParts(family: string, given: string): PreparedAuthor {
  const familyWords = wordsOf(foldCase(family))
  const givenWords = wordsOf(foldCase(given))
  const words = [...familyWords, ...givenWords]
  const script = scriptOf(words.join(''))
  return {
    family: familyWords.join(''),
    ascii: familyWords
      .join('')
      .replaceAll(/([aou])e/g, '$1')
      .replaceAll('aa', 'a'),
    parts: words.filter((word) => word.length > 1),
    whole: script === 'Han' || script === 'Hangul' ? words.join('') : '',
    script,
  }
}

/** Reads `Doe, Jane`, `Jane Doe`, `J. Doe` and `Doe J`. */
function fromText(name: string): PreparedAuthor {
  const comma = name.indexOf(',')
  if (comma > 0) return fromParts(name.slice(0, comma), name.slice(comma + 1))
  const words = name.trim().split(/\s+/)
  // `张 伟`: Chinese, Japanese and Korean names begin with the family.
  if (words.length > 1 && /^[\p{Script=Han}\p{Script=Hangul}\p{Script=Katakana}\p{Script=Hiragana}]/u.test(name))
    return fromParts(words[0]!, words.slice(1).join(' '))
  const last = words.at(-1)!
  const endsInInitials = words.length > 1 && /^(?:\p{Lu}\.?-?){1,3}$/u.test(last) && !/^(?:\p{Lu}\.?-?){1,3}$/u.test(words[0]!)
  return endsInInitials ? fromParts(words.slice(0, -1).join(' '), last) : fromParts(last, words.slice(0, -1).join(' '))
}

export function compareAuthors(a: readonly PreparedAuthor[], b: readonly PreparedAuthor[]): AuthorComparison {
  const count = Math.min(a.length, b.length)
  const isComplete = a.length === b.length
  if (count === 0) return { overlap: null, first: false, count, isComplete }
  const [short, long] = a.length <= b.length ? [a, b] : [b, a]
  const compared = short.slice(0, COMPARED_NAMES)
  const found = compared.filter((author) => long.some((other) => areSame(author, other))).length
  if (found === 0 && compared.every((author) => long.some((other) => areIncomparable(author, other))))
    return { overlap: null, first: false, count, isComplete }
  const first = areSame(a[0]!, b[0]!) || (isIn(a[0]!, b.slice(0, 3)) && isIn(b[0]!, a.slice(0, 3)))
  return { overlap: found / compared.length, first, count, isComplete }
}

const isIn = (author: PreparedAuthor, others: readonly PreparedAuthor[]) => others.some((other) => areSame(author, other))

/** In two scripts, or Chinese in simplified and traditional letters, of which some are the same. */
function areIncomparable(a: PreparedAuthor, b: PreparedAuthor): boolean {
  if (a.script !== b.script) return true
  return (
    a.script === 'Han' && a.whole.length === b.whole.length && [...a.whole].some((letter, index) => letter === b.whole[index])
  )
}

function areSame(a: PreparedAuthor, b: PreparedAuthor): boolean {
  if (a.whole !== '' && b.whole !== '') return a.whole === b.whole || (a.whole.length > 2 && reversed(a.whole, b.whole))
  if (a.family === b.family || a.ascii === b.ascii) return true
  // A typing error.
  if (a.family.length >= 5 && b.family.length >= 5 && editSimilarity(a.family, b.family) >= 0.8) return true
  // Family and given name are swapped, or a particle or second family name is missing.
  return a.parts.some(
    (part) => part.length >= 3 && (part === b.family || b.parts.includes(part)) && (isOf(a, part) || isOf(b, part)),
  )
}

/** The family name last: `健二佐藤`. */
const reversed = (a: string, b: string) => a.length === b.length && `${a}${a}`.includes(b)

const isOf = (author: PreparedAuthor, part: string) => author.family.includes(part)
