import { InvalidArgumentError, Specter2Error } from '../errors.js'

/** What a reviewer says of a paper. `maybe` is decided later, and counts as if included; a skipped paper comes again last. */
export type ScreeningAnswer = 'include' | 'exclude' | 'maybe' | 'skip'

/**
 * The answers of {@link ScreeningAnswer}.
 *
 * @example
 * for (const answer of SCREENING_ANSWERS) show(answer)
 */
export const SCREENING_ANSWERS: readonly ScreeningAnswer[] = ['include', 'exclude', 'maybe', 'skip']

/** One answer. A later one on the same paper replaces it. */
export interface ScreeningStep {
  /** The paper. */
  id: string
  /** What the reviewer said. */
  answer: ScreeningAnswer
  /** Why, in the reviewer's words; usually of an exclusion. */
  reason?: string
}

/** All answers of a reviewer in order, as plain data to store as it is or as JSON. It holds all that a ranking depends on but the papers. */
export interface ScreeningLog {
  /** Version of this format. */
  format: 1
  /** Seed of the session. */
  seed: number
  /** The review's question or criteria; `''` without. */
  question: string
  /** Oldest first. */
  steps: readonly ScreeningStep[]
}

/**
 * Parses a log that was stored as JSON.
 *
 * @throws Specter2Error `DAMAGED_FILE` if it is none.
 * @example
 * const log = parseScreeningLog(JSON.stringify(createScreening({ papers })))
 * show(log.steps)
 */
export function parseScreeningLog(json: string): ScreeningLog {
  try {
    return checkLog(JSON.parse(json))
  } catch (cause) {
    const message = `This is not the log of a screening: ${(cause as Error).message} Choose another file, or start a new screening.`
    throw new Specter2Error('DAMAGED_FILE', message, {
      cause,
      details: { field: cause instanceof InvalidArgumentError ? cause.field : '' },
    })
  }
}

/** @throws InvalidArgumentError naming the property that is wrong. */
export function checkLog(value: unknown, field = 'log'): ScreeningLog {
  if (typeof value !== 'object' || value === null) throw new InvalidArgumentError(field, value, 'the log of a screening')
  const { format, seed, question, steps } = value as Partial<Record<keyof ScreeningLog, unknown>>
  if (format !== 1) throw new InvalidArgumentError(`${field}.format`, format, '1')
  if (!Number.isInteger(seed)) throw new InvalidArgumentError(`${field}.seed`, seed, 'a whole number')
  if (typeof question !== 'string') throw new InvalidArgumentError(`${field}.question`, question, 'a text')
  if (!Array.isArray(steps)) throw new InvalidArgumentError(`${field}.steps`, steps, 'an array')
  return { format, seed: seed as number, question, steps: steps.map((step, at) => checkStep(step, `${field}.steps[${at}]`)) }
}

function checkStep(value: unknown, field: string): ScreeningStep {
  if (typeof value !== 'object' || value === null) throw new InvalidArgumentError(field, value, 'an answer')
  const { id, answer, reason } = value as Partial<Record<keyof ScreeningStep, unknown>>
  if (typeof id !== 'string' || id === '') throw new InvalidArgumentError(`${field}.id`, id, 'the id of a paper')
  checkAnswer(answer, `${field}.answer`)
  if (reason === undefined) return { id, answer }
  if (typeof reason !== 'string') throw new InvalidArgumentError(`${field}.reason`, reason, 'a text')
  return { id, answer, reason }
}

/** @throws InvalidArgumentError if it is no answer. */
export function checkAnswer(value: unknown, field: string): asserts value is ScreeningAnswer {
  if (!SCREENING_ANSWERS.includes(value as ScreeningAnswer))
    throw new InvalidArgumentError(field, value, `one of ${SCREENING_ANSWERS.join(', ')}`)
}

/** The last answer on each paper, in the order in which the papers were first answered other than by `skip`. */
export function answersOf(steps: readonly ScreeningStep[]): Map<string, ScreeningStep> {
  const answers = new Map<string, ScreeningStep>()
  for (const step of steps) {
    // A skipped paper takes its place in the order when it is screened.
    if (answers.get(step.id)?.answer === 'skip') answers.delete(step.id)
    answers.set(step.id, step)
  }
  return answers
}
