import { editSimilarity } from './edit-similarity.js'
import { isStopWord } from './fold-text.js'
import type { PreparedTitle } from './title.js'

/** How similar two titles are. */
export interface TitleComparison {
  /** 0 … 1; 1 if they differ only in case, accents, punctuation, spaces and what a database adds in brackets. */
  similarity: number
  /** One is the beginning, the end or most words of the other: a subtitle is missing, or a title is cut off. */
  contained: boolean
  /** Both have words that the other lacks, and these are not variants of each other: `in Norway`, `in Portugal`. */
  replaced: boolean
  /** They have opposite words: `hyper…` and `hypo…`, `in men` and `in women`. */
  opposite: boolean
  /** Each has a number that the other lacks. */
  numbersDiffer: boolean
  /** The same for numbers that are words: `Part 1` and `Part 2`, but not `p6INK4a` and `p16INK4a`, which may be mistyped. */
  wordNumbersDiffer: boolean
  /** At least one has a number that the other lacks. */
  numbersMissing: boolean
  /** Number of words in the shorter title, without stop words: a title of few words proves little. */
  words: number
}

/** Words that are at least this similar are spelling variants. */
const VARIANT = 0.72
/** A contained title must be at least this long, or it would be contained in many others. */
const CONTAINED_CHARACTERS = 18
const CONTAINED_WORDS = 3

/** Opposites that look like spelling variants. */
const OPPOSITES = (
  'hyper/hypo in/de men/women male/female pre/post intra/inter intra/extra inter/extra macro/micro ' +
  'over/under anterior/posterior inferior/superior maternal/paternal un/ non/ in/ anti/'
)
  .split(' ')
  .map((pair) => pair.split('/') as [string, string])

const SAME = {
  similarity: 1,
  contained: false,
  replaced: false,
  opposite: false,
  numbersDiffer: false,
  wordNumbersDiffer: false,
  numbersMissing: false,
}

export function compareTitles(a: PreparedTitle, b: PreparedTitle): TitleComparison {
  const words = Math.min(meaningfulWords(a.words), meaningfulWords(b.words))
  if (a.compact === b.compact) return { ...SAME, words }
  const [onlyA, onlyB] = difference(a.words, b.words)
  const shared = Math.min(a.words.length, b.words.length) - Math.min(onlyA.length, onlyB.length)
  const numbersA = without(a.numbers, b.numbers)
  const numbersB = without(b.numbers, a.numbers)
  const numbersDiffer = numbersA.length > 0 && numbersB.length > 0
  const contained = isContained(a, b, onlyA.length === 0 || onlyB.length === 0)
  // Edit distance alone would be misled by a different order of words.
  const order = (2 * shared) / (a.words.length + b.words.length)
  const inBrackets = (a.core !== a.compact || b.core !== b.compact) && numbersA.length + numbersB.length === 0
  const core = inBrackets ? editSimilarity(a.core, b.core) * 0.97 : 0
  const similarity = Math.max(editSimilarity(a.compact, b.compact), order * 0.98, core)
  return {
    similarity,
    contained,
    replaced: !contained && similarity > 0.5 && areReplaced(onlyA, onlyB),
    opposite: onlyA.some((x) => onlyB.some((y) => areOpposite(x, y))),
    numbersDiffer,
    wordNumbersDiffer: numbersDiffer && [onlyA, onlyB].every((only) => only.some((word) => /^\d+$/.test(word))),
    numbersMissing: numbersA.length > 0 || numbersB.length > 0,
    words,
  }
}

const meaningfulWords = (words: readonly string[]) => words.reduce((count, word) => count + (isStopWord(word) ? 0 : 1), 0)

function without(all: readonly string[], others: readonly string[]): string[] {
  const rest = [...others]
  return all.filter((item) => {
    const at = rest.indexOf(item)
    if (at >= 0) rest.splice(at, 1)
    return at < 0
  })
}

const difference = (a: readonly string[], b: readonly string[]) => [without(a, b), without(b, a)] as const

function isContained(a: PreparedTitle, b: PreparedTitle, isSubset: boolean): boolean {
  const [short, long] = a.compact.length <= b.compact.length ? [a, b] : [b, a]
  if (short.compact.length < CONTAINED_CHARACTERS || short.words.length < CONTAINED_WORDS) return false
  if (long.compact.startsWith(short.compact) || long.compact.endsWith(short.compact)) return true
  // All words, in any order, count if they are most of the other title's.
  return isSubset && short.words.length >= 0.6 * long.words.length
}

function areReplaced(onlyA: readonly string[], onlyB: readonly string[]): boolean {
  const wordsA = onlyA.filter((word) => !isStopWord(word))
  const wordsB = onlyB.filter((word) => !isStopWord(word))
  if (wordsA.length === 0 || wordsB.length === 0) return false
  // Compare them joined, too: `ultra sound` is a variant of `ultrasound`.
  if (editSimilarity(wordsA.join(''), wordsB.join('')) >= VARIANT) return false
  const [few, many] = wordsA.length <= wordsB.length ? [wordsA, wordsB] : [wordsB, wordsA]
  return few.some((word) => many.every((other) => !areVariants(word, other)))
}

function areVariants(a: string, b: string): boolean {
  if (editSimilarity(a, b) >= VARIANT || areAnagrams(a, b)) return true
  // Abbreviated, or joined with its neighbour.
  const [short, long] = a.length <= b.length ? [a, b] : [b, a]
  return short.length >= 4 && long.includes(short)
}

/** Transposed letters: `turst`. */
const areAnagrams = (a: string, b: string) => a.length === b.length && [...a].sort().join('') === [...b].sort().join('')

function areOpposite(a: string, b: string): boolean {
  return OPPOSITES.some(([x, y]) => isSwapped(a, b, x, y) || isSwapped(a, b, y, x))
}

const isSwapped = (a: string, b: string, x: string, y: string) =>
  a.startsWith(x) && b.startsWith(y) && a.length - x.length >= 0 && a.slice(x.length) === b.slice(y.length) && a !== b
