import type { PaperRecord } from '../../src/index.js'
import { type HistoryEntry, replay } from '../history/history.js'
import { baseId, recordKey } from '../history/record-keys.js'

/**
 * What a record is to a library: new; there already; or merged into another before, or removed, and then not to be added unless
 * the reader wants it back.
 */
export type Place = 'added' | 'known' | 'merged' | 'removed'

/** Records under their ids in the library, by their place. */
export type PlacedPapers = Readonly<Record<Place, readonly PaperRecord[]>>

/** A record as its file has it, under its id in the library. */
export interface PlacedPaper {
  place: Place
  paper: PaperRecord
}

export function byPlace(placed: readonly PlacedPaper[]): PlacedPapers {
  const of = (wanted: Place) => placed.filter(({ place }) => place === wanted).map(({ paper }) => paper)
  return { added: of('added'), known: of('known'), merged: of('merged'), removed: of('removed') }
}

/** Records placed before the page gets its turn. */
const SLICE = 500

/**
 * Tells new records from those that the library has, and from those that it had and that were merged or removed. A record is known
 * by its key, title, year and source; the same work of another source is another record, which a search for duplicates finds. Another record with the same id, which two files may have, gets a new id.
 *
 * @param library Papers of the library; abstracts are not needed.
 * @returns In the order of `papers`.
 */
export async function placePapers(
  papers: readonly PaperRecord[],
  library: readonly PaperRecord[],
  history: readonly HistoryEntry[],
): Promise<PlacedPaper[]> {
  const places = new Map<number, string[]>()
  const enter = (id: string, key: number) => {
    const ids = places.get(key)
    if (ids) ids.push(id)
    else places.set(key, [id])
  }
  const { gone } = replay(history)
  const present = new Set<string>()
  await inSlices(library, (paper) => {
    present.add(paper.id)
    enter(paper.id, recordKey(paper))
  })
  for (const { record } of gone.values()) enter(record.id, record.key)
  for (const entry of history) if (entry.kind === 'merge') for (const { id, key } of entry.kept) enter(id, key)

  const taken = new Set<string>()
  const counts = new Map<string, number>()
  const newId = (id: string): string => {
    const isFree = (candidate: string) => !taken.has(candidate) && !present.has(candidate) && !gone.has(candidate)
    if (isFree(id)) return id
    const base = baseId(id)
    for (let count = counts.get(base) ?? 2; ; count++) {
      const candidate = `${base}~${count}`
      if (!isFree(candidate)) continue
      counts.set(base, count + 1)
      return candidate
    }
  }
  const placed: PlacedPaper[] = []
  await inSlices(papers, (paper) => {
    const known = places.get(recordKey(paper))?.find((id) => !taken.has(id) && (present.has(id) || gone.has(id)))
    const id = known ?? newId(paper.id)
    taken.add(id)
    const place =
      known === undefined ? 'added' : present.has(id) ? 'known' : gone.get(id)!.kind === 'merge' ? 'merged' : 'removed'
    placed.push({ place, paper: { ...paper, id } })
  })
  return placed
}

async function inSlices<T>(items: readonly T[], act: (item: T) => void): Promise<void> {
  for (let first = 0; first < items.length; first += SLICE) {
    if (first > 0) await new Promise((resolve) => setTimeout(resolve))
    for (const item of items.slice(first, first + SLICE)) act(item)
  }
}
