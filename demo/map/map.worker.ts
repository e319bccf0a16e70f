import { expose } from 'comlink'
import { createUMAPFromKNN } from 'embedding-atlas'
import { neighbourGraph } from '../../src/core/search/neighbour-graph.js'
import { throttled } from '../ui/throttled.js'
import { nameClusters } from './cluster-names.js'
import { findClusters } from './clusters.js'
import { placeAmong, reuseLayout } from './layout.js'
import type { MapProgress, MapTask, MapWorker } from './map-protocol.js'

const NEIGHBOURS = 15
/** UMAP's default for small sets is 500; after 300 nothing moves visibly. */
const EPOCHS = 300
const EPOCHS_LARGE = 200
const LARGE = 10_000

const worker: MapWorker = {
  async draw(task, onProgress) {
    const { positions, laidOut } = await layOut(task, onProgress)
    onProgress({ stage: 'names', done: 0 })
    const { labels, clusters } = findClusters(positions)
    const names = nameClusters(task.texts, labels, clusters.length)
    const { seed, dimension, metric, ids } = task
    return {
      layout: { format: 1, seed, dimension, metric, ids, positions, laidOut },
      labels,
      clusters: clusters.map((cluster, index) => ({ ...cluster, terms: names[index]! })),
    }
  },
}
expose(worker)

async function layOut(
  { saved, ids, vectors, dimension, metric, seed, isGrowing }: MapTask,
  onProgress: (progress: MapProgress) => void,
): Promise<{ positions: Float32Array; laidOut: number }> {
  const reused = saved && reuseLayout(saved, ids, isGrowing)
  if (reused) {
    const { positions, missing } = reused
    if (missing.length > 0) placeMissing(positions, missing, vectors, dimension, metric)
    return { positions, laidOut: saved.laidOut ?? saved.ids.length }
  }
  const laidOut = ids.length
  const graph = neighbourGraph(vectors, {
    dimension,
    metric,
    k: NEIGHBOURS,
    onProgress: (done) => onProgress({ stage: 'neighbours', done }),
  })
  if (graph.count < 4)
    return { positions: Float32Array.from({ length: graph.count * 2 }, (_, at) => (at % 2 === 0 ? at / 2 : 0)), laidOut }
  const umap = await createUMAPFromKNN(graph.count, 2, graph.indices, graph.distances, {
    seed,
    nEpochs: graph.count > LARGE ? EPOCHS_LARGE : EPOCHS,
    // So few points have no spectrum to start from.
    initializeMethod: graph.count < 40 ? 'random' : 'spectral',
    progress: throttled((done) => onProgress({ stage: 'layout', done })),
  })
  await umap.run()
  const positions = new Float32Array(umap.embedding)
  umap.destroy()
  return { positions, laidOut }
}

/** Places each new paper among its nearest neighbours that have a place. */
function placeMissing(
  positions: Float32Array,
  missing: readonly number[],
  vectors: Float32Array,
  dimension: number,
  metric: MapTask['metric'],
): void {
  const isMissing = new Set(missing)
  const count = positions.length / 2
  // Placed papers come first, so that the graph is built for the new ones only.
  const order = [...Array.from({ length: count }, (_, row) => row).filter((row) => !isMissing.has(row)), ...missing]
  const sorted = new Float32Array(vectors.length)
  for (const [to, row] of order.entries()) sorted.set(vectors.subarray(row * dimension, (row + 1) * dimension), to * dimension)
  const { k, indices, distances } = neighbourGraph(sorted, { dimension, metric, k: 10, from: count - missing.length })
  for (const [n, row] of missing.entries()) {
    const near = Array.from({ length: k }, (_, at) => n * k + at)
      .filter((at) => !isMissing.has(order[indices[at]!]!))
      .slice(0, 5)
      .map((at) => {
        const other = order[indices[at]!]!
        return { x: positions[other * 2]!, y: positions[other * 2 + 1]!, distance: distances[at]! }
      })
    positions.set(placeAmong(near, n), row * 2)
  }
}
