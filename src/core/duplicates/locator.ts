import { foldCase } from './fold-text.js'

/** Where in a volume a text stands. */
export interface PreparedPages {
  /** First page with its letters: `s123`, `e1001`. */
  start: string
  /** Last page in full, where there is one: `123-9` ends on `129`. */
  end: string
  /** The first page's number alone; empty where the field has lost it. */
  startNumber: string
}

/** How a field of two records compares; `missing`: one of them lacks it, or says nothing comparable. */
export type FieldState = 'agree' | 'differ' | 'missing'

const NOTHING = /^(?:unknown|none|null|n\/?a|no pagination|-+|in press|epub|online|ahead of print|no page)?\.?$/

/** Pages as most formats write them; null where they say nothing. */
export function preparePages(raw: string): PreparedPages | null {
  const text = foldCase(raw)
    .replaceAll(/[‐-―−]/g, '-')
    .replaceAll(/\bpp?\.?\s*(?=[a-z]?\d)|pages?\s/g, '')
    .replaceAll(/\s+/g, '')
    .replace(/\+$/, '')
  // `CD001234` is a Cochrane review with all its updates.
  if (NOTHING.test(text) || /^cd\d{6}/.test(text)) return null
  // The first of several ranges is the text; `-2` of `12-2` follows.
  const [first = '', ...rest] = text.split(/[,;]/)[0]!.split(/-+/)
  const start = first.replaceAll(/[^a-z0-9]/g, '')
  const startNumber = first.match(/\d+/)?.[0]?.replace(/^0+(?=\d)/, '') ?? ''
  const last = (rest.at(-1) ?? '').match(/\d+/)?.[0]?.replace(/^0+(?=\d)/, '') ?? ''
  if (startNumber === '' && last === '') return null
  return { start, end: inFull(startNumber, last), startNumber }
}

/** `9` behind `123` is `129`. */
function inFull(start: string, end: string): string {
  return end !== '' && end.length < start.length ? start.slice(0, start.length - end.length) + end : end
}

/** Pages of an offprint or of a file, counted from 1: they say where nothing stands. */
const isCount = ({ startNumber, end }: PreparedPages) =>
  startNumber === '1' || (end === '' && startNumber.length < 2 && startNumber !== '')

/** `e1001`, `a1754`: an article that has pages in print may have one of these, too. */
const isArticleNumber = ({ start, end }: PreparedPages) =>
  end === '' && (/^[a-z]+\d/.test(start) ? !/^s\d/.test(start) : start.length > 5)

/** One page, inside the other's range: the field has lost its first or last. */
const isWithin = (one: PreparedPages, range: PreparedPages) =>
  one.end === '' &&
  range.end !== '' &&
  Number(one.startNumber) > Number(range.startNumber) &&
  Number(one.startNumber) <= Number(range.end)

export function comparePages(a: PreparedPages | null, b: PreparedPages | null): FieldState {
  if (!a || !b) return 'missing'
  if (a.startNumber === '' || b.startNumber === '') {
    // A spreadsheet or a citation style has eaten the first page: `t-51` for `849-851`.
    if (a.end === '' || b.end === '') return 'missing'
    return a.end.endsWith(b.end) || b.end.endsWith(a.end) ? 'agree' : 'missing'
  }
  if (a.startNumber === b.startNumber) {
    const ends = a.end === b.end || a.end === '' || b.end === ''
    if (!ends && isCount(a)) return 'missing'
    return ends || isArticleNumber(a) === isArticleNumber(b) ? 'agree' : 'differ'
  }
  if (isCount(a) || isCount(b) || isArticleNumber(a) !== isArticleNumber(b)) return 'missing'
  // The last page alone, or one of the first ones mistyped.
  return a.end.length > 1 && a.end === b.end ? 'agree' : isWithin(a, b) || isWithin(b, a) ? 'agree' : 'differ'
}

const LONGEST_NUMBER = 20

/** A volume or issue by its number alone; empty where it says nothing: `33 Suppl 1` is `33`, `2015-April` nothing. */
export function prepareNumber(raw: string): string {
  const text = foldCase(raw)
    .replace(/\bsup(?:pl|\b).*/, '')
    .trim()
  // A sentence about the conference is no volume.
  if (text.length > LONGEST_NUMBER && !/^\d/.test(text)) return ''
  return text.match(/\d+/)?.[0]?.replace(/^0+(?=\d)/, '') ?? ''
}

/** Whether a volume is a year in disguise, which other databases leave out. */
export const isYear = (number: string, year: number | undefined) => year !== undefined && Math.abs(Number(number) - year) <= 1

/** Whether a number, an issue or pages belong to a supplement. */
export const isSupplement = (...fields: readonly (string | undefined)[]) =>
  fields.some((field) => field !== undefined && /\bsuppl|\bsup\b|\bs\d/i.test(field))
