import type { Paper } from '../papers/paper.js'
import {
  type AddOptions,
  DuplicateFinder,
  type DuplicateResult,
  type FinderOptions,
  type PairDecision,
} from './duplicate-finder.js'

/** Options of {@link findDuplicates}. */
export interface FindDuplicatesOptions extends FinderOptions, AddOptions {
  /** A person's decisions of earlier runs. */
  decisions?: readonly PairDecision[]
}

/**
 * Finds the papers of a library that are the same, or those that two and more sources share.
 *
 * @throws InvalidArgumentError; the signal's reason.
 */
export async function findDuplicates(papers: readonly Paper[], options: FindDuplicatesOptions = {}): Promise<DuplicateResult> {
  const finder = new DuplicateFinder(options)
  await finder.add(papers, options)
  return finder.result(options)
}
