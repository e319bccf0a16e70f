import { isStopWord, tokensOf, UNSPACED, wordsOf } from './fold-text.js'
import { type Notice, readTitle } from './notices.js'
import { joinNumbers } from './number-words.js'
import { single, spell } from './spelling.js'

/** A title prepared for comparison. */
export interface PreparedTitle {
  /** Its words in one spelling; letters of scripts without spaces are words. Of a notice, those of the text that it is about. */
  words: readonly string[]
  /** The places in {@link words} at which a part of the title begins: after a colon, dash, full stop or bracket. */
  parts: ReadonlySet<number>
  /** Its words joined, so that `CO 2` and `CO2` are the same. */
  compact: string
  /** {@link compact} without text in brackets, unless little would remain. */
  core: string
  notice: Notice | null
  /** Whether it is a heading that many texts share: `Editorial`, `Contents`, `Book reviews`. */
  isHeading: boolean
  /** Whether it is of a kind that appears again every year: `Annual report …`. */
  isPeriodical: boolean
  /** Whether it ends in an ellipsis. */
  isCut: boolean
  /** Whether it has an ellipsis, for words that were left out. */
  hasGap: boolean
  /** Whether the record stands for several letters. */
  isJoint: boolean
  /** Whether brackets or a second title mark it as a translation. */
  isTranslated: boolean
  /** Whether it has Latin letters that English lacks. */
  hasAccents: boolean
  /** Whether a hyphen without a word shows that a Greek letter was lost: `-Blockers`. */
  lacksGreek: boolean
  /** Matches {@link compact} of the title as it was before letters became question marks; null if none did. */
  damaged: RegExp | null
}

const HEADING =
  /^(?:guest |the |short |brief )?(?:editorials?|editorial board|foreword|preface|introduction|contents?|table of contents|in this issue|letters?|letters? to the editor|correspondence|news|notices?|notes|book (?:reviews?|notices?|notes)|reviews?|abstracts?|conclusions?|discussion|summary|obituar(?:y|ies)|announcements?|(?:author |subject )?index|masthead|front ?matter|back ?matter|errat(?:um|a)|corrigend(?:um|a)|corrections?|(?:the )?(?:authors? )?repl(?:y|ies)|response|comments?|commentary|editors? note|(?:(?:from|by) )?(?:the )?editors?(?: in chief)?(?:s? (?:notes?|comments?|remarks|choice|page|letter|message|column|introduction|desk|corner|picks?))?|message from the editors?|notes? from the editors?|(?:remarks|comments?) (?:from|by) .{0,60}editors? .{0,20}comments?|acknowledg?e?ments?|title page|cover|untitled|no title(?: available)?|poster abstracts|(?:oral|poster) presentations|(?:conference )?proceedings|vorwort|editorial|einleitung|einfuhrung|buchbesprechung(?:en)?|inhalt(?:sverzeichnis)?|avant propos|introduccion|introduction|preface|sommaire|comptes rendus|prologo|resenas?|indice|introducao|resenhas?|prefazione|recensioni|предисловие|введение|рецензии|содержание|от редакции|编者按|前言|目录|序言|はじめに|目次|巻頭言|서문|편집자의 글)(?: \d+)?$/
const PERIODICAL =
  /\b(?:(?:bi|semi)?annual|yearly|quarterly|monthly|biennial|statistics|year in review|jahresbericht|jahresruckblick|rapport annuel|informe anual|relatorio anual|годовой отчет)\b|年度报告|年報/

/** Words after which a letter counts: `Part I`, `Study V`. */
const COUNTED = new Set(
  'part parts pt phase stage type chapter volume vol study grade class section paper report book episode version teil partie parte часть'.split(
    ' ',
  ),
)
/** Whether a number after the word counts parts. */
export const isCounted = (word: string) => COUNTED.has(word)

const LETTER_NUMERALS = new Map(['i', 'v', 'x'].map((letter) => [letter, { i: '1', v: '5', x: '10' }[letter]!]))

/** The least length of a title without its brackets. */
const CORE_CHARACTERS = 14
const BREAK = /[:.?!–—=/|<>()[\]{}«»„“”"…]|\s-+\s|,\s/

export function prepareTitle(raw: string): PreparedTitle {
  const { text, ...read } = readTitle(raw)
  // `No. 5` is `5`, and negates nothing.
  const folded = text.replaceAll('&', ' and ').replaceAll(/(?<!\p{L})(?:no|nr)\.?\s*(?=\d)/gu, '')
  const words: string[] = []
  const parts = new Set<number>()
  for (const part of folded.split(BREAK)) {
    parts.add(words.length)
    const tokens = tokensOf(part)
    // `Series: I. Field studies`
    const isNumeral = tokens.length === 1 && words.length > 0 && LETTER_NUMERALS.has(tokens[0]!)
    for (const word of isNumeral ? [LETTER_NUMERALS.get(tokens[0]!)!] : numbered(tokens)) words.push(word)
  }
  const compact = words.join('')
  const core = /[[(]/.test(folded) ? numbered(tokensOf(folded.replaceAll(/[[(][^\])]*[\])]/g, ' '))).join('') : compact
  const plain = wordsOf(folded).join(' ')
  return {
    ...read,
    words,
    parts,
    compact,
    core: core.length >= CORE_CHARACTERS ? core : compact,
    isHeading: HEADING.test(plain),
    isPeriodical: PERIODICAL.test(plain),
    isCut: /(?:\.\.\.|…)\s*$/.test(raw),
    hasGap: /\.\.\.|…/.test(raw),
    hasAccents: /[À-ɏḀ-ỿ]/.test(raw),
    lacksGreek: /(?:^|[\s(])-(?=\p{L})|\p{L}-(?=[\s):,.]|$)/u.test(text),
    damaged: damagedPattern(folded),
  }
}

/** Writes words in one spelling, and the numbers of parts in digits: `i`, `v` and `x` after a counted word or at the end. */
function numbered(tokens: readonly string[]): string[] {
  const words = joinNumbers(tokens)
  return words.map((word, index) => {
    const counts = COUNTED.has(words[index - 1] ?? '') || (index === words.length - 1 && index > 2 && word === 'i')
    return (counts ? LETTER_NUMERALS.get(word) : undefined) ?? spell(word)
  })
}

/** A question mark or U+FFFD inside or before a word stands for one or two letters. */
function damagedPattern(folded: string): RegExp | null {
  if (!/\p{L}[?\ufffd]\p{Ll}|(?:^|\s)[?\ufffd]\p{Ll}|\ufffd/u.test(folded)) return null
  const words = folded.match(/[\p{L}\p{N}?\ufffd]+/gu) ?? []
  const pattern = words
    .map((word) => (/[?\ufffd]/.test(word) ? single(word).replaceAll(/[?\ufffd]+/g, '\\p{L}{1,2}') : spell(word)))
    .join('')
  return new RegExp(`^${pattern}$`, 'u')
}

/** The words that are not stop words. */
export const contentWords = (words: readonly string[]) => words.filter((word) => !isStopWord(word))

/** How many words a title has; two letters of a script without spaces count as one. */
export const wordCount = (words: readonly string[]) =>
  words.reduce((count, word) => count + (isStopWord(word) ? 0 : word.length === 1 && UNSPACED.test(word) ? 0.5 : 1), 0)
