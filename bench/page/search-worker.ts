import { create, insertMultiple, searchVector } from '@orama/orama'
import { expose } from 'comlink'
import { macrotask } from '../../src/core/async/macrotask.js'
import { VectorIndex } from '../../src/core/search/vector-index.js'
import { isScanThread, runScanThread, scanThreadStarter } from '../../src/workers/library/scan-thread.js'
import { ClusteredVectors } from '../../testing/clustered-vectors.js'

/** A library that searches vectors of length 1 by cosine. */
interface Contender {
  add(vectors: Float32Array<ArrayBuffer>): void | Promise<void>
  /** Row numbers, nearest first. */
  search(query: Float32Array<ArrayBuffer>, k: number): number[] | Promise<number[]>
}

/** What is used of hnswlib-wasm; its own declarations do not resolve. */
interface HnswlibModule {
  loadHnswlib(): Promise<{
    HierarchicalNSW: new (
      space: 'cosine',
      dimension: number,
      saveAs: string,
    ) => {
      initIndex(count: number, m: number, efConstruction: number, seed: number): void
      setEfSearch(ef: number): void
      addPoint(vector: Float32Array, label: number, replaceDeleted: boolean): void
      searchKnn(query: Float32Array, k: number, filter: undefined): { neighbors: number[] }
    }
  }>
}

const contenders: Readonly<Record<string, (dimension: number, count: number) => Promise<Contender>>> = {
  ours: async (dimension, count) => ours(new VectorIndex({ dimension, metric: 'cosine', capacity: count })),

  threads: async (dimension, count) =>
    ours(new VectorIndex({ dimension, metric: 'cosine', capacity: count, startThreads: scanThreadStarter() })),

  /** What one would write without a library. */
  async plain(dimension, count) {
    const all = new Float32Array(count * dimension)
    let length = 0
    return {
      add(vectors) {
        all.set(vectors, length)
        length += vectors.length
      },
      search(query, k) {
        const scores = new Float64Array(length / dimension)
        for (let row = 0, at = 0; row < scores.length; row++) {
          let sum = 0
          for (let column = 0; column < dimension; column++) sum += all[at++]! * query[column]!
          scores[row] = sum
        }
        const best: number[] = []
        for (let row = 0; row < scores.length; row++) {
          if (best.length === k && scores[row]! <= scores[best[k - 1]!]!) continue
          let place = best.length
          while (place > 0 && scores[best[place - 1]!]! < scores[row]!) place--
          best.splice(place, 0, row)
          best.length = Math.min(best.length, k)
        }
        return best
      },
    }
  },

  async orama(dimension) {
    const db = create({ schema: { embedding: `vector[${dimension}]` } as const })
    let count = 0
    return {
      async add(vectors) {
        const documents = Array.from({ length: vectors.length / dimension }, (_, row) => ({
          id: String(count + row),
          embedding: Array.from(vectors.subarray(row * dimension, (row + 1) * dimension)),
        }))
        count += documents.length
        await insertMultiple(db, documents, documents.length)
      },
      async search(query, k) {
        const vector = { property: 'embedding', value: Array.from(query) } as const
        const { hits } = await searchVector(db, { mode: 'vector', vector, similarity: 0, limit: k })
        return hits.map(({ id }) => Number(id))
      },
    }
  },

  /** M 16 and efConstruction 200 as in its authors' example; ef 100. */
  async hnsw(dimension, count) {
    const { loadHnswlib } = (await import('hnswlib-wasm')) as unknown as HnswlibModule
    const library = await loadHnswlib()
    const index = new library.HierarchicalNSW('cosine', dimension, '')
    index.initIndex(count, 16, 200, 100)
    index.setEfSearch(100)
    let added = 0
    return {
      add(vectors) {
        for (let start = 0; start < vectors.length; start += dimension)
          index.addPoint(vectors.subarray(start, start + dimension), added++, false)
      },
      search: (query, k) => index.searchKnn(query, k, undefined).neighbors,
    }
  },
}

const ours = (index: VectorIndex): Contender => ({
  add: (vectors) => void index.append(vectors),
  search: (query, k) => [...index.search(query, { k }).rows],
})

/** Number of vectors generated and added at once. */
const BLOCK = 1000
const QUERY_STREAM = 1

const race = {
  /** Milliseconds from creating the index to the first hits, without generating the vectors. */
  async build(name: string, dimension: number, count: number): Promise<number> {
    const source = new ClusteredVectors(dimension, 0)
    const [first] = queries(dimension, 1)
    let started = performance.now()
    contender = await contenders[name]!(dimension, count)
    let ms = performance.now() - started
    for (let row = 0; row < count; row += BLOCK) {
      const vectors = source.next(Math.min(BLOCK, count - row))
      started = performance.now()
      await contender.add(vectors)
      ms += performance.now() - started
    }
    started = performance.now()
    await contender.search(first!, 10)
    return ms + performance.now() - started
  },

  /** Runs queries one after another and times each; starts no more when the time is up. */
  async search(dimension: number, count: number, k: number, limitMs: number): Promise<{ ms: number[]; rows: number[][] }> {
    const ms: number[] = []
    const rows: number[][] = []
    const end = performance.now() + limitMs
    for (const query of queries(dimension, count)) {
      const started = performance.now()
      if (started > end) break
      rows.push(await contender.search(query, k))
      ms.push(performance.now() - started)
      // As between two messages, when threads can start.
      await macrotask()
    }
    return { ms, rows }
  },
}

let contender: Contender

function queries(dimension: number, count: number): Float32Array<ArrayBuffer>[] {
  const vectors = new ClusteredVectors(dimension, QUERY_STREAM).next(count)
  return Array.from({ length: count }, (_, row) => vectors.slice(row * dimension, (row + 1) * dimension))
}

export type Race = typeof race
if (isScanThread()) runScanThread()
else expose(race)
