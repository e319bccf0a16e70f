import { type Paper, toPaper, type WrittenFormat } from '../../src/core/papers/index.js'
import type { PaperRecord } from '../../src/index.js'
import { labelsOf } from '../session/shown-paper.js'

/** Where each format keeps a note and labels. */
const FIELDS: Readonly<Record<WrittenFormat, readonly [note: string, labels: string]>> = {
  bibtex: ['annote', 'labels'],
  ris: ['N1', 'LB'],
  'csl-json': ['note', 'labels'],
  csv: ['note', 'labels'],
  jsonl: ['note', 'labels'],
  xlsx: ['note', 'labels'],
  'endnote-xml': ['research-notes', 'custom1'],
}
/** The names by which the reader's own fields become those of another format; see `foreignFields`. */
const FOREIGN = ['reader-note', 'reader-labels'] as const
const OWN_FORMATS: Partial<Record<WrittenFormat, string>> = {
  bibtex: 'bibtex',
  ris: 'ris',
  'csl-json': 'csl',
  'endnote-xml': 'endnote-xml',
}

/** A record as the writers take it: the note and the labels are fields of their own, apart from what the file had. */
export function writablePaper(record: PaperRecord, format: WrittenFormat): Paper {
  const { labels: _, note, original: __, doubt: ___, ...paper } = toPaper(record) as Paper & Record<string, unknown>
  const [noteText, labels] = [typeof note === 'string' ? note.trim() : '', labelsOf(record).join('; ')]
  if (noteText === '' && labels === '') return paper as Paper
  const from = paper.source?.format
  const isForeign = from !== undefined && format in OWN_FORMATS && from !== OWN_FORMATS[format]
  const [noteName, labelsName] = isForeign ? FOREIGN : FIELDS[format]
  const fields = { ...paper.fields }
  if (noteText !== '') fields[noteName] = noteOf(fields[noteName], noteText, format)
  if (labels !== '') fields[labelsName] = [labels]
  return { ...paper, fields } as Paper
}

/** RIS can repeat a tag; the others have one value. */
function noteOf(before: readonly string[] | undefined, note: string, format: WrittenFormat): string[] {
  if (!before) return [note]
  return format === 'ris' ? [...before, note] : [[...before, note].join('\n\n')]
}
