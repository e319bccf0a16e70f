import { DuplicateFinder } from '../../core/duplicates/duplicate-finder.js'
import type { Preset, Vectors } from '../../core/duplicates/finder-options.js'
import type { Dtype } from '../../core/types.js'
import { Engine } from '../../engine/engine.js'
import type { ModelFolder } from '../../model/open-model.js'
import { nodeThreads, runtimeFolder } from '../paths.js'
import type { ProgressLine } from '../progress-line.js'
import type { Row } from '../report.js'
import { expectedCalibrationError } from './calibration.js'
import { duplicateMetrics } from './duplicate-metrics.js'
import { type DuplicateSet, readDuplicateSets } from './duplicates-folder.js'
import { embedTexts } from './embed-texts.js'

const PRESETS = ['cautious', 'balanced', 'thorough'] as const satisfies Preset[]

export interface DuplicateEvaluation {
  data: string
  /** `null`: without vectors only. */
  folder: ModelFolder | null
  dtype: Dtype
  threads: number | undefined
  cacheFolder: string | undefined
  line: ProgressLine
  signal: AbortSignal
}

/** Rows for every set of the folder, without vectors and with, by each preset. */
export async function evaluateDuplicates(evaluation: DuplicateEvaluation): Promise<Row[]> {
  const { data, folder, dtype, threads, line, signal } = evaluation
  const sets = await readDuplicateSets(data)
  const rows: Row[] = []
  for (const set of sets) rows.push(...(await evaluateSet(set, undefined, evaluation)))
  if (!folder) return rows
  const options = { dtype, device: 'wasm', threads: threads ?? nodeThreads(), runtime: runtimeFolder, signal } as const
  const engine = await Engine.load(folder, options)
  try {
    for (const set of sets) {
      const texts = set.papers.map((paper) => engine.tokenizePaper(paper))
      const vectors = await embedTexts(engine, texts, engine.manifest.defaultAdapter, `papers of ${set.name}`, evaluation)
      line.end()
      rows.push(...(await evaluateSet(set, { vectors, dimension: engine.manifest.dimension }, evaluation)))
    }
  } finally {
    await engine.dispose()
  }
  return rows
}

async function evaluateSet(
  { name, papers, groups }: DuplicateSet,
  vectors: Vectors | undefined,
  { line, signal }: DuplicateEvaluation,
): Promise<Row[]> {
  const startedAt = performance.now()
  const finder = new DuplicateFinder()
  await finder.add(papers, {
    vectors,
    signal,
    onProgress: ({ stage, done }) => line.show(stage, `${name}: ${stage}, ${Math.floor(100 * done)} %`),
  })
  line.end()
  return PRESETS.map((preset) => {
    const result = finder.result({ preset })
    const metrics = duplicateMetrics(
      groups,
      result.groups.map(({ ids }) => ids),
    )
    const pairs = [...result.groups.flatMap((group) => group.pairs), ...result.doubtful].filter(({ veto }) => veto === null)
    return {
      set: name,
      preset,
      vectors: vectors !== undefined,
      sensitivity: metrics.sensitivity,
      specificity: metrics.specificity,
      f1: metrics.f1,
      truePositives: metrics.truePositives,
      falsePositives: metrics.falsePositives,
      falseNegatives: metrics.falseNegatives,
      doubtful: result.doubtful.length,
      calibrationError: expectedCalibrationError(
        pairs.map(({ a, b, confidence }) => ({ confidence, isRight: groups.get(a) === groups.get(b) })),
      ),
      seconds: (performance.now() - startedAt) / 1000,
    }
  })
}
