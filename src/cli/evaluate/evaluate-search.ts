import { pauses } from '../../core/async/pauses.js'
import { hybridSearch } from '../../core/search/hybrid-search.js'
import { LexicalIndex } from '../../core/search/lexical-index.js'
import { scaleFor } from '../../core/search/likeness.js'
import { VectorIndex } from '../../core/search/vector-index.js'
import type { ModelFolder } from '../../model/open-model.js'
import { type EmbedTextsOptions, embedTexts } from '../embed-texts.js'
import { type LocalEngineOptions, loadEngine } from '../local-model.js'
import type { Row } from '../report.js'
import type { BeirCollection } from './beir-folder.js'
import { plainQuery } from './plain-query.js'
import { averagePrecision, ndcg, recall } from './ranking-metrics.js'

/** By words, by vectors, by both. */
export type SearchMode = 'lexical' | 'semantic' | 'hybrid'

/** A model that is evaluated, in one dtype and on one engine. */
export interface EvaluatedModel extends EmbedTextsOptions, Pick<LocalEngineOptions, 'engine' | 'tier'> {
  folder: ModelFolder
  threads: number
}

/** Searches by words alone, which does not depend on a model. */
export async function evaluateLexical(collection: BeirCollection, signal: AbortSignal): Promise<Row> {
  const lexical = lexicalIndexOf(collection)
  const quality = await rankingQuality(collection, signal, (query) => ({ rows: lexical.search(plainQuery(query.text)).rows }))
  return { set: collection.name, mode: 'lexical', ...quality }
}

/**
 * Embeds papers and queries by the model's templates and adapters for each, and ranks the whole corpus for every query with
 * the page's own search.
 *
 * @returns A row per mode.
 */
export async function evaluateVectors(
  collection: BeirCollection,
  modes: readonly Exclude<SearchMode, 'lexical'>[],
  model: EvaluatedModel,
): Promise<Row[]> {
  const { documents, queries } = collection
  const startedAt = performance.now()
  const engine = await loadEngine(model.folder, model)
  const { id, dimension, metric, defaultAdapter, queryAdapter, likeness } = engine.manifest
  try {
    const paperTokens = documents.map(({ paper }) => engine.tokenizePaper(paper))
    const vectors = await embedTexts(engine, paperTokens, defaultAdapter, 'papers', model)
    const queryTokens = queries.map(({ text }) => engine.tokenizeQuery(text))
    const queryVectors = await embedTexts(engine, queryTokens, queryAdapter, 'queries', model)

    const index = new VectorIndex({ dimension, metric, capacity: documents.length })
    index.append(vectors)
    const lexical = modes.includes('hybrid') ? lexicalIndexOf(collection) : new LexicalIndex()
    const k = documents.length
    const rank = ({ text, number }: NumberedQuery, mode: SearchMode) => {
      const vector = queryVectors.subarray(number * dimension, (number + 1) * dimension)
      if (mode === 'semantic') return index.search(vector, { k })
      const scale = likeness && scaleFor(vector, likeness, 'query', metric)
      return hybridSearch(index, lexical, { vector, text: plainQuery(text) }, { k, scale })
    }
    const rows: Row[] = []
    const { engine: ranOn, tier } = engine.runsOn
    const isChosen = model.tier !== undefined || model.engine !== 'auto'
    const runner = isChosen ? { engine: tier ? `${ranOn}, ${tier}` : ranOn } : {}
    for (const mode of modes) {
      const quality = await rankingQuality(collection, model.signal, (query) => rank(query, mode))
      rows.push({ set: collection.name, model: id, dtype: model.dtype, ...runner, mode, ...quality })
    }
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(0)
    const set = `${collection.name}${collection.split && ` (${collection.split})`}`
    model.output.print(
      `${set}, ${model.dtype}: ${documents.length} papers by ${defaultAdapter}, ${queries.length} queries by ${queryAdapter}, ${seconds} s`,
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

interface NumberedQuery {
  text: string
  /** Place among the collection's queries, from 0. */
  number: number
}

interface Ranking {
  rows: Uint32Array
  /** `found`: how many of the rows are above the line, where likeness ends. */
  counts?: { found?: number | null }
}

/** Means over the queries; `rank` gives the rows of the documents, best first. */
async function rankingQuality(
  { documents, queries }: BeirCollection,
  signal: AbortSignal,
  rank: (query: NumberedQuery) => Ranking,
): Promise<Row> {
  const ids = documents.map(({ id }) => id)
  const sums = { ndcgAt10: 0, map: 0, recallAt100: 0 }
  const line = { recall: 0, precision: 0, shown: 0, queries: 0 }
  const pause = pauses(signal)
  for (const [number, { text, judgements }] of queries.entries()) {
    await pause()
    const { rows, counts } = rank({ text, number })
    const ranking = Array.from(rows, (row) => ids[row] ?? '')
    sums.ndcgAt10 += ndcg(ranking, judgements, 10)
    sums.map += averagePrecision(ranking, judgements)
    sums.recallAt100 += recall(ranking, judgements, 100)
    const found = counts?.found ?? null
    if (found === null) continue
    const relevant = ranking.slice(0, found).filter((id) => (judgements.get(id) ?? 0) > 0).length
    line.queries++
    line.shown += found
    line.recall += recall(ranking, judgements, found)
    line.precision += found === 0 ? 0 : relevant / found
  }
  const mean = (sum: number) => sum / Math.max(1, queries.length)
  return {
    ndcgAt10: mean(sums.ndcgAt10),
    map: mean(sums.map),
    recallAt100: mean(sums.recallAt100),
    ...(line.queries > 0 && {
      lineRecall: line.recall / line.queries,
      linePrecision: line.precision / line.queries,
      aboveLine: line.shown / line.queries,
    }),
  }
}
