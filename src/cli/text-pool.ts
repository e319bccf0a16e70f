import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import type { AdapterWeights } from '../core/checkpoint/adapter-checkpoint.js'
import { Specter2Error } from '../core/errors.js'
import type { EncoderShare, PackedAdapter } from '../engine/encoder/pack-encoder.js'
import type { NativeModel } from '../engine/engine.js'
import { planGroups } from '../workers/embed/batching.js'
import type { WireError } from '../workers/rpc/protocol.js'
import { fromWireError } from '../workers/rpc/wire-errors.js'

/** What a thread loads: the own encoder's memory, or a graph for onnxruntime-node. */
export type ThreadModel = EncoderShare | NativeModel

export interface ThreadRequest {
  texts: readonly (readonly number[])[]
  /** As the model takes it. */
  adapter: PackedAdapter | AdapterWeights | null
}

/** Threads that run texts. */
export interface TextThreads {
  /** Vectors [texts.length, dimension]. */
  run(texts: readonly (readonly number[])[], adapter: ThreadRequest['adapter']): Promise<Float32Array<ArrayBuffer>>
  end(): Promise<void>
}

export type ThreadAnswer = { vectors: Float32Array<ArrayBuffer> } | { error: WireError }

/** The built script; the sources have none and run on one thread. */
const script = fileURLToPath(new URL('encoder-thread.js', import.meta.url))

interface Job {
  request: ThreadRequest
  resolve(vectors: Float32Array<ArrayBuffer>): void
  reject(error: unknown): void
}

/** Larger models do not fit often into the memory: their texts go one by one to all threads of one session. */
const COPIED_BYTES = 150e6

/**
 * Threads that take groups of texts from one list, to which several calls may add; `null` if there can be none. They share the own
 * encoder's memory; of another model each has a copy.
 *
 * @param dimension Numbers in a vector.
 */
export function startTextPool(model: ThreadModel, dimension: number, count: number): TextThreads | null {
  const fits =
    'packed' in model
      ? !(model.memory instanceof ArrayBuffer)
      : model.graph.length + (model.data?.bytes.length ?? 0) <= COPIED_BYTES
  if (count < 2 || !fits || !existsSync(script)) return null
  const threads = Array.from({ length: count }, () => new Worker(script, { workerData: model }))
  const idle = [...threads]
  const jobs: Job[] = []
  let failure: Error | null = null
  const work = async (thread: Worker, { request, resolve, reject }: Job) => {
    try {
      const answer = await ask(thread, request)
      if ('error' in answer) reject(fromWireError(answer.error))
      else resolve(answer.vectors)
      idle.push(thread)
    } catch (error) {
      // Without it, the others would never get all of a call's texts.
      failure = error as Error
      reject(failure)
    }
    next()
  }
  const next = () => {
    while (failure && jobs.length > 0) jobs.shift()!.reject(failure)
    while (jobs.length > 0 && idle.length > 0) void work(idle.pop()!, jobs.shift()!)
  }
  return {
    async run(texts, adapter) {
      const vectors = new Float32Array(texts.length * dimension)
      const parts = planGroups(texts.map(({ length }) => length)).map(async (group) => {
        const request = { texts: group.map((index) => texts[index]!), adapter }
        const found = await new Promise<Float32Array<ArrayBuffer>>((resolve, reject) => jobs.push({ request, resolve, reject }))
        for (const [row, index] of group.entries())
          vectors.set(found.subarray(row * dimension, (row + 1) * dimension), index * dimension)
      })
      next()
      await Promise.all(parts)
      return vectors
    },
    async end() {
      await Promise.all(threads.map((thread) => thread.terminate()))
    },
  }
}

/** @throws an error of the thread itself. */
async function ask(thread: Worker, request: ThreadRequest): Promise<ThreadAnswer> {
  let stop = () => {}
  try {
    return await new Promise<ThreadAnswer>((resolve, reject) => {
      const onExit = () => reject(new Specter2Error('WORKER_FAILED', 'A thread of the encoder has ended.', { retryable: true }))
      thread.once('message', resolve).once('error', reject).once('exit', onExit)
      stop = () => void thread.off('message', resolve).off('error', reject).off('exit', onExit)
      thread.postMessage(request)
    })
  } finally {
    stop()
  }
}
