import { pauses } from '../../core/async/pauses.js'
import type { AdapterName } from '../../core/types.js'
import type { Engine } from '../../engine/engine.js'
import { Tokenizer } from '../../engine/tokenizer.js'
import type { ModelFolder } from '../../model/open-model.js'
import { type LocalEngineOptions, loadEngine } from '../local-model.js'
import type { Texts } from '../texts-file.js'

/** A dtype that is being verified, wherever it runs. */
export interface VerifyEmbedder {
  /** @returns The vectors of the papers, then those of the queries. */
  embed(texts: Texts, adapter: AdapterName, signal: AbortSignal): Promise<ArrayLike<number>[]>
  dispose(): Promise<void>
}

/** A dtype on WASM in this process. */
export class NodeEmbedder implements VerifyEmbedder {
  readonly #engine: Engine

  private constructor(engine: Engine) {
    this.#engine = engine
  }

  static async load(folder: ModelFolder, options: LocalEngineOptions): Promise<NodeEmbedder> {
    return new NodeEmbedder(await loadEngine(folder, options))
  }

  async embed(texts: Texts, adapter: AdapterName, signal: AbortSignal): Promise<Float32Array[]> {
    const engine = this.#engine
    const pause = pauses(signal)
    const vectors: Float32Array[] = []
    for (const tokens of [
      ...texts.papers.map((paper) => engine.tokenizePaper(paper)),
      ...texts.queries.map((query) => engine.tokenizeQuery(query)),
    ]) {
      await pause()
      vectors.push(await engine.embed(tokens, adapter, { signal }))
    }
    return vectors
  }

  dispose(): Promise<void> {
    return this.#engine.dispose()
  }
}

/** Loads the tokenizer alone. The result counts the tokens of papers, then of queries. */
export async function loadTokenCounter(folder: ModelFolder): Promise<(texts: Texts) => number[]> {
  const json = async (path: string) => JSON.parse(new TextDecoder().decode(await folder.file(path))) as object
  const files = { tokenizer: await json('tokenizer.json'), config: await json('tokenizer_config.json') }
  const tokenizer = new Tokenizer(files, folder.manifest)
  return ({ papers, queries }) => [
    ...papers.map((paper) => tokenizer.encodePaper(paper).ids.length),
    ...queries.map((query) => tokenizer.encodeQuery(query).ids.length),
  ]
}
