import { windows1252 } from './windows-1252.js'

/**
 * Guesses the encoding of text that is not UTF-8 and declares none. East Asian encodings are told by their tables: each standard
 * has its common characters in rows of their own. Single-byte encodings are told by the letters of their languages.
 *
 * @param bytes Text with at least one byte that is not ASCII.
 * @returns A label for `TextDecoder`; `windows-1252` if nothing tells another.
 */
export function guessEncoding(bytes: Uint8Array): string {
  const sample = nonAsciiParts(bytes)
  return eastAsian(sample) ?? singleByte(sample)
}

/** Bytes that are looked at. */
const SAMPLE = 65_536

/** The words with bytes that are not ASCII, separated by spaces: the rest tells nothing. */
function nonAsciiParts(bytes: Uint8Array): Uint8Array {
  const parts: number[] = []
  for (let at = 0; at < bytes.length && parts.length < SAMPLE; at++) {
    if (bytes[at]! < 0x80) continue
    let from = at
    let end = at
    while (from > 0 && isWordByte(bytes[from - 1]!)) from--
    while (end < bytes.length && isWordByte(bytes[end]!)) end++
    for (let index = from; index < end; index++) parts.push(bytes[index]!)
    parts.push(0x20)
    at = end
  }
  return Uint8Array.from(parts)
}

/** Anything but white space: the second byte of a character may be any ASCII letter or sign. */
function isWordByte(byte: number): boolean {
  return byte > 0x20
}

interface Pairs {
  /** Characters of two bytes. */
  count: number
  /** Those in the rows of common characters. */
  common: number
  /** Bytes that the encoding does not have. */
  invalid: number
}

/**
 * Counts characters of two bytes. @param lead Whether a byte begins one. @param trail Whether a byte ends one.
 * @param single Whether a byte over 127 is a character alone.
 */
function pairs(
  bytes: Uint8Array,
  lead: (byte: number) => boolean,
  trail: (byte: number) => boolean,
  isCommon: (lead: number, trail: number) => boolean,
  single: (byte: number) => boolean = () => false,
): Pairs {
  const found: Pairs = { count: 0, common: 0, invalid: 0 }
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]!
    if (byte < 0x80) continue
    const next = bytes[at + 1] ?? 0
    if (lead(byte) && trail(next)) {
      found.count++
      if (isCommon(byte, next)) found.common++
      at++
    } else if (!single(byte)) found.invalid++
  }
  return found
}

const between = (from: number, to: number) => (byte: number) => byte >= from && byte <= to
const euc = between(0xa1, 0xfe)

/** The rows of common characters of each standard. */
const EAST_ASIAN: readonly { encoding: string; least: number; count: (bytes: Uint8Array) => Pairs }[] = [
  // Hangul syllables are rows 16 to 40.
  { encoding: 'euc-kr', least: 0.8, count: (bytes) => pairs(bytes, euc, euc, (lead) => lead >= 0xb0 && lead <= 0xc8) },
  // Hiragana and katakana are rows 4 and 5, of which no text in Chinese has many.
  { encoding: 'euc-jp', least: 0.15, count: (bytes) => pairs(bytes, euc, euc, (lead) => lead === 0xa4 || lead === 0xa5) },
  // The first level is rows 16 to 55.
  {
    encoding: 'gb18030',
    least: 0.75,
    count: (bytes) =>
      pairs(
        bytes,
        between(0x81, 0xfe),
        (byte) => byte >= 0x40 && byte !== 0x7f,
        (lead, trail) => trail >= 0xa1 && ((lead >= 0xb0 && lead <= 0xd7) || lead === 0xa1 || lead === 0xa3),
      ),
  },
  // Hiragana, katakana and the first level of kanji.
  {
    encoding: 'shift_jis',
    least: 0.75,
    count: (bytes) =>
      pairs(
        bytes,
        (byte) => (byte >= 0x81 && byte <= 0x9f) || (byte >= 0xe0 && byte <= 0xfc),
        (byte) => byte >= 0x40 && byte <= 0xfc && byte !== 0x7f,
        (lead, trail) =>
          (lead === 0x82 && trail >= 0x9f) || lead === 0x83 || (lead === 0x81 && trail <= 0x7e) || (lead >= 0x88 && lead <= 0x98),
        between(0xa1, 0xdf),
      ),
  },
  // The frequent characters are rows A4 to C6.
  {
    encoding: 'big5',
    least: 0.75,
    count: (bytes) =>
      pairs(
        bytes,
        between(0x81, 0xfe),
        (byte) => (byte >= 0x40 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xfe),
        (lead) => (lead >= 0xa4 && lead <= 0xc6) || lead === 0xa1,
      ),
  },
]

function eastAsian(bytes: Uint8Array): string | undefined {
  const found = EAST_ASIAN.map(({ encoding, least, count }) => ({ encoding, least, ...count(bytes) })).filter(
    ({ count, common, invalid, least }) => count >= 2 && invalid <= 0.02 * count && common >= least * count,
  )
  const [korean] = found.filter(({ encoding }) => encoding === 'euc-kr')
  // Chinese text has characters beyond the rows of Hangul, too.
  if (korean && korean.count >= 4 && korean.common >= (korean.count < 12 ? 0.9 : 0.8) * korean.count && runsOfPairs(bytes))
    return 'euc-kr'
  const rest = found.filter(({ encoding }) => encoding !== 'euc-kr')
  const japanese = rest.find(({ encoding }) => encoding === 'euc-jp')
  if (japanese && japanese.count >= 6) return 'euc-jp'
  const share = ({ common, count }: Pairs) => common / count
  const best = rest.filter(({ encoding }) => encoding !== 'euc-jp').sort((a, b) => share(b) - share(a))[0]
  return best && runsOfPairs(bytes) ? best.encoding : undefined
}

/** Whether most bytes over 127 stand beside others: in European text they are single letters. */
function runsOfPairs(bytes: Uint8Array): boolean {
  let all = 0
  let alone = 0
  for (let at = 0; at < bytes.length; at++) {
    if (bytes[at]! < 0x80) continue
    all++
    if ((bytes[at - 1] ?? 0) < 0x80 && (bytes[at + 1] ?? 0) < 0x80) alone++
  }
  return alone < 0.34 * all
}

/**
 * The letters beyond ASCII of the languages that each encoding was made for. Where two have the same bytes, as many of their
 * letters decide; the first of equal ones wins.
 */
const SINGLE_BYTE: readonly (readonly [encoding: string, letters: string])[] = [
  ['windows-1252', 'àáâãäåæçèéêëìíîïñòóôõöøùúûüÿœßðýþšž’‘“”–—…«»°·®©¿¡ºª'],
  ['macintosh', 'àáâãäåæçèéêëìíîïñòóôõöøùúûüÿœß’‘“”–—…«»°®©¿¡'],
  ['windows-1254', 'çğıöşüâîûéèäñáóíß’‘“”–—…«»'],
  ['windows-1250', 'ąćęłńóśźżáčďéěíňóřšťúůýžäöüőűôľĺŕăâîşţđß’‘“”„–—…«»'],
  ['iso-8859-2', 'ąćęłńóśźżáčďéěíňóřšťúůýžäöüőűôľĺŕăâîşţđß'],
  ['windows-1251', 'абвгдежзийклмнопрстуфхцчшщъыьэюяёіїєґђјљњћџў’“”„–—…«»№'],
  ['koi8-r', 'абвгдежзийклмнопрстуфхцчшщъыьэюяё'],
  ['windows-1253', 'αβγδεζηθικλμνξοπρσςτυφχψωάέήίόύώϊϋΐΰ’‘“”–—…«»'],
  ['windows-1255', 'אבגדהוזחטיךכלםמןנסעףפץצקרשת’‘“”–—…«»'],
  ['windows-1256', 'ءآأؤإئابةتثجحخدذرزسشصضطظعغفقكلمنهوىيپچژگک،؛؟’‘“”–—…«»'],
  ['windows-874', 'กขฃคฅฆงจฉชซฌญฎฏฐฑฒณดตถทธนบปผฝพฟภมยรฤลฦวศษสหฬอฮฯะัาำิีึืฺุูเแโใไๅๆ็่้๊๋์ํ๎’‘“”–—…'],
]
/** The most frequent letters of languages in another script: almost half of any text. */
const FREQUENT: Readonly<Record<string, string>> = {
  'windows-1251': 'оеаинтсрвл',
  'koi8-r': 'оеаинтсрвл',
  'windows-1253': 'αοιετσνηυρ',
  'windows-1255': 'יהולאתרמבש',
  'windows-1256': 'اليمنتورهب',
  'windows-874': 'านรอกเง่้ัี',
}
/** Letters of Turkish whose bytes are ð, ý and þ of Icelandic in Windows-1252. */
const TURKISH = /[ğışĞİŞ]/g
const ICELANDIC_ONLY = /[áéíóúæÁÉÍÓÚÆ]/

function singleByte(bytes: Uint8Array): string {
  const other = runsOfPairs(bytes)
  const scored = SINGLE_BYTE.map(([encoding, letters]) => {
    const text = encoding === 'windows-1252' ? Array.from(bytes, windows1252).join('') : new TextDecoder(encoding).decode(bytes)
    return {
      encoding,
      text,
      score:
        FREQUENT[encoding] === undefined
          ? letterScore(text, letters)
          : other
            ? scriptScore(text, letters, FREQUENT[encoding]!)
            : 0,
    }
  })
  const of = (encoding: string) => scored.find((one) => one.encoding === encoding)!
  const western = of('windows-1252')
  // Turkish differs from Windows-1252 in six letters.
  const turkish = of('windows-1254')
  const own = turkish.text.match(TURKISH)?.length ?? 0
  if (own > 0 && turkish.score >= western.score && !(ICELANDIC_ONLY.test(western.text) && own < 0.2 * turkish.text.length))
    return 'windows-1254'
  const best = scored
    .filter(({ encoding }) => encoding !== 'windows-1254')
    .reduce((most, next) => (next.score > most.score + 0.05 ? next : most))
  if (best.encoding === 'windows-1252' && isCzechOrHungarian(of('windows-1250').text, western.text)) return 'windows-1250'
  return best.encoding
}

/** Letters of Western languages that Czech lacks, whose bytes are letters that it lacks as well. */
const WESTERN_ONLY = /[äöüñçãõåæâêîûëß]/i

/** The letters of Czech and Hungarian are those of other languages in Windows-1252, but no text there has all of them. */
function isCzechOrHungarian(raw: string, western: string): boolean {
  const text = raw.toLowerCase()
  const czech = ['ě', 'š', 'č', 'ř', 'ž', 'ů'].filter((letter) => text.includes(letter)).length
  return czech >= (WESTERN_ONLY.test(western) ? 4 : 3) || (text.includes('ő') && text.includes('ű') && !/[ăçčęŕ]/.test(text))
}

/** The share of characters beyond ASCII that are letters of the languages; a capital within a word is none. */
function letterScore(text: string, letters: string): number {
  let all = 0
  let right = 0
  for (let at = 0; at < text.length; at++) {
    const character = text[at]!
    if (character < '\u0080') continue
    all++
    const lower = character.toLowerCase()
    if (!letters.includes(lower)) continue
    const before = text[at - 1] ?? ' '
    const after = text[at + 1] ?? ' '
    const inWord = /\p{L}/u.test(character)
    if (inWord && character !== lower && /\p{L}/u.test(before) && /\p{Ll}/u.test(before + after)) continue
    // Quotes, dashes and signs stand between words; an apostrophe does not.
    if (!inWord && character !== '’' && /\p{L}/u.test(before) && /\p{L}/u.test(after)) continue
    right++
  }
  return all === 0 ? 0 : right / all
}

/** {@link letterScore}, but only if the most frequent letters are frequent. */
function scriptScore(text: string, letters: string, frequent: string): number {
  const own = [...text].filter((character) => character >= '\u0370')
  const share = own.filter((character) => frequent.includes(character.toLowerCase())).length / Math.max(1, own.length)
  // Text in capitals is rare, but Hebrew read as Cyrillic has nothing else.
  const capitals = own.filter((character) => /\p{Lu}/u.test(character)).length
  return share < 0.4 ? 0 : letterScore(text, letters) + share - (capitals > 0.6 * own.length ? 0.3 : 0)
}
