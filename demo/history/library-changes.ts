import type { PaperRecord } from '../../src/index.js'
import type { PlacedPapers } from '../imports/place-papers.js'
import type { LibrarySession } from '../session/library-session.js'
import { labelsOf, shownPaper, sourceOf, withMergedAnnotations } from '../session/shown-paper.js'
import { checkSpace } from '../storage/persistence.js'
import { canUndo, type DuplicateMethod, type Fields, type GoneRecord, type HistoryEntry, type MergedAway } from './history.js'
import { recordKey } from './record-keys.js'
import { restoredPapers } from './restore.js'

/** Records read from one source, placed for a library. */
export interface SourceImport {
  source: string
  files: readonly string[]
  fileKey: number
  format: string
  leftOut: number
  placed: PlacedPapers
}

/**
 * Adds what was read. If it does not fit, nothing is added.
 *
 * @param bringBack Whether records that were merged or removed before are added again.
 * @returns How many papers were added.
 * @throws StorageFull; what the index throws.
 */
export async function addImports(
  session: LibrarySession,
  imports: readonly SourceImport[],
  { bringBack = false } = {},
): Promise<number> {
  const news = imports.map(({ placed: { added, merged, removed } }) => (bringBack ? [...added, ...merged, ...removed] : added))
  const papers = news.flat()
  await checkSpace(bytesOf(papers))
  const known = await updated(
    session,
    imports.flatMap(({ placed }) => placed.known),
  )
  try {
    await session.add([...papers, ...known])
    for (const [index, { placed, ...about }] of imports.entries()) {
      const back = [...placed.merged, ...placed.removed]
      await session.history.append({
        kind: 'import',
        source: about.source,
        files: about.files,
        fileKey: about.fileKey,
        format: about.format,
        read: placed.added.length + placed.known.length + back.length,
        leftOut: about.leftOut,
        known: placed.known.length,
        merged: bringBack ? 0 : placed.merged.length,
        removed: bringBack ? 0 : placed.removed.length,
        added: news[index]!.length - (bringBack ? back.length : 0),
        restored: bringBack ? back.map(({ id }) => id) : [],
      })
    }
  } catch (error) {
    await session.remove(papers.map(({ id }) => id)).catch(() => {})
    throw error
  }
  return papers.length
}

/** Known records with what their file says now; those that were edited or merged keep what they have, and only gain. */
async function updated(session: LibrarySession, records: readonly PaperRecord[]): Promise<PaperRecord[]> {
  const touched = new Set(
    session.history.entries.flatMap((entry) => (entry.kind === 'merge' ? entry.kept : [])).map(({ id }) => id),
  )
  const byId = new Map((await session.fullPapers(records.map(({ id }) => id))).map((paper) => [paper.id, paper]))
  return records.flatMap((record) => {
    const there = byId.get(record.id)
    if (!there) return []
    if (there.original !== undefined || touched.has(record.id)) return [{ ...record, ...there }]
    const { labels, note } = there
    return [{ ...record, ...(labels !== undefined && { labels }), ...(note !== undefined && { note }) }]
  })
}

/** Removes papers; the bin keeps them. */
export async function removePapers(session: LibrarySession, ids: readonly string[]): Promise<HistoryEntry> {
  const before = await session.fullPapers(ids)
  const action = { kind: 'removal', removed: before.map((paper) => goneRecord(paper)), bytes: bytesOf(before) } as const
  const entry = await session.history.append(action, { before, after: [] })
  await session.remove(ids)
  return entry
}

/**
 * Puts merged records in place of their duplicates, with the labels and notes of all. Other papers are not touched; the bin keeps
 * all of them as they were.
 *
 * @param merged The papers that stay, under their ids.
 */
export async function mergePapers(
  session: LibrarySession,
  merged: readonly PaperRecord[],
  away: readonly MergedAway[],
  method: DuplicateMethod,
): Promise<HistoryEntry> {
  const awayById = new Map(away.map((record) => [record.id, record]))
  const keptIds = new Set(away.map(({ keptId }) => keptId))
  const before = await session.fullPapers([...keptIds, ...awayById.keys()])
  const after = withMergedAnnotations(
    merged.filter(({ id }) => keptIds.has(id)),
    before,
    away,
  )
  const removed = before.flatMap((paper) => {
    const to = awayById.get(paper.id)
    return to ? [goneRecord(paper, to)] : []
  })
  const kept = before.filter(({ id }) => keptIds.has(id)).map((paper) => ({ id: paper.id, key: recordKey(paper) }))
  const bin = { before, after }
  await checkSpace(bytesOf(before) + bytesOf(after))
  const entry = await session.history.append(
    { kind: 'merge', ...method, removed, kept, bytes: bytesOf([...before, ...after]) },
    bin,
  )
  try {
    await session.add(after)
    await session.remove([...awayById.keys()])
  } catch (error) {
    await undoEntry(session, entry).catch(() => {})
    throw error
  }
  return entry
}

/** Changes fields of a record by hand; the record keeps what its file said as `original`. @param fields `null` clears one. */
export async function editPaper(session: LibrarySession, id: string, fields: Fields): Promise<HistoryEntry | null> {
  const paper = await session.fullPaper(id)
  if (!paper) return null
  const changed = Object.keys(fields).filter((name) => !isEqual(paper[name], fields[name]))
  if (changed.length === 0) return null
  const pick = (from: Fields) => Object.fromEntries(changed.map((name) => [name, from[name] ?? null]))
  const [before, after] = [pick(paper), pick(fields)]
  const originals = Object.entries({ ...before, ...(paper.original as Fields | undefined) })
  const original = Object.fromEntries(originals.filter(([name, value]) => !(name in after) || !isEqual(value, after[name])))
  const isEdited = Object.keys(original).length > 0
  await session.add([withFields(paper, { ...after, original: isEdited ? original : null })])
  return session.history.append({ kind: 'edit', paper: id, title: shownPaper(paper).title, before, after })
}

/** Gives papers labels that were suggested for them. */
export async function giveLabels(
  session: LibrarySession,
  given: readonly (readonly [paper: string, label: string])[],
): Promise<HistoryEntry> {
  await relabel(session, given, (labels, label) => [...new Set([...labels, label])])
  const { model } = session.info
  const stamp = model && { id: model.id, dtype: model.dtype, adapter: model.adapter }
  return session.history.append({ kind: 'labels', given, model: stamp })
}

async function relabel(
  session: LibrarySession,
  given: readonly (readonly [paper: string, label: string])[],
  change: (labels: string[], label: string) => string[],
): Promise<number> {
  const byPaper = new Map<string, string[]>()
  for (const [paper, label] of given) byPaper.set(paper, [...(byPaper.get(paper) ?? []), label])
  const papers = await session.fullPapers([...byPaper.keys()])
  await session.add(papers.map((paper) => ({ ...paper, labels: byPaper.get(paper.id)!.reduce(change, labelsOf(paper)) })))
  return papers.length
}

/**
 * Takes an entry back: brings back what it removed, or sets back what it edited.
 *
 * @returns How many papers came back or were changed; `null` if the bin no longer has them.
 */
export async function undoEntry(session: LibrarySession, entry: HistoryEntry): Promise<number | null> {
  const { history } = session
  if (!canUndo(entry, history.state)) return null
  if (entry.kind === 'edit') {
    const paper = await session.fullPaper(entry.paper)
    if (!paper) return null
    const original = Object.fromEntries(
      Object.entries((paper.original as Fields | undefined) ?? {}).filter(
        ([name, value]) => !(name in entry.before) || !isEqual(value, entry.before[name]),
      ),
    )
    const isEdited = Object.keys(original).length > 0
    await session.add([withFields(paper, { ...entry.before, original: isEdited ? original : null })])
    await history.append({ kind: 'undo', of: entry.id, restored: [] })
    return 1
  }
  if (entry.kind === 'labels') {
    const count = await relabel(session, entry.given, (labels, label) => labels.filter((other) => other !== label))
    await history.append({ kind: 'undo', of: entry.id, restored: [] })
    return count
  }
  if (entry.kind !== 'merge' && entry.kind !== 'removal') return null
  const bin = await history.bin(entry.id)
  if (!bin) return null
  // Those that came back since, or that another entry has removed since, are not this one's any more.
  const restored = entry.removed.map(({ id }) => id).filter((id) => history.state.gone.get(id)?.entry.id === entry.id)
  const removed = new Set(restored)
  const current = new Map((await session.fullPapers(bin.before.map(({ id }) => id))).map((paper) => [paper.id, paper]))
  const papers = restoredPapers(bin, removed, (id) => current.get(id))
  await session.add(papers)
  await history.append({ kind: 'undo', of: entry.id, restored })
  return restored.length
}

/** The latest thing that can be undone. */
export function lastUndoable({ history }: LibrarySession): HistoryEntry | null {
  return history.entries.findLast((entry) => canUndo(entry, history.state)) ?? null
}

/** As many papers are measured. */
const SAMPLED = 1000

function goneRecord(paper: PaperRecord, to?: MergedAway): GoneRecord {
  return {
    id: paper.id,
    source: sourceOf(paper) ?? '',
    key: recordKey(paper),
    ...(to && { keptId: to.keptId }),
    ...(to?.byHand && { byHand: true }),
  }
}

const isEqual = (a: unknown, b: unknown) => JSON.stringify(a ?? null) === JSON.stringify(b ?? null)

function withFields(paper: PaperRecord, fields: Fields): PaperRecord {
  const all = Object.entries({ ...paper, ...fields }).filter(([, value]) => value !== null && value !== undefined)
  return { title: '', ...Object.fromEntries(all), id: paper.id } as PaperRecord
}

function bytesOf(papers: readonly PaperRecord[]): number {
  // Close enough: of every so many, and one byte for a character, as most are.
  const step = Math.ceil(papers.length / SAMPLED)
  const sample = papers.filter((_, index) => index % step === 0)
  return Math.round((sample.reduce((sum, paper) => sum + JSON.stringify(paper).length, 0) * papers.length) / (sample.length || 1))
}
