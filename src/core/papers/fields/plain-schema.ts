import type { Author, PaperType } from '../paper.js'
import { cleanAbstract } from '../text/clean-abstract.js'
import { cleanText, escapeMarkup } from '../text/clean-text.js'
import { isNoText } from '../text/no-text.js'
import { normalizeArxivId, normalizeDoi, normalizePmid, parseYear } from './identifiers.js'
import { formatPlainName, parseInitialedName, splitValue } from './names.js'
import type { TypeTable } from './paper-types.js'
import { type Property, type Schema, single } from './schema.js'

/**
 * The fields that hold each property, best first, in a format whose values are plain text. If there is a `lastPage`, the `firstPage`, or
 * the first of `pages`, holds the first page. All but the first of `key` also stay among the fields.
 */
export type PlainFields = { readonly [P in keyof Schema]?: readonly string[] } & {
  readonly firstPage?: string
  readonly lastPage?: string
}

/** How a format writes the values of properties. */
export interface PlainOptions {
  /** Parses a name; default {@link parseInitialedName}. */
  name?: (text: string) => Author | undefined
  /** Removes what a database adds to its texts. */
  clean?: (text: string) => string
  /** Splits a value into people; default {@link splitValue}. */
  splitNames?: (value: string) => readonly string[]
  /** Splits a value into keywords; default: at semicolons. */
  splitKeywords?: (value: string) => readonly string[]
  joinKeywords?: (keywords: readonly string[]) => string[]
  joinNames?: (names: readonly string[]) => string[]
  /** Lower case. */
  types: TypeTable
  typeNames?: Readonly<Record<PaperType, string>>
}

/** The schema of a format whose values are plain text. */
export function plainSchema(fields: PlainFields, options: PlainOptions): Schema {
  const { title = [], abstract = [], authors = [], year = [], venue = [], volume = [], issue = [], pages = [] } = fields
  const { doi = [], pmid = [], arxivId = [], url = [], keywords = [], type = [], key = [] } = fields
  const { name = parseInitialedName, types } = options
  const clean = options.clean ?? ((value: string) => value)
  const splitNames = options.splitNames ?? splitValue
  const write = (value: string) => [escapeMarkup(cleanText(escapeMarkup(value)))]
  const text = (names: readonly string[]) => single(names, (values) => clean(firstText(values)), write)
  const splitKeywords = options.splitKeywords ?? ((value: string) => value.split(/[;；]/))
  return {
    type: single(
      type,
      (values) => paperType(values, types),
      (value) => [options.typeNames?.[value] ?? value],
    ),
    title: text(title),
    abstract: single(abstract, (values) => cleanAbstract(values.join(' ')), write),
    authors: single(
      authors,
      (values) =>
        values.flatMap((value) => splitNames(cleanLines(value))).flatMap((value) => (isNoText(value) ? [] : (name(value) ?? []))),
      (people) => {
        const written = people.map((author) => escapeMarkup(formatPlainName(author)))
        return options.joinNames?.(written) ?? written
      },
    ),
    year: yearProperty(year, venue),
    venue: text(venue),
    volume: text(volume),
    issue: text(issue),
    pages: pagesProperty(pages, fields.firstPage ?? pages[0]!, fields.lastPage),
    doi: doiProperty(doi, url),
    pmid: identifier(pmid, normalizePmid),
    arxivId: identifier(arxivId, normalizeArxivId, (id) => (arxivId.length > 1 ? `arXiv:${id}` : id)),
    url: single(
      url,
      (values) => values.map((value) => value.trim().split(/[\s;|]+(?=https?:)/)[0]!).find((value) => !isNoText(value)),
      (value) => [value],
    ),
    keywords: single(
      keywords,
      (values) => {
        const words = values.flatMap((value) => splitKeywords(cleanLines(value))).map((word) => word.replace(/\s+/g, ' ').trim())
        return [...new Set(words)].filter((word) => !isNoText(word))
      },
      (words) => {
        const written = words.map((word) => escapeMarkup(word))
        return options.joinKeywords?.(written) ?? written
      },
    ),
    key: {
      read(raw) {
        for (const field of key) {
          const value = raw.get(field)?.[0]?.trim()
          if (value && !isNoText(value)) return { value: clean(value), used: field === key[0] ? [field] : [] }
        }
        return undefined
      },
      write: (value) => [[key[0]!, [value]]],
    },
  }
}

function pagesProperty(pages: readonly string[], firstPage: string, last: string | undefined): Property<string> {
  return {
    read(fields) {
      for (const name of pages) {
        const first = firstText(fields.get(name) ?? [])
        // PsycINFO has “No Pagination Specified” in two fields.
        if (first === '' || /^no(?: (?:page|pagination).*)?$/i.test(first)) continue
        const end = name === firstPage && last !== undefined ? firstText(fields.get(last) ?? []) : ''
        if (end === '' || end === first || /\d\s*[-–—]\s*\w/.test(first))
          return { value: first, used: end === '' ? [name] : [name, last!] }
        return { value: `${first}-${end}`, used: [name, last!] }
      }
      return undefined
    },
    write(value) {
      const range = last === undefined ? null : /^([^-]+)-([^-]+)$/.exec(value)
      if (!range || range[1]!.trim() !== range[1] || range[2]!.trim() !== range[2] || range[1] === range[2])
        return [[firstPage, [escapeMarkup(value)]]]
      return [
        [firstPage, [escapeMarkup(range[1]!)]],
        [last!, [escapeMarkup(range[2]!)]],
      ]
    },
  }
}

/** Reads the year from its own field, or from a citation such as Embase's `Cancer (2004) 102:4 (253-258)`. */
function yearProperty(year: readonly string[], venue: readonly string[]): Property<number> {
  const own = single(
    year,
    (values) => values.map(parseYear).find((found) => found !== undefined),
    (value) => [String(value)],
  )
  return {
    read(fields) {
      const found = own.read(fields)
      if (found) return found
      for (const citation of venue.flatMap((name) => fields.get(name) ?? [])) {
        const value = parseYear(/\(((?:1[4-9]|20)\d\d)\) ?\d/.exec(citation)?.[1] ?? '')
        if (value !== undefined) return { value, used: [] }
      }
      return undefined
    },
    write: own.write,
  }
}

/** Reads the DOI from its own field, or from a resolver's URL. */
function doiProperty(doi: readonly string[], url: readonly string[]): Property<string> {
  const own = identifier(doi, normalizeDoi)
  return {
    read(fields) {
      const found = own.read(fields)
      if (found) return found
      for (const address of url.flatMap((name) => fields.get(name) ?? [])) {
        const value = /doi\.org\/|[=/]doi:/i.test(address)
          ? normalizeDoi(address.replace(/^.*?[=/]doi:/is, '').replace(/&.*$/s, ''))
          : undefined
        if (value !== undefined) return { value, used: [] }
      }
      return undefined
    },
    write: own.write,
  }
}

/** The first valid identifier in the fields. */
function identifier(
  names: readonly string[],
  normalize: (text: string) => string | undefined,
  write: (value: string) => string = (value) => value,
): Property<string> {
  return single(
    names,
    (values) => {
      for (const value of values) {
        const found = normalize(value.trim())
        if (found !== undefined) return found
      }
      return undefined
    },
    (value) => [write(value)],
  )
}

function firstText(values: readonly string[]): string {
  for (const value of values) {
    const text = cleanText(value)
    if (!isNoText(text)) return text
  }
  return ''
}

/** {@link cleanText} of each line: in some fields a line end separates values. */
function cleanLines(value: string): string {
  return /[\r\n]/.test(value)
    ? value
        .split(/[\r\n]+/)
        .map(cleanText)
        .join('\n')
    : cleanText(value)
}

/** Splits keywords at semicolons, also those that were wrapped; if there are none, at line ends, as EndNote writes them. */
export function splitLines(value: string): string[] {
  return value.split(/[;；]/.test(value) ? /[;；]/ : '\n')
}

/** The last known type; `other` if there are only unknown ones. A value may have several: `Article; Early Access`. */
function paperType(values: readonly string[], types: TypeTable): PaperType | undefined {
  const names = values.map((value) => value.trim().toLowerCase()).filter((value) => !isNoText(value))
  const typeOf = (name: string) =>
    types.get(name) ??
    name
      .split(/[;|,/]| - /)
      .map((part) => types.get(part.trim()))
      .find((type) => type !== undefined)
  return (
    names
      .toReversed()
      .map(typeOf)
      .find((type) => type !== undefined) ?? (names.length > 0 ? 'other' : undefined)
  )
}
