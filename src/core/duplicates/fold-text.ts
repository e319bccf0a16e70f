/** Letters that Unicode does not decompose, as catalogues write them in ASCII. */
const LETTERS = new Map(
  (
    'ßss æae œoe øo đd ðd þth łl ıi ' +
    // Some databases spell these out.
    'αalpha βbeta γgamma δdelta εepsilon κkappa λlambda μmu πpi σsigma τtau ωomega'
  )
    .split(' ')
    .map((entry) => [entry[0]!, entry.slice(1)]),
)

/** Most text is plain ASCII, of which only the case is folded. */
const NOT_ASCII = /[^\0-\x7f]/
/** Accents of Latin, Greek and Cyrillic letters, points of Hebrew and Arabic. In other scripts, marks are letters of their own. */
const ACCENTS = /[\u0300-\u036f\u0591-\u05c7\u0640\u064b-\u065f\u0670]+/g
const DIGITS = /(?![0-9])\p{Nd}/gu

/** Converts to lower case without accents and compatibility forms: `Ångström ﬁeld²` becomes `angstrom field2`. Other scripts remain. */
export function foldCase(text: string): string {
  const lower = text.toLowerCase()
  if (!NOT_ASCII.test(lower)) return lower
  return (
    lower
      .normalize('NFKD')
      .replaceAll(ACCENTS, '')
      .replaceAll(/[ßæœøđðþłı]/g, (letter) => LETTERS.get(letter) ?? letter)
      // Single letters only: a Greek word stays one.
      .replaceAll(/(?<![α-ω])[α-ω]{1,2}(?![α-ω])/g, (letters) =>
        [...letters].map((letter) => LETTERS.get(letter) ?? letter).join(''),
      )
      .replaceAll(DIGITS, digitValue)
      .normalize('NFC')
  )
}

/** Scripts have their ten digits in a row, whose zeros end on 0 or 6. */
function digitValue(digit: string): string {
  const code = digit.codePointAt(0)!
  const value = code & 15
  return String(/\p{Nd}/u.test(String.fromCodePoint(code - value)) ? value : value - 6)
}

/** The words of a folded text: runs of letters and digits of any script. Apostrophes do not separate words. */
export function wordsOf(folded: string): string[] {
  return folded.replaceAll(/['’ʼ`´]/g, '').match(/[\p{L}\p{M}\p{N}]+/gu) ?? []
}

/** Letters of scripts that write no spaces between words. */
export const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u
const UNSPACED_LETTER = new RegExp(`${UNSPACED.source}\\p{M}*|[^${UNSPACED.source.slice(1, -1)}]+`, 'gu')

/** {@link wordsOf}, with each letter of a script without spaces as a word of its own. */
export function tokensOf(folded: string): string[] {
  const words = wordsOf(folded)
  return NOT_ASCII.test(folded) && UNSPACED.test(folded) ? words.flatMap((word) => word.match(UNSPACED_LETTER) ?? []) : words
}

const SCRIPTS = [
  'Latin',
  'Cyrillic',
  'Greek',
  'Arabic',
  'Hebrew',
  'Han',
  'Hiragana',
  'Katakana',
  'Hangul',
  'Thai',
  'Devanagari',
].map((name) => [name, new RegExp(`\\p{Script=${name}}`, 'u')] as const)

/** The script of a text's first letter of a known script; empty if it has none. Chinese and Japanese count as one. */
export function scriptOf(text: string): string {
  for (const letter of text) {
    const script = SCRIPTS.find(([, pattern]) => pattern.test(letter))?.[0]
    if (script) return script === 'Hiragana' || script === 'Katakana' ? 'Han' : script
  }
  return ''
}

/** Articles, prepositions and the like, in the languages of most titles. Words that negate are not among them. */
const STOP_WORDS = new Set(
  (
    'a an and are as at be but by for from in into is it its of on or that the their this to was were with within via ' +
    'der die das und des dem den ein eine einer eines von zur zum im am bei mit fur fuer la le les de du et en el los las del y e o u da do ' +
    'das dos di il lo gli della dello delle dei degli nel nella al dans par pour sur aux au une un d l con por para una um uma na nos nas ' +
    'em ao het van voor met op og av til i w z na do oraz och att som ve ile az es и в во с со на по при у для от о об из к'
  ).split(' '),
)

export const isStopWord = (word: string) => STOP_WORDS.has(word)
