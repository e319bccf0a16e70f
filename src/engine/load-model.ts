/** The sole import of transformers.js: a graph in memory becomes something that runs. */
import type { Tensor } from '@huggingface/transformers'
import * as ort from 'onnxruntime-web/webgpu'
import { Specter2Error } from '../core/errors.js'
import type { Device, Dtype } from '../core/types.js'
import { watchGpu } from './gpu-failure.js'
import { runtimeFiles } from './runtime-files.js'

/** A float32 input that stays the same from run to run, such as an adapter's weights. */
export interface Feed {
  name: string
  shape: readonly number[]
  data: Float32Array
}
/** Feeds in the runtime's own form, on the GPU where the model runs there; made once, used by every run. */
export type PreparedFeeds = Readonly<Record<string, Tensor>>

export interface LoadModelOptions {
  /** Bytes of the ONNX graph; borrowed until the promise settles. */
  graph: Uint8Array<ArrayBuffer>
  /** The file that holds the graph's weights, where it is one of its own; borrowed likewise. */
  data: { name: string; bytes: Uint8Array<ArrayBuffer> } | null
  /** Parsed `config.json`. */
  config: object
  dtype: Dtype
  device: Device
  threads: number
  /** Folder of the runtime's own files (`ort-wasm-simd-threaded*.mjs`, `.wasm`), with a closing slash. */
  runtime: string
}

export interface LoadedModel {
  readonly inputNames: readonly string[]
  prepare(feeds: readonly Feed[]): PreparedFeeds
  /** Gives back the GPU's memory of feeds that no run will use any more; none may be under way. */
  release(feeds: PreparedFeeds): void
  /**
   * Vectors [ids.length, dimension] of texts, each alone in its row. Shorter ones are padded to the longest.
   *
   * @throws Specter2Error `RUNTIME_FAILED`; the worker must be given up then, since transformers.js answers every later run with the same error.
   */
  run(ids: readonly (readonly number[])[], feeds: PreparedFeeds): Promise<Float32Array<ArrayBuffer>>
  /** Gives the weights' memory back to the runtime, where the next model finds it; the thread's own memory never shrinks. */
  dispose(): Promise<void>
}

/** transformers.js asks for files by name; this is the one it gets. */
const MODEL_NAME = 'specter2-web'

export async function loadModel({
  graph,
  data,
  config,
  dtype,
  device,
  threads,
  runtime,
}: LoadModelOptions): Promise<LoadedModel> {
  ort.env.wasm.numThreads = threads
  ort.env.wasm.wasmPaths = runtimeFiles(device, runtime)
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
  // The runtime made it when it created the session, with all features and limits that the adapter has.
  const gpu = device === 'webgpu' ? await ort.env.webgpu.device : null
  const gpuFailure = gpu ? watchGpu(gpu) : null

  const session = (model.sessions as Record<string, { inputNames: readonly string[] }>).model!
  return {
    inputNames: session.inputNames,

    prepare: (feeds) =>
      Object.fromEntries(
        feeds.map(({ name, shape, data }) => [
          name,
          // A buffer cannot be empty; the base's bottlenecks are.
          gpu && data.length > 0 ? new Tensor(onGpu(gpu, data, shape)) : new Tensor('float32', data, [...shape]),
        ]),
      ),

    release(feeds) {
      for (const tensor of Object.values(feeds)) if (tensor.location === 'gpu-buffer') tensor.dispose()
    },

    async run(ids, feeds) {
      const tokens = Math.max(...ids.map(({ length }) => length))
      // Whatever id padding has, the mask hides it.
      const inputIds = new BigInt64Array(ids.length * tokens)
      const mask = new BigInt64Array(inputIds.length)
      for (const [row, values] of ids.entries()) {
        mask.fill(1n, row * tokens, row * tokens + values.length)
        for (const [column, id] of values.entries()) inputIds[row * tokens + column] = BigInt(id)
      }
      const dims = [ids.length, tokens]
      const inputs = {
        ...feeds,
        input_ids: new Tensor('int64', inputIds, dims),
        attention_mask: new Tensor('int64', mask, dims),
      }
      try {
        const running = model(inputs) as Promise<{ embedding: Tensor }>
        // On a lost device a run may never end; one with an error on the device ends with wrong numbers.
        const { embedding } = await (gpuFailure ? Promise.race([gpuFailure.rejected, running]) : running)
        gpuFailure?.throwIfFailed()
        return embedding.data as Float32Array<ArrayBuffer>
      } catch (cause) {
        const found = message((await gpuFailure?.reason()) ?? cause)
        const texts = ids.length === 1 ? 'a text of' : `${ids.length} texts of up to`
        throw new Specter2Error('RUNTIME_FAILED', `The model failed on ${texts} ${tokens} tokens: ${found}`, {
          retryable: true,
          details: { device, outOfMemory: isOutOfMemory(found) },
          cause,
        })
      }
    },

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

/** Browsers and the runtime say it in different words. */
function isOutOfMemory(found: string): boolean {
  return /out of memory|out-of-memory|bad_alloc|\boom\b|allocation failed|could not allocate|failed to allocate/i.test(found)
}
