import type { Metric } from '../src/index.js'
import { formatScore } from './format.js'
import type { Entry, Library } from './library.js'
import type { Row } from './result-list.js'
import { barShare, queryWords, rank } from './search.js'

/** What the list shows: all papers, or a ranking by a search or by a paper. */
export type View =
  | { kind: 'all' }
  | { kind: 'query'; text: string; vector: Float32Array; tookMs: number }
  | { kind: 'like'; id: string }

/** @param metric `null` while no model is here. */
export function rowsOf(view: View, library: Library, metric: Metric | null): Row[] {
  if (view.kind === 'all' || metric === null) return library.entries.map((entry) => ({ entry, score: null }))
  if (view.kind === 'query') return rankedRows(view.vector, library.entries, metric)
  const entry = library.entry(view.id)
  return entry ? nearestRows(entry, library, metric) : []
}

/** The other papers, those most like this one first; none before it is embedded. */
export function nearestRows({ paper, vector }: Entry, library: Library, metric: Metric): Row[] {
  const others = library.entries.filter((entry) => entry.paper.id !== paper.id)
  return vector ? rankedRows(vector, others, metric) : []
}

/** Words to mark in papers. */
export function wordsOf(view: View): Set<string> {
  return queryWords(view.kind === 'query' ? view.text : '')
}

function rankedRows(query: Float32Array, entries: readonly Entry[], metric: Metric): Row[] {
  const ranking = rank(
    query,
    entries.map(({ vector }) => vector),
    metric,
  )
  return ranking.map(({ index, score }) => ({
    entry: entries[index]!,
    score: { ...formatScore(score, metric), share: barShare(score, ranking, metric) },
  }))
}
