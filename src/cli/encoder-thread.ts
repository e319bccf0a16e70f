/** One thread of {@link startTextPool}. */
import { parentPort, workerData } from 'node:worker_threads'
import type { AdapterWeights } from '../core/checkpoint/adapter-checkpoint.js'
import type { PackedAdapter } from '../engine/encoder/pack-encoder.js'
import { WasmEncoder } from '../engine/encoder/wasm-encoder.js'
import { nativeRuntime } from '../node/native-model.js'
import { toWireError } from '../workers/rpc/wire-errors.js'
import type { TextThreads, ThreadAnswer, ThreadModel, ThreadRequest } from './text-pool.js'

type Run = (...request: Parameters<TextThreads['run']>) => Promise<Float32Array<ArrayBuffer>>

async function open(model: ThreadModel): Promise<Run> {
  if ('packed' in model) {
    const encoder = new WasmEncoder(model)
    return async (texts, adapter) => encoder.run(texts, adapter as PackedAdapter | null)
  }
  const native = nativeRuntime({ threads: 1 })
  if ('missing' in native) throw new Error(native.missing)
  const loaded = await native.load(model)
  return (texts, adapter) => loaded.run(texts, loaded.prepare(adapter as AdapterWeights | null))
}

const opened = open(workerData as ThreadModel)
// Said in the answer to the first request.
opened.catch(() => {})
const answer = (value: ThreadAnswer) => parentPort?.postMessage(value)
parentPort?.on('message', async ({ texts, adapter }: ThreadRequest) => {
  try {
    const run = await opened
    answer({ vectors: await run(texts, adapter) })
  } catch (error) {
    answer({ error: toWireError(error) })
  }
})
