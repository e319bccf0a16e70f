import { InvalidArgumentError } from '../../core/errors.js'
import { isSameModel, type ModelStamp, staleIndexError } from '../../core/model-folder/model-stamp.js'
import { hybridSearch } from '../../core/search/hybrid-search.js'
import type { LexicalIndex } from '../../core/search/lexical-index.js'
import { ALIKE, likenessOf, type VectorScale } from '../../core/search/likeness.js'
import type { ParsedQuery } from '../../core/search/query-language.js'
import type { RowSet } from '../../core/search/row-set.js'
import type { Hit, SearchCounts, SearchMode } from './library-protocol.js'
import type { VectorView } from './vector-view.js'

/** A search hit, by row. */
export interface RankedPaper extends Omit<Hit, 'id' | 'paper'> {
  row: number
}

export interface Ranking {
  papers: RankedPaper[]
  counts: SearchCounts
}

export interface RankingRequest {
  mode: SearchMode
  query: ParsedQuery
  vector: Float32Array | null
  /** Rows that may be found; `undefined`: all. */
  filter: RowSet | undefined
  k: number
  offset: number
  /** What makes likeness of distances; `null` if it is not known. */
  scale: VectorScale | null
  /** Leaves out papers of less likeness. */
  minLikeness: number
}

/**
 * Ranks papers by their vectors, their words or both. A semantic score is the cosine, or minus the Euclidean distance; a lexical
 * one BM25; a hybrid one the weighted sum of both in standard deviations over all papers, which needs all vectors in memory.
 *
 * @param vectors `null` if there are none: a hybrid search then uses words only.
 */
export async function rankPapers(request: RankingRequest, vectors: VectorView | null, words: Words): Promise<Ranking> {
  const { mode, query, vector, filter, k, offset, minLikeness } = request
  // Without a vector there is nothing to be alike to: a query of an author and years, or one whose model is missing.
  if (!vectors || !vector) return mode === 'semantic' ? NOTHING : byWords(words, request)
  if (mode === 'semantic') return byVector(vectors, vector, { ...request, filter: words.scope(query, filter) })
  if (mode === 'lexical') return byWords(words, request)
  await vectors.loadMissing()
  const scale = request.scale ?? undefined
  const hits = hybridSearch(vectors, words, { vector, text: query }, { k, offset, filter, scale, minLikeness })
  const papers = Array.from(hits.rows, (row, index) => ({
    row,
    score: hits.scores[index]!,
    distance: numberOrNull(hits.distances[index]!),
    likeness: numberOrNull(hits.likeness[index]!),
    ranks: { semantic: hits.semanticRanks[index] || null, lexical: hits.lexicalRanks[index] || null },
    terms: hits.terms[index]!,
  }))
  const { some, all, found, isMore } = hits.counts
  return { papers, counts: { withSomeWords: some, withAllWords: all, found, isMore } }
}

/** What finds papers by their words. */
export type Words = Pick<LexicalIndex, 'search' | 'scope'>

const NOTHING: Ranking = { papers: [], counts: { withSomeWords: null, withAllWords: null, found: null, isMore: false } }
/** Papers that are counted if all of them are alike. */
const COUNTED = 1000

async function byVector(vectors: VectorView, query: Float32Array, request: RankingRequest): Promise<Ranking> {
  const { k, offset, filter, scale, minLikeness } = request
  const { rows, distances } = await vectors.nearest(query, { k: Math.max(offset + k, scale ? COUNTED : 0), filter })
  const likeness = Array.from(distances, (distance) => (scale ? likenessOf(distance, scale) : null))
  // Likeness falls as the distance grows.
  const countAbove = (least: number) => likeness.findLastIndex((value) => value === null || value >= least) + 1
  const isCosine = vectors.model.metric === 'cosine'
  const papers = Array.from(rows.subarray(offset, Math.min(offset + k, countAbove(minLikeness))), (row, index) => {
    const place = offset + index
    const distance = distances[place]!
    const ranks = { semantic: place + 1, lexical: null }
    return { row, score: isCosine ? 1 - distance : -distance, distance, likeness: likeness[place]!, ranks, terms: [] }
  })
  const found = scale ? countAbove(Math.max(ALIKE, minLikeness)) : null
  const isMore = scale !== null && found === rows.length && rows.length >= COUNTED
  return { papers, counts: { withSomeWords: null, withAllWords: null, found, isMore } }
}

function byWords(words: Words, { query, k, offset, filter }: RankingRequest): Ranking {
  const { rows, scores, counts, terms } = words.search(query, { filter, k: offset + k })
  const papers = Array.from(rows.subarray(offset), (row, index) => {
    const ranks = { semantic: null, lexical: offset + index + 1 }
    return { row, score: scores[offset + index]!, distance: null, likeness: null, ranks, terms: terms(row) }
  })
  return { papers, counts: { withSomeWords: counts.some, withAllWords: counts.all, found: null, isMore: false } }
}

const numberOrNull = (value: number) => (Number.isNaN(value) ? null : value)

/**
 * @param model The model that made `vector`; `null` if unknown.
 * @throws InvalidArgumentError if the dimension differs; Specter2Error `INDEX_STALE` if the model differs.
 */
export function checkQueryVector(vector: Float32Array, model: ModelStamp | null, own: ModelStamp): void {
  if (model && !isSameModel(model, own)) throw staleIndexError(own, model)
  if (vector.length !== own.dimension)
    throw new InvalidArgumentError('vector.length', vector.length, `${own.dimension}, the dimension of the index's vectors`)
}
