import type { PaperRecord } from '../../src/index.js'

/** A paper as the page shows it. Records may come from anybody's file, so values of the wrong type are left out. */
export interface ShownPaper {
  id: string
  title: string
  abstract: string
  authors: readonly string[]
  year: number | null
  venue: string | null
  type: string | null
  doi: string | null
  pmid: string | null
  arxivId: string | null
  /** `http` or `https`. */
  url: string | null
  /** The file it was imported from. */
  source: string | null
  labels: readonly string[]
  note: string
}

export function shownPaper(record: PaperRecord): ShownPaper {
  return {
    id: record.id,
    title: record.title.trim() || 'Without a title',
    abstract: record.abstract ?? '',
    authors: Array.isArray(record.authors) ? record.authors.flatMap(authorName) : [],
    year: typeof record.year === 'number' && Number.isFinite(record.year) ? record.year : null,
    venue: text(record.venue),
    type: text(record.type),
    doi: text(record.doi),
    pmid: text(record.pmid),
    arxivId: text(record.arxivId),
    url: webAddress(record.url),
    source: sourceOf(record),
    labels: labelsOf(record),
    note: typeof record.note === 'string' ? record.note : '',
  }
}

/** The reader's labels. They are a field of the record, so exports include them. */
export function labelsOf({ labels }: PaperRecord): string[] {
  return Array.isArray(labels) ? labels.filter((label) => typeof label === 'string') : []
}

/** Merged papers with the labels and notes of all papers that went into them. */
export function withMergedAnnotations(
  merged: readonly PaperRecord[],
  before: readonly PaperRecord[],
  removed: readonly { id: string; keptId: string }[],
): PaperRecord[] {
  const byId = new Map(before.map((paper) => [paper.id, paper]))
  const mergedInto = new Map<string, string[]>()
  for (const { id, keptId } of removed) mergedInto.set(keptId, [...(mergedInto.get(keptId) ?? [keptId]), id])
  return merged.map((paper) => {
    const members = (mergedInto.get(paper.id) ?? []).flatMap((id) => byId.get(id) ?? [])
    const labels = [...new Set(members.flatMap(labelsOf))]
    const notes = [...new Set(members.flatMap(({ note }) => text(note) ?? []))]
    return {
      ...paper,
      ...(labels.length > 0 && { labels }),
      ...(notes.length > 0 && { note: notes.join('\n\n') }),
    }
  })
}

export function sourceOf(record: PaperRecord): string | null {
  const { source } = record
  return typeof source === 'object' && source !== null && 'file' in source ? text(source.file) : text(source)
}

function authorName(author: unknown): string[] {
  if (typeof author === 'string') return [author]
  if (typeof author !== 'object' || author === null) return []
  const { given, family, suffix, name } = author as Record<string, unknown>
  const parts = [given, family, suffix].filter((part) => typeof part === 'string' && part !== '')
  const full = parts.length > 0 ? parts.join(' ') : text(name)
  return full ? [OTHERS.test(full) ? 'et al.' : full] : []
}

/** How files write that a list of authors goes on. */
const OTHERS = /^(?:et\.? al|al\.? et|others)\.?$/i

/** A value that is a text and not blank. */
export function text(value: unknown): string | null {
  return typeof value === 'string' && value.trim() !== '' ? value : null
}

/** Never `javascript:` or `data:`. */
function webAddress(value: unknown): string | null {
  if (typeof value !== 'string') return null
  try {
    const { protocol, href } = new URL(value)
    return ['http:', 'https:'].includes(protocol) ? href : null
  } catch {
    return null
  }
}
