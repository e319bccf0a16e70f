import type { ScreeningAnswer, ScreeningLog, ScreeningOrder, ScreeningStep } from '../../src/core/screening/index.js'

/** What a reviewer can decide about a paper. */
export const VERDICTS = ['include', 'exclude', 'maybe'] as const satisfies readonly ScreeningAnswer[]
export type Verdict = (typeof VERDICTS)[number]

/** One answer of the log. Answers are never changed: a later one about the same paper, or an undo, takes its place. */
export interface Answer {
  /** Ascending in time. */
  id: string
  /** Milliseconds since 1970. */
  at: number
  paper: string
  /** `skip`: the paper comes again at the end. */
  verdict: ScreeningAnswer
  /** Of an exclusion; one of the reviewer's own list. */
  reason?: string
  /** How the paper came up; not there if the reviewer chose it. */
  order?: ScreeningOrder
  /** Who decided, if not the reviewer of this library: a second reviewer, or both together. */
  by?: string
}

/** An answer, or the id of one that was taken back. */
export type LogEntry = Answer | { id: string; at: number; undo: string }

export interface ScreeningSettings {
  /** The review's question or its eligibility criteria. */
  question: string
  /** Own reasons for exclusions. */
  reasons: readonly string[]
  /** Words to mark that speak for a paper, and against it. */
  wordsFor: string
  wordsAgainst: string
  order: ScreeningOrder
  /** Name of the reviewer, for a second one. */
  reviewer: string
  seed: number
}

export const NO_SETTINGS: ScreeningSettings = {
  question: '',
  reasons: [],
  wordsFor: '',
  wordsAgainst: '',
  order: 'likeness',
  reviewer: '',
  seed: 0,
}

const LATEST = 8.64e15
const isText = (value: unknown) => typeof value === 'string'

/** Whether a value is an entry of a log: library files hold them, which anyone may have written. */
export function isLogEntry(value: unknown): value is LogEntry {
  if (typeof value !== 'object' || value === null) return false
  const { id, at, undo, paper, verdict, reason = '', by = '' } = value as Record<string, unknown>
  if (!isText(id) || !Number.isSafeInteger(at) || Math.abs(at as number) > LATEST) return false
  if (undo !== undefined) return isText(undo)
  return isText(paper) && [...VERDICTS, 'skip'].includes(verdict as string) && isText(reason) && isText(by)
}

/** Settings as they are stored; what is missing or of another type is as at the beginning. */
export function readSettings(value: unknown): ScreeningSettings | null {
  if (typeof value !== 'object' || value === null) return null
  const given = value as Record<string, unknown>
  const texts = Object.entries(NO_SETTINGS).filter(([name, none]) => isText(none) && isText(given[name]))
  const { reasons, order, seed } = given
  return {
    ...NO_SETTINGS,
    ...Object.fromEntries(texts.map(([name]) => [name, given[name]])),
    reasons: Array.isArray(reasons) ? reasons.filter((reason): reason is string => isText(reason)) : [],
    order: order === 'given' ? 'given' : 'likeness',
    seed: Number.isSafeInteger(seed) ? (seed as number) : 0,
  }
}

/** The answers that hold, by paper, in the order in which the papers were first screened. */
export type Answers = ReadonlyMap<string, Answer>

/** @param log Oldest first. */
export function answersOf(log: readonly LogEntry[]): Answers {
  const undone = new Set(log.flatMap((entry) => ('undo' in entry ? entry.undo : [])))
  const answers = new Map<string, Answer>()
  for (const entry of log) {
    if ('undo' in entry || undone.has(entry.id)) continue
    // As in the package: a paper keeps its place in the order, except a skipped one.
    if (answers.get(entry.paper)?.verdict === 'skip') answers.delete(entry.paper)
    answers.set(entry.paper, entry)
  }
  return answers
}

/** The answers that the reviewer gave alone, before anything was settled with another one. */
export function ownAnswers(log: readonly LogEntry[]): Answers {
  return answersOf(log.filter((entry) => !('by' in entry)))
}

/** The answer that an undo takes back; `undefined`: there is none. */
export function lastAnswer(log: readonly LogEntry[]): Answer | undefined {
  const undone = new Set(log.flatMap((entry) => ('undo' in entry ? entry.undo : [])))
  return log.findLast((entry): entry is Answer => !('undo' in entry) && !undone.has(entry.id))
}

/**
 * The answers about papers of a library. A paper that duplicates were merged into has their answer if it has none of its own.
 *
 * @param has Whether the library has a paper.
 * @param keptId The paper that one was merged into; `undefined`: it was not.
 */
export function answersIn(answers: Answers, has: (id: string) => boolean, keptId: (id: string) => string | undefined): Answers {
  const inside = new Map([...answers].filter(([id]) => has(id)))
  for (const answer of answers.values()) {
    let id: string | undefined = answer.paper
    for (let steps = 0; id !== undefined && !has(id) && steps < 100; steps++) id = keptId(id)
    if (id !== undefined && has(id) && !inside.has(id)) inside.set(id, { ...answer, paper: id })
  }
  return inside
}

/** The answers as the package takes them. */
export const stepsOf = (answers: Answers): ScreeningStep[] =>
  Array.from(answers.values(), ({ paper, verdict, reason }) => ({
    id: paper,
    answer: verdict,
    ...(reason !== undefined && { reason }),
  }))

export const logOf = (answers: Answers): ScreeningLog => ({ format: 1, seed: 0, question: '', steps: stepsOf(answers) })

export interface ScreeningCounts {
  /** Papers of the library. */
  papers: number
  /** Included, excluded or maybe. */
  screened: number
  include: number
  exclude: number
  maybe: number
  skipped: number
  /** Screened papers that came up because they were the most likely ones. */
  ranked: number
  /** Papers screened since the last one that was included or maybe. */
  sinceInclusion: number
  /** Numbers of exclusions by reason, most frequent first; at the end `''`: without a reason. */
  reasons: readonly (readonly [reason: string, count: number])[]
}

/** @param papers Number of papers in the library. */
export function countsOfAnswers(answers: Answers, papers: number): ScreeningCounts {
  const counts = { include: 0, exclude: 0, maybe: 0, skip: 0 }
  const reasons = new Map<string, number>()
  let [sinceInclusion, ranked] = [0, 0]
  for (const { verdict, reason = '', order } of answers.values()) {
    counts[verdict]++
    if (verdict !== 'skip' && order === 'likeness') ranked++
    if (verdict === 'include' || verdict === 'maybe') sinceInclusion = 0
    else if (verdict === 'exclude') sinceInclusion++
    if (verdict === 'exclude') reasons.set(reason, (reasons.get(reason) ?? 0) + 1)
  }
  const { include, exclude, maybe, skip } = counts
  return {
    papers,
    screened: include + exclude + maybe,
    include,
    exclude,
    maybe,
    skipped: skip,
    ranked,
    sinceInclusion,
    reasons: [...reasons].sort((a, b) => Number(a[0] === '') - Number(b[0] === '') || b[1] - a[1] || a[0].localeCompare(b[0])),
  }
}
