import { InvalidArgumentError } from '../errors.js'
import type { Paper } from '../papers/paper.js'
import { checkRules, type JoinRules } from './join-rules.js'
import type { BlockProduct } from './near-pairs.js'

/** How sure the finder must be before it joins two papers on its own. */
export type Preset = 'cautious' | 'balanced' | 'thorough'

/**
 * The lowest confidence at which two papers are joined, by preset.
 *
 * @example
 * console.log(PRESET_CONFIDENCE.balanced) // 0.7
 */
export const PRESET_CONFIDENCE: Readonly<Record<Preset, number>> = { cautious: 0.97, balanced: 0.7, thorough: 0.4 }

/** Embeddings of papers. */
export interface Vectors {
  /** [papers, dimension], row-major, in the order of the papers; borrowed. */
  vectors: Float32Array
  /** Length of each vector. */
  dimension: number
}

/** A person's decision on two papers. The last decision on a pair counts. */
export interface PairDecision {
  /** Id of one paper. */
  a: string
  /** Id of the other. */
  b: string
  /** Whether they are the same. */
  verdict: 'same' | 'different'
}

/** What to do with a preprint and its published version: merge them into one group, or report them beside the groups. */
export type VersionTreatment = 'merge' | 'report'

/** Options of a `DuplicateFinder`. */
export interface FinderOptions {
  /** Default `balanced`. */
  preset?: Preset
  /** Whether a preprint and its published version form one group or are reported beside the groups. Default `report`. */
  versions?: VersionTreatment
  /** The review's own rules. Default: none. */
  rules?: JoinRules
  /** `between` compares only papers of different sources (`source.file`). Default `all`. */
  scope?: 'all' | 'between'
  /** Multiplies blocks of vectors. Default: the SIMD kernel. */
  product?: BlockProduct
}

/** Options for adding papers. */
export interface AddOptions {
  /** Vectors of these papers. Either all papers of a finder have vectors, or none. */
  vectors?: Vectors | undefined
  /** Aborting rejects with the signal's reason. */
  signal?: AbortSignal | undefined
  /** Called now and then with the current stage and the share of it that is done, 0 … 1. */
  onProgress?: ((progress: { stage: 'prepare' | 'neighbours' | 'compare'; done: number }) => void) | undefined
}

/** Options for grouping. */
export interface ResultOptions {
  /** A person's decisions. The last decision on a pair counts. */
  decisions?: readonly PairDecision[]
  /** Default: the finder's. */
  preset?: Preset
  /** Default: the finder's. */
  versions?: VersionTreatment
  /** Default: the finder's. */
  rules?: JoinRules
  /** Aborting throws, or rejects with, the signal's reason. */
  signal?: AbortSignal | undefined
  /** Called now and then with the share of the groups that is done, 0 … 1. */
  onProgress?: ((progress: { stage: 'group'; done: number }) => void) | undefined
}

/** @throws InvalidArgumentError for an unknown preset, treatment of versions, or field of a rule. */
export function checkChoices(preset: Preset, versions: VersionTreatment, rules: JoinRules): void {
  checkRules(rules)
  if (!Object.hasOwn(PRESET_CONFIDENCE, preset))
    throw new InvalidArgumentError('preset', preset, 'cautious, balanced or thorough')
  if (versions !== 'merge' && versions !== 'report') throw new InvalidArgumentError('versions', versions, 'merge or report')
}

/** @throws InvalidArgumentError for an empty id, and for one that is not unique among these and the `known` papers. */
export function checkIds(papers: readonly Paper[], known: { has(id: string): boolean }): void {
  const ids = new Set<string>()
  for (const [index, { id }] of papers.entries()) {
    if (typeof id !== 'string' || id === '') throw new InvalidArgumentError(`papers[${index}].id`, id, 'a non-empty string')
    if (ids.has(id) || known.has(id)) throw new InvalidArgumentError(`papers[${index}].id`, id, 'unique')
    ids.add(id)
  }
}

/** @throws InvalidArgumentError for vectors that do not fit the `count` papers, or the `dimension` of earlier vectors. */
export function checkVectors({ vectors, dimension }: Vectors, count: number, expected: number | undefined): void {
  if (!Number.isInteger(dimension) || dimension < 1 || (expected !== undefined && dimension !== expected))
    throw new InvalidArgumentError(
      'vectors.dimension',
      dimension,
      expected === undefined ? 'a whole number of at least 1' : `${expected}, as for the earlier papers`,
    )
  if (vectors.length !== count * dimension)
    throw new InvalidArgumentError('vectors.vectors.length', vectors.length, `${count} papers × ${dimension}`)
  if (!vectors.every(Number.isFinite)) throw new InvalidArgumentError('vectors.vectors', vectors, 'finite numbers')
}
