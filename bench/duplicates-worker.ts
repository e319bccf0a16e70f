import { once } from 'node:events'
import { parentPort, workerData } from 'node:worker_threads'
import { HNSW } from 'hnsw'
import { findDuplicates } from '../src/dedup/find-duplicates.js'
import { distanceOf, typicalDistance } from '../src/dedup/typical-distance.js'
import type { DuplicatesFigures } from './duplicates-suite.js'
import { DIMENSION, seededLibrary } from './seeded-library.js'

/** As in the finder: neighbours beyond this share of the typical distance are another paper's. */
const NEAR = 0.45
const NEIGHBOURS = 10

/** The worker's side of the suite: does what `workerData` says, tells its figures and waits for its end. */
export async function duplicatesWorker(): Promise<void> {
  const { method, papers: count, limitMs } = workerData as { method: string; papers: number; limitMs: number }
  const { papers, vectors } = seededLibrary(count)
  const startedAt = performance.now()
  const isOver = () => performance.now() - startedAt > limitMs
  let peak = 0
  const measure = () => {
    const { heapUsed, arrayBuffers } = process.memoryUsage()
    peak = Math.max(peak, heapUsed + arrayBuffers)
  }
  const timer = setInterval(measure, 200)

  /** Every pair of rows within the distance, one after the other. */
  function plainLoop() {
    const near = NEAR * typicalDistance(vectors, DIMENSION)
    let found = 0
    for (let a = 0; a < count; a++) {
      for (let b = 0; b < a; b++) if (distanceOf(vectors, a, b, DIMENSION) <= near) found++
      if (isOver()) return { found, done: ((a + 1) * a) / (count * (count - 1)) }
    }
    return { found, done: 1 }
  }

  /** An index of all vectors, asked for the neighbours of each. */
  async function hnsw() {
    const near = NEAR * typicalDistance(vectors, DIMENSION)
    const index = new HNSW(16, 200, DIMENSION, 'euclidean')
    const row = (at: number) => vectors.subarray(at * DIMENSION, (at + 1) * DIMENSION)
    for (let at = 0; at < count; at++) {
      await index.addPoint(at, row(at))
      if (isOver()) return { found: 0, done: (at + 1) / (2 * count) }
    }
    let found = 0
    for (let at = 0; at < count; at++) {
      for (const { id } of index.searchKNN(row(at), NEIGHBOURS + 1))
        if (id < at && distanceOf(vectors, at, id, DIMENSION) <= near) found++
      if (isOver()) return { found, done: 0.5 + (at + 1) / (2 * count) }
    }
    return { found, done: 1 }
  }

  async function ours(withVectors: boolean) {
    const result = await findDuplicates(papers, withVectors ? { vectors: { vectors, dimension: DIMENSION } } : {})
    return { found: result.counts.removable, done: 1 }
  }

  const { found, done } = await (method === 'loop' ? plainLoop() : method === 'hnsw' ? hnsw() : ours(method === 'ours'))
  measure()
  clearInterval(timer)
  parentPort!.postMessage({
    seconds: (performance.now() - startedAt) / 1000,
    bytes: peak,
    done,
    found,
  } satisfies DuplicatesFigures)
  await once(parentPort!, 'message')
}
