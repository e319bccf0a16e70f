import { pauses } from '../../../core/async/pauses.js'
import { LexicalIndex } from '../../../core/search/lexical-index.js'
import { addRow, rowSet } from '../../../core/search/row-set.js'
import { plainQuery } from '../plain-query.js'
import { averagePrecision, type Judgements, ndcg, recall } from '../ranking-metrics.js'
import type { RankingSet } from './find-sets.js'
import { fieldsOf } from './set-texts.js'

/** Scores of a query's candidates, higher is better; a candidate without one is not ranked. */
export type ScoreCandidates = (query: string, candidates: readonly string[]) => Map<string, number>

type MetricFunction = (ranking: readonly string[], judgements: Judgements) => number

const relevantWithin = (ranking: readonly string[], judgements: Judgements, depth: number) =>
  ranking.slice(0, depth).filter((id) => (judgements.get(id) ?? 0) > 0).length

const METRICS: Readonly<Record<string, MetricFunction>> = {
  map: averagePrecision,
  ndcg: (ranking, judgements) => ndcg(ranking, judgements, Number.POSITIVE_INFINITY),
  p5: (ranking, judgements) => relevantWithin(ranking, judgements, 5) / 5,
  p10: (ranking, judgements) => relevantWithin(ranking, judgements, 10) / 10,
  recallAt5: (ranking, judgements) => recall(ranking, judgements, 5),
  accuracy: (ranking, judgements) => relevantWithin(ranking, judgements, 1),
}

/** Means of the metrics over queries, and over the means of subjects if there are some, in percent. */
export async function rankingScores(
  { judgements, subjects }: RankingSet,
  metrics: readonly string[],
  score: ScoreCandidates,
  signal: AbortSignal,
): Promise<Record<string, number>> {
  const pause = pauses(signal)
  /** Values of the queries by metric and subject. */
  const values = new Map(metrics.map((metric) => [metric, new Map<string, number[]>()]))
  for (const [query, grades] of judgements) {
    await pause()
    const scores = score(query, [...grades.keys()])
    if (scores.size === 0) continue
    // As trec_eval orders ties: by id, the last first.
    const ranking = [...scores].sort(([a, x], [b, y]) => y - x || (a < b ? 1 : -1)).map(([id]) => id)
    const subject = subjects?.get(query) ?? ''
    for (const metric of metrics) {
      const own = values.get(metric)!
      own.set(subject, [...(own.get(subject) ?? []), METRICS[metric]!(ranking, grades)])
    }
  }
  return Object.fromEntries([...values].map(([metric, own]) => [metric, 100 * mean([...own.values()].map(mean))]))
}

export const mean = (numbers: readonly number[]) => numbers.reduce((sum, value) => sum + value, 0) / Math.max(1, numbers.length)

/** Scores by BM25F over the texts of the set's documents. Candidates that share no word with the query have 0. */
export function lexicalScores({ documents, queries }: RankingSet): ScoreCandidates {
  const index = new LexicalIndex()
  const rows = new Map<string, number>()
  const ids: string[] = []
  for (const [id, document] of documents) {
    rows.set(id, ids.length)
    const [title = '', ...rest] = fieldsOf(document)
    index.add(ids.length, { title, abstract: rest.join(' ') })
    ids.push(id)
  }
  return (query, candidates) => {
    const document = documents.get(query)
    const text = queries.get(query) ?? (document && fieldsOf(document).join(' '))
    const scores = new Map<string, number>()
    if (text === undefined) return scores
    const filter = rowSet([], ids.length)
    for (const id of candidates) {
      const row = rows.get(id)
      if (row === undefined) continue
      scores.set(id, 0)
      addRow(filter, row)
    }
    const { rows: found, scores: values } = index.search(plainQuery(text), { filter })
    for (const [at, row] of found.entries()) scores.set(ids[row]!, values[at]!)
    return scores
  }
}

/** Vectors by id: rows of a matrix. */
export interface VectorTable {
  rows: ReadonlyMap<string, number>
  vectors: Float32Array
}

/**
 * Scores by Euclidean distance, as the published evaluation ranks; reviewers by the mean cosine of their three nearest papers.
 *
 * @param queries Of queries that are texts.
 */
export function vectorScores(set: RankingSet, documents: VectorTable, queries: VectorTable, dimension: number): ScoreCandidates {
  const vectorOf = ({ rows, vectors }: VectorTable, id: string) => {
    const row = rows.get(id)
    return row === undefined ? null : vectors.subarray(row * dimension, (row + 1) * dimension)
  }
  return (query, candidates) => {
    const scores = new Map<string, number>()
    const vector = set.queries.has(query) ? vectorOf(queries, query) : vectorOf(documents, query)
    if (!vector) return scores
    for (const id of candidates) {
      if (set.reviewers) {
        const cosines = (set.reviewers.get(id) ?? []).flatMap((paper) => {
          const own = vectorOf(documents, paper)
          return own ? [cosine(vector, own)] : []
        })
        if (cosines.length > 0) scores.set(id, mean(cosines.sort((a, b) => b - a).slice(0, 3)))
        continue
      }
      const own = vectorOf(documents, id)
      if (own) scores.set(id, -distance(vector, own))
    }
    return scores
  }
}

function distance(a: Float32Array, b: Float32Array): number {
  let sum = 0
  for (let at = 0; at < a.length; at++) sum += (a[at]! - b[at]!) ** 2
  return Math.sqrt(sum)
}

function cosine(a: Float32Array, b: Float32Array): number {
  let [ab, aa, bb] = [0, 0, 0]
  for (let at = 0; at < a.length; at++) {
    ab += a[at]! * b[at]!
    aa += a[at]! * a[at]!
    bb += b[at]! * b[at]!
  }
  return ab / Math.sqrt(aa * bb || 1)
}
