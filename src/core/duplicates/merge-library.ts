import type { Paper } from '../papers/paper.js'
import type { DuplicateGroup } from './group-duplicates.js'
import { type MergedPaper, type MergeOptions, mergePapers } from './merge-papers.js'
import { choicesFor, emptyReview, type ReviewState } from './review.js'

/** A library without its duplicates; the library itself is not changed. */
export interface MergedLibrary {
  /** One paper for each work, in the order of the library, where its first paper stood. */
  papers: Paper[]
  /** Papers that stand for several. */
  merged: MergedPaper[]
  /** Papers that others stand for, in the order of the library, and the id of the paper that does. */
  removed: { paper: Paper; keptId: string }[]
}

/** Merges each group by the rule and by what a person chose for it in the review. */
export function mergeLibrary(
  papers: readonly Paper[],
  groups: readonly Pick<DuplicateGroup, 'ids'>[],
  options: Omit<MergeOptions, 'keeper' | 'fields'> & { review?: ReviewState } = {},
): MergedLibrary {
  const { review = emptyReview, ...rule } = options
  const byId = new Map(papers.map((paper) => [paper.id, paper]))
  const merged: MergedPaper[] = []
  const mergedOf = new Map<string, MergedPaper>()
  for (const { ids } of groups) {
    const members = ids.flatMap((id) => byId.get(id) ?? [])
    if (members.length < 2) continue
    const one = mergePapers(members, { ...rule, ...choicesFor(review, ids) })
    merged.push(one)
    for (const { id } of members) mergedOf.set(id, one)
  }
  const seen = new Set<MergedPaper>()
  const library: MergedLibrary = { papers: [], merged, removed: [] }
  for (const paper of papers) {
    const one = mergedOf.get(paper.id)
    if (one && paper.id !== one.paper.id) library.removed.push({ paper, keptId: one.paper.id })
    if (one && seen.has(one)) continue
    if (one) seen.add(one)
    library.papers.push(one?.paper ?? paper)
  }
  return library
}
