import type { PaperRecord } from '../../src/index.js'

/** Papers as they are added to a library. */
export interface PlacedPapers {
  papers: PaperRecord[]
  /** How many are new. */
  added: number
  /** How many replace a record of the same work that the library has already. */
  known: number
}

/**
 * Gives papers the ids under which they are added. The same record read again replaces the one in the library and takes over
 * its labels and note. Another work with the same id, which two files may have, gets a new id.
 *
 * @param existing Papers of the library by id; abstracts are not needed.
 */
export function placePapers(papers: readonly PaperRecord[], existing: (id: string) => PaperRecord | undefined): PlacedPapers {
  const taken = new Set<string>()
  let known = 0
  const placed = papers.map((paper) => {
    let id = paper.id
    for (let count = 2; ; count++) {
      const present = existing(id)
      if (!taken.has(id) && (!present || isSameWork(present, paper))) break
      id = `${paper.id}~${count}`
    }
    taken.add(id)
    const present = existing(id)
    if (!present) return { ...paper, id }
    known++
    return { ...paper, id, ...annotations(present) }
  })
  return { papers: placed, added: placed.length - known, known }
}

function isSameWork(a: PaperRecord, b: PaperRecord): boolean {
  return folded(a.title) === folded(b.title) && (a.year ?? null) === (b.year ?? null)
}

function folded(title: string): string {
  return title
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()
}

function annotations({ labels, note }: PaperRecord): Record<string, unknown> {
  return { ...(labels !== undefined && { labels }), ...(note !== undefined && { note }) }
}
