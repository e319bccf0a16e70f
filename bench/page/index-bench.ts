import { encodeIndexFile } from '../../src/core/index-file/index-file.js'
import { createEmbedder, PaperIndex, type PaperRecord } from '../../src/index.js'
import { quantile, seededRandom } from '../statistics.js'

const worker = () => new Worker(new URL('../../src/workers/library.ts', import.meta.url), { type: 'module' })
const embedWorker = () => new Worker(new URL('../../src/workers/embed.ts', import.meta.url), { type: 'module' })

export const indexBench = {
  /** Imports the index that type() searches. */
  async importAcl(url: string): Promise<void> {
    const index = await PaperIndex.open('acl', { worker })
    await index.import(url)
    await index.close()
  },

  /** Milliseconds from a query to its hits, idle and while `bulk` is embedded; for the first query including the opening. */
  async type(queries: readonly string[], bulk: readonly PaperRecord[]) {
    const embedder = await createEmbedder({ model: '/model/', assets: './', worker: embedWorker })
    await embedder.embedQuery('Ready.')
    const start = performance.now()
    const index = await PaperIndex.open('acl', { embedder, worker })
    const openMs = performance.now() - start
    await index.search(queries[0]!, { mode: 'semantic' })
    const firstHitsMs = performance.now() - start
    await index.search(queries[0]!)
    const opening = { name: 'ours, opening', openMs, firstHitsMs, firstHybridHitsMs: performance.now() - start }
    const measure = async (name: string) => {
      const ms: number[] = []
      for (const [position, query] of queries.entries()) {
        const start = performance.now()
        // Makes each query new, so that none is cached.
        await index.search(`${query} ${name} ${position}`)
        ms.push(performance.now() - start)
      }
      return { name, queries: ms.length, p50Ms: quantile(ms, 0.5), p95Ms: quantile(ms, 0.95) }
    }
    await measure('warm')
    const idle = await measure('ours, keystroke to hits, idle')
    const abort = new AbortController()
    let bulkDone = 0
    const embedding = index.add(bulk, {
      signal: abort.signal,
      onProgress: ({ done }) => {
        bulkDone = done
      },
    })
    embedding.catch(() => {})
    const busy = { ...(await measure(`ours, keystroke to hits, while ${bulk.length} papers are embedded`)), bulkDone }
    abort.abort()
    await index.close()
    await embedder.dispose()
    return [opening, idle, busy]
  },

  /** Builds an index of clustered vectors by importing a file. */
  async buildLarge({ papers, dimension }: { papers: number; dimension: number }) {
    const start = performance.now()
    const model = { id: 'seeded', revision: '1', dtype: 'fp32', adapter: 'base', dimension, metric: 'euclidean' } as const
    const pieces = encodeIndexFile({ id: 'x', model, vectors: 'float32', papers }, parts(papers, dimension))
    const blobs: Blob[] = []
    for await (const piece of pieces) blobs.push(new Blob([piece]))
    const index = await PaperIndex.open('large', { worker })
    await index.import(new Blob(blobs))
    const { bytes, vectors } = index.info
    await index.close()
    return { bytes, vectors, buildMs: performance.now() - start }
  },

  async openLarge({ dimension }: { dimension: number }) {
    const start = performance.now()
    const index = await PaperIndex.open('large', { worker })
    const openMs = performance.now() - start
    const query = new Float32Array(dimension).fill(0.1)
    const first = await index.similar(query, { k: 10 })
    const firstHitsMs = performance.now() - start
    const ms: number[] = []
    for (let round = 0; round < 20; round++) {
      const start = performance.now()
      await index.similar(
        query.map((value, column) => value + Math.sin(round * column)),
        { k: 10 },
      )
      ms.push(performance.now() - start)
    }
    return { openMs, firstHitsMs, hits: first.length, p50Ms: quantile(ms, 0.5), p95Ms: quantile(ms, 0.95) }
  },
}

async function* parts(papers: number, dimension: number) {
  const next = seededRandom(1)
  const random = () => next() - 0.5
  const centers = Array.from({ length: 200 }, () => Float32Array.from({ length: dimension }, random))
  for (let first = 0; first < papers; first += 1024)
    yield Array.from({ length: Math.min(1024, papers - first) }, (_, index) => {
      const center = centers[(first + index) % centers.length]!
      const paper = { id: `p${first + index}`, title: `Seeded paper ${first + index}`, abstract: 'Of no matter.' }
      return { paper, vector: center.map((value) => value + 0.6 * random()) }
    })
}

export type IndexBench = typeof indexBench
declare global {
  interface Window {
    indexBench: IndexBench
  }
}
