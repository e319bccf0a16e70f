import { stemmer } from 'stemmer'

/** A word as the text spells it, in lower case without diacritics, and its stem; '' for stop words. */
export interface Word {
  word: string
  folded: string
  stem: string
}

/** The words of a text, stop words included. Stems are by Porter's algorithm for English. */
export function words(text: string): Word[] {
  const found: Word[] = []
  for (const [word] of text.matchAll(WORD)) found.push(known.get(word) ?? read(word))
  return found
}

const WORD = /[\p{L}\p{M}\p{N}]+/gu

/** A cache, since few words make up most of all texts. */
const known = new Map<string, Word>()
const KNOWN_WORDS = 100_000

function read(word: string): Word {
  if (known.size >= KNOWN_WORDS) known.clear()
  const folded = word
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase()
  const found = { word, folded, stem: STOP_WORDS.has(folded) ? '' : stemmer(folded) }
  known.set(word, found)
  return found
}
/** English words without a topic: articles, pronouns, prepositions, conjunctions, auxiliaries. */
const STOP_WORDS: ReadonlySet<string> = new Set(
  `a an the this that these those
  i me my we us our ours you your he him his she her hers it its they them their theirs itself themselves
  who whom whose which what when where why how
  about above after against among at before below between by during for from in into of off on onto out over per through to
  toward towards under until up upon via with within without
  and or nor but if then than as because so while although though whether however thus therefore hence
  am is are was were be been being has have had having do does did doing can could may might must shall should will would
  all also any both each few more most no not only other own same some such too very just there here now once again further`.split(
    /\s+/,
  ),
)
