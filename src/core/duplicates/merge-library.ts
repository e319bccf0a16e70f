import type { Paper } from '../papers/paper.js'
import type { DuplicateGroup } from './group-duplicates.js'
import { type MergedPaper, type MergeOptions, mergePapers } from './merge-papers.js'
import { choicesFor, emptyReview, type ReviewState } from './review.js'

/** A library without its duplicates. */
export interface MergedLibrary {
  /** One paper for each work, in the order of the library, at the place of the work's first paper. */
  papers: Paper[]
  /** The papers that replace several. */
  merged: MergedPaper[]
  /** The papers that were replaced, in the order of the library, each with the id of the paper that replaces it. */
  removed: { paper: Paper; keptId: string }[]
}

/**
 * Merges each group by the rule and by a person's choices in the review. Does not change the papers.
 *
 * @example
 * const library = mergeLibrary(papers, duplicates.groups, { rule: 'newest' })
 * for (const { paper, keptId } of library.removed) console.log(paper.id, 'is now', keptId)
 */
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
