/** Frequent words of each language; some occur in several. */
const WORDS: Readonly<Record<string, string>> = {
  en: 'the of and in for with on to from by as an is are at between among',
  de: 'der die das und für fur fuer von mit bei zur zum des dem den eine einer als auf im nach über uber',
  fr: 'le la les des et du dans pour par une sur chez avec au aux entre',
  es: 'el los las del y en para una con por sobre entre al',
  pt: 'o os as do da dos das e em para uma com por no na nos nas',
  it: 'il lo gli della delle dei degli e di nel nella per una con alla',
  nl: 'het een van en voor met bij op aan naar door',
}

const LANGUAGES = Object.entries(WORDS).map(([language, words]) => [language, new Set(words.split(' '))] as const)

const SCRIPTS: readonly (readonly [string, RegExp])[] = [
  ['cyrillic', /\p{Script=Cyrillic}/u],
  ['cjk', /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u],
  ['arabic', /\p{Script=Arabic}/u],
  ['greek', /\p{Script=Greek}{3}/u],
]

/** Detects the language of a title from its script and its frequent words; null if these are not conclusive. */
export function languageOf(words: readonly string[]): string | null {
  const text = words.join(' ')
  const script = SCRIPTS.find(([, pattern]) => pattern.test(text))
  if (script) return script[0]
  const counts = LANGUAGES.map(([language, own]) => [language, words.filter((word) => own.has(word)).length] as const)
  const [best, next] = counts.sort(([, a], [, b]) => b - a)
  return best![1] > next![1] ? best![0] : null
}
