import MiniSearch, { type AsPlainObject, type Options } from 'minisearch'
import type { PaperText } from '../types.js'
import { hasRow, type RowSet } from './row-set.js'
import { stems, words } from './words.js'

/** Rows by descending score, ties by ascending row. */
export interface LexicalHits {
  rows: Uint32Array<ArrayBuffer>
  /** Above 0; only comparable within one search. */
  scores: Float64Array<ArrayBuffer>
  /** For each row, the words of the query that it contains, as the query spells them. */
  terms: string[][]
}

export interface LexicalSearchOptions {
  /** Rows that may be found; default all. Borrowed. */
  filter?: RowSet | undefined
  /** How many rows to return; default all that match. */
  k?: number | undefined
}

interface Document {
  id: number
  title: string
  text: string
}

/** BM25 with Lucene's parameters (Robertson and Zaragoza 2009, k1 and b), without the floor that MiniSearch adds. */
const BM25 = { k: 1.2, b: 0.75, d: 0 }
/** Words of a title count as part of the text, and a little more on their own. */
const TITLE_BOOST = 0.2

const options: Options<Document> = {
  fields: ['title', 'text'],
  tokenize: stems,
  processTerm: (term) => term,
  searchOptions: { combineWith: 'OR', bm25: BM25, boost: { title: TITLE_BOOST } },
}

/** Finds papers by their words: BM25 over title and abstract, by MiniSearch, of English stems without stop words. */
export class LexicalIndex {
  readonly #index: MiniSearch<Document>

  constructor(index = new MiniSearch<Document>(options)) {
    this.#index = index
  }

  /** @param row A number that is not in the index. */
  add(row: number, { title, abstract }: PaperText): void {
    this.#index.add({ id: row, title, text: abstract ? `${title} ${abstract}` : title })
  }

  /** Removes a row, if it is in the index; it may be added again. */
  remove(row: number): void {
    if (this.#index.has(row)) this.#index.discard(row)
  }

  /** The papers that contain any of the query's words. */
  search(query: string, { filter, k }: LexicalSearchOptions = {}): LexicalHits {
    const spelled = new Map(words(query).map(({ word, stem }) => [stem, word]))
    const found = this.#index
      .search(query, filter ? { boostDocument: (row: number) => (hasRow(filter, row) ? 1 : 0) } : {})
      // MiniSearch multiplies by the number of words found, which BM25 does not.
      .map(({ id, score, queryTerms }) => ({ row: id as number, score: score / queryTerms.length, stems: queryTerms }))
      .sort((a, b) => b.score - a.score || a.row - b.row)
      .slice(0, k)
    return {
      rows: Uint32Array.from(found, ({ row }) => row),
      scores: Float64Array.from(found, ({ score }) => score),
      terms: found.map(({ stems }) => [...new Set(stems.map((stem) => spelled.get(stem)!))]),
    }
  }

  /** Plain data from which {@link LexicalIndex.fromJSON} restores the index. */
  toJSON(): AsPlainObject {
    return this.#index.toJSON()
  }

  /** @param json The result of {@link LexicalIndex.toJSON}, or the same after `JSON.stringify` and `JSON.parse`. */
  static fromJSON(json: unknown): LexicalIndex {
    return new LexicalIndex(MiniSearch.loadJS(json as AsPlainObject, options))
  }
}
