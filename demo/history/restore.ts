import type { PaperRecord } from '../../src/index.js'
import type { Bin } from './history.js'

/**
 * The papers to store so that an entry is undone: the records that were removed, and the papers that they were merged into, as they
 * were before. What the reader changed in those since, such as labels and notes, stays.
 *
 * @param current Papers of the library by id.
 * @param removed Ids of the records that the entry removed.
 */
export function restoredPapers(
  { before, after }: Bin,
  removed: ReadonlySet<string>,
  current: (id: string) => PaperRecord | undefined,
): PaperRecord[] {
  const merged = new Map(after.map((paper) => [paper.id, paper]))
  return before.flatMap((paper) => {
    const now = current(paper.id)
    if (removed.has(paper.id)) return now ? [] : [paper]
    const then = merged.get(paper.id)
    // One that is gone was removed or merged since: that entry brings it back.
    return now && then ? [withoutMerge(paper, then, now)] : []
  })
}

/** Each field as before the merge, unless it has changed since. */
function withoutMerge(before: PaperRecord, merged: PaperRecord, now: PaperRecord): PaperRecord {
  const names = new Set([...Object.keys(before), ...Object.keys(merged), ...Object.keys(now)])
  const isSame = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b)
  const fields = [...names].map((name) => [name, isSame(now[name], merged[name]) ? before[name] : now[name]])
  return Object.fromEntries(fields.filter(([, value]) => value !== undefined)) as PaperRecord
}
