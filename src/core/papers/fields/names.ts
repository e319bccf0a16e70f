import type { Author } from '../paper.js'

const SUFFIX = /^(?:jr|sr|ii|iii|iv|v|2nd|3rd|md|phd)\.?$/i
/** Lower-case particles belong to the family name: `van der Berg`. */
const PARTICLE = /^(?:[a-zß-öø-ÿ’'-]+)$/

/**
 * Parses `Family, Given`, with an optional suffix: in the middle in BibTeX, at the end elsewhere.
 *
 * @param style In `bibtex`, a name without a comma is `Given Family`; in `plain`, it is not taken apart, as it may be a group.
 */
export function parseName(text: string, style: 'bibtex' | 'plain' = 'plain'): Author | undefined {
  const parts = text.split(',').map((part) => part.trim())
  if (parts.length > 1) return invertedName(parts, style)
  const name = parts[0]!
  if (name === '') return undefined
  const words = name.split(' ')
  if (style === 'plain') return { name }
  return words.length === 1 ? { family: name } : directName(words)
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

/** Parses `Rennie MJ`, as MEDLINE and many tables write names: family name, then initials. */
export function parseInitialedName(text: string): Author | undefined {
  const match = /^(.*\S)\s+((?:\p{Lu}\.?(?:-?\p{Lu}\.?){0,4}))(?:\s+(Jr|Sr|2nd|3rd|II|III)\.?)?$/u.exec(text.trim())
  if (!match || text.includes(',')) return parseName(text)
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

/** Splits the people in one field of a table: at semicolons, bars, `and` or commas, or by a list in brackets. */
export function splitNames(text: string): string[] {
  const list = bracketList(text)
  if (list) return list
  if (text.includes(';')) return trimmed(text.split(';'))
  if (text.includes('|')) return trimmed(text.split('|'))
  if (/\sand\s/i.test(text)) return trimmed(text.split(/,?\s+and\s+/i))
  const parts = trimmed(text.split(','))
  // `Smith, John` is one person; `Smith J., Jones K.` and `John Smith, Kim Jones` are two.
  if (parts.length > 1 && parts.every((part) => /\s/.test(part))) return parts
  // Scopus used to write `Smith, J., Jones, K.`
  if (
    parts.length > 2 &&
    parts.length % 2 === 0 &&
    parts.every((part, index) => index % 2 === 0 || /^(?:\p{Lu}\.?[-\s]?)+$/u.test(part))
  )
    return Array.from({ length: parts.length / 2 }, (_, index) => `${parts[2 * index]}, ${parts[2 * index + 1]}`)
  return [text.trim()]
}

/** Parses a list as Python or JSON prints it: `['Marx, Karl', 'Lindgren, Astrid']`. */
export function bracketList(text: string): string[] | undefined {
  const inner = /^\s*\[(.*)\]\s*$/s.exec(text)?.[1]
  if (inner === undefined) return undefined
  const items = [...inner.matchAll(/'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"/g)]
  if (items.length === 0) return inner.trim() === '' ? [] : undefined
  return trimmed(items.map(([, single, double]) => (single ?? double)!.replace(/\\(.)/g, '$1')))
}

function trimmed(parts: readonly string[]): string[] {
  return parts.map((part) => part.trim()).filter((part) => part !== '')
}
