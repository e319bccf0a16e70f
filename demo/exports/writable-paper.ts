import { type Paper, toPaper, type WrittenFormat } from '../../src/core/papers/index.js'
import type { PaperRecord } from '../../src/index.js'
import type { Answer } from '../screening/screening-log.js'
import { labelsOf } from '../session/shown-paper.js'

/** What the reader added to a record. */
type OwnField = 'note' | 'labels' | 'decision' | 'reason'

/** Where formats keep it, if not under these names. */
const FIELDS: Partial<Record<WrittenFormat, Readonly<Record<OwnField, string>>>> = {
  bibtex: { note: 'annote', labels: 'labels', decision: 'screening', reason: 'screening-reason' },
  ris: { note: 'N1', labels: 'LB', decision: 'C4', reason: 'C5' },
  'endnote-xml': { note: 'research-notes', labels: 'custom1', decision: 'custom4', reason: 'custom5' },
  'csl-json': { note: 'note', labels: 'labels', decision: 'screening', reason: 'screening-reason' },
}
const OWN_FORMATS: Partial<Record<WrittenFormat, string>> = {
  bibtex: 'bibtex',
  ris: 'ris',
  'csl-json': 'csl',
  'endnote-xml': 'endnote-xml',
}
const DECISIONS = { include: 'included', exclude: 'excluded', maybe: 'maybe', skip: '' } as const

/**
 * A record as the writers take it: the note, the labels and the decision of a screening are fields of their own, apart from what the file
 * had.
 */
export function writablePaper(record: PaperRecord, format: WrittenFormat, answer?: Answer): Paper {
  const { labels: _, note, original: __, doubt: ___, ...paper } = toPaper(record) as Paper & Record<string, unknown>
  const own: Readonly<Record<OwnField, string>> = {
    note: typeof note === 'string' ? note.trim() : '',
    labels: labelsOf(record).join('; '),
    decision: answer ? DECISIONS[answer.verdict] : '',
    reason: answer?.reason ?? '',
  }
  const given = (Object.keys(own) as OwnField[]).filter((name) => own[name] !== '')
  if (given.length === 0) return paper as Paper
  const from = paper.source?.format
  // The names by which the reader's own fields become those of another format; see `foreignFields`.
  const isForeign = from !== undefined && format in OWN_FORMATS && from !== OWN_FORMATS[format]
  const fields = { ...paper.fields }
  for (const name of given) {
    const target = isForeign ? `reader-${name}` : (FIELDS[format]?.[name] ?? name)
    fields[target] = name === 'note' ? noteOf(fields[target], own.note, format) : [own[name]]
  }
  // As data sets of screenings have it.
  if (own.decision === 'included' || own.decision === 'excluded')
    if (!(format in FIELDS)) fields.included = [own.decision === 'included' ? '1' : '0']
  return { ...paper, fields } as Paper
}

/** RIS can repeat a tag; the others have one value. */
function noteOf(before: readonly string[] | undefined, note: string, format: WrittenFormat): string[] {
  if (!before) return [note]
  return format === 'ris' ? [...before, note] : [[...before, note].join('\n\n')]
}
