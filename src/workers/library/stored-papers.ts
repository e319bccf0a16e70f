import type { PaperRecord } from '../../core/papers/paper-record.js'
import { hasRow, type RowSet, removeRow, rowSet } from '../../core/search/row-set.js'
import type { IndexMeta, IndexStore } from './index-store.js'
import type { Hit, SearchScope } from './library-protocol.js'
import { joinPaper } from './paper-parts.js'
import type { RankedPaper } from './rank-papers.js'

/** Papers by id; `null` for unknown ids. */
export async function papersOf(store: IndexStore, ids: readonly string[]): Promise<(PaperRecord | null)[]> {
  const stored = await store.papersById(ids)
  const abstracts = await store.abstracts(stored.map((paper) => paper?.row ?? -1))
  return stored.map((paper, index) => (paper ? joinPaper(paper.paper, abstracts[index]) : null))
}

/** Rows of papers by id; `null` for unknown ids. */
export async function rowsById(store: IndexStore, ids: readonly string[]): Promise<(number | null)[]> {
  return (await store.papersById(ids)).map((stored) => stored?.row ?? null)
}

/** The rows that a search may find; `null` means all. */
export async function scopeRows(
  store: IndexStore,
  { rows, ids, except }: SearchScope,
  { nextRow, live }: IndexMeta,
): Promise<RowSet | null> {
  if (!rows && !ids && except.length === 0) return null
  let scope: RowSet = rows ?? live
  if (ids) {
    const found = (await rowsById(store, ids)).filter((row) => row !== null)
    scope = rowSet(
      found.filter((row) => hasRow(scope, row)),
      nextRow,
    )
  }
  if (except.length === 0) return scope
  const allowed = scope.slice()
  for (const row of await rowsById(store, except)) if (row !== null) removeRow(allowed, row)
  return allowed
}

/** Ranked papers with their records. */
export async function rankedHits(store: IndexStore, ranked: readonly RankedPaper[]): Promise<Hit[]> {
  const rows = ranked.map(({ row }) => row)
  const [papers, abstracts] = await Promise.all([store.papersByRow(rows), store.abstracts(rows)])
  return ranked.flatMap(({ row: _, ...hit }, index) => {
    const stored = papers[index]
    // Another tab may just have removed it.
    return stored ? [{ id: stored.paper.id, ...hit, paper: joinPaper(stored.paper, abstracts[index]) }] : []
  })
}
