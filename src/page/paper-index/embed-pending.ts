import { transfer } from 'comlink'
import { Specter2Error } from '../../core/errors.js'
import type { ModelStamp } from '../../core/model-folder/model-stamp.js'
import { isSameModel } from '../../core/model-folder/model-stamp.js'
import type { LibraryWorker } from '../../workers/library/library-protocol.js'
import type { WorkerClient } from '../../workers/rpc/worker-client.js'
import type { IndexProgress } from './index-options.js'
import { type IndexEmbedder, modelStamp } from './model-stamp.js'

/** Texts asked for at once: enough for several workers to share, few enough to hold. */
const BATCH = 1024

/**
 * Embeds the papers that have no vector of `model` and stores the vectors as they come, until there is none left. What is
 * reported done is stored.
 *
 * @throws what embedding and storing throw; Specter2Error `INDEX_STALE` where the embedder has changed its weights in between,
 *   as a fall back from WebGPU may.
 */
export async function embedPending(
  client: WorkerClient<LibraryWorker>,
  embedder: IndexEmbedder,
  model: ModelStamp,
  { signal, onProgress }: { signal?: AbortSignal | undefined; onProgress?: (progress: IndexProgress) => void },
): Promise<void> {
  let done = 0
  for (;;) {
    const { papers, total } = await client.call((worker, call) => worker.pending(call, model, BATCH), signal)
    if (papers.length === 0) return
    onProgress?.({ done, total: done + total })
    const doneBefore = done
    for await (const { indices, vectors } of embedder.embedStream(papers, { signal })) {
      if (!isSameModel(modelStamp(embedder), model)) {
        const message = 'The embedder has changed its weights while papers were embedded. Call reembed(), or open the index anew.'
        throw new Specter2Error('INDEX_STALE', message)
      }
      const rows = indices.map((index) => papers[index]!.row)
      await client.call((worker, call) => worker.putVectors(call, model, rows, transfer(vectors, [vectors.buffer])))
      signal?.throwIfAborted()
      done += indices.length
      onProgress?.({ done, total: doneBefore + total })
    }
  }
}
