import type { Paper } from '../paper.js'
import { collapse } from '../text/clean-text.js'
import { latexToText } from '../text/latex-to-text.js'
import type { RawFields } from './schema.js'

/** Formats that have their own names for fields. */
export type FieldFormat = 'bibtex' | 'ris' | 'csl' | 'endnote-xml'

/**
 * Fields that formats have in common beyond the properties of a paper, with each format's name for them. `isWritten`: those are only names
 * to write, since in files of others they mean something else.
 */
const COMMON: readonly (Readonly<Record<FieldFormat, string>> & { others: readonly string[]; isWritten?: true })[] = [
  {
    bibtex: 'publisher',
    ris: 'PB',
    csl: 'publisher',
    'endnote-xml': 'publisher',
    others: ['PU', 'I', 'Publisher', 'PublisherName', 'ReferencePublishers'],
  },
  {
    bibtex: 'address',
    ris: 'CY',
    csl: 'publisher-place',
    'endnote-xml': 'pub-location',
    others: ['location', 'PI', 'C', 'pub-location', 'City', 'PlaceOfPublication'],
  },
  { bibtex: 'isbn', ris: 'SN', csl: 'ISBN', 'endnote-xml': 'isbn', others: ['BN', 'ISBN'] },
  { bibtex: 'issn', ris: 'SN', csl: 'ISSN', 'endnote-xml': 'isbn', others: ['IS-issn', 'ISSN', 'isbn'] },
  {
    bibtex: 'language',
    ris: 'LA',
    csl: 'language',
    'endnote-xml': 'language',
    others: ['langid', 'LA', 'G', 'Language', 'Language of Original Document'],
  },
  { bibtex: 'edition', ris: 'ET', csl: 'edition', 'endnote-xml': 'edition', others: ['7', 'Edition'] },
  {
    bibtex: 'series',
    ris: 'T3',
    csl: 'collection-title',
    'endnote-xml': 'titles/tertiary-title',
    others: ['S', 'SE', 'SeriesTitle'],
  },
  { bibtex: 'school', ris: 'PB', csl: 'publisher', 'endnote-xml': 'publisher', others: ['institution', 'organization'] },
  { bibtex: 'annote', ris: 'N1', csl: 'note', 'endnote-xml': 'research-notes', others: ['reader-note'] },
  { bibtex: 'labels', ris: 'LB', csl: 'labels', 'endnote-xml': 'custom1', others: ['reader-labels'] },
  {
    bibtex: 'screening',
    ris: 'C4',
    csl: 'screening',
    'endnote-xml': 'custom4',
    others: ['reader-decision'],
    isWritten: true,
  },
  {
    bibtex: 'screening-reason',
    ris: 'C5',
    csl: 'screening-reason',
    'endnote-xml': 'custom5',
    others: ['reader-reason'],
    isWritten: true,
  },
  { bibtex: 'note', ris: 'N1', csl: 'note', 'endnote-xml': 'notes', others: ['Z', 'notes', 'NT', 'Notes'] },
  { bibtex: 'date', ris: 'DA', csl: 'issued-date', 'endnote-xml': 'dates/pub-dates/date', others: ['DP', 'PY', 'PD'] },
]

/**
 * A paper's `fields` for a writer. If the paper was read from the same format, `own` has them raw; otherwise `foreign` has those
 * that the formats have in common, as plain text under the names of the written format.
 */
export function foreignFields(paper: Paper, format: FieldFormat): { own: RawFields; foreign: Map<string, string> } {
  const fields = Object.entries(paper.fields ?? {})
  const from = paper.source?.format
  if (from === undefined || from === format) return { own: new Map(fields), foreign: new Map() }
  const foreign = new Map<string, string>()
  const plain = (raw: string) => collapse(from === 'bibtex' ? latexToText(raw) : raw)
  for (const [name, values] of fields) {
    const isNamed = (names: (typeof COMMON)[number]) => !names.isWritten && isFieldFormat(from) && names[from] === name
    const common = COMMON.find((names) => isNamed(names) || names.others.includes(name))
    // BibTeX allows any name.
    const target =
      common?.[format] ?? (format === 'bibtex' ? `${from}-${name}`.toLowerCase().replace(/[^a-z\d]+/g, '-') : undefined)
    const value = plain(values.join('; '))
    if (target !== undefined && value !== '' && !foreign.has(target)) foreign.set(target, value)
  }
  return { own: new Map(), foreign }
}

function isFieldFormat(format: string): format is FieldFormat {
  return format === 'bibtex' || format === 'ris' || format === 'csl' || format === 'endnote-xml'
}
