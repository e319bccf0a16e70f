/** Spellings of one word, of which the second is used for comparison. */
const SPELLINGS: readonly (readonly [RegExp, string])[] = [
  // British and American.
  [/our(?=(?:s|ed|ing|al|ally|able|ist|ists|ism)?$)/, 'or'],
  [/([iy])s(?=(?:e[sdr]?|ing|er|ers|able|ation|ations|ational)$)/, '$1z'],
  [/([bcdtv])re(s?)$/, '$1er$2'],
  [/ogue(s?)$/, 'og$1'],
  [/fence$/, 'fense'],
  [/amme(s?)$/, 'am$1'],
  [/sulph/, 'sulf'],
  [/^leuc/, 'leuk'],
  [/^dilatation/, 'dilation'],
  [/^aluminium/, 'aluminum'],
  [/^artefact/, 'artifact'],
  [/^licence/, 'license'],
  [/^grey/, 'gray'],
  [/^ageing/, 'aging'],
  [/dgement/, 'dgment'],
]
/** Units that some databases spell out. */
const UNITS = new Map(
  'mug microgram mcg microgram mum micrometer mul microliter mumol micromole'
    .split(' ')
    .flatMap((word, index, all) => (index % 2 === 0 ? [[word, all[index + 1]!] as const] : [])),
)
const NUMBERS = new Map(
  [
    'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty',
    '- first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth',
    '- premiere deuxieme troisieme quatrieme cinquieme sixieme septieme huitieme',
    '- erster zweiter dritter vierter funfter sechster',
    '- erste zweite dritte vierte funfte sechste',
    '- primera segunda tercera cuarta quinta sexta',
    '- primeira - terceira quarta',
    '- первая вторая третья четвертая пятая',
  ].flatMap((words) => words.split(' ').map((word, index) => [word, String(index)] as const)),
)
/** Up to 39, from two letters on: one letter is more often a letter. */
const ROMAN = /^(?=..)(x{0,3})(ix|iv|v?i{0,3})$/
const ROMAN_UNITS = ['', 'i', 'ii', 'iii', 'iv', 'v', 'vi', 'vii', 'viii', 'ix']

/** One spelling for all of a word's: `randomised` and `randomized`, `two`, `ii` and `2`. */
export function spell(word: string): string {
  const number = NUMBERS.get(word) ?? word.match(/^(\d+)(?:st|nd|rd|th)$/)?.[1] ?? romanNumber(word)
  if (number !== undefined) return number
  const unit = UNITS.get(word)
  if (unit !== undefined) return unit
  if (word.length < 4 || !/^[a-z]+$/.test(word)) return word
  let spelled = word
  if (word.length > 4) for (const [pattern, replacement] of SPELLINGS) spelled = spelled.replace(pattern, replacement)
  return single(spelled)
}

/** Double letters as one. */
export const single = (word: string) => word.replaceAll(/([a-z])\1/g, '$1')

function romanNumber(word: string): string | undefined {
  const parts = word.length > 7 ? null : word.match(ROMAN)
  return parts ? String(10 * parts[1]!.length + ROMAN_UNITS.indexOf(parts[2]!)) : undefined
}

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

/** Forms of words, since the words of a library are few and compared often. */
const FORMS = new Map<string, { plain: string; ascii: string; runs: string }>()
const MOST_FORMS = 50_000

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
