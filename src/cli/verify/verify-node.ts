import type { AdapterName, Dtype } from '../../core/types.js'
import { Engine } from '../../engine/engine.js'
import { Tokenizer } from '../../engine/tokenizer.js'
import type { ModelFolder } from '../../model/open-model.js'
import { heedSignal } from '../heed-signal.js'
import { nodeThreads, runtimeFolder } from '../paths.js'
import type { VerifyEmbedder, VerifyTexts } from './verify-embedder.js'

/** A dtype on WASM in this process. */
export class NodeEmbedder implements VerifyEmbedder {
  readonly #engine: Engine

  private constructor(engine: Engine) {
    this.#engine = engine
  }

  static async load(folder: ModelFolder, dtype: Dtype, threads = nodeThreads()): Promise<NodeEmbedder> {
    return new NodeEmbedder(await Engine.load(folder, { dtype, device: 'wasm', threads, runtime: runtimeFolder }))
  }

  /** Counts tokens of texts, in the order of `embed`'s vectors, without a model. */
  static async tokenCounter(folder: ModelFolder): Promise<(texts: VerifyTexts) => number[]> {
    const json = async (path: string) => JSON.parse(new TextDecoder().decode(await folder.file(path))) as object
    const files = { tokenizer: await json('tokenizer.json'), config: await json('tokenizer_config.json') }
    const tokenizer = new Tokenizer(files, folder.manifest)
    return ({ papers, queries }) =>
      [...papers.map((paper) => tokenizer.encodePaper(paper)), ...queries.map((query) => tokenizer.encodeQuery(query))].map(
        ({ ids }) => ids.length,
      )
  }

  async embed({ papers, queries }: VerifyTexts, adapter: AdapterName, signal: AbortSignal): Promise<Float32Array[]> {
    const engine = this.#engine
    const texts = [...papers.map((paper) => engine.tokenizePaper(paper)), ...queries.map((query) => engine.tokenizeQuery(query))]
    const vectors: Float32Array[] = []
    for (const tokens of texts) {
      await heedSignal(signal)
      vectors.push(await engine.embed(tokens, adapter, { signal }))
    }
    return vectors
  }

  dispose(): Promise<void> {
    return this.#engine.dispose()
  }
}
