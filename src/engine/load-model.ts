/** Loads a graph from memory by transformers.js, which only this file imports. */
import type { Tensor } from '@huggingface/transformers'
import * as ort from 'onnxruntime-web/webgpu'
import { adapterTensors } from '../core/checkpoint/adapter-checkpoint.js'
import { Specter2Error } from '../core/errors.js'
import type { Device, Dtype } from '../core/types.js'
import { watchGpu } from './gpu-failure.js'
import type { LoadedModel, PreparedAdapter } from './loaded-model.js'
import { prepareRuntime } from './runtime-files.js'

export interface LoadModelOptions {
  /** The ONNX graph; borrowed until the promise settles. */
  graph: Uint8Array<ArrayBuffer>
  /** The file with the graph's weights, if the graph does not hold them; borrowed likewise. */
  data: { name: string; bytes: Uint8Array<ArrayBuffer> } | null
  /** Parsed `config.json`. */
  config: object
  dtype: Dtype
  device: Device
  threads: number
  /** Folder of onnxruntime-web's files (`ort-wasm-simd-threaded*.mjs`, `.wasm`), with a trailing slash. */
  runtime: string
  /** Why the model runs on transformers.js. */
  reason: string
}

/** transformers.js loads models by name; this is the name of ours. */
const MODEL_NAME = 'specter2-web'

export async function loadModel({
  graph,
  data,
  config,
  dtype,
  device,
  threads,
  runtime,
  reason,
}: LoadModelOptions): Promise<LoadedModel> {
  await prepareRuntime(ort.env.wasm, device, runtime, threads)
  // transformers.js uses this runtime instead of its own, which always loads the WebGPU build from a CDN.
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
      // Returns our buffer without the two copies that the body of a Response costs.
      match: async (request: string) =>
        request.includes('/onnx/') ? Object.assign(new Response(), { arrayBuffer: async () => graph.buffer }) : undefined,
      put: async () => {},
    },
    logLevel: LogLevel.ERROR,
  })

  const model = await AutoModel.from_pretrained(MODEL_NAME, {
    // Typed as a whole PretrainedConfig, but transformers.js itself passes a parsed config.json.
    config: config as never,
    dtype,
    // Leaves the choice to `executionProviders`: with a runtime that it did not load, transformers.js knows no device names.
    device: 'auto',
    // The runtime would store a memory plan for each new length of texts, and never free it.
    session_options: {
      executionProviders: [device],
      enableMemPattern: false,
      ...(data && { externalData: [{ path: data.name, data: data.bytes }] }),
    },
  }).catch((cause: unknown) => {
    const found = message(cause)
    const advice = found.includes('no available backend')
      ? `Check that ${runtime} serves what \`specter2-web assets <dir>\` wrote (option \`assets\`).`
      : 'Convert the model again with this version of specter2-web.'
    const details = { device, outOfMemory: isOutOfMemory(found) }
    throw new Specter2Error('RUNTIME_FAILED', `The runtime could not load the model: ${found}. ${advice}`, { details, cause })
  })
  // The runtime created the device along with the session, with all features and limits of the GPU adapter.
  const gpu = device === 'webgpu' ? await ort.env.webgpu.device : null
  const gpuFailure = gpu ? watchGpu(gpu) : null

  const session = (model.sessions as Record<string, { inputNames: readonly string[] }>).model!
  const feedsOf = ({ prepared }: PreparedAdapter) => prepared as Record<string, Tensor>
  return {
    engine: 'transformers',
    reason,
    tier: null,
    takesAdapters: session.inputNames.some((name) => name.startsWith('adapter.')),

    // Created once, on the GPU if the model runs there.
    prepare: (weights) => ({
      prepared: Object.fromEntries(
        (weights ? adapterTensors(weights) : []).map(({ name, shape, data }) => [
          name,
          // A GPU buffer cannot be empty, as the bottlenecks of the base are.
          gpu && data.length > 0 ? new Tensor(onGpu(gpu, data, shape)) : new Tensor('float32', data, [...shape]),
        ]),
      ),
    }),

    release(adapter) {
      for (const tensor of Object.values(feedsOf(adapter))) if (tensor.location === 'gpu-buffer') tensor.dispose()
    },

    // Shorter texts are padded to the longest.
    async run(ids, adapter) {
      const tokens = Math.max(...ids.map(({ length }) => length))
      // The id of padding does not matter, since the mask hides it.
      const inputIds = new BigInt64Array(ids.length * tokens)
      const mask = new BigInt64Array(inputIds.length)
      for (const [row, values] of ids.entries()) {
        mask.fill(1n, row * tokens, row * tokens + values.length)
        for (const [column, id] of values.entries()) inputIds[row * tokens + column] = BigInt(id)
      }
      const dims = [ids.length, tokens]
      const inputs = {
        ...feedsOf(adapter),
        input_ids: new Tensor('int64', inputIds, dims),
        attention_mask: new Tensor('int64', mask, dims),
      }
      try {
        const running = model(inputs) as Promise<{ embedding: Tensor }>
        // On a lost device a run may never end; after an error of the device it ends with wrong numbers.
        const { embedding } = await (gpuFailure ? Promise.race([gpuFailure.rejected, running]) : running)
        gpuFailure?.throwIfFailed()
        return embedding.data as Float32Array<ArrayBuffer>
      } catch (cause) {
        const found = message((await gpuFailure?.reason()) ?? cause)
        const texts = ids.length === 1 ? 'a text of' : `${ids.length} texts of up to`
        throw new Specter2Error('RUNTIME_FAILED', `The model failed on ${texts} ${tokens} tokens: ${found}`, {
          retryable: true,
          details: { device, outOfMemory: isOutOfMemory(found), texts: ids.length, tokens },
          cause,
        })
      }
    },

    share: () => null,

    async dispose() {
      await model.dispose()
    },
  }
}

/** `GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST`, whose values the specification fixes. */
const INPUT_BUFFER = 0x80 | 0x08

function onGpu(gpu: GPUDevice, data: Float32Array, shape: readonly number[]): ort.Tensor {
  const buffer = gpu.createBuffer({ size: data.byteLength, usage: INPUT_BUFFER })
  gpu.queue.writeBuffer(buffer, 0, data as Float32Array<ArrayBuffer>)
  return ort.Tensor.fromGpuBuffer(buffer, { dataType: 'float32', dims: shape, dispose: () => buffer.destroy() })
}

const message = (cause: unknown) => String((cause as Error)?.message ?? cause)

/** Browsers and the runtime use different words for it. */
function isOutOfMemory(found: string): boolean {
  return /out of memory|out-of-memory|bad_alloc|\boom\b|allocation failed|could not allocate|failed to allocate/i.test(found)
}
