import * as ort from 'onnxruntime-web/webgpu'
import type { GraphRuntime } from '../core/converter/graph-runtime.js'
import { Specter2Error } from '../core/errors.js'
import { prepareRuntime } from './runtime-files.js'
import { Tokenizer } from './tokenizer.js'

export interface GraphRuntimeOptions {
  /** Folder of onnxruntime-web's files, with a trailing slash. */
  runtime: string
  threads: number
}

/** Runs the converter's graphs by onnxruntime-web on the CPU, in Node and in a worker alike. */
export function createGraphRuntime({ runtime, threads }: GraphRuntimeOptions): GraphRuntime {
  ort.env.logLevel = 'error'
  return {
    tokenizer: (files, manifest) => new Tokenizer(files, manifest),

    async open(graph) {
      await prepareRuntime(ort.env.wasm, 'wasm', runtime, threads)
      const session = await ort.InferenceSession.create(graph, { executionProviders: ['wasm'], enableMemPattern: false }).catch(
        failed,
      )
      return {
        async run(inputs) {
          const feeds = Object.entries(inputs).map(([name, { data, dims }]) => [
            name,
            data instanceof Float32Array ? new ort.Tensor('float32', data, dims) : new ort.Tensor('int64', data, dims),
          ])
          const outputs = await session.run(Object.fromEntries(feeds)).catch(failed)
          return Object.fromEntries(Object.entries(outputs).map(([name, { data }]) => [name, data as Float32Array<ArrayBuffer>]))
        },
        release: () => session.release(),
      }
    },
  }
}

function failed(cause: unknown): never {
  const found = String((cause as Error)?.message ?? cause)
  throw new Specter2Error('RUNTIME_FAILED', `The runtime could not run the model in fp32, which a conversion needs: ${found}.`, {
    cause,
  })
}
