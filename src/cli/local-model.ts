import { resolve } from 'node:path'
import { Specter2Error } from '../core/errors.js'
import type { AdapterName, Dtype, EngineName } from '../core/types.js'
import type { EncoderThreads } from '../engine/encoder/open-encoder.js'
import { Engine, type EngineOptions } from '../engine/engine.js'
import type { Tokens } from '../engine/tokenizer.js'
import { type ModelFolder, openModel } from '../model/open-model.js'
import { diskSource } from '../node/disk-source.js'
import { nativeRuntime } from '../node/native-model.js'
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
  /** Whether onnxruntime-node may run the model. Default `false`: what a page would compute. */
  native?: boolean
}

/** Loads a model in this process. If the engine that `auto` chooses fails the self-test, another one runs it. */
export async function loadEngine(folder: ModelFolder, options: LocalEngineOptions): Promise<Engine> {
  const transformers = () => {
    runtimeFolder()
    return import('../engine/transformers-runtime.js')
  }
  const { threads, engine: choice = 'auto' } = options
  const encoderThreads: EncoderThreads = { pool: (share) => startTextPool(share, share.packed.shape.hidden, threads) }
  const native = options.native
    ? nativeRuntime({ threads, pool: (model) => startTextPool(model, folder.manifest.dimension, threads) })
    : undefined
  const failed = new Map<EngineName, string>()
  for (;;) {
    const host = { device: 'wasm', runtime: findRuntime() ?? '', transformers, encoderThreads, native, failed } as const
    const engine = await Engine.load(folder, { ...options, ...host })
    const { engine: name } = engine.runsOn
    if (choice !== 'auto' || name === 'transformers') return engine
    try {
      await engine.test('base', 'wasm')
      return engine
    } catch (error) {
      if (!(error instanceof Specter2Error)) throw error
      failed.set(name, error.message)
      await engine.dispose()
    }
  }
}

/** Texts to embed at once: enough for all threads; transformers.js would pad them. */
export const sliceTexts = (engine: Engine): number => (engine.runsOn.engine === 'transformers' ? 1 : 64)

/** Vectors of the first of some texts, in order. */
export function embedSlice(engine: Engine, texts: readonly Tokens[], adapter: AdapterName, signal: AbortSignal) {
  return engine.embedBatch(texts.slice(0, sliceTexts(engine)), adapter, { signal })
}
