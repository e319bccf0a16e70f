import type { FieldState } from './locator.js'

/** The fields in which two papers are compared. */
export const COMPARED_FIELDS = [
  'title',
  'authors',
  'year',
  'venue',
  'volume',
  'issue',
  'pages',
  'doi',
  'pmid',
  'arxivId',
  'abstract',
] as const

/** A field in which two papers are compared. */
export type ComparedField = (typeof COMPARED_FIELDS)[number]

/** The main reason for the judgement of a pair. */
export type Rule =
  /** DOI, PMID or arXiv id agree, and the titles are similar. */
  | 'same-identifier'
  /** Title, authors and place (pages, or volume and year) agree. */
  | 'same-title-and-place'
  /** Title and authors agree. */
  | 'same-title-and-authors'
  /** The title agrees; authors or place are missing. */
  | 'same-title'
  /** One title is part of the other. */
  | 'part-of-title'
  /** The titles are variants of each other. */
  | 'similar-title'
  /** The titles are in two languages; authors, year, volume and pages agree. */
  | 'translated-title'
  /** Title, authors, journal and the whole abstract agree, but not volume and pages: printed again within a year. */
  | 'printed-again'
  /** A different title by the same authors at the same place. */
  | 'other-title-same-place'
  /** There is too little evidence. */
  | 'too-little'

/** Why a pair is not a duplicate whatever else agrees. */
export type Veto =
  /** Their DOIs or PMIDs differ, and so does their place. */
  | 'different-identifier'
  /** Different pages or volumes: another part of a series, another year's edition, a reprint. */
  | 'different-place'
  /** `Part I` and `Part II`, `2019` and `2020`. */
  | 'different-number'
  /** Words with different meanings: `in men`, `in women`. */
  | 'different-words'
  | 'different-title'
  | 'different-authors'
  /** An erratum, reply, comment or protocol, and the text that it is about. */
  | 'notice'
  /** `Editorial`, `Contents`, or a title that occurs in three or more years. */
  | 'heading'
  /** A meeting abstract or conference paper, and the journal article. */
  | 'meeting-and-article'
  /** A thesis, a data set or a trial registry's record, and the article. */
  | 'different-kind'
  /** Two versions of a review that is kept up to date. */
  | 'other-version'
  /** Different texts that share a DOI, such as the abstracts of a supplement. */
  | 'shared-doi'
  | 'preprint-and-published'
  /** A person decided so. */
  | 'decision'

/** How two different records belong together, so that all reports of a study can be seen at once. */
export type Relation =
  /** A preprint or working paper and the published article, or two versions of a review. */
  | 'version'
  | 'correction'
  | 'retraction'
  | 'reply'
  | 'comment'
  | 'protocol'
  /** A registry's record of a trial, and its article. */
  | 'registration'
  /** A meeting abstract or conference paper, and the article. */
  | 'abstract'
  | 'thesis'
  /** Data, code or supplementary material. */
  | 'material'
  /** A summary, for patients or in another journal. */
  | 'summary'
  /** The same text, printed again elsewhere. */
  | 'reprint'

/** Everything that a person needs to judge a pair, as plain data. */
export interface PairEvidence {
  /** Id of one paper. */
  a: string
  /** Id of the other. */
  b: string
  /** How each field compares. */
  fields: Record<ComparedField, FieldState>
  /** 0 … 1; 1 if they differ only in case, accents, punctuation and spaces. */
  titleSimilarity: number
  /** Share of the shorter list of authors that is in the other, 0 … 1; null if a list is missing. */
  authorSimilarity: number | null
  /** Distance of the vectors, divided by the median distance of two papers of the library; null without vectors. */
  distance: number | null
  /** The main reason for the judgement. */
  rule: Rule
  /** Why the two are not the same whatever else agrees; null if nothing says so. */
  veto: Veto | null
  /** Probability that they are the same, 0 … 1, calibrated on judged pairs; at most 0.02 with a veto. */
  confidence: number
  /** Whether, by their fields, they are versions of one text: a preprint and the published article, or two versions of a review. */
  isVersion: boolean
  /** How the two belong together if they are not the same; null if they do not, or are the same. */
  relation?: Relation | null
}
