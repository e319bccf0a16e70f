import type { Paper } from '../papers/paper.js'
import { DuplicateFinder } from './duplicate-finder.js'
import type { AddOptions, FinderOptions, PairDecision } from './finder-options.js'
import type { DuplicateResult } from './group-duplicates.js'

/** Options of {@link findDuplicates}. */
export interface FindDuplicatesOptions extends FinderOptions, Omit<AddOptions, 'onProgress'> {
  /** Called now and then with the current stage and the share of it that is done, 0 … 1. */
  onProgress?: ((progress: { stage: 'prepare' | 'neighbours' | 'compare' | 'group'; done: number }) => void) | undefined
  /** A person's decisions from earlier runs. */
  decisions?: readonly PairDecision[]
}

/**
 * Finds the duplicate papers of a library, or the papers that several sources share.
 *
 * @throws InvalidArgumentError; the signal's reason.
 * @example
 * const { groups, doubtful } = await findDuplicates(papers, { preset: 'balanced' })
 * console.log(groups.map(({ ids }) => ids), doubtful.length)
 */
export async function findDuplicates(papers: readonly Paper[], options: FindDuplicatesOptions = {}): Promise<DuplicateResult> {
  const finder = new DuplicateFinder(options)
  await finder.add(papers, options)
  return finder.resultInSlices(options)
}
