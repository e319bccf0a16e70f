import { expose } from 'comlink'
import {
  createScreening,
  type Screening,
  type ScreeningOptions,
  type ScreeningPaper,
  type ScreeningStep,
} from '../../src/core/screening/index.js'
import type { ScreeningWorker } from './screening-protocol.js'

const papers: ScreeningPaper[] = []
let options: Omit<ScreeningOptions, 'log'> = { papers }
let screening: Screening | null = null
let done: readonly ScreeningStep[] = []

/** Brings the screening to these answers: the last ones that differ are taken back and given again. */
function answered(steps: readonly ScreeningStep[]): Screening {
  let same = 0
  while (same < steps.length && same < done.length && isSame(steps[same]!, done[same]!)) same++
  // Each step costs as much as the log is long.
  const isNear = done.length - same + (steps.length - same) < 50
  if (!screening || !isNear) {
    const { seed = 0, question = '' } = options
    screening = createScreening({ ...options, log: { format: 1, seed, question, steps } })
  } else {
    for (let step = done.length; step > same; step--) screening.undo()
    for (const { id, answer, reason } of steps.slice(same)) screening.answer(id, answer, reason)
  }
  done = steps
  return screening
}

const isSame = (a: ScreeningStep, b: ScreeningStep) => a.id === b.id && a.answer === b.answer

const worker: ScreeningWorker = {
  add: (more) => void papers.push(...more),
  begin({ vectors, question, questionVector, seed }) {
    options = { papers, vectors: vectors ?? undefined, question, questionVector: questionVector ?? undefined, seed }
    screening = null
  },
  rank({ steps, order }) {
    const current = answered(steps)
    return { ids: current.next(2, order), stopping: current.stopping() }
  },
}
expose(worker)
