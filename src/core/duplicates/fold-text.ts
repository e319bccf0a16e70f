/** Letters that Unicode does not take apart, as catalogues write them in ASCII. */
const LETTERS: Readonly<Record<string, string>> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  ł: 'l',
  ı: 'i',
  // Spelled out by some databases, and kept by others.
  α: 'alpha',
  β: 'beta',
  γ: 'gamma',
  δ: 'delta',
  ε: 'epsilon',
  κ: 'kappa',
  λ: 'lambda',
  μ: 'mu',
  π: 'pi',
  σ: 'sigma',
  τ: 'tau',
  ω: 'omega',
}

/** Whether there is anything to fold but case: most text is plain ASCII. */
const NOT_ASCII = /[^\0-\x7f]/

/** Lower case without accents and compatibility forms: `Ångström ﬁeld²` is `angstrom field2`. Other scripts are kept. */
export function foldCase(text: string): string {
  const lower = text.toLowerCase()
  if (!NOT_ASCII.test(lower)) return lower
  return lower
    .normalize('NFKD')
    .replaceAll(/\p{M}+/gu, '')
    .replaceAll(/[ßæœøđðþłıα-ω]/g, (letter) => LETTERS[letter] ?? letter)
}

/** The words of a folded text: runs of letters and digits of any script. Apostrophes join what they stand in. */
export function wordsOf(folded: string): string[] {
  return folded.replaceAll(/['’ʼ`´]/g, '').match(/[\p{L}\p{N}]+/gu) ?? []
}

/** Words that say nothing by themselves, in the languages of most titles. */
const STOP_WORDS = new Set(
  (
    'a an and are as at be but by for from in into is it its of on or that the their this to was were with within without via ' +
    'der die das und des dem den ein eine von zur zum im la le les de du et en el los las del y e o da do das dos di il'
  ).split(' '),
)

export const isStopWord = (word: string) => STOP_WORDS.has(word)
