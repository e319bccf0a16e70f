import { hybridSearch } from '../../core/search/hybrid-search.js'
import { LexicalIndex } from '../../core/search/lexical-index.js'
import { VectorIndex } from '../../core/search/vector-index.js'
import { Engine } from '../../engine/engine.js'
import type { ModelFolder } from '../../model/open-model.js'
import { heedSignal } from '../heed-signal.js'
import { nodeThreads, runtimeFolder } from '../paths.js'
import type { Row } from '../report.js'
import type { BeirCollection } from './beir-folder.js'
import { type EmbedTextsOptions, embedTexts } from './embed-texts.js'
import { averagePrecision, ndcg, recall } from './ranking-metrics.js'

/** By words, by vectors, by both. */
export type SearchMode = 'lexical' | 'semantic' | 'hybrid'

/** Words alone: the same for every model. */
export async function evaluateLexical(collection: BeirCollection, signal: AbortSignal): Promise<Row> {
  const lexical = lexicalIndexOf(collection)
  const quality = await rankingQuality(collection, signal, (index) => lexical.search(collection.queries[index]!.text).rows)
  return { set: collection.name, mode: 'lexical', ...quality }
}

export interface VectorEvaluation extends EmbedTextsOptions {
  collection: BeirCollection
  folder: ModelFolder
  modes: readonly Exclude<SearchMode, 'lexical'>[]
  threads: number | undefined
}

/**
 * A row for each mode: papers through the model's template and its adapter for papers, queries through theirs, each query's
 * ranking of the whole corpus by the page's own search.
 */
export async function evaluateVectors(evaluation: VectorEvaluation): Promise<Row[]> {
  const { collection, folder, dtype, modes, threads, signal } = evaluation
  const { documents, queries } = collection
  const startedAt = performance.now()
  const options = { dtype, device: 'wasm', threads: threads ?? nodeThreads(), runtime: runtimeFolder, signal } as const
  const engine = await Engine.load(folder, options)
  const { manifest } = engine
  const { dimension, metric } = manifest
  try {
    const papers = documents.map(({ paper }) => engine.tokenizePaper(paper))
    const vectors = await embedTexts(engine, papers, manifest.defaultAdapter, 'papers', evaluation)
    const questions = queries.map(({ text }) => engine.tokenizeQuery(text))
    const queryVectors = await embedTexts(engine, questions, manifest.queryAdapter, 'queries', evaluation)

    const index = new VectorIndex({ dimension, metric, capacity: documents.length })
    index.append(vectors)
    const lexical = modes.includes('hybrid') ? lexicalIndexOf(collection) : new LexicalIndex()
    const vectorOf = (query: number) => queryVectors.subarray(query * dimension, (query + 1) * dimension)
    const k = documents.length
    const rank = {
      semantic: (query: number) => index.search(vectorOf(query), { k }).rows,
      hybrid: (query: number) =>
        hybridSearch(index, lexical, { vector: vectorOf(query), text: queries[query]!.text }, { k }).rows,
    }
    const rows: Row[] = []
    for (const mode of modes)
      rows.push({
        set: collection.name,
        model: manifest.id,
        dtype,
        mode,
        ...(await rankingQuality(collection, signal, rank[mode])),
      })

    const seconds = (performance.now() - startedAt) / 1000
    const split = collection.split && ` (${collection.split})`
    evaluation.line.end(
      `${collection.name}${split}, ${dtype}: ${documents.length} papers by ${manifest.defaultAdapter}, ${queries.length} queries by ${manifest.queryAdapter}, ${seconds.toFixed(0)} s`,
    )
    return rows
  } finally {
    await engine.dispose()
  }
}

function lexicalIndexOf({ documents }: BeirCollection): LexicalIndex {
  const index = new LexicalIndex()
  for (const [row, { paper }] of documents.entries()) index.add(row, paper)
  return index
}

/** Means over the queries. */
async function rankingQuality(
  { documents, queries }: BeirCollection,
  signal: AbortSignal,
  rank: (query: number) => Uint32Array,
): Promise<{ ndcgAt10: number; map: number; recallAt100: number }> {
  const sums = { ndcgAt10: 0, map: 0, recallAt100: 0 }
  for (const [index, { judgements }] of queries.entries()) {
    await heedSignal(signal)
    const ranking = Array.from(rank(index), (row) => documents[row]!.id)
    sums.ndcgAt10 += ndcg(ranking, judgements, 10)
    sums.map += averagePrecision(ranking, judgements)
    sums.recallAt100 += recall(ranking, judgements, 100)
  }
  const mean = (sum: number) => sum / Math.max(1, queries.length)
  return { ndcgAt10: mean(sums.ndcgAt10), map: mean(sums.map), recallAt100: mean(sums.recallAt100) }
}
