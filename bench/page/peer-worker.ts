import { env, type FeatureExtractionPipeline, pipeline } from '@huggingface/transformers'
import { expose } from 'comlink'

/** transformers.js as it is commonly used: one pipeline, texts in batches. */
let extractor: FeatureExtractionPipeline

const peer = {
  async load(model: string, threads: number, runtime: string): Promise<void> {
    env.allowLocalModels = true
    env.allowRemoteModels = false
    env.localModelPath = '/'
    env.useBrowserCache = false
    env.useWasmCache = false
    Object.assign(env.backends.onnx.wasm!, { numThreads: threads, wasmPaths: runtime })
    extractor = await pipeline('feature-extraction', model, { dtype: 'q8', device: 'wasm' })
  },

  /** Vectors in batches, in the order given. */
  async embed(texts: readonly string[], batchSize: number, pooling: 'cls' | 'mean', normalize: boolean): Promise<void> {
    for (let start = 0; start < texts.length; start += batchSize) {
      await extractor(texts.slice(start, start + batchSize), { pooling, normalize })
    }
  },
}

export type Peer = typeof peer
expose(peer)
