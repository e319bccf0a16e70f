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
  hu: 'az egy hogy valamint es vagy',
  cs: 'v z u pri pro ve se jako po na za',
  sk: 'v z u pri pre vo so ako po na za',
  hr: 'i u na za od kod pri iz sa te s do',
  sl: 'v na za pri iz z ter s do',
  ro: 'si cu la din pentru prin dupa pe al ale',
  ca: 'i els les dels amb per en del al',
  lt: 'ir su is del po',
  lv: 'un ar no par pec',
  et: 'ja ning ning',
  id: 'dan di pada dengan untuk yang terhadap dari oleh',
  vi: 'va cua o tai trong cho voi cac nhung',
}

const LANGUAGES = Object.entries(WORDS).map(([language, words]) => [language, new Set(words.split(' '))] as const)

/** The languages that a title may be in, from its script and its frequent words; none if it has no such words. */
export function languagesOf(words: readonly string[]): readonly string[] {
  const script = scriptOf(words.join(''))
  if (script !== '' && script !== 'Latin') return [script.toLowerCase()]
  const counts = LANGUAGES.map(([language, own]) => [language, words.filter((word) => own.has(word)).length] as const)
  const most = Math.max(...counts.map(([, count]) => count))
  return most === 0 ? [] : counts.filter(([, count]) => count === most).map(([language]) => language)
}
