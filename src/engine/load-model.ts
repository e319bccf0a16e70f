/** The sole import of transformers.js: a graph in memory becomes something that runs. */
import type { Tensor } from '@huggingface/transformers'
import * as ort from 'onnxruntime-web/wasm'
import { Specter2Error } from '../errors.js'
import type { Device, Dtype } from '../types.js'

/** A float32 input that stays the same from run to run, such as an adapter's weights. */
export interface Feed {
  name: string
  shape: readonly number[]
  data: Float32Array
}
/** Feeds in the runtime's own form; made once, used by every run. */
export type PreparedFeeds = Readonly<Record<string, Tensor>>

export interface LoadModelOptions {
  /** Bytes of the ONNX graph; borrowed until the promise settles. */
  graph: Uint8Array<ArrayBuffer>
  /** Parsed `config.json`. */
  config: object
  dtype: Dtype
  device: Device
  threads: number
  /** Folder of the runtime's own files (`ort-wasm-simd-threaded.mjs`, `.wasm`), with a closing slash. */
  runtime: string
}

export interface LoadedModel {
  readonly inputNames: readonly string[]
  prepare(feeds: readonly Feed[]): PreparedFeeds
  /**
   * Vectors [ids.length, dimension] of texts of equal length, each alone in its row.
   *
   * @throws Specter2Error `RUNTIME_FAILED`; the worker must be given up then, since transformers.js answers every later run with the same error.
   */
  run(ids: readonly (readonly number[])[], feeds: PreparedFeeds): Promise<Float32Array<ArrayBuffer>>
}

/** transformers.js asks for files by name; this is the one it gets. */
const MODEL_NAME = 'specter2-web'

export async function loadModel({ graph, config, dtype, threads, runtime }: LoadModelOptions): Promise<LoadedModel> {
  ort.env.wasm.numThreads = threads
  ort.env.wasm.wasmPaths = runtime
  // transformers.js uses the runtime it finds here instead of its own, which always loads the WebGPU build from a CDN.
  Object.assign(globalThis, { [Symbol.for('onnxruntime')]: ort })
  const { AutoModel, Tensor, env, LogLevel } = await import('@huggingface/transformers')
  Object.assign(env, {
    allowLocalModels: true,
    allowRemoteModels: false,
    useBrowserCache: false,
    useFSCache: false,
    useWasmCache: false,
    useCustomCache: true,
    customCache: {
      // A Response over our buffer, without the two copies that a body would cost.
      match: async (request: string) =>
        request.includes('/onnx/') ? Object.assign(new Response(), { arrayBuffer: async () => graph.buffer }) : undefined,
      put: async () => {},
    },
    logLevel: LogLevel.ERROR,
  })

  const model = await AutoModel.from_pretrained(MODEL_NAME, {
    // The type of a whole PretrainedConfig; a parsed config.json is what transformers.js itself passes on.
    config: config as never,
    dtype,
    // Leaves the choice to `executionProviders`: with a runtime of our own the library knows no device names.
    device: 'auto',
    // A memory plan for each new text length would be kept for good.
    session_options: { executionProviders: ['wasm'], enableMemPattern: false },
  }).catch((cause: unknown) => {
    const found = String((cause as Error)?.message ?? cause)
    const advice = found.includes('no available backend')
      ? `Check that ${runtime} serves what \`specter2-web assets <dir>\` wrote (option \`assets\`).`
      : 'Convert the model again with this version of specter2-web.'
    throw new Specter2Error('RUNTIME_FAILED', `The runtime could not load the model: ${found}. ${advice}`, { cause })
  })

  const session = (model.sessions as Record<string, { inputNames: readonly string[] }>).model!
  return {
    inputNames: session.inputNames,

    prepare: (feeds) => Object.fromEntries(feeds.map(({ name, shape, data }) => [name, new Tensor('float32', data, [...shape])])),

    async run(ids, feeds) {
      const tokens = ids[0]!.length
      const inputIds = new BigInt64Array(ids.length * tokens)
      for (const [row, values] of ids.entries())
        for (const [column, id] of values.entries()) inputIds[row * tokens + column] = BigInt(id)
      const dims = [ids.length, tokens]
      const inputs = {
        ...feeds,
        input_ids: new Tensor('int64', inputIds, dims),
        attention_mask: new Tensor('int64', new BigInt64Array(inputIds.length).fill(1n), dims),
      }
      try {
        const { embedding } = (await model(inputs)) as { embedding: Tensor }
        return embedding.data as Float32Array<ArrayBuffer>
      } catch (cause) {
        throw new Specter2Error(
          'RUNTIME_FAILED',
          `The model failed on a text of ${tokens} tokens: ${String((cause as Error)?.message ?? cause)}`,
          {
            retryable: true,
            cause,
          },
        )
      }
    },
  }
}
