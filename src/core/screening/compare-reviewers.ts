import { cohensKappa } from '../metrics/classification.js'
import { answersOf, type ScreeningLog, type ScreeningStep } from './screening-log.js'

/** A paper on which two reviewers disagree. */
export interface ScreeningConflict {
  /** The paper. */
  id: string
  /** The first reviewer's last answer. */
  first: ScreeningStep
  /** The second reviewer's last answer. */
  second: ScreeningStep
}

/** Two reviewers' answers side by side. Skipped papers count as not screened. */
export interface ReviewerComparison {
  /** Papers that both screened with the same outcome, each with the first reviewer's answer. */
  agreed: ScreeningStep[]
  /** Papers that one would keep and the other excludes, in the first reviewer's order. */
  conflicts: ScreeningConflict[]
  /** Answers on papers that only the first screened. */
  onlyFirst: ScreeningStep[]
  /** Answers on papers that only the second screened. */
  onlySecond: ScreeningStep[]
  /** Share of the papers screened by both on which they agree; `null` if there is none. */
  agreement: number | null
  /** Cohen's kappa of these papers: 1 is full agreement, 0 that of chance; `null` if there is none, or if both answered all alike. */
  kappa: number | null
}

/**
 * Compares two reviewers. A `maybe` counts as an inclusion, since the paper is kept either way.
 *
 * @example
 * const first = createScreening({ papers })
 * for (const { id } of papers) first.answer(id, 'include')
 * const { kappa, conflicts } = compareReviewers(first.toJSON(), createScreening({ papers }).toJSON())
 * show([kappa, conflicts])
 */
export function compareReviewers(first: ScreeningLog, second: ScreeningLog): ReviewerComparison {
  const others = screenedBy(second)
  const agreed: ScreeningStep[] = []
  const conflicts: ScreeningConflict[] = []
  const onlyFirst: ScreeningStep[] = []
  const kept: { first: boolean[]; second: boolean[] } = { first: [], second: [] }
  for (const [id, step] of screenedBy(first)) {
    const other = others.get(id)
    others.delete(id)
    if (!other) {
      onlyFirst.push(step)
      continue
    }
    kept.first.push(keeps(step))
    kept.second.push(keeps(other))
    if (keeps(step) === keeps(other)) agreed.push(step)
    else conflicts.push({ id, first: step, second: other })
  }
  const total = kept.first.length
  return {
    agreed,
    conflicts,
    onlyFirst,
    onlySecond: [...others.values()],
    agreement: total === 0 ? null : agreed.length / total,
    kappa: total === 0 ? null : cohensKappa(kept.first, kept.second),
  }
}

const keeps = ({ answer }: ScreeningStep) => answer !== 'exclude'

function screenedBy({ steps }: ScreeningLog): Map<string, ScreeningStep> {
  return new Map([...answersOf(steps)].filter(([, { answer }]) => answer !== 'skip'))
}
