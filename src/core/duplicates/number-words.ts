const ONES =
  'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen'
const TENS = 'twenty thirty forty fifty sixty seventy eighty ninety'
const ORDINALS =
  '- first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth'
const ORDINAL_TENS = 'twentieth thirtieth fortieth fiftieth sixtieth seventieth eightieth ninetieth'
/** Ordinals of other languages, from `first` on, as they stand before `part`. */
const OTHER_ORDINALS = [
  'premiere deuxieme troisieme quatrieme cinquieme sixieme septieme huitieme',
  'erster zweiter dritter vierter funfter sechster',
  'erste zweite dritte vierte funfte sechste',
  'primera segunda tercera cuarta quinta sexta',
  'primeira - terceira quarta',
  'первая вторая третья четвертая пятая',
]

const entries = (words: string, valueAt: (index: number) => number) =>
  words.split(' ').map((word, index) => [word, valueAt(index)] as const)

const VALUES = new Map([
  ...entries(ONES, (index) => index),
  ...entries(ORDINALS, (index) => index),
  ...entries(TENS, (index) => 10 * (index + 2)),
  ...entries(ORDINAL_TENS, (index) => 10 * (index + 2)),
  ...OTHER_ORDINALS.flatMap((words) => entries(words, (index) => index + 1)),
])
const TENS_WORDS = new Set(TENS.split(' '))

/** Up to 39, from two letters on: one letter is more often a letter. */
const ROMAN = /^(?=..)(x{0,3})(ix|iv|v?i{0,3})$/
const ROMAN_UNITS = ['', 'i', 'ii', 'iii', 'iv', 'v', 'vi', 'vii', 'viii', 'ix']

/** The number that a folded word stands for, in digits: `two`, `second`, `2nd` and `ii` are `2`; undefined if it is none. */
export function numberOf(word: string): string | undefined {
  const value = VALUES.get(word)
  if (value !== undefined) return String(value)
  if (/^\d/.test(word)) return word.match(/^(\d+)(?:st|nd|rd|th)$/)?.[1]
  const roman = word.length > 7 ? null : word.match(ROMAN)
  return roman ? String(10 * roman[1]!.length + ROMAN_UNITS.indexOf(roman[2]!)) : undefined
}

/** Words with numbers of several words as one: `twenty`, `five` become `25`, and `two`, `hundred` become `200`. */
export function joinNumbers(words: readonly string[]): readonly string[] {
  if (!words.some((word) => TENS_WORDS.has(word) || word === 'hundred' || word === 'thousand')) return words
  const joined: string[] = []
  for (let at = 0; at < words.length; ) {
    const { value, end } = readNumber(words, at)
    joined.push(end - at > 1 ? String(value) : words[at]!)
    at = Math.max(end, at + 1)
  }
  return joined
}

function readNumber(words: readonly string[], start: number): { value: number; end: number } {
  let [value, end] = readBelowHundred(words, start)
  for (const [word, factor] of [
    ['hundred', 100],
    ['thousand', 1000],
  ] as const) {
    if (end === start || words[end] !== word) continue
    value *= factor
    end++
    const [rest, restEnd] = readBelowHundred(words, words[end] === 'and' ? end + 1 : end)
    if (rest > 0) [value, end] = [value + rest, restEnd]
  }
  return { value, end }
}

/** The value, and the place after it; the value is 0 if there is no number. */
function readBelowHundred(words: readonly string[], start: number): [value: number, end: number] {
  const value = VALUES.get(words[start] ?? '')
  if (value === undefined) return [0, start]
  const unit = VALUES.get(words[start + 1] ?? '') ?? 0
  return TENS_WORDS.has(words[start]!) && unit > 0 && unit < 10 ? [value + unit, start + 2] : [value, start + 1]
}
