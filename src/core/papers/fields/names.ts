import type { Author } from '../paper.js'
import { isGroupName, isGroupWithComma } from './groups.js'

const SUFFIX = /^(?:jr|sr|ii|iii|iv|v|2nd|3rd|md|phd)\.?$/i
/** Lower-case particles belong to the family name: `van der Berg`. */
const PARTICLE = /^(?:[a-zß-öø-ÿ’'-]+)$/
/** Initials at the end of a name: `Rennie MJ`, `Lee A.-B. Jr`. */
const INITIALED = /^(.*?\S)\s+((?:\p{Lu}\.?(?:-?\p{Lu}\.?){0,4})(?:\s\p{Lu}\.?){0,3})(?:\s+(Jr|Sr|2nd|3rd|II|III)\.?)?$/u
/** A name in Chinese characters or Korean syllables, which has no spaces. */
const EAST_ASIAN = /^[\p{Script=Han}\p{Script=Hangul}·]{2,6}$/u

/** Names without a comma, of which only the other names of the file tell whether they are persons' or groups'. */
const undecided = new WeakSet<Author>()

/** Whether {@link parseName} could not tell whether the name is a person's, `Ann Lee`, or a group's. */
export function isUndecided(author: Author): boolean {
  return undecided.has(author)
}

/**
 * Parses `Family, Given`, with an optional suffix: in the middle in BibTeX, at the end elsewhere.
 *
 * @param style In `bibtex`, a name without a comma is `Given Family`. In `plain`, it is left whole, as it may be a group, and
 *   EndNote's convention holds: a group ends with a comma, and `,,` is a comma within a group's name.
 */
export function parseName(text: string, style: 'bibtex' | 'plain' = 'plain'): Author | undefined {
  if (style === 'plain') return parsePlainName(text)
  const parts = text.split(',').map((part) => part.trim())
  if (parts.length > 1) return invertedName(parts, style)
  const words = parts[0]!.split(' ')
  if (parts[0] === '') return undefined
  return words.length === 1 ? { family: parts[0]! } : directName(words)
}

function parsePlainName(text: string): Author | undefined {
  const whole = text.trim()
  if (whole.includes(',,')) {
    const name = whole
      .replace(/\s*,,\s*/, ', ')
      .replace(/,$/, '')
      .replace(/^,\s*/, '')
    return name === '' ? undefined : { name }
  }
  const parts = whole.split(',').map((part) => part.trim())
  if (parts.length === 2 && parts[1] === '') {
    const words = parts[0]!.split(/\s+/)
    return words.length > 1 && !PARTICLE.test(words[0]!) ? { name: parts[0]! } : invertedName(parts, 'plain')
  }
  if (parts.length > 1) return isGroupWithComma(parts) ? { name: whole } : invertedName(parts, 'plain')
  if (whole === '') return undefined
  const author: Author = { name: whole }
  if (/\s/.test(whole) && !isGroupName(whole)) undecided.add(author)
  return author
}

/** A name that {@link parseName} left whole, as that of a person; the words are `Given Family`. */
export function asPerson(author: Author): Author {
  return directName(author.name!.split(/\s+/))
}

/** Parses `Given Family`, `Given van der Family`. @param words At least one. */
export function directName(words: readonly string[]): Author {
  const last = words.length > 2 && SUFFIX.test(words.at(-1)!) ? words.length - 1 : words.length
  let family = last - 1
  // The first lower-case word in the middle begins the family name.
  for (let index = 1; index < last - 1; index++)
    if (PARTICLE.test(words[index]!)) {
      family = index
      break
    }
  // A name that begins with a particle has no given name: `van Gogh`.
  if (PARTICLE.test(words[0]!) && words.length > 1) family = 0
  const author: Author = { family: words.slice(family, last).join(' ') }
  if (family > 0) author.given = words.slice(0, family).join(' ')
  if (last < words.length) author.suffix = words.at(-1)!
  return author
}

function invertedName(parts: readonly string[], style: 'bibtex' | 'plain'): Author | undefined {
  const [family, ...rest] = parts
  const author: Author = {}
  if (family !== '') author.family = family!
  if (rest.length === 1) {
    if (rest[0] !== '') author.given = rest[0]!
  } else {
    const [first, ...others] = rest
    const suffixLast = style === 'plain' && others.length === 1 && (SUFFIX.test(others[0]!) || !SUFFIX.test(first!))
    const suffix = suffixLast ? others[0]! : first!
    const given = suffixLast ? first! : others.filter((part) => part !== '').join(', ')
    if (given !== '') author.given = given
    if (suffix !== '') author.suffix = suffix
  }
  if (author.family === undefined && author.given === undefined) return undefined
  return author.family === undefined && author.suffix === undefined ? { name: author.given! } : author
}

/** Parses `Rennie MJ`, as MEDLINE and many tables write names: family name, then initials. Anything else as {@link parseName}. */
export function parseInitialedName(text: string): Author | undefined {
  const match = text.includes(',') ? null : INITIALED.exec(text.trim())
  if (!match || isGroupName(text) || /^(?:\p{Lu}\.\s*)+$/u.test(match[1]!)) return parseName(text)
  const author: Author = { family: match[1]!, given: match[2]! }
  if (match[3] !== undefined) author.suffix = match[3]
  return author
}

/** The opposite of {@link parseName}. A family name alone ends with a comma, as it would otherwise be read as a group. */
export function formatName({ family, given, suffix, name }: Author, suffixAt: 'middle' | 'end'): string {
  if (family === undefined) return name ?? given ?? ''
  if (suffix !== undefined)
    return suffixAt === 'middle' ? `${family}, ${suffix}, ${given ?? ''}`.trim() : `${family}, ${given ?? ''}, ${suffix}`
  return given === undefined ? `${family},` : `${family}, ${given}`
}

/** A name as {@link parsePlainName} reads it back: a group that could be taken for a person ends with a comma, as in EndNote. */
export function formatPlainName(author: Author): string {
  const { family, name = author.given ?? '' } = author
  if (family !== undefined) return formatName(author, 'end')
  const alone = parseInitialedName(name)
  if (alone?.name === name && !undecided.has(alone)) return name
  return name.includes(',') ? `${name.replace(/\s*,\s*/, ',, ')}` : `${name},`
}

/** Numbers right behind a name, as of footnotes. */
const FOOTNOTES = /(?<=\p{L}\.?)\d{1,2}(?=\s*(?:[,;]|$))/gu

/**
 * Splits the people in one value: at semicolons, bars, line ends, `and` or commas, or by a list in brackets.
 *
 * @param commas Whether a comma always stands within a name, because the column separates people otherwise.
 */
export function splitNames(text: string, commas: 'separate' | 'within' = 'separate'): string[] {
  const list = bracketList(text)
  if (list) return list
  // `Lee A.1, Chen B.2` has the numbers of affiliations.
  if (/\d/.test(text)) {
    const bare = text.replace(FOOTNOTES, '')
    if (bare !== text) return splitNames(bare, commas)
  }
  const separator = /[;；]/.test(text) ? /[;；]/ : text.includes('|') ? '|' : /[\r\n]/.test(text.trim()) ? /[\r\n]+/ : null
  if (separator !== null) return trimmed(text.split(separator))
  if (commas === 'within') return [text.trim()]
  const parts = trimmed(text.split(/[,，、]/))
  if (parts.length > 1 && parts.every((part) => EAST_ASIAN.test(part))) return parts
  // A group's name may have `and` in it.
  const joined = /\s(?:and|&)\s/i.test(text) && !isGroupName(text.replace(/,?\s+(?:and|&)\s+/gi, '; '))
  if (joined) return trimmed(text.split(/,?\s+(?:and|&)\s+/i)).flatMap((part) => splitAtCommas(part, true))
  return splitAtCommas(text, false)
}

/** @param several Whether the text is part of a list of people. */
function splitAtCommas(text: string, several: boolean): string[] {
  const parts = trimmed(text.split(','))
  if (parts.length < 2 || text.includes(',,')) return [text.trim()]
  // `Smith, John` is one person; `Smith J., Jones K.` and `John Smith, Kim Jones` are two.
  if (parts.every((part) => INITIALED.test(part))) return parts
  const person = PARTICLE.test(parts[0]!.split(' ')[0]!) || parts.some((part) => SUFFIX.test(part))
  if (!person && (!several || parts.length > 2) && parts.every((part) => /\s/.test(part))) return parts
  // Scopus used to write `Smith, J., Jones, K.`
  if (
    parts.length > 2 &&
    parts.length % 2 === 0 &&
    parts.every((part, index) => index % 2 === 0 || /^(?:\p{Lu}\.?[-\s]?)+$/u.test(part))
  )
    return Array.from({ length: parts.length / 2 }, (_, index) => `${parts[2 * index]}, ${parts[2 * index + 1]}`)
  return [text.trim()]
}

/** `Lee, Ann`, as most values are: one word of an alphabet, one comma and a space. */
function isOnePerson(value: string): boolean {
  const comma = value.indexOf(',')
  return (
    comma > 0 &&
    value.indexOf(' ') === comma + 1 &&
    value.charCodeAt(0) < 0x1100 &&
    value.charCodeAt(comma + 2) > 0x20 &&
    !/[,;，；、\t\n\r]| {2}/.test(value.slice(comma + 1))
  )
}

/** Splits a value that should be one person, but where some exports write several: only where it cannot be one. */
export function splitValue(value: string): string[] {
  if (isOnePerson(value)) return [value]
  const text = value.replace(/\s+/g, ' ')
  if (/[;；]/.test(text)) return trimmed(text.split(/[;；]/))
  const parts = trimmed(text.split(/[,，、]/))
  if (parts.length > 1 && parts.every((part) => EAST_ASIAN.test(part))) return parts
  if (parts.length < 2 || text.includes(',,') || parts.some((part) => SUFFIX.test(part)) || isGroupName(text)) return [text]
  if (parts.every((part) => INITIALED.test(part))) return parts
  return parts.length > 2 && parts.every((part) => /\s/.test(part)) ? parts : [text]
}

/** Parses a list as Python or JSON prints it: `['Marx, Karl', 'Lindgren, Astrid']`. */
export function bracketList(text: string): string[] | undefined {
  const inner = text.includes('[') ? /^\s*\[(.*)\]\s*$/s.exec(text)?.[1] : undefined
  if (inner === undefined) return undefined
  const items = [...inner.matchAll(/'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"/g)]
  if (items.length === 0) return inner.trim() === '' ? [] : undefined
  return trimmed(items.map(([, single, double]) => (single ?? double)!.replace(/\\(.)/g, '$1')))
}

function trimmed(parts: readonly string[]): string[] {
  return parts.map((part) => part.trim()).filter((part) => part !== '')
}
