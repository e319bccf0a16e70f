import type { ModelStamp } from '../library-protocol.js'
import { exactDistance } from '../search/exact-distance.js'
import { spread } from '../search/fuse.js'
import { addRow, hasRow, type RowSet } from '../search/row-set.js'
import { VectorIndex } from '../search/vector-index.js'
import type { Segment } from './index-store.js'

/** Of so many, mean and deviation are within 3 % of those of all. */
const SPREAD_SAMPLE = 4096

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
   * Papers by ascending distance.
   *
   * @param filter Rows of papers that may be found; `null`: all.
   */
  search(query: Float32Array, k: number, filter: RowSet | null): { rows: number[]; distances: Float64Array } {
    const { rows, distances } = this.#index.search(query, { k, ...(filter && { filter: this.#placesIn(filter) }) })
    return { rows: Array.from(rows, (place) => this.#rows[place]!), distances }
  }

  /** The distance of a paper; `null` where it has no vector. */
  distance(query: Float32Array, row: number): number | null {
    const place = this.#places.get(row)
    return place === undefined ? null : this.#distanceTo(query)(place)
  }

  /** How near a distance is, higher is better: the cosine, or minus the Euclidean distance. */
  similarity(distance: number): number {
    return this.model.metric === 'cosine' ? 1 - distance : -distance
  }

  /** How similar papers are to a query on the whole: mean and standard deviation, of many by a sample spread evenly over them. */
  spread(query: Float32Array): { mean: number; deviation: number } {
    const distanceTo = this.#distanceTo(query)
    const step = Math.max(1, this.#index.count / SPREAD_SAMPLE)
    const scores: number[] = []
    for (let at = 0; at < this.#index.count; at += step) {
      const place = Math.floor(at)
      if (this.#places.get(this.#rows[place]!) === place) scores.push(this.similarity(distanceTo(place)))
    }
    return spread(scores)
  }

  #distanceTo(query: Float32Array): (place: number) => number {
    const distanceTo = exactDistance(query, this.model.metric)
    return (place) => distanceTo(this.#index.vector(place), 0)
  }

  #placesIn(filter: RowSet): RowSet {
    const places = new Uint32Array((this.#index.count + 31) >>> 5)
    for (const [place, row] of this.#rows.entries()) if (hasRow(filter, row)) addRow(places, place)
    return places
  }
}
