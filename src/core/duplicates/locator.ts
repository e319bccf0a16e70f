import { foldCase } from './fold-text.js'

/** Pages prepared for comparison. */
export interface PreparedPages {
  /** First page with its letters: `s123`, `e1001`. */
  start: string
  /** Last page in full: `123-9` ends on `129`; empty if there is none. */
  end: string
  /** The first page's number without letters; empty if the field has lost it. */
  startNumber: string
}

/** How a field of two papers compares; `missing` if a paper lacks it or the values are not comparable. */
export type FieldState = 'agree' | 'differ' | 'missing'

const NOTHING = /^(?:unknown|none|null|n\/?a|no pagination|-+|in press|epub|online|ahead of print|no page)?\.?$/

/** Reads pages in the notation of most formats; null if they are not informative. */
export function preparePages(raw: string): PreparedPages | null {
  const text = foldCase(raw)
    .replaceAll(/[‐-―−]/g, '-')
    .replaceAll(/\bpp?\.?\s*(?=[a-z]?\d)|pages?\s/g, '')
    .replaceAll(/\s+/g, '')
    .replace(/\+$/, '')
  // `CD001234` is shared by a Cochrane review and all its updates.
  if (NOTHING.test(text) || /^cd\d{6}/.test(text)) return null
  // Of several ranges, the first is the text itself.
  const [first = '', ...rest] = text.split(/[,;]/)[0]!.split(/-+/)
  const start = first.replaceAll(/[^a-z0-9]/g, '')
  const startNumber = first.match(/\d+/)?.[0]?.replace(/^0+(?=\d)/, '') ?? ''
  const last = (rest.at(-1) ?? '').match(/\d+/)?.[0]?.replace(/^0+(?=\d)/, '') ?? ''
  if (startNumber === '' && last === '') return null
  return { start, end: inFull(startNumber, last), startNumber }
}

/** `9` after `123` is `129`. */
function inFull(start: string, end: string): string {
  return end !== '' && end.length < start.length ? start.slice(0, start.length - end.length) + end : end
}

/** Whether pages are counted from 1, as in an offprint or a file: then they do not locate the text. */
const isCount = ({ startNumber, end }: PreparedPages) =>
  startNumber === '1' || (end === '' && startNumber.length < 2 && startNumber !== '')

/** `e1001`, `a1754`: an article with printed pages may have an article number as well. */
const isArticleNumber = ({ start, end }: PreparedPages) =>
  end === '' && (/^[a-z]+\d/.test(start) ? !/^s\d/.test(start) : start.length > 5)

/** Whether a single page is inside the other's range: the field has lost its first or last page. */
const isWithin = (one: PreparedPages, range: PreparedPages) =>
  one.end === '' &&
  range.end !== '' &&
  Number(one.startNumber) > Number(range.startNumber) &&
  Number(one.startNumber) <= Number(range.end)

export function comparePages(a: PreparedPages | null, b: PreparedPages | null): FieldState {
  if (!a || !b) return 'missing'
  if (a.startNumber === '' || b.startNumber === '') {
    // A spreadsheet or a citation style has lost the first page: `t-51` for `849-851`.
    if (a.end === '' || b.end === '') return 'missing'
    return a.end.endsWith(b.end) || b.end.endsWith(a.end) ? 'agree' : 'missing'
  }
  if (a.startNumber === b.startNumber) {
    const ends = a.end === b.end || a.end === '' || b.end === ''
    if (!ends && isCount(a)) return 'missing'
    return ends || isArticleNumber(a) === isArticleNumber(b) ? 'agree' : 'differ'
  }
  if (isCount(a) || isCount(b) || isArticleNumber(a) !== isArticleNumber(b)) return 'missing'
  // Only the last page is given, or a first page is mistyped.
  return a.end.length > 1 && a.end === b.end ? 'agree' : isWithin(a, b) || isWithin(b, a) ? 'agree' : 'differ'
}

const LONGEST_NUMBER = 20

/** The number of a volume or issue, such as `33` of `33 Suppl 1`; empty if it has none. */
export function prepareNumber(raw: string): string {
  const text = foldCase(raw)
    .replace(/\bsup(?:pl|\b).*/, '')
    .trim()
  // A sentence about the conference is not a volume.
  if (text.length > LONGEST_NUMBER && !/^\d/.test(text)) return ''
  return text.match(/\d+/)?.[0]?.replace(/^0+(?=\d)/, '') ?? ''
}

/** Whether a volume is really the year, which other databases leave out. */
export const isYear = (number: string, year: number | undefined) => year !== undefined && Math.abs(Number(number) - year) <= 1

/** Whether a volume, issue or pages are those of a supplement. */
export const isSupplement = (...fields: readonly (string | undefined)[]) =>
  fields.some((field) => field !== undefined && /\bsuppl|\bsup\b|\bs\d/i.test(field))
