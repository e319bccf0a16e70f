import type { ModelStamp } from '../library-protocol.js'
import { addRow, hasRow, type RowSet } from '../search/row-set.js'
import { type VectorHits, VectorIndex, type VectorSearchOptions } from '../search/vector-index.js'
import type { Segment } from './index-store.js'

/** The vectors of one model in memory, by the rows of their papers. */
export class VectorView {
  readonly model: ModelStamp
  /** Segments with lower numbers are in. */
  nextSegment = 0
  /** Rows of each stored segment, by its number. */
  readonly segments = new Map<number, Uint32Array>()
  readonly #index: VectorIndex
  /** Paper's row of each vector. */
  readonly #rows: number[] = []
  readonly #places = new Map<number, number>()
  readonly #hashes = new Map<string, number>()

  constructor(model: ModelStamp) {
    this.model = model
    this.#index = new VectorIndex(model)
  }

  /** Papers that have a vector. */
  get count(): number {
    return this.#places.size
  }

  /**
   * Takes the vectors of a stored segment, as far as they are not here.
   *
   * @param live Rows that are there.
   */
  add({ number, rows, hashes, vectors }: Segment, live: RowSet): void {
    this.segments.set(number, rows)
    this.nextSegment = Math.max(this.nextSegment, number + 1)
    const isNew = (row: number) => !this.#places.has(row) && hasRow(live, row)
    const { dimension } = this.model
    let place = this.#index.count
    if (rows.every(isNew)) this.#index.append(vectors)
    else
      for (const [index, row] of rows.entries())
        if (isNew(row)) this.#index.append(vectors.subarray(index * dimension, (index + 1) * dimension))
    for (const [index, row] of rows.entries()) {
      if (!isNew(row)) continue
      this.#rows[place] = row
      this.#places.set(row, place)
      this.#hashes.set(hashes[index]!, place)
      place++
    }
  }

  has(row: number): boolean {
    return this.#places.has(row)
  }

  /** The paper is found no more; its vector serves papers of the same text until the index is opened anew. */
  remove(row: number): void {
    const place = this.#places.get(row)
    if (place === undefined) return
    this.#places.delete(row)
    this.#index.remove(place)
  }

  /** A copy of the vector of a paper. */
  vector(row: number): Float32Array<ArrayBuffer> | null {
    const place = this.#places.get(row)
    return place === undefined ? null : this.#index.vector(place)
  }

  /** A copy of the vector of a text. */
  vectorOfText(hash: string): Float32Array<ArrayBuffer> | null {
    const place = this.#hashes.get(hash)
    return place === undefined ? null : this.#index.vector(place)
  }

  /**
   * Papers by ascending distance, by their rows; as {@link VectorIndex.search}.
   *
   * @param filter Rows of papers that may be found; default all.
   */
  search(query: Float32Array, { k, filter }: VectorSearchOptions): VectorHits {
    const { rows, distances } = this.#index.search(query, { k, filter: filter && this.#placesIn(filter) })
    return { rows: rows.map((place) => this.#rows[place]!), distances }
  }

  /** Rows of papers that a search may find. */
  rows(filter?: RowSet): Uint32Array<ArrayBuffer> {
    return this.#index.rows(filter && this.#placesIn(filter)).map((place) => this.#rows[place]!)
  }

  /** Distances of papers, by their rows; all must have a vector. */
  distances(query: Float32Array, rows: ArrayLike<number>): Float64Array<ArrayBuffer> {
    return this.#index.distances(
      query,
      Uint32Array.from(rows, (row) => this.#places.get(row)!),
    )
  }

  #placesIn(filter: RowSet): RowSet {
    const places = new Uint32Array((this.#index.count + 31) >>> 5)
    for (const [place, row] of this.#rows.entries()) if (hasRow(filter, row)) addRow(places, place)
    return places
  }
}
