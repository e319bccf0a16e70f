import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import type { TextPool } from '../engine/encoder/open-encoder.js'
import type { EncoderShare, PackedAdapter } from '../engine/encoder/pack-encoder.js'
import { planGroups } from '../workers/embed/batching.js'
import type { WireError } from '../workers/rpc/protocol.js'
import { fromWireError } from '../workers/rpc/wire-errors.js'

export interface ThreadRequest {
  texts: readonly (readonly number[])[]
  adapter: PackedAdapter | null
}

export type ThreadAnswer = { vectors: Float32Array<ArrayBuffer> } | { error: WireError }

/** The built script; the sources have none and run on one thread. */
const script = fileURLToPath(new URL('encoder-thread.js', import.meta.url))

/** Threads that share the encoder's memory and take texts from one list; `null` if there can be none. */
export function startTextPool(share: EncoderShare, count: number): TextPool | null {
  if (count < 2 || share.memory instanceof ArrayBuffer || !existsSync(script)) return null
  const { hidden } = share.packed.shape
  const threads = Array.from({ length: count }, () => new Worker(script, { workerData: share }))
  return {
    async run(texts, adapter) {
      const vectors = new Float32Array(texts.length * hidden)
      const groups = planGroups(texts.map(({ length }) => length))
      const work = async (thread: Worker) => {
        for (let group = groups.shift(); group; group = groups.shift()) {
          const found = await ask(thread, { texts: group.map((index) => texts[index]!), adapter })
          for (const [row, index] of group.entries())
            vectors.set(found.subarray(row * hidden, (row + 1) * hidden), index * hidden)
        }
      }
      await Promise.all(threads.map(work))
      return vectors
    },
    async end() {
      await Promise.all(threads.map((thread) => thread.terminate()))
    },
  }
}

/** @throws what the encoder throws in the thread, or an error of the thread itself. */
async function ask(thread: Worker, request: ThreadRequest): Promise<Float32Array<ArrayBuffer>> {
  let stop = () => {}
  try {
    const answer = await new Promise<ThreadAnswer>((resolve, reject) => {
      const onExit = () => reject(new Error('A thread of the encoder has ended.'))
      thread.once('message', resolve).once('error', reject).once('exit', onExit)
      stop = () => void thread.off('message', resolve).off('error', reject).off('exit', onExit)
      thread.postMessage(request)
    })
    if ('error' in answer) throw fromWireError(answer.error)
    return answer.vectors
  } finally {
    stop()
  }
}
