import type { PaperText } from '../types.js'

/** A person with `family` and `given` names, or a group, or a person whose name is not known in parts, with a `name`. */
export interface Author {
  /** Family name with its particles: `van der Berg`. */
  family?: string
  /** Given names or initials. */
  given?: string
  /** `Jr.`, `III`. */
  suffix?: string
  /** The whole name, if its parts are not known. */
  name?: string
}

/** The kind of work. Formats make finer distinctions, which remain in `fields`. */
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

/** Where a record was read from. */
export interface PaperSource {
  /** Name of the file; in an archive, with its path there. */
  file: string
  /** Number of the record in the file, from 1; 0 if unknown. */
  record: number
  /** Line on which the record begins, from 1. */
  line?: number
  /** The format whose names and spelling `fields` uses. */
  format?: string
}

/** A record of a bibliography. Text is plain Unicode: no LaTeX, entities or markup. Unknown properties are left out. */
export interface Paper extends PaperText {
  /** Unique in its library. */
  id: string
  /** In their order. */
  authors?: Author[]
  /** Year of publication. */
  year?: number
  /** Journal, proceedings, book or repository. */
  venue?: string
  /** As in the record: `12`, `33 Suppl 1`. */
  volume?: string
  /** As in the record. */
  issue?: string
  /** As in the record: `12-34`, `e1001`. */
  pages?: string
  /** Lower case, without `https://doi.org/`. */
  doi?: string
  /** PubMed id, digits only. */
  pmid?: string
  /** Without `arXiv:`, and with the version if the record gives one: `2004.07180v4`. */
  arxivId?: string
  /** Web address, as in the record. */
  url?: string
  /** Keywords of authors or databases. */
  keywords?: string[]
  /** The kind of work. */
  type?: PaperType
  /** The record's own key: citekey, accession number or EndNote record number. */
  key?: string
  /** Where the record was read from. */
  source?: PaperSource
  /**
   * The record's other fields, raw, by the format's own names; each with its values in order. This includes fields that the
   * properties above express only in part, such as a full date or a BibTeX title with braces.
   */
  fields?: Record<string, string[]>
}
