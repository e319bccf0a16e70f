import { normalizeArxivId, normalizeDoi, normalizePmid } from '../papers/fields/identifiers.js'
import { SEARCH_FIELDS, type SearchField } from './search-fields.js'

/** One part of a query, as it was understood. */
export interface QueryPart {
  /**
   * `text`: words to rank by. `phrase`: words that must follow each other. `field`: words that this field must have. `year`: a range of
   * years. `identifier`: exactly this DOI, PubMed id or arXiv id.
   */
  kind: 'text' | 'phrase' | 'field' | 'year' | 'identifier'
  /** The field that was named; `null`: any. */
  field: SearchField | null
  /** The words, without quotes and names of fields; an identifier in its plain form. */
  text: string
  /** Whether the words must follow each other. */
  quoted: boolean
  /** Whether papers with it are left out. */
  excluded: boolean
  /** First and last year, both included; `null`: open, or no range of years. */
  years: { from: number | null; to: number | null } | null
}

/** A query, understood. */
export interface ParsedQuery {
  /** The words that say what is looked for, for a model: without names of fields, ranges and what is excluded. May be empty. */
  text: string
  /** In the order of the query. */
  parts: QueryPart[]
}

/** Whether a part decides which papers may be found, rather than how they are ranked. */
export const isRequired = ({ kind, excluded }: QueryPart) => excluded || kind !== 'text'

/** The names that a query may use, in the singular and as people write them. */
const NAMES: Readonly<Record<string, SearchField>> = {
  title: 'title',
  abstract: 'abstract',
  author: 'author',
  authors: 'author',
  venue: 'venue',
  journal: 'venue',
  keyword: 'keyword',
  keywords: 'keyword',
  label: 'label',
  labels: 'label',
  tag: 'label',
  note: 'note',
  notes: 'note',
}
/** Words in these say what a paper is about; a model should read them. */
const TOPICS: ReadonlySet<SearchField | null> = new Set([null, 'title', 'abstract', 'keyword'])

/** `-`, a name with a colon, and a word or a text in quotes. Nothing else is syntax. */
const TOKEN = /(?<minus>(?<=^|\s)-(?=[\p{L}\p{N}"“]))?(?:(?<name>\p{L}+):(?=\S))?(?:["“](?<quoted>[^"“”]*)["”]|(?<word>\S+))/gu
const YEARS = /^(?:(?<one>\d{4})|(?<from>\d{4})?(?:-|–|—|\.\.)(?<to>\d{4})?|(?<sign>[<>])(?<equal>=?)(?<bound>\d{4}))$/u
const PUBMED = /(?<=^|\s)pmid:?\s*(?=\d{1,8}(?:\s|$))/giu

/**
 * Understands a query: `"a phrase"`, `-excluded`, `author:name`, `year:2010-2015`, identifiers. Never fails: what is no such syntax is
 * words. A plain query is its own {@link ParsedQuery.text}, unchanged.
 */
export function parseQuery(query: string): ParsedQuery {
  const parts: QueryPart[] = []
  const kept: string[] = []
  let end = 0
  for (const match of query.replace(PUBMED, (found) => 'pmid:'.padStart(found.length)).matchAll(TOKEN)) {
    const part = partOf(match)
    const before = query.slice(end, match.index)
    end = match.index + match[0].length
    const last = parts.at(-1)
    if (part.kind === 'text' && last?.kind === 'text' && !part.excluded && !last.excluded) last.text += before + part.text
    else parts.push(part)
    if (part.excluded || part.years || part.kind === 'identifier' || !TOPICS.has(part.field)) continue
    kept.push(kept.length > 0 ? before || ' ' : '', part.kind === 'text' ? match[0] : part.text)
  }
  return { text: kept.join('').trim(), parts }
}

function partOf({ 0: whole, groups = {} }: RegExpMatchArray): QueryPart {
  const { minus, name, quoted, word = '' } = groups
  const part: QueryPart = { kind: 'text', field: null, text: whole, quoted: false, excluded: minus !== undefined, years: null }
  const plain = minus === undefined ? whole : whole.slice(1)
  const identifier = identifierOf(plain)
  if (identifier !== null) return { ...part, kind: 'identifier', text: identifier }
  const value = quoted ?? word
  const named = name?.toLowerCase() ?? ''
  if (named === 'year' || named === 'years') {
    const years = yearsOf(value.trim())
    if (years) return { ...part, kind: 'year', text: value.trim(), years }
  }
  const isWords = /[\p{L}\p{N}]/u.test(value)
  if (isWords && Object.hasOwn(NAMES, named))
    return { ...part, kind: 'field', field: NAMES[named]!, text: value.trim(), quoted: quoted !== undefined }
  if (isWords && name === undefined && quoted !== undefined) return { ...part, kind: 'phrase', text: quoted.trim(), quoted: true }
  return { ...part, text: plain }
}

/** `from-to`, `from-`, `-to`, `>from`, `<to`; a range the wrong way round is turned. */
function yearsOf(text: string): QueryPart['years'] {
  const { one, from, to, sign, equal, bound } = YEARS.exec(text)?.groups ?? {}
  if (one !== undefined) return { from: Number(one), to: Number(one) }
  if (sign !== undefined) {
    const year = Number(bound)
    return sign === '>' ? { from: equal ? year : year + 1, to: null } : { from: null, to: equal ? year : year - 1 }
  }
  if (from === undefined && to === undefined) return null
  const [a, b] = [from === undefined ? null : Number(from), to === undefined ? null : Number(to)]
  return a !== null && b !== null && a > b ? { from: b, to: a } : { from: a, to: b }
}

/**
 * The key of a DOI, of a PubMed id that is named as one, or of an arXiv id, alone or as an address; `null` for other words.
 * A bare number may be a PubMed id or a number: it is a word, and {@link SEARCH_FIELDS} has identifiers as words, too.
 */
function identifierOf(word: string): string | null {
  if (/^(?:doi:|https?:\/\/(?:dx\.)?doi\.org\/)?10\.\d{4,9}\/\S/i.test(word)) return normalizeDoi(word) ?? null
  if (/^(?:pmid:\d{1,8}$|https?:\/\/\S*(?:pubmed|ncbi)\S*\/\d{1,8})/i.test(word)) return prefixed('pmid:', normalizePmid(word))
  if (/^(?:arxiv:|https?:\/\/arxiv\.org\/)/i.test(word)) return prefixed('arxiv:', normalizeArxivId(word)?.replace(/v\d+$/, ''))
  return null
}

const prefixed = (name: string, id: string | undefined) => (id === undefined ? null : `${name}${id.toLowerCase()}`)
