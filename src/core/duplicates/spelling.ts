import { numberOf } from './number-words.js'

/** Spellings of one word, of which the second is used for comparison. */
const SPELLINGS: readonly (readonly [RegExp, string])[] = [
  // British and American.
  [/^practis/, 'practic'],
  [/(?<=..)our(?=(?:s|ed|ing|al|ally|able|ably|ist|ists|ism|ers?|ful|hoods?|ite|ites|ation|ations)?$)/, 'or'],
  [/([iy])s(?=(?:e[sdr]?|ing|er|ers|able|ation|ations|ational)$)/, '$1z'],
  [/(?<=..)re(?<=[bcdtv]re)(s?)$/, 'er$1'],
  [/ogue(s?)$/, 'og$1'],
  [/fence(s?)$/, 'fense$1'],
  [/amme(s?)$/, 'am$1'],
  [/sulph/, 'sulf'],
  [/^leuc/, 'leuk'],
  [/dgement/, 'dgment'],
  [/^dilatation/, 'dilation'],
  [/^aluminium/, 'aluminum'],
  [/^artefact/, 'artifact'],
  [/^licence/, 'license'],
  [/^sceptic/, 'skeptic'],
  [/^mould/, 'mold'],
  [/^plough/, 'plow'],
  [/^cheque/, 'check'],
  [/^tyre/, 'tire'],
  [/^storey/, 'story'],
  [/^stories$/, 'storys'],
  [/^manoeuv/, 'maneuv'],
  [/^grey/, 'gray'],
  [/^ageing/, 'aging'],
  [/^kerb/, 'curb'],
  [/^cosy/, 'cozy'],
  [/^pyjama/, 'pajama'],
  [/^moustache/, 'mustache'],
  [/^disc(?=s?$)/, 'disk'],
]
/** Units that some databases spell out. */
const UNITS = new Map(
  'mug microgram mcg microgram mum micrometer mul microliter mumol micromole'
    .split(' ')
    .flatMap((word, index, all) => (index % 2 === 0 ? [[word, all[index + 1]!] as const] : [])),
)
/** The words of a library are few and occur often. */
const SPELLED = new Map<string, string>()
const MOST_FORMS = 50_000

/** One spelling for all of a word's: `randomised` and `randomized`, `two`, `ii` and `2`. */
export function spell(word: string): string {
  let spelled = SPELLED.get(word)
  if (spelled === undefined) {
    if (SPELLED.size >= MOST_FORMS) SPELLED.clear()
    spelled = respell(word)
    SPELLED.set(word, spelled)
  }
  return spelled
}

function respell(word: string): string {
  const number = numberOf(word)
  if (number !== undefined) return number
  const unit = UNITS.get(word)
  if (unit !== undefined) return unit
  if (word.length < 4 || !/^[a-z]+$/.test(word)) return word
  let spelled = word
  for (const [pattern, replacement] of SPELLINGS) spelled = spelled.replace(pattern, replacement)
  return single(spelled)
}

/** Double letters as one. */
export const single = (word: string) => word.replaceAll(/([a-z])\1/g, '$1')

/** Names of letters after {@link spell}. */
const GREEK = /alpha|beta|gama|delta|epsilon|kapa|lambda|sigma|omega|tau|mu|pi/g
const ENDINGS = new Set(['', 's', 'es', 'e', 'd', 'ed', 'n', 'en', 'ing'])
const LEAST_STEM = 4

/** Whether two spelled words are one: umlauts and Greek letters written as in ASCII, or another grammatical form. */
export function areOneWord(a: string, b: string): boolean {
  if (a === b) return true
  if (a[0] !== b[0] && a[1] !== 'e' && b[1] !== 'e' && !/\d/.test(a)) return false
  const [formsA, formsB] = [formsOf(a), formsOf(b)]
  if (formsA.runs || formsB.runs) return formsA.runs === formsB.runs
  const { plain } = formsA
  return plain === formsB.plain || formsA.ascii === formsB.ascii || areForms(plain, formsB.plain)
}

const FORMS = new Map<string, { plain: string; ascii: string; runs: string }>()

function formsOf(word: string) {
  let forms = FORMS.get(word)
  if (!forms) {
    if (FORMS.size >= MOST_FORMS) FORMS.clear()
    forms = { plain: withoutDigraphs(word), ascii: inAscii(word), runs: /\d/.test(word) ? runs(word) : '' }
    FORMS.set(word, forms)
  }
  return forms
}

/** `anaemia` and `anemia`, after {@link spell}. */
export const withoutDigraphs = (word: string) => (word.length > 4 ? word.replaceAll(/[ao]e/g, 'e') : word)

/** `90y` and `y90`. */
const runs = (word: string) => (word.match(/\d+|\D+/g) ?? []).sort().join(' ')

/** `Aerzte`, `Ärzte` and `kappab`, `kb`, after {@link spell}. */
const inAscii = (word: string) => word.replaceAll(GREEK, (name) => name[0]!).replaceAll(/([aou])e|aa/g, (letters) => letters[0]!)

function areForms(a: string, b: string): boolean {
  let shared = 0
  while (shared < a.length && a[shared] === b[shared]) shared++
  for (let stem = shared; stem >= Math.max(LEAST_STEM, shared - 1); stem--)
    if (ENDINGS.has(a.slice(stem)) && ENDINGS.has(b.slice(stem))) return true
  return false
}

/** Whether one is the other with two letters swapped, or with a letter of its inside left out: `turst`, `resuls`. */
export function isSlip(a: string, b: string): boolean {
  const [short, long] = a.length <= b.length ? [a, b] : [b, a]
  if (short.length < 5 || long.length - short.length > 1 || /\d/.test(a + b)) return false
  let at = 0
  while (at < short.length && short[at] === long[at]) at++
  if (short.length < long.length)
    return short.length >= 6 && at > 1 && at < short.length && short.slice(at) === long.slice(at + 1)
  return short[at] === long[at + 1] && short[at + 1] === long[at] && short.slice(at + 2) === long.slice(at + 2)
}

/** Whether a spelled word is the name of a Greek letter, which some databases lose: `-blockers`. */
export const isGreekLetter = (word: string) => word.replace(GREEK, '') === '' && word !== ''
