import type { FieldState } from './locator.js'

/** A field that two records are compared in. */
export type ComparedField =
  | 'title'
  | 'authors'
  | 'year'
  | 'venue'
  | 'volume'
  | 'issue'
  | 'pages'
  | 'doi'
  | 'pmid'
  | 'arxivId'
  | 'abstract'

/** What the judgement of a pair rests on most. */
export type Rule =
  /** DOI, PMID or arXiv id agree, and so does the title. */
  | 'same-identifier'
  /** Title, authors and place (pages, or volume and year) agree. */
  | 'same-title-and-place'
  /** Title and authors agree. */
  | 'same-title-and-authors'
  /** The title agrees, authors or place are missing. */
  | 'same-title'
  /** One title is part of the other, the rest agrees. */
  | 'part-of-title'
  /** Titles are variants of each other, the rest agrees. */
  | 'similar-title'
  /** Titles in two languages, and authors, year, volume and pages agree. */
  | 'translated-title'
  /** Title, authors, journal and the whole abstract agree, volume and pages do not: printed again within a year. */
  | 'printed-again'
  /** Another title at the same place by the same authors. */
  | 'other-title-same-place'
  /** Too little speaks for it. */
  | 'too-little'

/** Why a pair is no duplicate whatever else agrees. */
export type Veto =
  /** Each has its own DOI, PMID or arXiv id, and place or title differ as well. */
  | 'different-identifier'
  /** Other pages or volume: another part of a series, another year's edition, a reprint. */
  | 'different-place'
  /** `Part I` and `Part II`, `2019` and `2020`. */
  | 'different-number'
  /** Words with another meaning: `in men`, `in women`. */
  | 'different-words'
  | 'different-title'
  | 'different-authors'
  /** An erratum, reply, comment or protocol, and what it is about. */
  | 'notice'
  /** `Editorial`, `Contents`, or a title that the library has in three and more years. */
  | 'heading'
  /** An abstract of a meeting and the article, or a conference paper and the journal's. */
  | 'meeting-and-article'
  /** One DOI for all abstracts of a supplement. */
  | 'shared-doi'
  | 'preprint-and-published'
  /** A person said so. */
  | 'decision'

/** Everything about a pair that a person needs to judge it; plain data. */
export interface PairEvidence {
  /** Ids of the two papers. */
  a: string
  /** Id of the other paper. */
  b: string
  /** How each field of the two compares. */
  fields: Record<ComparedField, FieldState>
  /** 0 … 1: 1 where nothing but case, accents, punctuation and spaces differ. */
  titleSimilarity: number
  /** Share of the shorter list of authors that is in the other, 0 … 1; null where one is missing. */
  authorSimilarity: number | null
  /** Distance of the vectors, over the median distance of two papers of the library: 0 the same, 1 any two; null without vectors. */
  distance: number | null
  /** What the judgement rests on most. */
  rule: Rule
  /** Why the pair is not joined whatever else agrees; `null` if there is no such reason. */
  veto: Veto | null
  /** Probability that they are the same, 0 … 1, calibrated on judged pairs; a veto's is at most .02 unless a person may doubt it. */
  confidence: number
  /** A preprint and its published version, as far as the fields say. */
  isVersion: boolean
}
