import type { Paper } from '../papers/paper.js'
import type { DuplicateResult } from './group-duplicates.js'
import type { MergedLibrary } from './merge-library.js'

const COLUMNS = ['group', 'id', 'key', 'source', 'kept', 'confidence', 'rule', 'title', 'year', 'venue', 'doi'] as const

/**
 * The groups as CSV (RFC 4180), one line per paper: whether it is kept, and by which rule and with what confidence it is in its group.
 *
 * @example
 * const csv = groupTable(duplicates, papers, mergeLibrary(papers, duplicates.groups))
 * show(csv)
 */
export function groupTable(
  { groups }: Pick<DuplicateResult, 'groups'>,
  papers: readonly Paper[],
  { removed }: Pick<MergedLibrary, 'removed'>,
): string {
  const byId = new Map(papers.map((paper) => [paper.id, paper]))
  const gone = new Set(removed.map(({ paper }) => paper.id))
  const lines: (readonly (string | number | undefined)[])[] = [COLUMNS]
  for (const [index, { ids, pairs }] of groups.entries())
    for (const id of ids) {
      const paper = byId.get(id)
      if (!paper) continue
      const link = pairs.find(({ a, b }) => a === id || b === id)
      const { key, source, title, year, venue, doi } = paper
      const kept = gone.has(id) ? 'no' : 'yes'
      lines.push([index + 1, id, key, source?.file, kept, link?.confidence.toFixed(3), link?.rule, title, year, venue, doi])
    }
  return lines.map((line) => `${line.map(cell).join(',')}\r\n`).join('')
}

const cell = (value: string | number | undefined) => {
  const text = String(value ?? '')
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
