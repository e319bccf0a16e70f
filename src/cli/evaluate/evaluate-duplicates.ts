import { DuplicateFinder } from '../../core/duplicates/duplicate-finder.js'
import type { Preset, Vectors } from '../../core/duplicates/finder-options.js'
import { embedTexts } from '../embed-texts.js'
import { loadEngine } from '../local-model.js'
import type { Output } from '../output.js'
import type { Row } from '../report.js'
import { duplicateMetrics, expectedCalibrationError, flagMetrics } from './duplicate-metrics.js'
import { type DuplicateSet, readDuplicateSets, type SetField } from './duplicate-set.js'
import type { EvaluatedModel } from './evaluate-search.js'

const PRESETS = ['cautious', 'balanced', 'thorough'] as const satisfies Preset[]

interface Run {
  output: Output
  signal: AbortSignal
}

/**
 * Evaluates every set of a folder by each preset, without vectors and then with those of `model`, if there is one.
 *
 * @param data Each `*.jsonl` is a set, with the fields `id`, `title` and either `cluster` (the true group) or `duplicate` (a flag:
 *   superfluous or not), and optionally `authors` (separated by ` and ` or `; `), `year`, `journal`, `volume`, `number` or `issue`,
 *   `pages`, `doi`, `pmid`, `arxivId`, `url`, `type` and `abstract`.
 * @param without Fields that are taken away.
 * @throws Specter2Error `DAMAGED_FILE` naming file and line; whatever opening a file throws.
 */
export async function evaluateDuplicates(
  data: string,
  without: readonly SetField[],
  model: EvaluatedModel | undefined,
  run: Run,
): Promise<Row[]> {
  const sets = await readDuplicateSets(data, without)
  const rows: Row[] = []
  for (const set of sets) rows.push(...(await evaluateSet(set, undefined, run)))
  if (!model) return rows
  const engine = await loadEngine(model.folder, model)
  try {
    const { defaultAdapter, dimension } = engine.manifest
    for (const set of sets) {
      const tokens = set.papers.map((paper) => engine.tokenizePaper(paper))
      const vectors = await embedTexts(engine, tokens, defaultAdapter, `papers of ${set.name}`, model)
      rows.push(...(await evaluateSet(set, { vectors, dimension }, run)))
    }
  } finally {
    await engine.dispose()
  }
  return rows
}

async function evaluateSet(
  { name, papers, groups, flagged }: DuplicateSet,
  vectors: Vectors | undefined,
  { output, signal }: Run,
): Promise<Row[]> {
  const startedAt = performance.now()
  const finder = new DuplicateFinder()
  await finder.add(papers, {
    vectors,
    signal,
    onProgress: ({ stage, done }) => output.showProgress(stage, `${name}: ${stage}, ${Math.floor(100 * done)} %`),
  })
  return PRESETS.map((preset) => {
    const result = finder.result({ preset })
    const found = result.groups.map(({ ids }) => ids)
    const { trueNegatives: _, ...metrics } = groups ? duplicateMetrics(groups, found) : flagMetrics(papers.length, flagged, found)
    const pairs = [...result.groups.flatMap((group) => group.pairs), ...result.doubtful].filter(({ veto }) => veto === null)
    const isRight = ({ a, b }: { a: string; b: string }) => groups?.get(a) === groups?.get(b)
    return {
      set: name,
      preset,
      vectors: vectors !== undefined,
      ...metrics,
      doubtful: result.doubtful.length,
      related: result.related.length,
      ...(groups && {
        calibrationError: expectedCalibrationError(
          pairs.map((pair) => ({ confidence: pair.confidence, isRight: isRight(pair) })),
        ),
      }),
      seconds: (performance.now() - startedAt) / 1000,
    }
  })
}
