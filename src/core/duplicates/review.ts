import { InvalidArgumentError, Specter2Error } from '../errors.js'
import type { PairEvidence } from './evidence.js'
import type { PairDecision } from './finder-options.js'
import type { DuplicateResult } from './group-duplicates.js'
import { MERGED_FIELDS, type MergedField } from './merge-papers.js'

/** `later`: ask again after all other pairs. */
export type Verdict = PairDecision['verdict'] | 'later'

/** One action of a person. */
export type ReviewStep =
  /** Judged a pair, or all pairs of a group at once. */
  | { type: 'decide'; pairs: [a: string, b: string][]; verdict: Verdict }
  /** Chose the paper that its group keeps. */
  | { type: 'keep'; id: string }
  /** Chose the paper from which its group takes a field. */
  | { type: 'field'; field: MergedField; id: string }

/**
 * All actions of a person in a review, in order, as plain data that can be stored as it is or as JSON. It refers to papers by id
 * only, so it remains valid when papers are added, groups change or the review continues later.
 */
export interface ReviewState {
  /** Version of this format. */
  format: 1
  /** Oldest first. */
  steps: readonly ReviewStep[]
}

/**
 * A review without any actions.
 *
 * @example
 * const first = addStep(emptyReview, { type: 'decide', pairs: [['1', '2']], verdict: 'different' })
 * show(first)
 */
export const emptyReview: ReviewState = { format: 1, steps: [] }

/**
 * Returns the review with one more step.
 *
 * @example
 * const next = addStep(review, { type: 'field', field: 'abstract', id: '2' })
 * show(next)
 */
export function addStep({ steps }: ReviewState, step: ReviewStep): ReviewState {
  return { format: 1, steps: [...steps, step] }
}

/**
 * Returns the review without its last step, if it has any.
 *
 * @example
 * const before = undoStep(review)
 * show(before)
 */
export function undoStep({ steps }: ReviewState): ReviewState {
  return { format: 1, steps: steps.slice(0, -1) }
}

/**
 * The decisions for a finder: the last verdict on each pair, unless it is `later`.
 *
 * @example
 * const { groups } = await findDuplicates(papers, { decisions: decisionsOf(review) })
 * show(groups)
 */
export function decisionsOf(state: ReviewState): PairDecision[] {
  return [...verdictsOf(state)].flatMap(([pair, verdict]) => {
    const [a, b] = JSON.parse(pair) as [string, string]
    return verdict === 'later' ? [] : [{ a, b, verdict }]
  })
}

/** Pairs in groups with at least this confidence need no review. */
const SURE = 0.97

/**
 * The pairs to review, most doubtful first: those that were not joined but might be the same, uncertain pairs of groups, and
 * versions. Decided pairs are left out; pairs marked `later` come last.
 *
 * @example
 * const [next] = reviewQueue(duplicates, review)
 * if (next) console.log(next.a, next.b, next.confidence)
 */
export function reviewQueue({ groups, doubtful, versions }: DuplicateResult, state: ReviewState): PairEvidence[] {
  const verdicts = verdictsOf(state)
  const verdictOf = ({ a, b }: PairEvidence) => verdicts.get(pairOf(a, b))
  const unsure = groups.flatMap(({ pairs }) => pairs.filter(({ confidence }) => confidence < SURE))
  const doubt = ({ confidence }: PairEvidence) => Math.abs(confidence - 0.5)
  return [...doubtful, ...unsure, ...versions]
    .filter((pair) => verdictOf(pair) === undefined || verdictOf(pair) === 'later')
    .sort((x, y) => Number(verdictOf(x) === 'later') - Number(verdictOf(y) === 'later') || doubt(x) - doubt(y))
}

/** A person's choices for one group. */
export interface MergeChoices {
  /** Id of the paper to keep; undefined to follow the rule. */
  keeper: string | undefined
  /** For some fields, the id of the paper to take it from. */
  fields: Partial<Record<MergedField, string>>
}

/**
 * The last choices that concern papers of the group.
 *
 * @example
 * const [group] = duplicates.groups
 * if (group) console.log(choicesFor(review, group.ids).keeper)
 */
export function choicesFor({ steps }: ReviewState, ids: readonly string[]): MergeChoices {
  const members = new Set(ids)
  const choices: MergeChoices = { keeper: undefined, fields: {} }
  for (const step of steps) {
    if (step.type === 'keep' && members.has(step.id)) choices.keeper = step.id
    if (step.type === 'field' && members.has(step.id)) choices.fields[step.field] = step.id
  }
  return choices
}

/**
 * Parses a review that was stored as JSON.
 *
 * @throws Specter2Error `DAMAGED_FILE` if it is not a stored review.
 * @example
 * const restored = parseReview(JSON.stringify(review))
 * show(restored)
 */
export function parseReview(json: string): ReviewState {
  try {
    const { format, steps } = JSON.parse(json) as Partial<ReviewState>
    if (format !== 1) throw new InvalidArgumentError('format', format, '1')
    if (!Array.isArray(steps)) throw new InvalidArgumentError('steps', steps, 'an array')
    for (const [index, step] of steps.entries())
      if (!isStep(step)) throw new InvalidArgumentError(`steps[${index}]`, step, 'a step of a review')
    return { format, steps }
  } catch (cause) {
    const message = `This is not a stored review: ${(cause as Error).message} Choose another file, or start a new review.`
    throw new Specter2Error('DAMAGED_FILE', message, { cause })
  }
}

function isStep(step: Partial<Record<'type' | 'pairs' | 'verdict' | 'id' | 'field', unknown>> | null): step is ReviewStep {
  if (typeof step !== 'object' || step === null) return false
  const isText = (value: unknown) => typeof value === 'string'
  if (step.type === 'keep') return isText(step.id)
  if (step.type === 'field') return isText(step.id) && MERGED_FIELDS.includes(step.field as MergedField)
  const isPair = (pair: unknown) => Array.isArray(pair) && pair.length === 2 && pair.every(isText)
  const isVerdict = ['same', 'different', 'later'].includes(step.verdict as string)
  return step.type === 'decide' && isVerdict && Array.isArray(step.pairs) && step.pairs.every(isPair)
}

const pairOf = (a: string, b: string) => JSON.stringify(a < b ? [a, b] : [b, a])

/** The last verdict on each pair, in the order in which these were given. */
function verdictsOf({ steps }: ReviewState): Map<string, Verdict> {
  const verdicts = new Map<string, Verdict>()
  for (const step of steps) {
    if (step.type !== 'decide') continue
    for (const [a, b] of step.pairs) {
      verdicts.delete(pairOf(a, b))
      verdicts.set(pairOf(a, b), step.verdict)
    }
  }
  return verdicts
}
