import { proxy, wrap } from 'comlink'
import { isLayout } from './layout.js'
import type { MapSource } from './map-source.js'
import type { DrawnMap, MapProgress, MapWorker } from './map-work.js'

export interface DrawMapOptions {
  /** What the caller kept of an earlier map; anything that does not fit is passed over. */
  saved: unknown
  seed: number
  signal: AbortSignal
  onProgress: (progress: MapProgress) => void
}

/**
 * Lays papers out and names their clusters, in a worker of its own, which is ended afterwards: so its memory is free again.
 *
 * @throws the signal's reason; Error where the worker fails.
 */
export async function drawMap(
  { papers, vectors, dimension, metric }: MapSource,
  { saved, seed, signal, onProgress }: DrawMapOptions,
): Promise<DrawnMap> {
  signal.throwIfAborted()
  const worker = new Worker(new URL('./map.worker.ts', import.meta.url), { type: 'module' })
  try {
    return await new Promise<DrawnMap>((resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { once: true })
      worker.addEventListener('error', ({ message }) => reject(new Error(message || "The map's worker did not start.")))
      const task = {
        ids: papers.map(({ id }) => id),
        texts: papers.map(({ terms }) => terms),
        vectors,
        dimension,
        metric,
        saved: isLayout(saved, { dimension, metric }) ? saved : null,
        seed,
      }
      wrap<MapWorker>(worker).draw(task, proxy(onProgress)).then(resolve, reject)
    })
  } finally {
    worker.terminate()
  }
}
