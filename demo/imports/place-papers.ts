import type { PaperRecord } from '../../src/index.js'

/** What becomes of papers that are added to a library. */
export interface PlacedPapers {
  papers: PaperRecord[]
  /** How many are new. */
  added: number
  /** How many are in the library already, as the same record of the same work. */
  known: number
}

/**
 * Papers with ids that are free in the library. The same record read again takes the place of the one that is there, with the
 * labels and the note that it was given; another work under the same key, as two files may have, gets a new id.
 *
 * @param existing Papers of the library by id; abstracts are not needed.
 */
export function placePapers(papers: readonly PaperRecord[], existing: (id: string) => PaperRecord | undefined): PlacedPapers {
  const taken = new Set<string>()
  let known = 0
  const placed = papers.map((paper) => {
    let id = paper.id
    for (let count = 2; ; count++) {
      const there = existing(id)
      if (!taken.has(id) && (!there || isSameWork(there, paper))) break
      id = `${paper.id}~${count}`
    }
    taken.add(id)
    const there = existing(id)
    if (!there) return { ...paper, id }
    known++
    return { ...paper, id, ...annotations(there) }
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
