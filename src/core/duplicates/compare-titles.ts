import { editSimilarity } from './edit-similarity.js'
import { isStopWord, UNSPACED } from './fold-text.js'
import { areOpposite, isNegation } from './opposites.js'
import { areOneWord, isGreekLetter, isSlip, single } from './spelling.js'
import { contentWords, isCounted, type PreparedTitle, wordCount } from './title.js'

/** How similar two titles are. */
export interface TitleComparison {
  /** 0 … 1; 1 if they differ only in case, accents, punctuation, spaces, spelling and what a database adds in brackets. */
  similarity: number
  /** One is the beginning or the end of the other, or all its words are in the other: a subtitle is missing, or a title is cut off. */
  contained: boolean
  /** Contained, and what the longer title adds is a part of its own, after a colon or full stop, or before one. */
  isPart: boolean
  /** Both have words of content that the other lacks: `in Norway`, `in Portugal`. */
  replaced: boolean
  /** Contained, and what the longer title adds before it is a label of few words: `Editorial`, `Visual abstract`. */
  isLabelled: boolean
  /** Contained, and what the longer title adds is in brackets, where databases add their notes. */
  isInBrackets: boolean
  /** Contained, and what the longer title adds before it is the number of an abstract: `P-123`. */
  isNumbered: boolean
  /** Replaced, but each word by one with a slip of the pen: letters swapped, or one left out. */
  hasSlip: boolean
  /** Replaced, but each word by one that looks like it, as a mistyped word does: `Gambia`, `Zambia`. */
  mistyped: boolean
  /** They have opposite words, `hyper…` and `hypo…`, `men` and `women`, or only one of them negates. */
  opposite: boolean
  /** One has words of content in its midst that the other lacks: `not`, `injurious`. */
  inserted: boolean
  /** Each has a number that the other lacks. */
  numbersDiffer: boolean
  /** The same for numbers that are words: `Part 1` and `Part 2`, but not `p6INK4a` and `p16INK4a`, which may be mistyped. */
  wordNumbersDiffer: boolean
  /** At least one has a number that the other lacks. */
  numbersMissing: boolean
  /** Number of words in the shorter title, without stop words: a title of few words proves little. */
  words: number
}

/** Words that are at least this similar may be one word, mistyped. */
const VARIANT = 0.72
/** A contained title must be at least this long, or it would be contained in many others. */
const CONTAINED_CHARACTERS = 14
const CONTAINED_WORDS = 2

const SAME = {
  similarity: 1,
  contained: false,
  isPart: false,
  isLabelled: false,
  isInBrackets: false,
  isNumbered: false,
  replaced: false,
  hasSlip: false,
  mistyped: false,
  opposite: false,
  inserted: false,
  numbersDiffer: false,
  wordNumbersDiffer: false,
  numbersMissing: false,
}

const OTHER = { ...SAME, similarity: 0, replaced: true }
/** Titles that share a smaller part of their words, as they are spelled, are not worth a closer look. */
const LEAST_SHARED = 0.5
const LEAST_ALIKE = 0.6

/** Whether titles are worth a closer look: most that share a blocking key share two rare words and nothing else. */
export function mayBeAlike(a: PreparedTitle, b: PreparedTitle): boolean {
  if (a.compact === b.compact) return true
  const [short, long] = a.words.length <= b.words.length ? [a, b] : [b, a]
  let shared = 0
  for (const word of short.words) if (long.words.includes(word)) shared++
  if (shared >= LEAST_SHARED * short.words.length || areVariantLetters(a.words, b.words)) return true
  // As many edits as the lengths differ are needed in any case.
  const [lengthA, lengthB] = [a.compact.length, b.compact.length]
  const mayBeEdited = Math.abs(lengthA - lengthB) <= (1 - LEAST_ALIKE) * Math.max(lengthA, lengthB)
  return (mayBeEdited && editSimilarity(a.compact, b.compact) >= LEAST_ALIKE) || long.compact.endsWith(short.compact)
}

/** So many words of content without a counterpart in either title make two texts, if nothing but their titles speaks for one. */
const OTHER_WORDS = 2

/** Whether each title has words of content that the other lacks in any form: not the same letters, nor a word that looks like it. */
export function haveOtherWords(a: PreparedTitle, b: PreparedTitle): boolean {
  if (a.damaged || b.damaged || a.compact === b.compact) return false
  return lacksWords(a, b) && lacksWords(b, a)
}

function lacksWords(a: PreparedTitle, b: PreparedTitle): boolean {
  let count = 0
  for (const word of a.words) {
    if (word.length < 3 || b.words.includes(word) || isStopWord(word) || b.compact.includes(word)) continue
    const looksLike = (other: string) => other[0] === word[0] && Math.abs(other.length - word.length) <= 2
    if (!b.words.some(looksLike) && ++count >= OTHER_WORDS) return true
  }
  return false
}

export function compareTitles(a: PreparedTitle, b: PreparedTitle): TitleComparison {
  const words = Math.min(wordCount(a.words), wordCount(b.words))
  if (a.compact === b.compact || isRestored(a, b)) return { ...SAME, words }
  if (!mayBeAlike(a, b)) return { ...OTHER, similarity: editSimilarity(a.compact, b.compact), words }
  const missing = differingWords(a, b)
  const [onlyA, onlyB] = missing
  if (onlyA.length + onlyB.length === 0) return { ...SAME, words }
  const shared = Math.min(a.words.length - onlyA.length, b.words.length - onlyB.length)
  const numbersA = onlyA.filter((word) => /\d/.test(word))
  const numbersB = onlyB.filter((word) => /\d/.test(word))
  const [contentA, contentB] = [onlyA.filter((word) => !isStopWord(word)), onlyB.filter((word) => !isStopWord(word))]
  const hasContent = contentA.length + contentB.length > 0
  const inBrackets = (a.core !== a.compact || b.core !== b.compact) && numbersA.length + numbersB.length === 0
  const isSameCore = inBrackets && a.core === b.core && (a.core === a.compact || b.core === b.compact)
  const { contained, isPart, isLabelled, isInBrackets, isPartNumber } = !hasContent
    ? NOT_CONTAINED
    : isSameCore
      ? IN_BRACKETS
      : containment(a, b, missing)
  // Edit distance alone would be misled by a different order of words.
  const order = (2 * shared) / (a.words.length + b.words.length)
  const core = inBrackets ? editSimilarity(a.core, b.core) * 0.97 : 0
  const similarity = Math.max(
    editSimilarity(a.compact, b.compact),
    order * 0.98,
    core,
    hasContent ? 0 : 0.98,
    areVariantLetters(a.words, b.words) ? 0.86 : 0,
  )
  const lettersDiffer = onlyA.some(isLetter) && onlyB.some(isLetter)
  const replaced = !contained && ((contentA.length > 0 && contentB.length > 0) || lettersDiffer)
  const numbersDiffer = numbersA.length > 0 && numbersB.length > 0
  return {
    similarity,
    contained,
    isPart,
    isLabelled,
    isInBrackets,
    isNumbered: contained && ABSTRACT_NUMBER.test([...onlyA, ...onlyB].join('')),
    replaced,
    hasSlip: replaced && contentA.length === 1 && contentB.length === 1 && isSlip(contentA[0]!, contentB[0]!),
    mistyped: replaced && !lettersDiffer && areMistyped(a, b, contentA, contentB),
    opposite: onlyA.length + onlyB.length <= MOST_OPPOSITE && haveOpposites(onlyA, onlyB),
    inserted: !contained && !replaced && hasContent,
    numbersDiffer,
    wordNumbersDiffer: numbersDiffer && [numbersA, numbersB].every((only) => only.some((word) => /^\d+$/.test(word))),
    numbersMissing: contained ? isPartNumber : numbersA.length > 0 || numbersB.length > 0,
    words,
  }
}

/** Whether they have words that exclude each other, or one of them negates what the other says. */
const haveOpposites = (onlyA: readonly string[], onlyB: readonly string[]) =>
  onlyA.some((x) => onlyB.some((y) => areOpposite(x, y))) || onlyA.some(isNegation) !== onlyB.some(isNegation)

const isLetter = (word: string) => word.length === 1 && /[a-z]/.test(word)

/** Whether one is the other before a database lost some of its letters. */
const isRestored = (a: PreparedTitle, b: PreparedTitle) =>
  a.damaged?.test(b.compact) === true || b.damaged?.test(a.compact) === true

function without(all: readonly string[], others: readonly string[]): string[] {
  const rest = new Map<string, number>()
  for (const item of others) rest.set(item, (rest.get(item) ?? 0) + 1)
  return all.filter((item) => {
    const count = rest.get(item) ?? 0
    if (count > 0) rest.set(item, count - 1)
    return count === 0
  })
}

/** The words that each title has and the other lacks in any spelling, joined or not: `non immune`, `nonimmune`. */
function differingWords(a: PreparedTitle, b: PreparedTitle): [onlyA: string[], onlyB: string[]] {
  let [onlyA, onlyB] = [without(a.words, b.words), without(b.words, a.words)]
  if (onlyA.join('') === onlyB.join('') || areCutAlike(a.words, b.words)) return [[], []]
  if (b.lacksGreek) onlyA = onlyA.filter((word) => !isGreekLetter(word))
  if (a.lacksGreek) onlyB = onlyB.filter((word) => !isGreekLetter(word))
  onlyA = onlyA.filter((word) => !takeOne(onlyB, word))
  onlyA = onlyA.filter((word) => !takeJoined(onlyB, word))
  onlyB = onlyB.filter((word) => !takeJoined(onlyA, word))
  return areReordered(onlyA, onlyB) ? [[], []] : [onlyA, onlyB]
}

/** `90Y` and `Y-90`, `99mTc` and `Tc-99m`. */
function areReordered(a: readonly string[], b: readonly string[]): boolean {
  const [textA, textB] = [a.join(' '), b.join(' ')]
  if (!/\d/.test(textA) || textA.length > 12 || textB.length > 12) return false
  const sorted = (text: string, pattern: RegExp) => (text.match(pattern) ?? []).sort().join(' ')
  return sorted(textA, /\d+/g) === sorted(textB, /\d+/g) && sorted(textA, /[^\d\s]/g) === sorted(textB, /[^\d\s]/g)
}

/** Of fewer characters, no database cuts a title; it cuts two of them at most so many characters apart. */
const CUT_CHARACTERS = 100
const CUT_APART = 8

/** Many databases cut long titles after so many characters, within a word. */
function areCutAlike(a: readonly string[], b: readonly string[]): boolean {
  const [textA, textB] = [contentWords(a).join(''), contentWords(b).join('')]
  const [short, long] = textA.length <= textB.length ? [textA, textB] : [textB, textA]
  const rest = long.slice(short.length)
  return short.length >= CUT_CHARACTERS && rest.length <= CUT_APART && long.startsWith(short) && !/\d/.test(rest)
}

function takeOne(words: string[], word: string): boolean {
  const at = words.findIndex((other) => areOneWord(word, other))
  if (at >= 0) words.splice(at, 1)
  return at >= 0
}

/** Letters by which two spellings of a word differ in length at most. */
const MOST_CHANGED = 4

/** Takes two or three words that are `word` if joined. */
function takeJoined(words: string[], word: string): boolean {
  if (word.length < 4 || words.length < 2) return false
  for (let at = 0; at < words.length; at++)
    for (const count of [2, 3]) {
      if (at + count > words.length || words[at]![0] !== word[0]) continue
      const length = words[at]!.length + words[at + 1]!.length + (count === 3 ? words[at + 2]!.length : 0)
      if (Math.abs(length - word.length) > MOST_CHANGED) continue
      const joined = words.slice(at, at + count)
      if (!areOneWord(single(joined.join('')), word)) continue
      words.splice(at, count)
      return true
    }
  return false
}

/** Longer labels are part of a title. */
const LABEL_WORDS = 4
/** Titles that differ in more words are other titles in any case. */
const MOST_OPPOSITE = 6
const ABSTRACT_NUMBER = /^(?:abstract|poster|oral|paper)?(?:no)?[a-z]{0,3}\d{1,5}[a-z]?$/
const NOT_CONTAINED = { contained: false, isPart: false, isLabelled: false, isInBrackets: false, isPartNumber: false }
const IN_BRACKETS = { ...NOT_CONTAINED, contained: true, isPart: true, isInBrackets: true }

function containment(a: PreparedTitle, b: PreparedTitle, [onlyA, onlyB]: readonly [string[], string[]]) {
  const [short, long] = a.words.length <= b.words.length ? [a, b] : [b, a]
  // The shorter title may hold no word of its own, nor be a few words that many titles share.
  if (Math.min(onlyA.length, onlyB.length) > 0 && !isCutInWord(short, long)) return NOT_CONTAINED
  if (short.compact.length < CONTAINED_CHARACTERS || short.words.length < CONTAINED_WORDS) return NOT_CONTAINED
  const count = short.words.length
  const [after, before] = [long.words.slice(count), long.words.slice(0, long.words.length - count)]
  if (long.compact.startsWith(short.compact)) {
    const isPart = startsAt(long, count) || short.isCut
    return { ...NOT_CONTAINED, contained: true, isPart, isPartNumber: hasPartNumber(after) }
  }
  if (long.compact.endsWith(short.compact)) {
    const isLabelled = before.length <= LABEL_WORDS && !long.hasGap
    const isPart = startsAt(long, before.length)
    return { contained: true, isPart, isLabelled, isInBrackets: false, isPartNumber: hasPartNumber(before) }
  }
  return NOT_CONTAINED
}

/** Whether what a title adds numbers the text, as `part 2`, `5-year results` and `2019` do, and `a trial in 40 villages` does not. */
const hasPartNumber = (words: readonly string[]) =>
  words.some(
    (word, index) =>
      /\d/.test(word) &&
      (index < 2 ||
        words.length < 4 ||
        isCounted(words[index - 1]!) ||
        /^(?:year|month|week|day|hour)s?$/.test(words[index + 1] ?? '')),
  )

/** Whether a part of the title begins after so many words, give or take a spelling with a space. */
const startsAt = ({ parts, words }: PreparedTitle, count: number) => parts.has(count) && count < words.length

/** A title that was cut after so many characters may end within a word. */
const isCutInWord = (short: PreparedTitle, long: PreparedTitle) =>
  short.words.length >= 4 && long.compact.startsWith(short.compact)

/** Of letters of a script without spaces, at least a third agrees by its place, as in simplified and traditional Chinese. */
function areVariantLetters(a: readonly string[], b: readonly string[]): boolean {
  if (a.length !== b.length || !UNSPACED.test(a[0] ?? '')) return false
  return a.filter((word, index) => word === b[index]).length >= a.length / 3
}

/** Whether words that differ may be one word, mistyped. */
function areMistyped(a: PreparedTitle, b: PreparedTitle, contentA: readonly string[], contentB: readonly string[]): boolean {
  if ([...contentA, ...contentB].some((word) => UNSPACED.test(word))) return areVariantLetters(a.words, b.words)
  // Joined, too: `ultra sound` is a variant of `ultrasund`.
  if (editSimilarity(contentA.join(''), contentB.join('')) >= VARIANT) return true
  const [few, many] = contentA.length <= contentB.length ? [contentA, contentB] : [contentB, contentA]
  return few.every((word) => many.some((other) => editSimilarity(word, other) >= VARIANT)) && many.length - few.length <= 1
}
