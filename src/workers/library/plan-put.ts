import { type ModelStamp, modelKey } from '../../core/model-folder/model-stamp.js'
import type { PaperRecord } from '../../core/papers/paper-record.js'
import { addRow, removeRow, withRoom } from '../../core/search/row-set.js'
import { type Change, type IndexMeta, type IndexStore, withComputedBy } from './index-store.js'
import type { PutResult } from './library-protocol.js'
import { isSamePaper, joinPaper, paperBytes, splitPaper } from './paper-parts.js'
import { segmentOf } from './segment.js'
import type { VectorView } from './vector-view.js'
import { type VectorViews, withCodes } from './vector-views.js'

/** Vectors given with papers, in the same order; `null` for papers without one. */
export interface GivenVectors {
  model: ModelStamp
  vectors: readonly (Float32Array | null)[]
}

/** Papers to store, with the hashes of their texts. */
export interface Put {
  papers: readonly PaperRecord[]
  hashes: readonly string[]
  given: GivenVectors | null
  /** What computed the given vectors. */
  by?: string | undefined
}

/**
 * The change that adds papers, replacing those with the same ids; `null` if nothing would change.
 *
 * @param meta The next meta data; modified.
 */
export async function planPut(
  { papers, hashes, given, by }: Put,
  meta: IndexMeta,
  store: IndexStore,
  views: VectorViews,
): Promise<{ change: Change | null; result: PutResult }> {
  if (given?.vectors.some((vector) => vector !== null)) meta.model ??= given.model
  const fits = given !== null && meta.model !== null && modelKey(meta.model) === modelKey(given.model)
  if (fits && given.vectors.some((vector) => vector !== null)) meta.computedBy = withComputedBy(meta, modelKey(given.model), by)
  const known = await store.papersById(papers.map(({ id }) => id))
  const abstracts = await store.abstracts(known.map((stored) => stored?.row ?? -1))
  const view: VectorView | null = meta.model ? await views.of(meta.model) : null
  const result: PutResult = { added: 0, updated: 0, unchanged: 0, reused: 0 }
  const change = { meta, papers: [] as NonNullable<Change['papers']>[number][], removedRows: [] as number[] }
  const reused: { row: number; hash: string; vector: Float32Array }[] = []
  for (const [index, paper] of papers.entries()) {
    const hash = hashes[index]!
    const before = known[index]
    const { light, abstract } = splitPaper(paper)
    const isSameText = before?.hash === hash
    const hasVector = before && isSameText && view?.has(before.row)
    const vector = hasVector ? null : ((fits ? given.vectors[index] : null) ?? (await view?.vectorOfText(hash)))
    if (vector && before && isSameText) reused.push({ row: before.row, hash, vector })
    if (before && isSameText && isSamePaper(before.paper, light) && (abstracts[index] ?? null) === abstract) {
      result.unchanged++
      continue
    }
    const row = before && isSameText ? before.row : meta.nextRow++
    if (before) result.updated++
    else result.added++
    meta.textBytes += paperBytes(paper)
    if (before) meta.textBytes -= paperBytes(joinPaper(before.paper, abstracts[index]))
    if (!isSameText) {
      if (before) {
        removeRow(meta.live, before.row)
        meta.papers--
        change.removedRows.push(before.row)
      }
      meta.live = withRoom(meta.live, meta.nextRow)
      addRow(meta.live, row)
      meta.papers++
      if (vector) reused.push({ row, hash, vector })
    } else meta.edits++
    change.papers.push({ stored: { row, hash, paper: light }, abstract })
  }
  result.reused = reused.length
  if (change.papers.length + reused.length === 0) return { change: null, result }
  const segments = view && reused.length > 0 ? [segmentOf(view.model, meta.nextSegment++, reused)] : []
  return { change: { ...change, ...withCodes(segments, view) }, result }
}
