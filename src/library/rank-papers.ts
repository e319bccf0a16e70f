import type { SearchMode } from '../library-protocol.js'
import { fuse, spread } from '../search/fuse.js'
import type { LexicalIndex } from '../search/lexical-index.js'
import type { RowSet } from '../search/row-set.js'
import type { VectorView } from './vector-view.js'

/** A paper that was found, by its row. */
export interface RankedPaper {
  row: number
  /** Higher is better; comparable within one search. */
  score: number
  /** By the model's metric; `null` where the vector was not compared. */
  distance: number | null
  /** Position on either side, from 1; `null` where it is not among those that were looked at. */
  ranks: { semantic: number | null; lexical: number | null }
  /** Words of the query that the paper has. */
  terms: string[]
}

export interface RankingRequest {
  mode: SearchMode
  query: string
  vector: Float32Array | null
  /** Rows that may be found; `null`: all. */
  filter: RowSet | null
  /** How many are wanted from the first on. */
  k: number
}

/** What of the words' side is needed: LexicalView, or any index and how many papers it holds. */
interface LexicalWords extends Pick<LexicalIndex, 'search'> {
  readonly count: number
}

/** Best of each side that a hybrid search looks at; what neither side has among these is on no first pages. */
const CANDIDATES = 1000

/**
 * Ranks papers by their vectors, their words or both.
 *
 * A semantic score is the cosine, or minus the Euclidean distance; a lexical one BM25; a hybrid one the weighted sum of both in
 * standard deviations over all papers. What has no vector yet counts there as an average paper.
 *
 * @returns the first `k`, by descending score.
 */
export function rankPapers(request: RankingRequest, vectors: VectorView | null, words: LexicalWords | null): RankedPaper[] {
  const { mode, query, vector, filter, k } = request
  const looked = mode === 'hybrid' ? Math.max(CANDIDATES, k) : k
  const semantic = vectors && vector && mode !== 'lexical' ? rankByVector(vectors, vector, looked, filter) : []
  if (mode === 'semantic') return semantic
  const lexical = words ? rankByWords(words, query, filter) : []
  if (mode === 'lexical' || !vectors || !vector) return lexical.slice(0, k)

  const papers = new Map(semantic.map((paper) => [paper.row, paper]))
  const lexicalScores = new Map(lexical.map(({ row, score }) => [row, score]))
  for (const { row, ranks, terms } of lexical.slice(0, looked)) {
    const both = papers.get(row) ?? { row, score: 0, distance: vectors.distance(vector, row), ranks, terms }
    papers.set(row, { ...both, ranks: { ...both.ranks, lexical: ranks.lexical }, terms })
  }
  const rows = [...papers.keys()]
  const dense = vectors.spread(vector)
  const denseScores = rows.map((row) => {
    const { distance } = papers.get(row)!
    return distance === null ? dense.mean : vectors.similarity(distance)
  })
  const ranked = fuse(
    rows,
    { scores: denseScores, ...dense },
    { scores: rows.map((row) => lexicalScores.get(row) ?? 0), ...spread([...lexicalScores.values()], words?.count ?? 0) },
  )
  return Array.from(ranked.rows.subarray(0, k), (row, index) => ({ ...papers.get(row)!, score: ranked.scores[index]! }))
}

function rankByVector(vectors: VectorView, query: Float32Array, k: number, filter: RowSet | null): RankedPaper[] {
  const { rows, distances } = vectors.search(query, k, filter)
  return rows.map((row, index) => {
    const distance = distances[index]!
    return { row, score: vectors.similarity(distance), distance, ranks: { semantic: index + 1, lexical: null }, terms: [] }
  })
}

function rankByWords(words: LexicalWords, query: string, filter: RowSet | null): RankedPaper[] {
  const { rows, scores, terms } = words.search(query, filter ? { filter } : {})
  return Array.from(rows, (row, index) => ({
    row,
    score: scores[index]!,
    distance: null,
    ranks: { semantic: null, lexical: index + 1 },
    terms: terms[index]!,
  }))
}
