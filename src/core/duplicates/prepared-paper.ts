import type { Paper } from '../papers/paper.js'
import { type PreparedAuthor, prepareAuthors } from './authors.js'
import { foldCase, wordsOf } from './fold-text.js'
import { isSupplement, isYear, type PreparedPages, prepareNumber, preparePages } from './locator.js'
import { type PreparedTitle, prepareTitle } from './title.js'
import { type PreparedVenue, prepareVenue } from './venue.js'

/** A paper with its fields prepared for comparison, once for all pairs. */
export interface PreparedPaper {
  id: string
  title: PreparedTitle
  authors: readonly PreparedAuthor[]
  /** 0 if unknown. */
  year: number
  venue: PreparedVenue | null
  /** The number alone; empty if unknown. */
  volume: string
  issue: string
  pages: PreparedPages | null
  doi: string
  pmid: string
  arxivId: string
  /** The abstract's beginning, without spaces; empty if unknown. */
  abstract: string
  /** Length of the whole abstract, without spaces. */
  abstractLength: number
  isSupplement: boolean
  /** By its type, identifier or venue. */
  isPreprint: boolean
  /** Whether it is a paper or abstract of a meeting. */
  isMeeting: boolean
}

const PREPRINT_DOI = /^10\.(?:48550|1101|2139|21203|31234|31235|31219|26434|20944|36227|22541)\//
/** Enough of an abstract to distinguish it from others, and little enough to compare a million pairs. */
const ABSTRACT_CHARACTERS = 240
const NO_ABSTRACT = /^(?:no abstract|not available|n a$|abstract not available|none$|unknown$)/

export function preparePaper(paper: Paper): PreparedPaper {
  const venue = paper.venue ? prepareVenue(paper.venue) : null
  const doi = prepareDoi(paper.doi ?? '')
  const arxivId = foldCase(paper.arxivId ?? doi.match(/^10\.48550\/arxiv\.(.+)$/)?.[1] ?? '').replace(/v\d+$/, '')
  const abstract = prepareAbstract(paper.abstract ?? '')
  const volume = prepareNumber(paper.volume ?? '')
  const year = Number.isInteger(paper.year) ? paper.year! : 0
  const isArxivOnly = arxivId !== '' && doi === ''
  return {
    id: paper.id,
    title: prepareTitle(paper.title),
    authors: prepareAuthors(paper.authors ?? []),
    year,
    venue: venue?.compact ? venue : null,
    volume: isYear(volume, year) ? '' : volume,
    issue: prepareNumber(paper.issue ?? ''),
    pages: preparePages(paper.pages ?? ''),
    doi,
    pmid: (paper.pmid ?? '').replaceAll(/\D/g, ''),
    arxivId,
    abstract: abstract.slice(0, ABSTRACT_CHARACTERS),
    abstractLength: abstract.length,
    isSupplement: isSupplement(paper.volume, paper.issue, paper.pages),
    isPreprint: paper.type === 'preprint' || (venue ? venue.isPreprint : PREPRINT_DOI.test(doi) || isArxivOnly),
    isMeeting: paper.type === 'conference' || venue?.kind === 'meeting',
  }
}

/** A DOI in lower case, without resolver and trailing punctuation; empty if the text has none. */
export function prepareDoi(raw: string): string {
  const doi =
    raw
      .trim()
      .toLowerCase()
      .match(/10\.\d{4,9}\/\S+/)?.[0] ?? ''
  return doi.replace(/[.,;)\]]+$/, '')
}

function prepareAbstract(raw: string): string {
  const words = wordsOf(foldCase(raw.replaceAll(/<[^>]{0,60}>/g, ' ')))
  if (words.length < 12 || NO_ABSTRACT.test(words.join(' '))) return ''
  const start = /^(?:abstract|background|objectives?|introduction|purpose|aims?|summary)$/.test(words[0]!) ? 1 : 0
  return words.slice(start).join('')
}
