import { proxy } from 'comlink'
import { WorkerTask } from '../ui/worker-task.js'
import { isLayout } from './layout.js'
import type { DrawnMap, MapProgress, MapWorker } from './map-protocol.js'
import type { MapSource } from './map-source.js'

export interface DrawMapOptions {
  /** An earlier layout; ignored if it does not fit the vectors. */
  saved: unknown
  seed: number
  signal: AbortSignal
  onProgress: (progress: MapProgress) => void
}

/**
 * Lays papers out and names their clusters in a worker, which is terminated afterwards to free its memory.
 *
 * @throws the signal's reason; Error if the worker fails.
 */
export async function drawMap(
  { papers, vectors, dimension, metric }: MapSource,
  { saved, seed, signal, onProgress }: DrawMapOptions,
): Promise<DrawnMap> {
  signal.throwIfAborted()
  const task = new WorkerTask<MapWorker>(new Worker(new URL('./map.worker.ts', import.meta.url), { type: 'module' }), signal)
  const request = {
    ids: papers.map(({ id }) => id),
    texts: papers.map(({ terms }) => terms),
    vectors,
    dimension,
    metric,
    saved: isLayout(saved, { dimension, metric }) ? saved : null,
    seed,
  }
  try {
    return await task.run((worker) => worker.draw(request, proxy(onProgress)))
  } finally {
    task.end()
  }
}
