import { parseYear } from './fields/identifiers.js'
import { directName, parseInitialedName, splitNames } from './fields/names.js'
import { TYPE_WORDS } from './fields/paper-types.js'
import { isObject, textOf } from './json/json-record.js'
import type { Author, Paper, PaperSource } from './paper.js'

/**
 * Reads a paper from untrusted data, such as a record of an index or parsed JSON. A property of the wrong type is left out, an
 * unknown type of work becomes `other`, and names that are plain text are taken apart. Other own properties are kept as they are.
 *
 * @returns A new object, or `null` if the value is not an object with an id.
 * @example
 * const [hit] = (await index.search('double helix')).hits
 * const paper = toPaper(hit?.paper)
 * show(paper?.authors)
 */
export function toPaper(value: unknown): Paper | null {
  try {
    if (!isObject(value)) return null
    const entries = Object.keys(value).flatMap((name) => {
      const decoded = name === '__proto__' ? undefined : decode(value, name)
      return decoded === undefined ? [] : [[name, decoded] as const]
    })
    const paper: Partial<Paper> = { title: '', ...Object.fromEntries(entries) }
    return paper.id === undefined ? null : (paper as Paper)
  } catch {
    // A proxy that refuses to list its properties.
    return null
  }
}

function decode(object: Readonly<Record<string, unknown>>, name: string): unknown {
  try {
    const value = object[name]
    return Object.hasOwn(DECODERS, name) ? DECODERS[name as keyof Paper](value) : value
  } catch {
    // A getter that throws.
    return undefined
  }
}

const DECODERS: { readonly [P in keyof Required<Paper>]: (value: unknown) => Paper[P] | undefined } = {
  id: textOf,
  title: textOf,
  abstract: (value) => (typeof value === 'string' || value === null ? value : undefined),
  authors: (value) =>
    nonEmpty((typeof value === 'string' ? splitNames(value) : items(value)).flatMap((item) => toAuthor(item) ?? [])),
  year: (value) => (typeof value === 'string' ? parseYear(value) : finite(value)),
  venue: textOf,
  volume: textOf,
  issue: textOf,
  pages: textOf,
  doi: textOf,
  pmid: textOf,
  arxivId: textOf,
  url: textOf,
  keywords: (value) => nonEmpty(texts(value)),
  type: (value) => {
    const word = textOf(value)
    return word === undefined ? undefined : (TYPE_WORDS.get(word.trim().toLowerCase()) ?? 'other')
  },
  key: textOf,
  source: toSource,
  fields: (value) =>
    isObject(value)
      ? Object.fromEntries(
          Object.entries(value).map(([name, field]) => [name, typeof field === 'string' ? [field] : texts(field)]),
        )
      : undefined,
}

const AUTHOR_PARTS = ['family', 'given', 'suffix', 'name'] as const

/** From an author's parts, or from `Ada Bell`, `Bell, Ada` or `Bell A`; a single word is a name that is not taken apart. */
function toAuthor(value: unknown): Author | undefined {
  if (typeof value === 'string') {
    const author = parseInitialedName(value.trim())
    const words = author?.name?.split(/\s+/) ?? []
    return words.length > 1 ? directName(words) : author
  }
  if (!isObject(value)) return undefined
  const author: Author = {}
  for (const part of AUTHOR_PARTS) {
    const text = Object.hasOwn(value, part) ? textOf(value[part]) : undefined
    if (text !== undefined) author[part] = text
  }
  return Object.keys(author).length > 0 ? author : undefined
}

/** The record's number is 0 if it is unknown. */
function toSource(value: unknown): PaperSource | undefined {
  if (!isObject(value)) return undefined
  const { file, record, line, format } = value
  const [name, start, formatName] = [textOf(file), finite(line), textOf(format)]
  if (name === undefined) return undefined
  return {
    file: name,
    record: finite(record) ?? 0,
    ...(start !== undefined && { line: start }),
    ...(formatName !== undefined && { format: formatName }),
  }
}

/** More than any list of a real paper has: the longest list of authors has 15,000. */
const MAX_ITEMS = 100_000

/** By index, as a hostile array may be sparse, billions long, or have its own methods. */
function items(value: unknown): unknown[] {
  return Array.isArray(value) ? Array.from({ length: Math.min(value.length, MAX_ITEMS) }, (_, index) => value[index]) : []
}

const texts = (value: unknown) => items(value).flatMap((item) => (item === '' ? item : (textOf(item) ?? [])))
const nonEmpty = <T>(list: T[]) => (list.length > 0 ? list : undefined)
const finite = (value: unknown) => (typeof value === 'number' && Number.isFinite(value) ? value : undefined)
