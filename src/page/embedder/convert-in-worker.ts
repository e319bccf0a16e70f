import { within } from '../../core/async/waiting.js'
import { Specter2Error } from '../../core/errors.js'
import type { ConversionProgress, ConversionRequest, Converted } from '../../workers/embed/embed-protocol.js'
import type { WorkerSource } from '../../workers/rpc/start-worker.js'
import { type EmbedClient, startEmbedWorker } from './embed-worker.js'
import type { LoadProgress } from './embedder-options.js'
import { loadProgress } from './load-progress.js'

/** How long a worker may take to delete what a cancelled conversion stored. After that, the next conversion deletes it. */
const CLEAN_UP_LIMIT_MS = 20_000

export interface ConvertInWorkerOptions {
  /** The worker that will load the model: it checks whether the model is already converted. */
  client: EmbedClient
  /** The source of `client`. A Worker cannot be started a second time, so it also converts. */
  worker: WorkerSource | undefined
  onProgress: (progress: LoadProgress) => void
  signal: AbortSignal | undefined
}

/**
 * The model folder of published files: the stored result of an earlier conversion, or converted now by a worker that ends
 * afterwards, because a worker's memory never shrinks.
 */
export async function convertInWorker(
  request: ConversionRequest,
  { client, worker: source, onProgress, signal }: ConvertInWorkerOptions,
): Promise<Converted> {
  const url = await client.call('findConverted', request, { signal })
  if (url !== null) return { model: { url }, reason: null, bytesDownloaded: 0, isNew: false }
  const converter = typeof source === 'object' && !(source instanceof URL) ? client : startEmbedWorker(source)
  const end = () => {
    if (converter !== client) converter.end(new Specter2Error('DISPOSED', 'The conversion has ended.'))
  }
  try {
    const onReport = ({ stage, files }: ConversionProgress) => onProgress(loadProgress(files, stage))
    const converted = await converter.call('convert', request, { signal, onReport })
    end()
    return converted
  } catch (error) {
    // In the background, so that the caller gets the error at once.
    void within(converter.call('conversionsEnded'), { limitMs: CLEAN_UP_LIMIT_MS, onLimit: () => {} })
      .catch(() => {})
      .finally(end)
    throw error
  }
}
