import type { Option } from '../ui/dom.js'

/** The fields of a record that a reader can map to columns and edit, with their labels. */
export const RECORD_FIELDS = [
  ['title', 'Title'],
  ['authors', 'Authors'],
  ['year', 'Year'],
  ['venue', 'Journal or book'],
  ['volume', 'Volume'],
  ['issue', 'Issue'],
  ['pages', 'Pages'],
  ['doi', 'DOI'],
  ['pmid', 'PMID'],
  ['arxivId', 'arXiv id'],
  ['url', 'Link'],
  ['keywords', 'Keywords'],
  ['abstract', 'Abstract'],
] as const satisfies readonly Option[]
