import { readFile } from 'node:fs/promises'
import { pauses } from '../../core/async/pauses.js'
import { recallAtShare, screeningLoss, workSaved } from '../../core/metrics/screening.js'
import { createScreening } from '../../core/screening/screening.js'
import { embedTexts } from '../embed-texts.js'
import { loadEngine } from '../local-model.js'
import type { Output } from '../output.js'
import type { Row } from '../report.js'
import type { EvaluatedModel } from './evaluate-search.js'
import { numpyChoice } from './numpy-random.js'
import { readScreeningSets, type ScreeningSet } from './screening-set.js'

/** What a simulation begins with: one included and one excluded paper, the review's question, or nothing. */
export type ScreeningStart = 'priors' | 'question' | 'random'

interface Run {
  starts: readonly ScreeningStart[]
  /** Simulations of each set, by the seeds 0, 1 … */
  seeds: number
  /** Questions by set, for the start from a question. */
  questions: ReadonlyMap<string, string>
  output: Output
  signal: AbortSignal
}

/** What is known of a set besides its papers. */
interface Features {
  vectors?: Float32Array
  question?: string
  questionVector?: Float32Array
}

/**
 * Simulates the screening of every set of a folder: a reviewer who answers as the set says reads what comes first, until all included
 * papers are found. By words alone, or by words and the vectors of `model`.
 *
 * @throws Specter2Error `DAMAGED_FILE` naming file and line; whatever opening a file throws.
 */
export async function evaluateScreening(data: string, model: EvaluatedModel | undefined, run: Run): Promise<Row[]> {
  const sets = await readScreeningSets(data)
  const engine = model && (await loadEngine(model.folder, model))
  const rows: Row[] = []
  try {
    for (const set of sets) {
      const question = run.questions.get(set.name) ?? ''
      const features: Features = { question }
      if (engine && model) {
        const { defaultAdapter, queryAdapter } = engine.manifest
        const tokens = set.papers.map((paper) => engine.tokenizePaper(paper))
        features.vectors = await embedTexts(engine, tokens, defaultAdapter, `papers of ${set.name}`, model)
        if (question !== '')
          features.questionVector = await embedTexts(engine, [engine.tokenizeQuery(question)], queryAdapter, 'questions', model)
      }
      for (const start of run.starts)
        if (start !== 'question' || question !== '')
          rows.push({
            set: set.name,
            model: engine?.manifest.id ?? 'words',
            start,
            ...(await meanOfSeeds(set, features, start, run)),
          })
    }
  } finally {
    await engine?.dispose()
  }
  return rows
}

async function meanOfSeeds(set: ScreeningSet, features: Features, start: ScreeningStart, run: Run): Promise<Row> {
  const sums: Record<string, number> = {}
  for (let seed = 0; seed < run.seeds; seed++) {
    run.output.showProgress('screening', `${set.name}, from ${start}: simulation ${seed + 1} of ${run.seeds}`)
    for (const [name, value] of Object.entries(await simulate(set, features, start, seed, run.signal)))
      sums[name] = (sums[name] ?? 0) + value / run.seeds
  }
  return sums
}

/** Figures of one simulation. The loss leaves the priors out, as ASReview's does; of the others they are a part, as of a review. */
async function simulate(set: ScreeningSet, features: Features, start: ScreeningStart, seed: number, signal: AbortSignal) {
  const startedAt = performance.now()
  const { papers, included } = set
  const { question, questionVector, ...rest } = features
  const screening = createScreening({ papers, seed, ...rest, ...(start === 'question' && { question, questionVector }) })
  const rowOf = new Map(papers.map(({ id }, row) => [id, row]))
  const total = included.filter(Boolean).length
  const order: boolean[] = []
  let found = 0
  const read = (row: number) => {
    const isIncluded = included[row]!
    screening.answer(papers[row]!.id, isIncluded ? 'include' : 'exclude')
    order.push(isIncluded)
    if (isIncluded) found++
  }
  if (start === 'priors') for (const row of priorsOf(included, seed)) read(row)
  const priors = order.length
  const pause = pauses(signal)
  while (found < total) {
    await pause()
    const [id = ''] = screening.next()
    read(rowOf.get(id)!)
  }
  const answers = order.length - priors
  const seconds = (performance.now() - startedAt) / 1000
  while (order.length < papers.length) order.push(false)
  // A set may have no included paper besides the prior.
  const loss = order.includes(true, priors) ? screeningLoss(order.slice(priors)) : 0
  return {
    wss95: workSaved(order),
    recallAt10: recallAtShare(order),
    loss,
    seconds,
    answers,
    msPerAnswer: (1000 * seconds) / answers,
  }
}

/** An included and an excluded paper: those that `asreview simulate --prior-seed` takes for the same seed. */
function priorsOf(included: readonly boolean[], seed: number): number[] {
  return [true, false].map((wanted) => {
    const rows = [...included.keys()].filter((row) => included[row] === wanted)
    return rows[numpyChoice(rows.length, seed)]!
  })
}

/**
 * Reads a JSON file of questions by the names of their sets.
 *
 * @throws whatever opening the file throws.
 */
export async function readQuestions(path: string): Promise<Map<string, string>> {
  return new Map(Object.entries(JSON.parse(await readFile(path, 'utf8'))))
}
