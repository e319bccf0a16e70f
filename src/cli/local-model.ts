import { resolve } from 'node:path'
import { Specter2Error } from '../core/errors.js'
import type { AdapterName, Dtype } from '../core/types.js'
import type { EncoderThreads } from '../engine/encoder/open-encoder.js'
import { Engine, type EngineOptions } from '../engine/engine.js'
import type { Tokens } from '../engine/tokenizer.js'
import { type ModelFolder, openModel } from '../model/open-model.js'
import { diskSource } from '../node/disk-source.js'
import { defaultModelFolder, findRuntime, runtimeFolder } from '../node/paths.js'
import { startTextPool } from './text-pool.js'

/**
 * Opens a model folder on this disk. Its files are verified as in a page.
 *
 * @param path The folder, or `minilm` for the package's own model.
 * @throws Specter2Error `MODEL_NOT_FOUND`, `INVALID_MODEL` or `UNSUPPORTED`.
 */
export async function openLocalModel(path: string): Promise<ModelFolder> {
  return openModel({ source: diskSource(modelFolderPath(path)), cache: null })
}

/** The path of a model folder; `minilm` stands for the package's own. */
export function modelFolderPath(path: string): string {
  return path === 'minilm' ? defaultModelFolder() : resolve(path)
}

export interface LocalEngineOptions extends Pick<EngineOptions, 'engine' | 'tier'> {
  dtype: Dtype
  threads: number
  signal: AbortSignal
}

/** Loads a model on WASM in this process. If its own encoder fails the self-test, transformers.js runs it. */
export async function loadEngine(folder: ModelFolder, options: LocalEngineOptions): Promise<Engine> {
  const transformers = () => {
    runtimeFolder()
    return import('../engine/transformers-runtime.js')
  }
  const encoderThreads: EncoderThreads = { pool: (share) => startTextPool(share, options.threads) }
  const loading = { ...options, device: 'wasm', runtime: findRuntime() ?? '', transformers, encoderThreads } as const
  const engine = await Engine.load(folder, loading)
  const { engine: choice = 'auto' } = options
  if (choice !== 'auto' || engine.runsOn.engine !== 'own') return engine
  try {
    await engine.test('base', 'wasm')
    return engine
  } catch (error) {
    if (!(error instanceof Specter2Error)) throw error
    return Engine.load(folder, { ...loading, engine: 'transformers', engineReason: `the own encoder failed: ${error.message}` })
  }
}

/** Texts of {@link embedSlice}: enough for all threads of the own encoder. */
const SLICE = 64

/**
 * Vectors of the first of some texts, in order: of many at once if the own encoder runs the model; transformers.js would pad them.
 */
export function embedSlice(engine: Engine, texts: readonly Tokens[], adapter: AdapterName, signal: AbortSignal) {
  return engine.embedBatch(texts.slice(0, engine.runsOn.engine === 'own' ? SLICE : 1), adapter, { signal })
}
