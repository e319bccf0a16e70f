/** One thread of {@link startTextPool}. */
import { parentPort, workerData } from 'node:worker_threads'
import type { EncoderShare } from '../engine/encoder/pack-encoder.js'
import { WasmEncoder } from '../engine/encoder/wasm-encoder.js'
import { toWireError } from '../workers/rpc/wire-errors.js'
import type { ThreadAnswer, ThreadRequest } from './text-pool.js'

const encoder = new WasmEncoder(workerData as EncoderShare)
const answer = (value: ThreadAnswer) => parentPort?.postMessage(value)
parentPort?.on('message', ({ texts, adapter }: ThreadRequest) => {
  try {
    answer({ vectors: encoder.run(texts, adapter) })
  } catch (error) {
    answer({ error: toWireError(error) })
  }
})
