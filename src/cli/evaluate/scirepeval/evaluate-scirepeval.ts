import { createHash } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { AdapterName } from '../../../core/types.js'
import type { Engine } from '../../../engine/engine.js'
import { embedTexts } from '../../embed-texts.js'
import { loadEngine } from '../../local-model.js'
import type { Output } from '../../output.js'
import type { Row } from '../../report.js'
import type { EvaluatedModel } from '../evaluate-search.js'
import { type FoundSet, findSets, type LabelledSet, type RankingSet } from './find-sets.js'
import { lexicalScores, mean, rankingScores, vectorScores } from './rank-candidates.js'
import { groupMeans } from './result-means.js'
import { ResultStore } from './result-store.js'
import { tokenize } from './set-texts.js'
import { classificationScore, fewShotScore, partOf, regressionScore } from './supervised.js'

/** Where a run keeps its results and says how far it is. */
interface RunOptions {
  /** Folder of results and vectors; `undefined`: they are not kept. */
  out: string | undefined
  output: Output
  signal: AbortSignal
}

/**
 * Evaluates the sets of a folder by SciRepEval's protocol: with BM25 where candidates are ranked, and with each model by the adapter of
 * the task's format. Results of sets that an earlier run with the same `out` has finished are taken from there.
 *
 * @returns A row for each set, model and metric, in percent, then the means of the groups of tasks.
 */
export async function evaluateSciRepEval(
  data: string,
  models: readonly EvaluatedModel[],
  { out, output, signal }: RunOptions,
): Promise<Row[]> {
  const sets = await findSets(data)
  const store = await ResultStore.open(out)
  const rows: Row[] = []
  const run = async (
    set: FoundSet,
    model: EvaluatedModel | null,
    scores: (read: () => ReturnType<FoundSet['read']>) => Promise<Row[]>,
  ) => {
    const key = createHash('sha256')
      .update(JSON.stringify([set.name, model?.folder.manifest ?? 'BM25', model?.dtype, await stamps(set.files)]))
      .digest('hex')
      .slice(0, 16)
    const found = store.get(key) ?? (await store.add(key, await scores(() => set.read())))
    rows.push(...found)
    output.print(
      `${set.name}: ${found.map((row) => `${row.metric} ${Number(row.score).toFixed(2)}`).join(', ')} (${model ? `${model.folder.manifest.id} ${model.dtype}` : 'BM25'})`,
    )
  }
  for (const set of sets)
    if (set.format === 'proximity' || set.format === 'adhoc-search')
      await run(set, null, async (read) => {
        const ranking = (await read()) as RankingSet
        if (ranking.reviewers) return []
        const scores = await rankingScores(ranking, set.metrics, lexicalScores(ranking), signal)
        return rowsOf(set, { model: 'BM25', dtype: '', adapter: '' }, scores)
      })
  for (const model of models) {
    let engine: Engine | null = null
    try {
      for (const set of sets)
        await run(set, model, async (read) => {
          engine ??= await loadEngine(model.folder, model)
          const cacheFolder = model.cacheFolder ?? (out && join(out, 'vectors'))
          const own = await read()
          const cached = { ...model, cacheFolder }
          return own.kind === 'ranking' ? rankByVectors(set, own, engine, cached) : trainOnVectors(set, own, engine, cached)
        })
    } finally {
      await (engine as Engine | null)?.dispose()
    }
  }
  return [...rows, ...groupMeans(rows)]
}

const stamps = (files: readonly string[]) =>
  Promise.all(files.map(async (file) => [file, (await stat(file)).size, (await stat(file)).mtimeMs]))

function rowsOf(
  set: FoundSet,
  model: { model: string; dtype: string; adapter: string },
  scores: Readonly<Record<string, number>>,
): Row[] {
  return Object.entries(scores).map(([metric, score]) => ({ set: set.name, format: set.format, ...model, metric, score }))
}

/** The adapter of this name if the model has it, or the one that it has for papers. */
const adapterOf = ({ manifest }: Engine, name: AdapterName): AdapterName =>
  manifest.adapters[name] ? name : manifest.defaultAdapter

async function rankByVectors(set: FoundSet, ranking: RankingSet, engine: Engine, model: EvaluatedModel): Promise<Row[]> {
  const { dtype } = model
  const { dimension, id, queryAdapter } = engine.manifest
  const adapter = adapterOf(engine, 'proximity')
  const ids = [...ranking.documents.keys()]
  const tokens = ids.map((own) => tokenize(engine, ranking.documents.get(own)!, set.task?.fields))
  const vectors = await embedTexts(engine, tokens, adapter, `papers of ${set.name}`, model)
  const texts = [...ranking.queries.keys()]
  const queryTokens = texts.map((own) => engine.tokenizeQuery(ranking.queries.get(own)!))
  const queryVectors = await embedTexts(engine, queryTokens, queryAdapter, `queries of ${set.name}`, model)
  const table = (names: readonly string[], values: Float32Array) => ({
    rows: new Map(names.map((name, row) => [name, row])),
    vectors: values,
  })
  const score = vectorScores(ranking, table(ids, vectors), table(texts, queryVectors), dimension)
  const scores = await rankingScores(ranking, set.metrics, score, model.signal)
  return rowsOf(set, { model: id, dtype, adapter: texts.length > 0 ? `${queryAdapter} and ${adapter}` : adapter }, scores)
}

async function trainOnVectors(set: FoundSet, labelled: LabelledSet, engine: Engine, model: EvaluatedModel): Promise<Row[]> {
  const { dtype, signal } = model
  const { dimension, id } = engine.manifest
  const adapter = adapterOf(engine, labelled.format)
  const used = [...new Set([...labelled.train, ...labelled.test].map((paper) => paper.id))]
  const tokens = used.map((own) => tokenize(engine, labelled.documents.get(own)!, set.task?.fields))
  const vectors = await embedTexts(engine, tokens, adapter, `papers of ${set.name}`, model)
  const rows = new Map(used.map((own, row) => [own, row]))
  const input = {
    dimension,
    train: partOf(labelled.train, rows, vectors, dimension),
    test: partOf(labelled.test, rows, vectors, dimension),
    signal,
  }
  const [metric = 'macroF1'] = set.metrics
  const scores: Record<string, number> = {
    [metric]: labelled.format === 'regression' ? await regressionScore(input) : await classificationScore(input, metric),
  }
  for (const few of set.task?.fewShot ?? []) scores[`${metric} of ${few.size} shots`] = await fewShotScore(input, metric, few)
  if (set.task?.fewShot) scores[`${metric}, mean of all`] = mean(Object.values(scores))
  return rowsOf(set, { model: id, dtype, adapter }, scores)
}
