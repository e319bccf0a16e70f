import { isSameModel, type ModelStamp, staleIndexError } from '../../core/model-folder/model-stamp.js'
import type { AdapterName } from '../../core/types.js'
import type { IndexProgress } from '../../workers/library/library-protocol.js'
import { transferred } from '../../workers/rpc/transferred.js'
import type { Embedder } from '../embedder/embedder.js'
import { modelStamp } from './current-embedder.js'
import type { IndexConnection } from './index-connection.js'

/** Engine and tier, or device, by which an embedder computes. */
function computedBy({ info: { engine, tier, device } }: Pick<Embedder, 'info'>): string {
  return `${engine}, ${tier ?? device}`
}

/** Texts read from the index at once: enough for several workers to share, few enough to hold in memory. */
const BATCH = 1024

/**
 * Embeds all papers that have no vector of `model`, storing the vectors as they come. Papers are reported as done once they are
 * stored.
 *
 * @throws what embedding and storing throw; Specter2Error `INDEX_STALE` if the embedder's weights change in between, as they may
 *   when it falls back from WebGPU.
 */
export async function embedPending(
  connection: IndexConnection,
  embedder: Pick<Embedder, 'info' | 'embedStream'>,
  model: ModelStamp,
  {
    signal,
    onProgress,
    adapter,
    stampOf = () => modelStamp(embedder),
  }: {
    signal?: AbortSignal | undefined
    onProgress?: (progress: IndexProgress) => void
    /** Default: the embedder's. */
    adapter?: AdapterName
    /** The stamp of what the embedder makes now. Default: its own. */
    stampOf?: () => ModelStamp
  },
): Promise<void> {
  let done = 0
  for (;;) {
    const { papers, total } = await connection.call('pending', { model, limit: BATCH }, { signal })
    if (papers.length === 0) return
    onProgress?.({ done, total: done + total })
    const doneBefore = done
    for await (const { indices, vectors } of embedder.embedStream(papers, { signal, adapter })) {
      const actual = stampOf()
      if (!isSameModel(actual, model)) throw staleIndexError(model, actual)
      const rows = indices.map((index) => papers[index]!.row)
      await connection.call(
        'putVectors',
        transferred({ model, rows, vectors, computedBy: computedBy(embedder) }, [vectors.buffer]),
      )
      signal?.throwIfAborted()
      done += indices.length
      onProgress?.({ done, total: doneBefore + total })
    }
  }
}
