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

/** Converts to lower case without accents and compatibility forms: `Ångström ﬁeld²` becomes `angstrom field2`. Other scripts remain. */
export function foldCase(text: string): string {
  const lower = text.toLowerCase()
  if (!NOT_ASCII.test(lower)) return lower
  return lower
    .normalize('NFKD')
    .replaceAll(/\p{M}+/gu, '')
    .replaceAll(/[ßæœøđðþłıα-ω]/g, (letter) => LETTERS.get(letter) ?? letter)
}

/** The words of a folded text: runs of letters and digits of any script. Apostrophes do not separate words. */
export function wordsOf(folded: string): string[] {
  return folded.replaceAll(/['’ʼ`´]/g, '').match(/[\p{L}\p{N}]+/gu) ?? []
}

/** Stop words in the languages of most titles. */
const STOP_WORDS = new Set(
  (
    'a an and are as at be but by for from in into is it its of on or that the their this to was were with within without via ' +
    'der die das und des dem den ein eine von zur zum im la le les de du et en el los las del y e o da do das dos di il'
  ).split(' '),
)

export const isStopWord = (word: string) => STOP_WORDS.has(word)
