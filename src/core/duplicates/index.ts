export type { ErrorCode } from '../errors.js'
export { InvalidArgumentError, Specter2Error } from '../errors.js'
export { multiplyTransposedPlain as plainBlockProduct } from '../kernels/multiply-transposed.js'
export type { Author, Paper, PaperSource, PaperType } from '../papers/paper.js'
export { comparePapers, type PairContext } from './compare-papers.js'
export { DuplicateFinder, type FinderSnapshot } from './duplicate-finder.js'
export type { ComparedField, PairEvidence, Relation, Rule, Veto } from './evidence.js'
export { type FindDuplicatesOptions, findDuplicates } from './find-duplicates.js'
export {
  type AddOptions,
  type FinderOptions,
  type PairDecision,
  PRESET_CONFIDENCE,
  type Preset,
  type ResultOptions,
  type Vectors,
} from './finder-options.js'
export type { DuplicateGroup, DuplicateResult } from './group-duplicates.js'
export { groupTable } from './group-table.js'
export type { JoinRules } from './join-rules.js'
export type { FieldState } from './locator.js'
export { type MergedLibrary, mergeLibrary } from './merge-library.js'
export { MERGED_FIELDS, type MergedField, type MergedPaper, type MergeOptions, mergePapers } from './merge-papers.js'
export type { BlockProduct } from './near-pairs.js'
export { type MethodsOptions, methodsParagraph, type PrismaCounts, prismaCounts } from './prisma.js'
export { type RemovalKey, type RemovalList, removalList } from './removal-list.js'
export {
  addStep,
  choicesFor,
  decisionsOf,
  emptyReview,
  type MergeChoices,
  parseReview,
  type ReviewState,
  type ReviewStep,
  reviewQueue,
  undoStep,
  type Verdict,
} from './review.js'
export { type SourceOverlap, sourceOverlap } from './source-overlap.js'
export type { VenueAliases } from './venue-aliases.js'
