import { proxy } from 'comlink'
import { within } from '../../core/async/waiting.js'
import { Specter2Error } from '../../core/errors.js'
import type { ConversionProgress, ConversionRequest, Converted } from '../../workers/embed/embed-protocol.js'
import { WorkerClient, type WorkerSource } from '../../workers/rpc/worker-client.js'
import type { LoadProgress } from './embedder-options.js'

/** How long a worker whose conversion was given up may take to delete what it had stored. The next one would do it, too. */
const CLEAN_UP_LIMIT_MS = 20_000

export interface ConvertInWorkerOptions {
  /** The worker that is to load the model: it looks whether it is converted already. */
  client: WorkerClient
  /** What `client` was made from. Of a Worker there is this one only, so it converts as well. */
  worker: WorkerSource | undefined
  onProgress: (progress: LoadProgress) => void
  signal: AbortSignal | undefined
}

/**
 * The model folder of published files: one that is kept from an earlier conversion, or made now, by a worker of its own that
 * ends afterwards, since a worker's memory never shrinks.
 */
export async function convertInWorker(
  request: ConversionRequest,
  { client, worker: source, onProgress, signal }: ConvertInWorkerOptions,
): Promise<Converted> {
  const url = await client.call((worker, call) => worker.findConverted(call, request), signal)
  if (url !== null) return { model: { url }, reason: null, bytesDownloaded: 0, isNew: false }
  const listener = proxy((...[stage, files]: Parameters<ConversionProgress>) => {
    if (signal?.aborted) return
    const sum = (field: 'loaded' | 'total' | 'fromCache') => files.reduce((total, file) => total + file[field], 0)
    const sizes = files.map(({ path, loaded, total }) => ({ path, loaded, total }))
    onProgress({ stage, loaded: sum('loaded'), total: sum('total'), fromCache: sum('fromCache'), files: sizes })
  })
  const converter = source instanceof Worker ? client : new WorkerClient(source)
  const end = () => {
    if (converter !== client) converter.end(new Specter2Error('DISPOSED', 'The conversion has ended.'))
  }
  try {
    const converted = await converter.call((worker, call) => worker.convert(call, request, listener), signal)
    end()
    return converted
  } catch (error) {
    // The caller hears of it at once.
    void within(converter.conversionsEnded(), { limitMs: CLEAN_UP_LIMIT_MS, onLimit: () => {} })
      .catch(() => {})
      .finally(end)
    throw error
  }
}
