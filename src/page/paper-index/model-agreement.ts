import type { VectorComparison } from '../../core/model-folder/compare-vectors.js'
import { isSameModel, type ModelStamp, modelKey, staleIndexError } from '../../core/model-folder/model-stamp.js'
import type { PaperRecord } from '../../core/papers/paper-record.js'
import type { Embedder } from '../embedder/embedder.js'
import { modelStamp } from './current-embedder.js'
import type { CheckedVectors } from './given-vectors.js'
import type { SearchConnection } from './index-connection.js'
import type { SearchRecords } from './paper-records.js'

type Comparing = Pick<Embedder, 'info' | 'embed'>

/** Only an index with given vectors compares. */
const comparisons = () => import('../../core/model-folder/compare-vectors.js')

/** Papers that are embedded to compare: a second of work, and a share of three quarters still has a meaning. */
const COMPARED_PAPERS = 8

/**
 * Whether an embedder's vectors are those that others gave an index: tried on a sample of papers, once for each model, and kept with
 * the index.
 */
export class ModelAgreement {
  readonly #connection: SearchConnection
  readonly #records: SearchRecords
  readonly #tried = new Map<string, Promise<VectorComparison>>()
  /** Pairs of models that given vectors have shown to be the same, before the index has any. */
  readonly #agreed = new Set<string>()

  constructor(connection: SearchConnection, records: SearchRecords) {
    this.#connection = connection
    this.#records = records
  }

  /** The stamp under which an embedder's vectors belong into the index: the index's own, if they are the same. */
  stampOf(embedder: Pick<Embedder, 'info'>): ModelStamp {
    return this.ofStamp(modelStamp(embedder))
  }

  /** The same for an embedder's stamp. */
  ofStamp(stamp: ModelStamp): ModelStamp {
    const state = this.#connection.state
    return state?.model && state.sameAs.includes(modelKey(stamp)) ? state.model : stamp
  }

  /**
   * Compares the embedder with the index's vectors if others gave them and that is not known yet.
   *
   * @throws Specter2Error `INDEX_STALE` if they are not the embedder's.
   */
  async settle(embedder: Comparing, signal: AbortSignal | undefined): Promise<ModelStamp> {
    const { model, computedBy = [] } = this.#connection.state ?? {}
    const stamp = this.stampOf(embedder)
    if (!model || isSameModel(model, stamp) || !computedBy.includes('given') || model.dimension !== stamp.dimension) return stamp
    if (!this.#agreed.has(pairKey(model, stamp))) {
      const comparison = await this.#compareStored(embedder, model, signal)
      if (!comparison.agrees) throw (await comparisons()).otherVectorsError(model, stamp, comparison)
    }
    this.#connection.setState(await this.#connection.call('accept', modelKey(stamp)))
    return model
  }

  /**
   * The model under which given vectors are stored: the index's, if they are the same.
   *
   * @param keep Whether vectors that are not those of the embedder are kept, in an index that has no others.
   * @throws Specter2Error `INDEX_STALE` if the given vectors are not those of the embedder, or of the index.
   */
  async place(
    papers: readonly PaperRecord[],
    given: CheckedVectors,
    embedder: Comparing | null,
    keep: boolean,
    signal: AbortSignal | undefined,
  ): Promise<ModelStamp> {
    const own = this.#connection.state?.model ?? null
    if (embedder) {
      const comparison = await this.#compareGiven(papers, given, embedder, signal)
      if (!comparison.agrees && !keep)
        throw (await comparisons()).otherVectorsError(given.model, modelStamp(embedder), comparison)
      if (comparison.agrees) {
        if (!own) {
          this.#agreed.add(pairKey(given.model, modelStamp(embedder)))
          return given.model
        }
        if (isSameModel(own, await this.settle(embedder, signal))) return own
      }
    }
    if (!own || isSameModel(own, given.model)) return given.model
    throw staleIndexError(own, given.model)
  }

  async #compareGiven(
    papers: readonly PaperRecord[],
    { model, rows }: CheckedVectors,
    embedder: Comparing,
    signal: AbortSignal | undefined,
  ): Promise<VectorComparison> {
    if (model.dimension !== modelStamp(embedder).dimension) return { agrees: false, cosines: [], lengths: [], bar: 0 }
    const given = rows.flatMap((row, index) => (row ? [index] : []))
    const full = given.filter((row) => papers[row]!.abstract)
    const sample = spread(full.length >= COMPARED_PAPERS ? full : given, COMPARED_PAPERS)
    return compare(
      sample.map((row) => papers[row]!),
      sample.map((row) => rows[row]!),
      model,
      embedder,
      signal,
    )
  }

  #compareStored(embedder: Comparing, model: ModelStamp, signal: AbortSignal | undefined): Promise<VectorComparison> {
    const key = pairKey(model, modelStamp(embedder))
    const tried = this.#tried.get(key)
    if (tried !== undefined) return tried
    const comparing = this.#stored(embedder, model, signal)
    this.#tried.set(key, comparing)
    comparing.catch(() => this.#tried.delete(key))
    return comparing
  }

  async #stored(embedder: Comparing, model: ModelStamp, signal: AbortSignal | undefined): Promise<VectorComparison> {
    const full = await this.#records.idsWithAbstract(signal)
    const ids = full.length >= COMPARED_PAPERS ? full : (await this.#records.all(signal)).map(({ id }) => id)
    // Some of them may have no vector.
    const wanted = spread(ids, 4 * COMPARED_PAPERS)
    const { found, vectors, dimension } = await this.#connection.call('vectors', { ids: wanted, model: null }, { signal })
    const there = wanted.filter((_, index) => found[index] === 1)
    const sample = spread([...there.keys()], COMPARED_PAPERS)
    const papers = await this.#connection.call(
      'get',
      sample.map((row) => there[row]!),
      { signal },
    )
    const given = sample.map((row) => vectors.subarray(row * dimension, (row + 1) * dimension))
    return compare(papers as PaperRecord[], given, model, embedder, signal)
  }
}

const pairKey = (model: ModelStamp, embedder: ModelStamp) => `${modelKey(model)} ${modelKey(embedder)}`

async function compare(
  papers: readonly PaperRecord[],
  given: readonly Float32Array[],
  model: ModelStamp,
  embedder: Comparing,
  signal: AbortSignal | undefined,
): Promise<VectorComparison> {
  const texts = papers.map(({ title, abstract }) => ({ title, abstract: typeof abstract === 'string' ? abstract : null }))
  const { vectors, dimension } = await embedder.embed(texts, { signal })
  const own = papers.map((_, row) => vectors.subarray(row * dimension, (row + 1) * dimension))
  return (await comparisons()).compareVectors(given, own, model, modelStamp(embedder))
}

/** At most `count` items, spread evenly. */
function spread<T>(items: readonly T[], count: number): T[] {
  if (items.length <= count) return [...items]
  return Array.from({ length: count }, (_, index) => items[Math.floor((index * items.length) / count)]!)
}
