import { Engine } from '../engine/engine.js'
import type { Tokens } from '../engine/tokenizer.js'
import { rankBySimilarity } from '../evaluation/rank-by-similarity.js'
import { averagePrecision, ndcg, recall } from '../evaluation/ranking-metrics.js'
import type { ModelFolder } from '../model/open-model.js'
import type { AdapterName, Dtype } from '../types.js'
import type { BeirCollection } from './beir-folder.js'
import { heedSignal } from './heed-signal.js'
import { nodeThreads, runtimeFolder } from './paths.js'
import type { ProgressLine } from './progress-line.js'
import type { Row } from './report.js'
import { VectorCache } from './vector-cache.js'

export interface SearchEvaluation {
  collection: BeirCollection
  folder: ModelFolder
  dtype: Dtype
  threads: number | undefined
  /** Where vectors are kept; `undefined`: nowhere. */
  cacheFolder: string | undefined
  line: ProgressLine
  signal: AbortSignal
}

/**
 * One row: papers through the model's template and its adapter for papers, queries through theirs, each query's ranking of the
 * whole corpus by the model's own metric.
 */
export async function evaluateSearch(evaluation: SearchEvaluation): Promise<Row> {
  const { collection, folder, dtype, threads, signal } = evaluation
  const { documents, queries } = collection
  const startedAt = performance.now()
  const options = { dtype, device: 'wasm', threads: threads ?? nodeThreads(), runtime: runtimeFolder, signal } as const
  const engine = await Engine.load(folder, options)
  const { manifest } = engine
  try {
    const papers = documents.map(({ paper }) => engine.tokenizePaper(paper))
    const vectors = await embedAll(engine, papers, manifest.defaultAdapter, 'papers', evaluation)
    const questions = queries.map(({ text }) => engine.tokenizeQuery(text))
    const queryVectors = await embedAll(engine, questions, manifest.queryAdapter, 'queries', evaluation)

    const sums = { ndcgAt10: 0, map: 0, recallAt100: 0 }
    for (const [index, { judgements }] of queries.entries()) {
      await heedSignal(signal)
      const query = queryVectors.subarray(index * manifest.dimension, (index + 1) * manifest.dimension)
      const rows = rankBySimilarity(vectors, query, manifest.metric)
      const ranking = Array.from(rows, (row) => documents[row]!.id)
      sums.ndcgAt10 += ndcg(ranking, judgements, 10)
      sums.map += averagePrecision(ranking, judgements)
      sums.recallAt100 += recall(ranking, judgements, 100)
    }
    const mean = (sum: number) => sum / Math.max(1, queries.length)
    const seconds = (performance.now() - startedAt) / 1000
    const split = collection.split && ` (${collection.split})`
    evaluation.line.end(
      `${collection.name}${split}, ${dtype}: ${documents.length} papers by ${manifest.defaultAdapter}, ${queries.length} queries by ${manifest.queryAdapter}, ${seconds.toFixed(0)} s`,
    )
    return {
      set: collection.name,
      model: manifest.id,
      dtype,
      mode: 'semantic',
      ndcgAt10: mean(sums.ndcgAt10),
      map: mean(sums.map),
      recallAt100: mean(sums.recallAt100),
    }
  } finally {
    await engine.dispose()
  }
}

/** Vectors [texts.length, dimension] in the order of the texts. */
export async function embedAll(
  engine: Engine,
  texts: readonly Tokens[],
  adapter: AdapterName,
  what: string,
  { dtype, cacheFolder, line, signal }: Pick<SearchEvaluation, 'dtype' | 'cacheFolder' | 'line' | 'signal'>,
): Promise<Float32Array<ArrayBuffer>> {
  const { dimension } = engine.manifest
  const vectors = new Float32Array(texts.length * dimension)
  const cache = cacheFolder === undefined ? null : await VectorCache.open(cacheFolder, engine.manifest, dtype, adapter)
  const missing: number[] = []
  for (const [index, { ids }] of texts.entries()) {
    const kept = cache?.get(ids)
    if (kept) vectors.set(kept, index * dimension)
    else missing.push(index)
  }
  const total = missing.reduce((sum, index) => sum + texts[index]!.ids.length, 0)
  const startedAt = performance.now()
  let tokens = 0
  try {
    for (const [done, index] of missing.entries()) {
      await heedSignal(signal)
      const text = texts[index]!
      const vector = await engine.embed(text, adapter, { signal })
      vectors.set(vector, index * dimension)
      await cache?.add(text.ids, vector)
      tokens += text.ids.length
      const secondsLeft = (((performance.now() - startedAt) / 1000) * (total - tokens)) / tokens
      line.show(what, `${dtype}: ${done + 1} of ${missing.length} ${what}, ${timeLeft(secondsLeft)} left`)
    }
  } finally {
    await cache?.flush()
  }
  return vectors
}

function timeLeft(seconds: number): string {
  return seconds < 90 ? `${Math.ceil(seconds)} s` : `${Math.round(seconds / 60)} min`
}
