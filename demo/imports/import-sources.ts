import type { PaperRecord } from '../../src/index.js'
import type { HistoryEntry } from '../history/history.js'
import type { SourceImport } from '../history/library-changes.js'
import { fileKey } from '../history/record-keys.js'
import { formatCount } from '../ui/format.js'
import { byPlace, type PlacedPaper } from './place-papers.js'

/** What was read from one file. */
export interface ReadFile {
  name: string
  format: string
  /** Records that could not be read. */
  leftOut: number
  papers: PaperRecord[]
  /** The papers' `contentKey`s, computed as they are read: all at once would block the page. */
  contents: number[]
}

/** The name of a file's source: as the reader called it when the same file came before, else the file's own name. */
export function suggestedSource({ name, contents }: ReadFile, history: readonly HistoryEntry[]): string {
  const key = fileKey(contents)
  const imports = history.filter((entry) => entry.kind === 'import')
  const before = imports.findLast((entry) => entry.fileKey === key) ?? imports.findLast(({ files }) => files.includes(name))
  return before?.source || name
}

/** One import for each file. @param placed All papers of all files, in their order. */
export function importsOf(
  files: readonly ReadFile[],
  sources: ReadonlyMap<string, string>,
  placed: readonly PlacedPaper[],
): SourceImport[] {
  let at = 0
  return files.flatMap(({ name, format, leftOut, papers, contents }) => {
    const own = placed.slice(at, at + papers.length)
    at += papers.length
    if (papers.length + leftOut === 0) return []
    const source = sources.get(name) ?? name
    return [{ source, files: [name], fileKey: fileKey(contents), format, leftOut, placed: byPlace(own) }]
  })
}

/** What becomes of records that the library has, or had. */
export function placeNote(counts: { known: number; merged: number; removed: number; bringBack: boolean }): string {
  const were = (count: number) => (count === 1 ? 'was' : 'were')
  const { known, merged, removed, bringBack } = counts
  const parts = [
    ...(known > 0 ? [`${formatCount(known)} here already`] : []),
    ...(merged > 0 ? [`${formatCount(merged)} ${were(merged)} merged before`] : []),
    ...(removed > 0 ? [`${formatCount(removed)} ${were(removed)} removed before`] : []),
  ]
  if (parts.length === 0) return ''
  return `${parts.join(', ')}${merged + removed > 0 && !bringBack ? ' and will not come back' : ''}.`
}

export const isBackNote = (count: number) => ` Bring back the ${formatCount(count)} that left this library`
