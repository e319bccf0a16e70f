import type { Author } from '../../src/core/papers/index.js'

/** What could be read from a plain reference; the rest of it stays in `text`. */
export interface ParsedReference {
  title: string
  authors?: Author[]
  year?: number
  venue?: string
  doi?: string
  pmid?: string
  arxivId?: string
  url?: string
  /** The whole reference as it was written. */
  text: string
  /** Why it should be looked at; `null` if it reads as a reference does. */
  doubt: string | null
}

const DOI = /\b(?:doi:?\s*|https?:\/\/(?:dx\.)?doi\.org\/)?(10\.\d{4,9}\/[^\s"<>]+)/i
const PMID = /\bPMID:?\s*(\d{4,9})\b/i
const ARXIV = /\barXiv:?\s*(\d{4}\.\d{4,5}(?:v\d+)?|[a-z-]+(?:\.[A-Z]{2})?\/\d{7}(?:v\d+)?)/i
const URL_TEXT = /\bhttps?:\/\/[^\s"<>]+/i
const YEAR = /\b(1[6-9]\d\d|20\d\d)[a-z]?\b/
/** `(2019).`, `(2019a, June),`: where authors end, in the styles that put the year there. */
const YEAR_AFTER_AUTHORS = /^(.{2,600}?)[.,]?\s*[([](1[6-9]\d\d|20\d\d)[a-z]?(?:,[^)\]]{1,30})?[)\]][.,:]?\s+(?=\S)/s
/** `Smith J, 2019. Title`, `Smith, J. 2019. Title`. */
const BARE_YEAR_AFTER_AUTHORS = /^(.{2,600}?)[.,]\s*(1[6-9]\d\d|20\d\d)[a-z]?[.,:]\s+(?=\p{Lu}|["“'‘\p{Ps}])/su
const QUOTED = /["“„«](.{8,400}?)[,.]?["”»]|[‘](.{8,400}?)[,.]?[’](?!\p{L})/su

/** Reads one reference of a list, in whatever style: authors, title, year, venue and identifiers as far as they can be told apart. */
export function parseReference(written: string): ParsedReference {
  const text = written.replace(/\s+/g, ' ').replace(NUMBER, '').trim()
  const found: Partial<ParsedReference> = {}
  let rest = text
  const take = (pattern: RegExp, group = 1): string | undefined => {
    const match = pattern.exec(rest)
    if (!match) return undefined
    rest = `${rest.slice(0, match.index)}${rest.slice(match.index + match[0].length)}`.trim()
    return match[group]!.replace(/[.,;)\]]+$/, '')
  }
  const doi = take(DOI)?.toLowerCase()
  const pmid = take(PMID)
  const arxivId = take(ARXIV)
  const url = take(new RegExp(`(${URL_TEXT.source})`, 'i'))
  rest = rest.replace(/\s*(?:Available (?:from|at)|Retrieved (?:from|\w+ \d+, \d{4},? from))?:?\s*$/i, '').trim()
  const parts = split(rest)
  if (parts.year !== undefined) found.year = parts.year
  const authors = authorsOf(parts.authors)
  if (authors.length > 0) found.authors = authors
  if (parts.venue) found.venue = parts.venue
  if (doi) found.doi = doi
  if (pmid) found.pmid = pmid
  if (arxivId) found.arxivId = arxivId
  if (url) found.url = url
  const title = parts.title.replace(/\s*\[[^\]]{1,30}\]$/, '').trim() || rest || text
  const doubt =
    authors.length === 0
      ? 'Its authors could not be told.'
      : found.year === undefined
        ? 'It has no year.'
        : title.split(' ').length < 3 || title.length > 350
          ? 'Its title may be cut wrong.'
          : parts.isGuess
            ? 'Where its title ends is a guess.'
            : null
  return { ...found, title, text, doubt }
}

/** `[12]`, `12.`, `(12)`, a bullet. */
export const NUMBER = /^\s*(?:\[\d{1,4}\]|\(\d{1,4}\)|\d{1,4}[.)](?=\s)|[•*–—-](?=\s))\s*/

interface Parts {
  authors: string
  title: string
  year: number | undefined
  venue: string
  isGuess: boolean
}

function split(text: string): Parts {
  const quoted = QUOTED.exec(text)
  if (quoted && quoted.index > 1 && quoted.index < 600) {
    const before = text.slice(0, quoted.index)
    const after = text.slice(quoted.index + quoted[0].length)
    const year = YEAR.exec(after)?.[1] ?? YEAR.exec(before)?.[1]
    return {
      authors: before.replace(/[([]?\b(?:1[6-9]\d\d|20\d\d)[a-z]?[)\]]?[.,:]?\s*$/, ''),
      title: (quoted[1] ?? quoted[2])!,
      year: year === undefined ? undefined : Number(year),
      venue: venueOf(after),
      isGuess: false,
    }
  }
  const dated = YEAR_AFTER_AUTHORS.exec(text) ?? BARE_YEAR_AFTER_AUTHORS.exec(text)
  // A year in brackets at the end belongs to the volume.
  if (dated && dated[0].length < text.length - 10) {
    const [title = '', ...others] = sentences(text.slice(dated[0].length))
    return { authors: dated[1]!, title, year: Number(dated[2]), venue: venueOf(others.join(' ')), isGuess: false }
  }
  const [authors = '', title = '', ...others] = sentences(text)
  const year = YEAR.exec(others.join(' '))?.[1] ?? YEAR.exec(text)?.[1]
  return {
    authors,
    title,
    year: year === undefined ? undefined : Number(year),
    venue: venueOf(others.join(' ')),
    isGuess: others.length === 0,
  }
}

/** Cuts at full stops and question marks that end a sentence: not after an initial, `et al.` or another abbreviation. */
function sentences(text: string): string[] {
  const found: string[] = []
  let from = 0
  for (const { index, 0: mark } of text.matchAll(/[.?!](?=\s+["“'‘(\p{Lu}\p{N}\p{Lo}])/gu)) {
    const before = text.slice(from, index)
    // After the authors' last initial a title begins, whose first word is longer than initials are.
    const isInitial = mark === '.' && /(?:^|[\s.,&-])\p{Lu}$/u.test(before)
    const next = text.slice(index + 1).trimStart()
    const isName = /^(?:\p{Lu}\.|\p{Lu}[\p{L}'’-]*,|&|and\b|et al)/u.test(next)
    if (isInitial && (isName || found.length > 0)) continue
    if (/\b(?:et al|vol|no|pp|eds?|St|Dr|vs|cf|Jr|Sr|al|Proc|Int|Conf|Univ)$/i.test(before) && !/\bet al$/.test(before)) continue
    const sentence = (mark === '.' ? before : before + mark).trim()
    if (sentence !== '') found.push(sentence)
    from = index + 1
  }
  const last = text.slice(from).trim().replace(/\.$/, '')
  return last === '' ? found : [...found, last]
}

/** The words before volume, pages and year. */
function venueOf(text: string): string {
  const venue = text
    .replace(/^[\s.,;:]+/, '')
    .replace(/^in:?\s+/i, '')
    .split(/[,;.]\s*(?:vol\b|no\b|pp?\b|\d)|\s+\d|\s*\(\s*(?:1[6-9]|20)\d\d/i)[0]!
    .replace(/[\s.,;:]+$/, '')
  return venue.length > 2 && venue.length < 150 && /\p{L}{2}/u.test(venue) ? venue : ''
}

const INITIALS = /^(?:\p{Lu}\.?[\s-]?){1,4}$/u

/** Authors as `Smith, J. A.`, `Smith JA`, `J. A. Smith` or `Jane Smith`; `et al.` is none. */
function authorsOf(text: string): Author[] {
  const list = text
    .replace(/[\s.,;:]*\bet al\b\.?/i, '')
    .replace(/\(eds?\.?\)|\beds?\.$/i, '')
    .replace(/[…]|\.\.\./g, ',')
    .trim()
  // `Smith, J., & Lee, K.`: a comma also parts the names of one person.
  const pieces = list
    .split(/\s*;\s*|\s*,\s*(?:and|&)\s+|\s+(?:and|&)\s+|\s*,\s*/)
    .map((piece) => piece.trim())
    .filter((piece) => piece !== '' && !/^(?:and|&)$/.test(piece))
  const authors: Author[] = []
  for (let index = 0; index < pieces.length; index++) {
    const piece = pieces[index]!
    const next = pieces[index + 1]
    if (piece.length > 60 || /\d/.test(piece)) return []
    if (next !== undefined && INITIALS.test(next) && !INITIALS.test(piece)) {
      authors.push({ family: piece, given: next })
      index++
      continue
    }
    const words = piece.replace(/(?<=\p{Ll})\.$/u, '').split(' ')
    const last = words.at(-1)!
    if (words.length > 1 && /^\p{Lu}{1,3}$/u.test(last)) authors.push({ family: words.slice(0, -1).join(' '), given: last })
    else if (words.length > 1 && words.length < 5) authors.push({ family: last, given: words.slice(0, -1).join(' ') })
    else if (/^\p{Lu}/u.test(piece)) authors.push({ name: piece })
  }
  return authors
}
