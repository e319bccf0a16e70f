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
  /** Share of the papers screened by both on which they agree; NaN if there is none. */
  agreement: number
  /** Cohen's kappa of these papers: 1 is full agreement, 0 that of chance; NaN if none was screened by both, or both gave one and the same answer to all. */
  kappa: number
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
  /** Papers by whether the first and the second keep them. */
  const counts = { both: 0, first: 0, second: 0, neither: 0 }
  for (const [id, step] of screenedBy(first)) {
    const other = others.get(id)
    others.delete(id)
    if (!other) onlyFirst.push(step)
    else if (keeps(step) === keeps(other)) {
      agreed.push(step)
      counts[keeps(step) ? 'both' : 'neither']++
    } else {
      conflicts.push({ id, first: step, second: other })
      counts[keeps(step) ? 'first' : 'second']++
    }
  }
  const total = agreed.length + conflicts.length
  const agreement = agreed.length / total
  const share = (count: number) => count / total
  const chance =
    share(counts.both + counts.first) * share(counts.both + counts.second) +
    share(counts.neither + counts.second) * share(counts.neither + counts.first)
  const kappa = (agreement - chance) / (1 - chance)
  return { agreed, conflicts, onlyFirst, onlySecond: [...others.values()], agreement, kappa }
}

const keeps = ({ answer }: ScreeningStep) => answer !== 'exclude'

function screenedBy({ steps }: ScreeningLog): Map<string, ScreeningStep> {
  return new Map([...answersOf(steps)].filter(([, { answer }]) => answer !== 'skip'))
}
