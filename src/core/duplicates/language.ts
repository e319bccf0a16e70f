import { scriptOf } from './fold-text.js'

/** Frequent words of each language; some occur in several. */
const WORDS: Readonly<Record<string, string>> = {
  en: 'the of and in for with on to from by as an is are at between among',
  de: 'der die das und für fur fuer von mit bei zur zum des dem den eine einer als auf im nach über uber',
  fr: 'le la les des et du dans pour par une sur chez avec au aux entre',
  es: 'el los las del y en para una con por sobre entre al',
  pt: 'o os as do da dos das e em para uma com por no na nos nas',
  it: 'il lo gli della delle dei degli e di nel nella per una con alla',
  nl: 'het een van en voor met bij op aan naar door',
  sv: 'och av hos med pa till som vid efter ett',
  da: 'og af hos med pa til som ved efter et',
  pl: 'w z na u po dla przez oraz pod od nad jako',
  tr: 've bir ile icin olarak olan uzerine arasinda',
  fi: 'ja on tai seka kanssa',
  hu: 'az egy hogy valamint',
  cs: 'u pri pro ve se jako',
}

const LANGUAGES = Object.entries(WORDS).map(([language, words]) => [language, new Set(words.split(' '))] as const)

/** Detects the language of a title from its script and its frequent words; null if these are not conclusive. */
export function languageOf(words: readonly string[]): string | null {
  const script = scriptOf(words.join(''))
  if (script !== '' && script !== 'Latin') return script.toLowerCase()
  const counts = LANGUAGES.map(([language, own]) => [language, words.filter((word) => own.has(word)).length] as const)
  const [best, next] = counts.sort(([, a], [, b]) => b - a)
  return best![1] > next![1] ? best![0] : null
}
