import type { Preset, PrismaCounts } from '../../src/core/duplicates/index.js'
import type { Paper } from '../../src/core/papers/index.js'
import type { ModelStamp, PaperRecord } from '../../src/index.js'

/** A record that left the library. */
export interface GoneRecord {
  id: string
  /** Name of its source; `''` if it had none. */
  source: string
  /** By which it is known again: its `recordKey`. */
  key: number
  /** The paper that it was merged into. */
  keptId?: string
  /** Whether a person judged a pair of its group. */
  byHand?: boolean
}

/** A paper that is merged into another one. */
export interface MergedAway {
  id: string
  keptId: string
  /** Whether a person judged a pair of its group. */
  byHand: boolean
}

/** How duplicates were found. */
export interface DuplicateMethod {
  preset: Preset
  /** Whose vectors were compared; `null`: none. */
  model: Pick<ModelStamp, 'id' | 'dtype' | 'adapter'> | null
  /** Of this tool. */
  version: string
}

/** Numbers of records of one import from one source. */
export interface ImportCounts {
  read: number
  /** Could not be read. */
  leftOut: number
  /** Were in the library already. */
  known: number
  /** Were merged or removed before, and did not come back. */
  merged: number
  removed: number
  added: number
}

export type HistoryAction =
  | ({
      kind: 'import'
      /** As the reader calls it: "PubMed, 12 Nov 2026". */
      source: string
      files: readonly string[]
      /** The file's `fileKey`, by which it is known under another name; 0 if unknown. */
      fileKey: number
      format: string
      /** Ids of merged or removed records that the reader brought back. */
      restored: readonly string[]
      /** Whether the library is older than its history: the counts are then those of the papers that it had. */
      reconstructed?: boolean
    } & ImportCounts)
  | ({ kind: 'duplicates'; papers: number; groups: number; duplicates: number } & DuplicateMethod)
  | ({
      kind: 'merge'
      removed: readonly GoneRecord[]
      /** The papers that stayed, as they were before. */
      kept: readonly Pick<GoneRecord, 'id' | 'key'>[]
      /** In the bin. */
      bytes: number
    } & DuplicateMethod)
  | { kind: 'removal'; removed: readonly GoneRecord[]; bytes: number }
  | { kind: 'edit'; paper: string; title: string; before: Fields; after: Fields }
  /** Labels that were suggested by the tool and accepted by a person. */
  | { kind: 'labels'; given: readonly (readonly [paper: string, label: string])[]; model: DuplicateMethod['model'] }
  /** A second reviewer's decisions were compared with those of this library. */
  | { kind: 'comparison'; reviewer: string; file: string; both: number; conflicts: number; kappa: number | null }
  | { kind: 'undo'; of: string; restored: readonly string[] }
  /** The bin was emptied of these entries, which can no longer be undone. */
  | { kind: 'emptied'; of: readonly string[] }

/** Fields of a record; `null` for one that it lacks. */
export type Fields = Readonly<Record<string, unknown>>

/** One thing that was done to a library. Entries are never changed: what is undone gets an entry of its own. */
export type HistoryEntry = HistoryAction & {
  /** Ascending in time. */
  id: string
  /** Milliseconds since 1970. */
  at: number
}

/** Records in the bin, as they were before an entry; for a merge also the papers that stayed, before and after it. */
export interface Bin {
  before: readonly PaperRecord[]
  after: readonly PaperRecord[]
}

/** What the entries say, as of the last one. */
export interface HistoryState {
  /** Records that are merged or removed now, by id. */
  gone: ReadonlyMap<string, { record: GoneRecord; entry: HistoryEntry; kind: 'merge' | 'removal' }>
  undone: ReadonlySet<string>
  emptied: ReadonlySet<string>
}

/** @param entries Oldest first. */
export function replay(entries: readonly HistoryEntry[]): HistoryState {
  const gone = new Map<string, { record: GoneRecord; entry: HistoryEntry; kind: 'merge' | 'removal' }>()
  const undone = new Set<string>()
  const emptied = new Set<string>()
  for (const entry of entries) {
    if (entry.kind === 'merge' || entry.kind === 'removal')
      for (const record of entry.removed) gone.set(record.id, { record, entry, kind: entry.kind })
    if (entry.kind === 'import' || entry.kind === 'undo') for (const id of entry.restored) gone.delete(id)
    if (entry.kind === 'undo') undone.add(entry.of)
    if (entry.kind === 'emptied') for (const id of entry.of) emptied.add(id)
  }
  return { gone, undone, emptied }
}

/** The history of a library that has none: an import for each source of its papers. */
export function reconstructed(papers: readonly (PaperRecord | Paper)[]): HistoryAction[] {
  const counts = new Map<string, number>()
  for (const { source } of papers) {
    const file = typeof source === 'object' && source !== null && 'file' in source ? source.file : source
    const name = typeof file === 'string' ? file : ''
    counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  return [...counts].map(([source, added]) => ({
    kind: 'import',
    source,
    files: source === '' ? [] : [source],
    fileKey: 0,
    format: '',
    read: added,
    leftOut: 0,
    known: 0,
    merged: 0,
    removed: 0,
    added,
    restored: [],
    reconstructed: true,
  }))
}

/** What an entry did that can still be taken back. */
export function canUndo({ id, kind }: HistoryEntry, { undone, emptied }: HistoryState): boolean {
  return ['merge', 'removal', 'edit', 'labels'].includes(kind) && !undone.has(id) && !emptied.has(id)
}

/** A line of the table of sources: all imports of one source. */
export interface SourceRow extends ImportCounts {
  source: string
  files: readonly string[]
  formats: readonly string[]
  /** When it was first and last imported, in milliseconds since 1970; `null` if that is older than the history. */
  imported: readonly [first: number, last: number] | null
}

export function sourceRows(entries: readonly HistoryEntry[]): SourceRow[] {
  const rows = new Map<string, SourceRow>()
  for (const entry of entries) {
    if (entry.kind !== 'import') continue
    const { source, files, format, at } = entry
    const row = rows.get(source)
    const imported = entry.reconstructed ? null : ([row?.imported?.[0] ?? at, at] as const)
    const counts = COUNTS.map((name) => [name, (row?.[name] ?? 0) + entry[name]])
    rows.set(source, {
      source,
      files: [...new Set([...(row?.files ?? []), ...files])],
      formats: [...new Set([...(row?.formats ?? []), format])].filter((name) => name !== ''),
      imported,
      ...(Object.fromEntries(counts) as unknown as ImportCounts),
    })
  }
  return [...rows.values()]
}

const COUNTS = ['read', 'leftOut', 'known', 'merged', 'removed', 'added'] as const satisfies (keyof ImportCounts)[]

/**
 * The counts of a review. They are the same before and after duplicates are merged.
 *
 * @param found Duplicates that are still in the library.
 * @param judged Pairs that a person judged.
 */
export function countsOf(
  entries: readonly HistoryEntry[],
  found: readonly Pick<MergedAway, 'byHand'>[],
  judged: PrismaCounts['judged'],
): PrismaCounts {
  const { gone } = replay(entries)
  const identified = sourceRows(entries).map(({ source, added }) => ({ source, records: added }))
  const total = identified.reduce((sum, { records }) => sum + records, 0)
  const merged = [...gone.values()].filter(({ kind }) => kind === 'merge').map(({ record }) => record)
  const duplicates = [...merged, ...found]
  const removed = gone.size - merged.length
  return {
    identified,
    total,
    duplicates: duplicates.length,
    byHand: duplicates.filter(({ byHand }) => byHand).length,
    removed,
    screened: total - duplicates.length - removed,
    judged,
  }
}

/** How the duplicates that are merged now were found; if none are, how they were searched for last; `null`: not at all. */
export function lastMethod(entries: readonly HistoryEntry[]): DuplicateMethod | null {
  const { undone } = replay(entries)
  const merge = entries.findLast((entry) => entry.kind === 'merge' && !undone.has(entry.id))
  const last = merge ?? entries.findLast((entry) => entry.kind === 'duplicates')
  return last?.kind === 'merge' || last?.kind === 'duplicates' ? last : null
}

/**
 * Works that two sources share, for each pair of sources: by what was merged, and by groups that were found since.
 *
 * @param sourceOfPaper The source of a paper of the library.
 */
export function overlapsOf(
  { gone }: HistoryState,
  groups: readonly { ids: readonly string[] }[],
  sourceOfPaper: (id: string) => string | null,
): { a: string; b: string; works: number }[] {
  const root = new Map<string, string>()
  const rootOf = (id: string): string => {
    let at = id
    // A paper that was merged into one that was merged later.
    for (let next = root.get(at); next !== undefined && next !== at; next = root.get(at)) at = next
    return at
  }
  for (const { record, kind } of gone.values()) {
    // A damaged history may merge papers in a circle.
    if (kind === 'merge' && record.keptId !== undefined && rootOf(record.keptId) !== record.id) root.set(record.id, record.keptId)
  }
  for (const { ids } of groups) for (const id of ids.slice(1)) root.set(rootOf(id), rootOf(ids[0]!))
  const sources = new Map<string, Set<string>>()
  const enter = (id: string) => {
    const source = gone.get(id)?.record.source ?? sourceOfPaper(id)
    if (!source) return
    const key = rootOf(id)
    sources.set(key, (sources.get(key) ?? new Set()).add(source))
  }
  for (const [id, kept] of root) for (const each of [id, kept]) enter(each)
  const counts = new Map<string, number>()
  for (const shared of sources.values()) {
    const names = [...shared].sort()
    for (const [index, a] of names.entries())
      for (const b of names.slice(index + 1)) {
        const key = JSON.stringify([a, b])
        counts.set(key, (counts.get(key) ?? 0) + 1)
      }
  }
  return [...counts]
    .map(([key, works]) => {
      const [a, b] = JSON.parse(key) as [string, string]
      return { a, b, works }
    })
    .sort((x, y) => y.works - x.works)
}
