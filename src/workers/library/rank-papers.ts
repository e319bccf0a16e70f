import { InvalidArgumentError } from '../../core/errors.js'
import { isSameModel, type ModelStamp, staleIndexError } from '../../core/model-folder/model-stamp.js'
import { hybridSearch } from '../../core/search/hybrid-search.js'
import type { LexicalIndex } from '../../core/search/lexical-index.js'
import type { RowSet } from '../../core/search/row-set.js'
import type { Hit, SearchMode } from './library-protocol.js'
import type { VectorView } from './vector-view.js'

/** A search hit, by row. */
export interface RankedPaper extends Omit<Hit, 'id' | 'paper'> {
  row: number
}

export interface RankingRequest {
  mode: SearchMode
  query: string
  vector: Float32Array | null
  /** Rows that may be found; `undefined`: all. */
  filter: RowSet | undefined
  k: number
  offset: number
}

/**
 * Ranks papers by their vectors, their words or both. A semantic score is the cosine, or minus the Euclidean distance; a lexical
 * one BM25; a hybrid one the weighted sum of both in standard deviations over all papers, which needs all vectors in memory.
 *
 * @param vectors `null` if there are none: a hybrid search then uses words only.
 */
export async function rankPapers(
  { mode, query, vector, filter, k, offset }: RankingRequest,
  vectors: VectorView | null,
  words: Pick<LexicalIndex, 'search'>,
): Promise<RankedPaper[]> {
  if (mode === 'semantic') return vectors && vector ? byVector(vectors, vector, { k, offset, filter }) : []
  if (mode === 'lexical' || !vectors || !vector) return byWords(words, query, { k, offset, filter })
  await vectors.loadMissing()
  const hits = hybridSearch(vectors, words, { vector, text: query }, { k, offset, filter })
  return Array.from(hits.rows, (row, index) => ({
    row,
    score: hits.scores[index]!,
    distance: Number.isNaN(hits.distances[index]!) ? null : hits.distances[index]!,
    ranks: { semantic: hits.semanticRanks[index] || null, lexical: hits.lexicalRanks[index] || null },
    terms: hits.terms[index]!,
  }))
}

type Page = Pick<RankingRequest, 'k' | 'offset' | 'filter'>

async function byVector(vectors: VectorView, query: Float32Array, { k, offset, filter }: Page): Promise<RankedPaper[]> {
  const { rows, distances } = await vectors.nearest(query, { k: offset + k, filter })
  const isCosine = vectors.model.metric === 'cosine'
  return Array.from(rows.subarray(offset), (row, index) => {
    const distance = distances[offset + index]!
    const ranks = { semantic: offset + index + 1, lexical: null }
    return { row, score: isCosine ? 1 - distance : -distance, distance, ranks, terms: [] }
  })
}

function byWords(words: Pick<LexicalIndex, 'search'>, query: string, { k, offset, filter }: Page): RankedPaper[] {
  const { rows, scores, terms } = words.search(query, { filter, k: offset + k })
  return Array.from(rows.subarray(offset), (row, index) => {
    const ranks = { semantic: null, lexical: offset + index + 1 }
    return { row, score: scores[offset + index]!, distance: null, ranks, terms: terms[offset + index]! }
  })
}

/**
 * @param model The model that made `vector`; `null` if unknown.
 * @throws InvalidArgumentError if the dimension differs; Specter2Error `INDEX_STALE` if the model differs.
 */
export function checkQueryVector(vector: Float32Array, model: ModelStamp | null, own: ModelStamp): void {
  if (model && !isSameModel(model, own)) throw staleIndexError(own, model)
  if (vector.length !== own.dimension)
    throw new InvalidArgumentError('vector.length', vector.length, `${own.dimension}, the dimension of the index's vectors`)
}
