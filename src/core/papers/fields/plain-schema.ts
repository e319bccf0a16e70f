import type { Author, PaperType } from '../paper.js'
import { cleanAbstract } from '../text/clean-abstract.js'
import { cleanText, escapeMarkup } from '../text/clean-text.js'
import { normalizeArxivId, normalizeDoi, normalizePmid, parseYear } from './identifiers.js'
import { parseName } from './names.js'
import type { TypeTable } from './paper-types.js'
import { type Property, type Schema, single } from './schema.js'

/**
 * The fields that hold each property, best first, in a format whose values are plain text. If there is a `lastPage`, the first of
 * `pages` holds the first page. All but the first of `key` also stay among the fields.
 */
export type PlainFields = { readonly [P in keyof Schema]?: readonly string[] } & { readonly lastPage?: string }

/** How a format writes the values of properties. */
export interface PlainOptions {
  /** Parses a name; default {@link parseName}. */
  name?: (text: string) => Author | undefined
  /** Removes what a database adds to its texts. */
  clean?: (text: string) => string
  formatName?: (author: Author) => string
  /** Splits a value into people; default: each value is one person. */
  splitNames?: (value: string) => readonly string[]
  /** Default: each value is one keyword, but a single value is split at semicolons. */
  splitKeywords?: (value: string) => readonly string[]
  joinKeywords?: (keywords: readonly string[]) => string[]
  joinNames?: (names: readonly string[]) => string[]
  /** Lower case. */
  types: TypeTable
  typeNames?: Readonly<Record<PaperType, string>>
}

/** The schema of a format whose values are plain text. */
export function plainSchema(fields: PlainFields, options: PlainOptions): Schema {
  const { title = [], abstract = [], authors = [], year = [], venue = [], volume = [], issue = [], pages = [], lastPage } = fields
  const { doi = [], pmid = [], arxivId = [], url = [], keywords = [], type = [], key = [] } = fields
  const { name = parseName, types } = options
  const clean = options.clean ?? ((value: string) => value)
  const splitNames = options.splitNames ?? ((value: string) => [value])
  const write = (value: string) => [escapeMarkup(cleanText(escapeMarkup(value)))]
  const text = (names: readonly string[]) => single(names, (values) => clean(firstText(values)), write)
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
      (values) => values.flatMap((value) => splitNames(cleanText(value))).flatMap((value) => name(value) ?? []),
      (people) => {
        const written = people.map((author) => escapeMarkup((options.formatName ?? lastFirst)(author)))
        return options.joinNames?.(written) ?? written
      },
    ),
    year: yearProperty(year, venue),
    venue: text(venue),
    volume: text(volume),
    issue: text(issue),
    pages: pagesProperty(pages, lastPage),
    doi: doiProperty(doi, url),
    pmid: identifier(pmid, normalizePmid),
    arxivId: identifier(arxivId, normalizeArxivId, (id) => (arxivId.length > 1 ? `arXiv:${id}` : id)),
    url: single(
      url,
      (values) => values.map((value) => value.trim()).find((value) => value !== ''),
      (value) => [value],
    ),
    keywords: single(
      keywords,
      (values) => {
        const split = options.splitKeywords ?? ((value: string) => (values.length === 1 ? value.split(';') : [value]))
        return [...new Set(values.flatMap((value) => split(cleanText(value))).map((word) => word.trim()))].filter(
          (word) => word !== '',
        )
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
          if (value) return { value: clean(value), used: field === key[0] ? [field] : [] }
        }
        return undefined
      },
      write: (value) => [[key[0]!, [value]]],
    },
  }
}

function pagesProperty(pages: readonly string[], last: string | undefined): Property<string> {
  return {
    read(fields) {
      for (const name of pages) {
        const first = cleanText(fields.get(name)?.[0] ?? '')
        if (first === '') continue
        const end = name === pages[0] && last !== undefined ? cleanText(fields.get(last)?.[0] ?? '') : ''
        if (end === '' || end === first) return { value: first, used: end === '' ? [name] : [name, last!] }
        return { value: `${first}-${end}`, used: [name, last!] }
      }
      return undefined
    },
    write(value) {
      const range = last === undefined ? null : /^([^-]+)-([^-]+)$/.exec(value)
      if (!range || range[1]!.trim() !== range[1] || range[2]!.trim() !== range[2] || range[1] === range[2])
        return [[pages[0]!, [escapeMarkup(value)]]]
      return [
        [pages[0]!, [escapeMarkup(range[1]!)]],
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
    if (text !== '') return text
  }
  return ''
}

/** The last known type; `other` if there are only unknown ones. */
function paperType(values: readonly string[], types: TypeTable): PaperType | undefined {
  const names = values.map((value) => value.trim().toLowerCase()).filter((value) => value !== '')
  return (
    names
      .toReversed()
      .map((name) => types.get(name))
      .find((type) => type !== undefined) ?? (names.length > 0 ? 'other' : undefined)
  )
}

function lastFirst({ family, given, suffix, name }: Author): string {
  if (family === undefined) return name ?? given ?? ''
  return suffix === undefined ? `${family},${given === undefined ? '' : ` ${given}`}` : `${family}, ${given ?? ''}, ${suffix}`
}
