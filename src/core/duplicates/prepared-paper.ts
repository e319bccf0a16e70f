import type { Paper } from '../papers/paper.js'
import { type PreparedAuthor, prepareAuthors } from './authors.js'
import { foldCase, wordsOf } from './fold-text.js'
import { type PreparedIdentifiers, prepareIdentifiers } from './identifiers.js'
import { isSupplement, isYear, type PreparedPages, prepareNumber, preparePages } from './locator.js'
import { type PreparedTitle, prepareTitle } from './title.js'
import { type TrialNumbers, trialNumbers } from './trial-numbers.js'
import { type PreparedVenue, prepareVenue } from './venue.js'
import { kindOf, type WorkKind } from './work-kind.js'

/** A paper with its fields prepared for comparison, once for all pairs. */
export interface PreparedPaper extends PreparedIdentifiers {
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
  /** The abstract's beginning, without spaces; empty if unknown. */
  abstract: string
  /** Length of the whole abstract, without spaces. */
  abstractLength: number
  trial: TrialNumbers
  kind: WorkKind | null
  isSupplement: boolean
  /** Whether its place lists several texts, such as letters and their reply. */
  hasReplies: boolean
}

/** Enough of an abstract to distinguish it from others, and little enough to compare a million pairs. */
const ABSTRACT_CHARACTERS = 240
const NO_ABSTRACT = /^(?:no abstract|not available|n a$|abstract not available|none$|unknown$)/

/** Far more than real titles, venues and identifiers have; patterns that look for an end in any place take time by its square. */
const TEXT_CHARACTERS = 2000

export function preparePaper(whole: Paper): PreparedPaper {
  const paper = withoutLongTexts(whole)
  const venue = paper.venue ? prepareVenue(paper.venue) : null
  const identifiers = prepareIdentifiers(paper)
  const abstract = prepareAbstract(paper.abstract ?? '')
  const volume = prepareNumber(paper.volume ?? '')
  const year = Number.isInteger(paper.year) ? paper.year! : 0
  const trial = trialNumbers(paper)
  return {
    id: whole.id,
    ...identifiers,
    title: prepareTitle(paper.title),
    authors: prepareAuthors(paper.authors ?? []),
    year,
    venue: venue?.compact ? venue : null,
    volume: isYear(volume, year) ? '' : volume,
    issue: prepareNumber(paper.issue ?? ''),
    pages: trial.isRegistered ? null : preparePages(paper.pages ?? ''),
    abstract: abstract.start,
    abstractLength: abstract.length,
    trial,
    kind: kindOf(paper, identifiers.doi, identifiers.arxivId),
    isSupplement: isSupplement(paper.volume, paper.issue, paper.pages),
    hasReplies: /repl(?:y|ies)|discussion/i.test(paper.pages ?? ''),
  }
}

function withoutLongTexts(paper: Paper): Paper {
  const long = Object.entries(paper).filter(
    ([name, value]) => name !== 'abstract' && typeof value === 'string' && value.length > TEXT_CHARACTERS,
  )
  return long.length === 0
    ? paper
    : { ...paper, ...Object.fromEntries(long.map(([name, value]) => [name, (value as string).slice(0, TEXT_CHARACTERS)])) }
}

function prepareAbstract(raw: string): { start: string; length: number } {
  const words = wordsOf(foldCase(raw.replaceAll(/<[^>]{0,60}>/g, ' ')))
  if (words.length < 12 || NO_ABSTRACT.test(words.slice(0, 12).join(' '))) return { start: '', length: 0 }
  const first = /^(?:abstract|background|objectives?|introduction|purpose|aims?|summary)$/.test(words[0]!) ? 1 : 0
  let start = ''
  let length = 0
  for (let at = first; at < words.length; at++) {
    // A slice of the whole would keep the whole in memory.
    if (length < ABSTRACT_CHARACTERS) start += words[at]!
    length += words[at]!.length
  }
  return { start: start.slice(0, ABSTRACT_CHARACTERS), length }
}
