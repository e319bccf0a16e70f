import type { PaperText } from '../types.js'

/** A person by `family` and `given`, or by `name` alone: a group, or a person whose name is not known in parts. */
export interface Author {
  /** Family name with its particles: `van der Berg`. */
  family?: string
  /** Given names or initials. */
  given?: string
  /** `Jr.`, `III`. */
  suffix?: string
  /** The whole name, of a group or of a person whose name is not known in parts. */
  name?: string
}

/** What kind of work it is; formats have finer words, which stay in `fields`. */
export type PaperType =
  | 'article'
  | 'conference'
  | 'preprint'
  | 'book'
  | 'chapter'
  | 'thesis'
  | 'report'
  | 'dataset'
  | 'software'
  | 'patent'
  | 'web'
  | 'other'

/** Where a record was read. */
export interface PaperSource {
  /** Name of the file, inside an archive with its path there. */
  file: string
  /** Which record of the file, from 1. */
  record: number
  /** Line on which it begins, from 1; for formats that have lines. */
  line?: number
  /** The format of the file, whose own names and spelling `fields` has. */
  format?: string
}

/** A record of a bibliography. Text is plain Unicode: no LaTeX, no entities, no markup. What is unknown is left out. */
export interface Paper extends PaperText {
  /** Unique in its library. */
  id: string
  /** In the order of the record. */
  authors?: Author[]
  /** Year of publication. */
  year?: number
  /** Journal, proceedings, book or repository. */
  venue?: string
  /** As the record says: `12`, `A-3`. */
  volume?: string
  /** As the record says: `4`, `Suppl 1`. */
  issue?: string
  /** As the record says: `12-34`, `e1001`. */
  pages?: string
  /** Lower case, without `https://doi.org/`. */
  doi?: string
  /** Id in PubMed. */
  pmid?: string
  /** Without `arXiv:`; with its version where the record says one: `2004.07180v4`. */
  arxivId?: string
  /** First web address of the record. */
  url?: string
  /** In the order of the record. */
  keywords?: string[]
  /** What kind of work it is. */
  type?: PaperType
  /** The record's own key: citekey, accession number, EndNote's record number. */
  key?: string
  /** Where the record was read. */
  source?: PaperSource
  /**
   * Every other field of the record, raw, by the format's own name; each with its values in order. A field that the properties
   * above have read is here too where they cannot say all of it: a whole date, the braces of a BibTeX title.
   */
  fields?: Record<string, string[]>
}
