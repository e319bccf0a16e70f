import { createRequire } from 'node:module'
import { join } from 'node:path'
import type * as OnnxRuntime from 'onnxruntime-node'
import { type AdapterWeights, adapterTensors } from '../core/checkpoint/adapter-checkpoint.js'
import { Specter2Error } from '../core/errors.js'
import type { NativeModel, NativeRuntime } from '../engine/engine.js'
import type { LoadedModel } from '../engine/loaded-model.js'
import { packageFolder } from './paths.js'

type Runtime = typeof OnnxRuntime
type Feeds = Record<string, OnnxRuntime.Tensor>

/** Threads that have a session each: several texts at once are faster than one text on several threads. */
export interface NativeThreads {
  run(texts: readonly (readonly number[])[], adapter: AdapterWeights | null): Promise<Float32Array<ArrayBuffer>>
  end(): Promise<void>
}

export interface NativeOptions {
  /** Threads of a session. */
  threads: number
  /** Starts threads with sessions of their own; `null`: there are none. */
  pool?: ((model: NativeModel) => NativeThreads | null) | undefined
}

/** onnxruntime-node as the app or this package has it installed; otherwise why there is none. */
export function nativeRuntime(options: NativeOptions): NativeRuntime {
  for (const from of [packageFolder(), process.cwd()]) {
    try {
      const require = createRequire(join(from, 'index.js'))
      const path = require.resolve('onnxruntime-node')
      return { load: (model) => loadNative(require(path) as Runtime, model, options) }
    } catch {}
  }
  return { missing: 'onnxruntime-node is not installed, which would be faster' }
}

/** A model in onnxruntime-node. */
async function loadNative(ort: Runtime, model: NativeModel, { threads, pool: startPool }: NativeOptions): Promise<LoadedModel> {
  const { graph, data, reason } = model
  ort.env.logLevel = 'error'
  const pool = startPool?.(model) ?? null
  const session = await ort.InferenceSession.create(graph, {
    executionProviders: ['cpu'],
    // As in each of the pool's sessions, so that a vector does not depend on which of them computed it.
    intraOpNumThreads: pool ? 1 : threads,
    interOpNumThreads: 1,
    // The runtime would store a memory plan for each new length of texts, and never free it.
    enableMemPattern: false,
    ...(data && { externalData: [{ path: data.name, data: data.bytes }] }),
  }).catch(async (cause) => {
    await pool?.end()
    return failed(cause)
  })
  const feedsOf = (weights: AdapterWeights | null): Feeds =>
    Object.fromEntries(
      (weights ? adapterTensors(weights) : []).map(({ name, shape, data: values }) => [
        name,
        new ort.Tensor('float32', values, [...shape]),
      ]),
    )
  return {
    engine: 'native',
    reason,
    tier: null,
    takesAdapters: session.inputNames.some((name) => name.startsWith('adapter.')),
    prepare: (weights) => ({ prepared: { weights, feeds: feedsOf(weights) } }),
    release: () => {},
    async run(ids, { prepared }) {
      const { weights, feeds } = prepared as { weights: AdapterWeights | null; feeds: Feeds }
      if (ids.length > 1 && pool) return pool.run(ids, weights)
      const rows: Float32Array[] = []
      // One by one: no text is padded, so no vector depends on others.
      for (const text of ids) {
        const dims = [1, text.length]
        const inputs = {
          ...feeds,
          input_ids: new ort.Tensor('int64', BigInt64Array.from(text, BigInt), dims),
          attention_mask: new ort.Tensor('int64', new BigInt64Array(text.length).fill(1n), dims),
        }
        const { embedding } = await session.run(inputs).catch(failed)
        rows.push(embedding!.data as Float32Array)
      }
      const dimension = rows[0]?.length ?? 0
      const vectors = new Float32Array(rows.length * dimension)
      for (const [row, vector] of rows.entries()) vectors.set(vector, row * dimension)
      return vectors
    },
    share: () => null,
    async dispose() {
      await pool?.end()
      await session.release()
    },
  }
}

function failed(cause: unknown): never {
  const message = `onnxruntime-node could not run the model: ${String((cause as Error)?.message ?? cause)}.`
  throw new Specter2Error('RUNTIME_FAILED', message, { retryable: true, details: { device: 'wasm' }, cause })
}
