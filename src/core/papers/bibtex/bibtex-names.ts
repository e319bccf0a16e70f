import { directName, formatName, parseInitialedName, parseName, splitValue } from '../fields/names.js'
import type { Author } from '../paper.js'
import { collapse } from '../text/clean-text.js'
import { escapeLatex } from '../text/escape-latex.js'
import { latexToText } from '../text/latex-to-text.js'

/**
 * Parses the people of a BibTeX field by BibTeX's rules: `and` separates people, commas and spaces separate the parts of a name,
 * all outside braces only; a name entirely in braces is a group. Also reads BibLaTeX's `family=…, given=…`.
 */
export function parseBibtexNames(raw: string): Author[] {
  const line = raw.replace(/\s+/g, ' ')
  const people = splitOutside(line, AND)
  // Not BibTeX, but common: `Sa, M.; Kascheres, A.`
  const names = people.length === 1 && line.includes(';') ? splitOutside(line, SEMICOLON) : people
  const parts = names.map(splitCommas)
  const listed = parts.some(({ length }) => length > 1)
  return parts.flat().flatMap((name) => (listed ? parseInitialed(name.trim()) : parseBibtexName(name.trim())) ?? [])
}

/** A name of a list by commas, which has the family name first if initials come last. */
function parseInitialed(raw: string): Author | undefined {
  const author = /[{\\]/.test(raw) ? undefined : parseInitialedName(raw)
  return author?.family !== undefined ? author : parseBibtexName(raw)
}

/** Not BibTeX either: `Pardo F., Kirk T., Smyth K.` BibTeX has at most two commas in a name, the first before `Jr`. */
function splitCommas(name: string): string[] {
  const parts = splitOutside(name, COMMA).map((part) => part.trim())
  if (parts.length < 3 || name.includes('=')) return [name]
  return splitValue(name).length === parts.length ? parts : [name]
}

/** The opposite of {@link parseBibtexNames}. */
export function formatBibtexNames(authors: readonly Author[]): string {
  return authors
    .map((author) => {
      const part = (text: string | undefined) => {
        if (text === undefined) return undefined
        const escaped = escapeLatex(text)
        return /,|\band\b|^$/i.test(escaped) ? `{${escaped}}` : escaped
      }
      // BibTeX's own word for the authors that a list leaves out; some databases write them as a name.
      if (LEFT_OUT.test([author.given, author.family, author.name].filter(Boolean).join(' '))) return 'others'
      if (author.family === undefined) return `{${escapeLatex(author.name ?? author.given ?? '')}}`
      const escaped: Author = { family: part(author.family)! }
      const given = part(author.given)
      const suffix = part(author.suffix)
      if (given !== undefined) escaped.given = given
      if (suffix !== undefined) escaped.suffix = suffix
      return formatName(escaped, 'middle')
    })
    .join(' and ')
}

const LEFT_OUT = /^(?:et\.? al|al\.? et|others)\.?$/i
const AND = / and /iy
const COMMA = /,/y
const SEMICOLON = /;/y
const SPACE = /[ ~]+/y

function parseBibtexName(raw: string): Author | undefined {
  if (raw === '') return undefined
  if (/^(?:others|et al\.?),?$/i.test(raw)) return { name: 'others' }
  const parts = splitOutside(raw, COMMA).map((part) => part.trim())
  if (parts.length > 1 && parts.every((part) => /^(?:family|given|given-i|prefix|prefix-i|suffix|useprefix|id)\s*=/.test(part)))
    return keyedName(parts)
  if (parts.length > 1) return withText(invert(parts))
  if (isGroup(raw)) return { name: /^\{others\}$/i.test(raw) ? 'others' : text(raw) }
  const words = splitOutside(raw, SPACE).filter((word) => word !== '')
  if (words.length === 1) return { family: text(raw) }
  return withText(directName(words))
}

function invert(parts: readonly string[]): Author {
  const hidden = parts.map((part) => part.replaceAll(',', COMMA_HIDDEN))
  return parseName(hidden.join(','), 'bibtex') ?? { name: parts.join(', ') }
}

const COMMA_HIDDEN = '\u{f0000}'

function withText(author: Author): Author | undefined {
  const entries = Object.entries(author).map(([part, raw]) => [part, text((raw as string).replaceAll(COMMA_HIDDEN, ','))])
  const named: Author = Object.fromEntries(entries.filter(([, value]) => value !== ''))
  return Object.keys(named).length > 0 ? named : undefined
}

function keyedName(parts: readonly string[]): Author | undefined {
  const values = new Map(parts.map((part) => [part.slice(0, part.indexOf('=')).trim(), part.slice(part.indexOf('=') + 1).trim()]))
  const author: Author = {}
  const family = [values.get('prefix'), values.get('family')].filter(Boolean).join(' ')
  if (family) author.family = family
  if (values.get('given')) author.given = values.get('given')!
  if (values.get('suffix')) author.suffix = values.get('suffix')!
  return withText(author)
}

function text(raw: string): string {
  return collapse(latexToText(raw))
}

/** Whether one pair of braces encloses the whole name: `{World Health Organization}`. */
function isGroup(raw: string): boolean {
  if (!raw.startsWith('{') || raw[1] === '\\') return false
  let depth = 0
  for (let at = 0; at < raw.length; at++) {
    if (raw[at] === '{') depth++
    else if (raw[at] === '}' && --depth === 0) return at === raw.length - 1
  }
  return false
}

/** Splits text at what `separator` matches outside braces. */
function splitOutside(raw: string, separator: RegExp): string[] {
  const parts: string[] = []
  let from = 0
  let depth = 0
  for (let at = 0; at < raw.length; at++) {
    const character = raw[at]
    if (character === '{') depth++
    else if (character === '}') depth--
    else if (depth <= 0) {
      separator.lastIndex = at
      const match = separator.exec(raw)
      if (match) {
        parts.push(raw.slice(from, at))
        at += match[0].length - 1
        // Two separators may share a space: `A and and B`.
        if (separator === AND) at--
        from = at + 1
      }
    }
  }
  parts.push(raw.slice(from))
  return parts
}
