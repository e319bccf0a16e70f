import { within } from '../core/async/waiting.js'
import { type AdapterWeights, adapterTensors, emptyAdapter, readAdapterTensors } from '../core/checkpoint/adapter-checkpoint.js'
import { bytesSource } from '../core/checkpoint/byte-source.js'
import { Specter2Error } from '../core/errors.js'
import { adapterFile, graphFiles, type Manifest } from '../core/model-folder/manifest.js'
import { normalize } from '../core/normalize.js'
import type { AdapterName, Device, Dtype, PaperText } from '../core/types.js'
import type { FileOptions, ModelFolder } from '../model/open-model.js'
import type { LoadedModel, loadModel, PreparedFeeds } from './load-model.js'
import { Tokenizer, type Tokens } from './tokenizer.js'

export interface EngineOptions extends FileOptions {
  dtype: Dtype
  device: Device
  threads: number
  /** Folder of onnxruntime-web's files, with a trailing slash. */
  runtime: string
  /** Loads what runs the graph; called once. */
  transformers: () => Promise<{ loadModel: typeof loadModel }>
}

/** A loaded model: turns texts into token ids, and token ids into vectors. Runs one batch at a time; callers must queue. */
export class Engine {
  readonly manifest: Manifest
  readonly dtype: Dtype
  readonly #folder: Pick<ModelFolder, 'manifest' | 'file'>
  readonly #tokenizer: Tokenizer
  readonly #model: LoadedModel
  readonly #takesAdapters: boolean
  readonly #adapters = new Map<AdapterName, Promise<PreparedFeeds>>()

  private constructor(folder: Pick<ModelFolder, 'manifest' | 'file'>, dtype: Dtype, tokenizer: Tokenizer, model: LoadedModel) {
    this.manifest = folder.manifest
    this.dtype = dtype
    this.#folder = folder
    this.#tokenizer = tokenizer
    this.#model = model
    this.#takesAdapters = model.inputNames.some((name) => name.startsWith('adapter.'))
  }

  /**
   * Loads the graph, the tokenizer and, meanwhile, the runtime.
   *
   * @throws Specter2Error `UNSUPPORTED` if the folder lacks the dtype; `RUNTIME_FAILED` if the runtime cannot load the graph;
   *   what `folder.file` and `transformers` throw.
   */
  static async load(folder: Pick<ModelFolder, 'manifest' | 'file'>, options: EngineOptions): Promise<Engine> {
    const { manifest } = folder
    if (!Object.hasOwn(manifest.dtypes, options.dtype)) {
      const has = Object.keys(manifest.dtypes)
      throw new Specter2Error(
        'UNSUPPORTED',
        `${manifest.id} has no weights of dtype ${options.dtype}; it has ${has.join(', ')}. Ask for one of these, or convert it again with --dtype.`,
        { details: { dtype: options.dtype, has } },
      )
    }
    const json = async (path: string) => JSON.parse(new TextDecoder().decode(await folder.file(path, options))) as object
    const [config, tokenizer, tokenizerConfig] = await Promise.all([
      json('config.json'),
      json('tokenizer.json'),
      json('tokenizer_config.json'),
    ])
    const [graphPath, dataPath] = graphFiles(manifest, options.dtype, options.device) as [string, string?]
    const [graph, data, transformers] = await Promise.all([
      folder.file(graphPath, options),
      dataPath && folder.file(dataPath, options),
      options.transformers(),
    ])
    const model = await transformers.loadModel({
      ...options,
      graph,
      data: dataPath && data ? { name: dataPath.replace(/^.*\//, ''), bytes: data } : null,
      config,
    })
    options.signal?.throwIfAborted()
    return new Engine(folder, options.dtype, new Tokenizer({ tokenizer, config: tokenizerConfig }, manifest), model)
  }

  /** Names of the adapters that can be used, `base` first. */
  get adapters(): AdapterName[] {
    return [
      'base',
      ...new Set([...Object.keys(this.manifest.adapters), ...this.#adapters.keys()].filter((name) => name !== 'base')),
    ]
  }

  tokenizePaper(input: PaperText | string): Tokens {
    return this.#tokenizer.encodePaper(input)
  }

  tokenizeQuery(query: string): Tokens {
    return this.#tokenizer.encodeQuery(query)
  }

  /**
   * The vector [dimension] of one text, of length 1 if the model's are; the array belongs to the caller. A single text is not
   * padded, so its vector does not depend on other texts.
   */
  async embed(text: Tokens, adapter: AdapterName, options: FileOptions = {}): Promise<Float32Array<ArrayBuffer>> {
    const [vector] = await this.embedBatch([text], adapter, options)
    return vector!
  }

  /**
   * The vectors of a batch of texts, as {@link embed}; shorter texts are padded to the longest. The vectors may share a buffer.
   */
  async embedBatch(
    texts: readonly Tokens[],
    adapter: AdapterName,
    options: FileOptions = {},
  ): Promise<Float32Array<ArrayBuffer>[]> {
    const feeds = await this.prepareAdapter(adapter, options)
    const rows = await this.#model.run(
      texts.map(({ ids }) => ids),
      feeds,
    )
    const { dimension, normalized } = this.manifest
    return texts.map((_, row) => {
      const vector = rows.subarray(row * dimension, (row + 1) * dimension)
      if (normalized) normalize(vector)
      return vector
    })
  }

  /**
   * Loads an adapter of the folder, unless it is loaded already.
   *
   * @throws Specter2Error `UNKNOWN_ADAPTER`; what `folder.file` throws.
   */
  prepareAdapter(name: AdapterName, { signal, onProgress }: FileOptions = {}): Promise<PreparedFeeds> {
    let prepared = this.#adapters.get(name)
    if (!prepared) {
      // The signal of the first call does not abort the download, since other calls may wait for it as well.
      prepared = this.#readAdapter(name, { onProgress })
      this.#adapters.set(name, prepared)
      // A failed download is not cached: the next call tries again.
      prepared.catch(() => this.#adapters.get(name) === prepared && this.#adapters.delete(name))
    }
    return within(prepared, { signal })
  }

  /**
   * Adds an adapter that is not in the folder, replacing any other of this name. No run may be in progress.
   *
   * @throws Specter2Error `UNSUPPORTED` if the graph has no adapter inputs.
   */
  addAdapter(name: AdapterName, weights: AdapterWeights): void {
    if (!this.#takesAdapters) {
      throw new Specter2Error(
        'UNSUPPORTED',
        `${this.manifest.id} was converted without adapters, so its graph cannot use any. Convert it again with at least one --adapter.`,
        { details: { model: this.manifest.id } },
      )
    }
    this.#adapters.get(name)?.then(
      (replaced) => this.#model.release(replaced),
      () => {},
    )
    this.#adapters.set(name, Promise.resolve(this.#model.prepare(adapterTensors(weights))))
  }

  /** Frees the memory of the weights for the next model of this thread. A page terminates the worker instead. */
  dispose(): Promise<void> {
    return this.#model.dispose()
  }

  /** The size of the base that an adapter must fit. */
  get adapterBase(): { hiddenSize: number; layers: number } {
    return { hiddenSize: this.manifest.dimension, layers: this.manifest.layers }
  }

  async #readAdapter(name: AdapterName, options: FileOptions): Promise<PreparedFeeds> {
    const file = adapterFile(this.manifest, name, this.dtype)
    if (file !== undefined) {
      const weights = await readAdapterTensors(bytesSource(file, await this.#folder.file(file, options)))
      return this.#model.prepare(adapterTensors(weights))
    }
    if (name === 'base') return this.#model.prepare(this.#takesAdapters ? adapterTensors(emptyAdapter(this.adapterBase)) : [])
    throw unknownAdapter(this.manifest, name, this.adapters)
  }
}

/** The error for an adapter that does not exist. @param has Names of those that do. */
export function unknownAdapter({ id }: Manifest, name: AdapterName, has: readonly AdapterName[]): Specter2Error {
  const advice = "Load a SPECTER2 folder for SPECTER2's adapters, or give your own with loadAdapter()."
  return new Specter2Error('UNKNOWN_ADAPTER', `${id} has no adapter "${name}"; it has ${has.join(', ')}. ${advice}`, {
    details: { adapter: name, has },
  })
}
