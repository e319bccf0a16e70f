import { expose } from 'comlink'
import { createUMAPFromKNN } from 'embedding-atlas'
import { neighbourGraph } from '../../src/core/search/neighbour-graph.js'
import { nameClusters } from './cluster-names.js'
import { findClusters } from './clusters.js'
import { placeAmong, reuseLayout } from './layout.js'
import type { DrawnMap, MapProgress, MapTask, MapWorker } from './map-work.js'

const NEIGHBOURS = 15
/** UMAP's own default of 500 for small sets moves nothing that one sees after 300. */
const EPOCHS = 300
const EPOCHS_LARGE = 200
const LARGE = 10_000

const worker: MapWorker = {
  async draw(task, onProgress) {
    const positions = await layOut(task, onProgress)
    onProgress({ stage: 'names', done: 0 })
    const { labels, clusters } = findClusters(positions)
    const names = nameClusters(task.texts, labels, clusters.length)
    const { seed, dimension, metric, ids } = task
    const drawn: DrawnMap = {
      layout: { format: 1, seed, dimension, metric, ids, positions },
      labels,
      clusters: clusters.map((cluster, index) => ({ ...cluster, terms: names[index]! })),
    }
    return drawn
  },
}
expose(worker)

async function layOut({ saved, ids, vectors, dimension, metric, seed }: MapTask, onProgress: (progress: MapProgress) => void) {
  const reused =
    saved &&
    reuseLayout(
      saved,
      ids.map((id) => ({ id })),
    )
  if (reused) {
    const { positions, missing } = reused
    if (missing.length > 0) placeMissing(positions, missing, vectors, dimension, metric)
    return positions
  }
  const graph = neighbourGraph(vectors, {
    dimension,
    metric,
    k: NEIGHBOURS,
    onProgress: (done) => onProgress({ stage: 'neighbours', done }),
  })
  if (graph.count < 4) return Float32Array.from({ length: graph.count * 2 }, (_, at) => (at % 2 === 0 ? at / 2 : 0))
  const umap = await createUMAPFromKNN(graph.count, 2, graph.indices, graph.distances, {
    seed,
    nEpochs: graph.count > LARGE ? EPOCHS_LARGE : EPOCHS,
    // So few have no spectrum to begin from.
    initializeMethod: graph.count < 40 ? 'random' : 'spectral',
    progress: throttled((done) => onProgress({ stage: 'layout', done })),
  })
  await umap.run()
  const positions = new Float32Array(umap.embedding)
  umap.destroy()
  return positions
}

/** Each among its nearest neighbours that have a place. */
function placeMissing(
  positions: Float32Array,
  missing: readonly number[],
  vectors: Float32Array,
  dimension: number,
  metric: MapTask['metric'],
): void {
  const isMissing = new Set(missing)
  const count = positions.length / 2
  // Those with a place first, so that the graph is asked for the new ones alone.
  const order = [...Array.from({ length: count }, (_, row) => row).filter((row) => !isMissing.has(row)), ...missing]
  const sorted = new Float32Array(vectors.length)
  for (const [to, row] of order.entries()) sorted.set(vectors.subarray(row * dimension, (row + 1) * dimension), to * dimension)
  const { k, indices, distances } = neighbourGraph(sorted, { dimension, metric, k: 10, from: count - missing.length })
  for (const [n, row] of missing.entries()) {
    const near = Array.from({ length: k }, (_, at) => n * k + at).filter((at) => !isMissing.has(order[indices[at]!]!))
    const places = near
      .map((at) => order[indices[at]!]!)
      .map((at): [number, number] => [positions[at * 2]!, positions[at * 2 + 1]!])
    positions.set(
      placeAmong(
        places.slice(0, 5),
        near.slice(0, 5).map((at) => distances[at]!),
        n,
      ),
      row * 2,
    )
  }
}

/** At most ten calls a second. */
function throttled(call: (done: number) => void): (done: number) => void {
  let last = 0
  return (done) => {
    if (performance.now() - last < 100) return
    last = performance.now()
    call(done)
  }
}
