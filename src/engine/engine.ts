import { within } from '../core/async/waiting.js'
import { type AdapterWeights, emptyAdapter, readAdapterTensors } from '../core/checkpoint/adapter-checkpoint.js'
import { bytesSource } from '../core/checkpoint/byte-source.js'
import { Specter2Error } from '../core/errors.js'
import { adapterFile, graphFiles, type Manifest } from '../core/model-folder/manifest.js'
import { normalize } from '../core/normalize.js'
import type { AdapterName, Device, Dtype, EncoderTier, EngineChoice, EngineName, PaperText } from '../core/types.js'
import type { FileOptions, ModelFolder } from '../model/open-model.js'
import { type EncoderThreads, openEncoder, openShared } from './encoder/open-encoder.js'
import type { EncoderShare } from './encoder/pack-encoder.js'
import type { loadModel } from './load-model.js'
import type { LoadedModel, PreparedAdapter } from './loaded-model.js'
import { checkSelfTest } from './self-test.js'
import { Tokenizer, type Tokens } from './tokenizer.js'

export interface EngineOptions extends FileOptions {
  dtype: Dtype
  device: Device
  threads: number
  /** Folder of onnxruntime-web's files, with a trailing slash. */
  runtime: string
  /** Which engine runs the model; `own` and `portable` only on WASM. Default `auto`. */
  engine?: EngineChoice | undefined
  /** The only tier of the own encoder to try; default all. */
  tier?: EncoderTier | undefined
  /** Engines that `auto` no longer tries, with the messages of their errors. */
  failed?: ReadonlyMap<EngineName, string> | undefined
  /** Where the host has one: what runs graphs in native code. */
  native?: NativeRuntime | undefined
  /** Other threads for the own encoder; default none. */
  encoderThreads?: EncoderThreads | undefined
  /** The own encoder as another thread has loaded it: then no weights are read. */
  share?: EncoderShare | null | undefined
  /** Loads transformers.js; called only if that runs the model. */
  transformers: () => Promise<{ loadModel: typeof loadModel }>
}

/** A graph to run in native code. */
export interface NativeModel {
  /** The ONNX graph; borrowed until the promise settles. */
  graph: Uint8Array<ArrayBuffer>
  /** The file with the graph's weights, if the graph does not hold them; borrowed likewise. */
  data: { name: string; bytes: Uint8Array<ArrayBuffer> } | null
  /** Why native code runs the model. */
  reason: string
}

/** Native code that runs graphs, or why there is none. */
export type NativeRuntime = { load(model: NativeModel): Promise<LoadedModel> } | { missing: string }

export interface EmbedBatchOptions extends FileOptions {
  /** Whether someone waits for the vectors: then other threads help. */
  isUrgent?: boolean | undefined
}

/** A loaded model: turns texts into token ids, and token ids into vectors. Runs one batch at a time; callers must queue. */
export class Engine {
  readonly manifest: Manifest
  readonly dtype: Dtype
  readonly #folder: Pick<ModelFolder, 'manifest' | 'file'>
  readonly #tokenizer: Tokenizer
  readonly #model: LoadedModel
  readonly #adapters = new Map<AdapterName, Promise<PreparedAdapter>>()

  private constructor(folder: Pick<ModelFolder, 'manifest' | 'file'>, dtype: Dtype, tokenizer: Tokenizer, model: LoadedModel) {
    this.manifest = folder.manifest
    this.dtype = dtype
    this.#folder = folder
    this.#tokenizer = tokenizer
    this.#model = model
  }

  /**
   * Loads the graph and the tokenizer, and whatever runs the graph.
   *
   * @throws Specter2Error `UNSUPPORTED` if the folder lacks the dtype, or the engine that was asked for by name cannot run it;
   *   `RUNTIME_FAILED` if the runtime cannot load the graph; `DAMAGED_FILE` if it is not one; what `folder.file` and `transformers` throw.
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
    const read = async () => {
      const [graphPath, dataPath] = graphFiles(manifest, options.dtype, options.device) as [string, string?]
      const [graph, data = null] = await Promise.all([
        folder.file(graphPath, options),
        dataPath && folder.file(dataPath, options),
      ])
      return openModel({ ...options, manifest, config, graph, data: data || null, dataPath })
    }
    const { share, engine, encoderThreads } = options
    const model = share && engine !== 'transformers' ? openShared(share, encoderThreads) : await read()
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

  /** What runs the model, and why. */
  get runsOn(): { engine: EngineName; engineReason: string; tier: EncoderTier | null } {
    const { engine, reason, tier } = this.#model
    return { engine, engineReason: reason, tier }
  }

  /** The own encoder for another thread (option `share`); `null` if transformers.js runs the model. */
  share(): EncoderShare | null {
    return this.#model.share()
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
   * The vectors of a batch of texts, as {@link embed}; transformers.js pads shorter texts to the longest. The vectors may share a buffer.
   */
  async embedBatch(
    texts: readonly Tokens[],
    adapter: AdapterName,
    options: EmbedBatchOptions = {},
  ): Promise<Float32Array<ArrayBuffer>[]> {
    const prepared = await this.prepareAdapter(adapter, options)
    const rows = await this.#model.run(
      texts.map(({ ids }) => ids),
      prepared,
      options.isUrgent,
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
  prepareAdapter(name: AdapterName, { signal, onProgress }: FileOptions = {}): Promise<PreparedAdapter> {
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
    if (!this.#model.takesAdapters) {
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
    this.#adapters.set(name, Promise.resolve(this.#model.prepare(weights)))
  }

  /**
   * Embeds the manifest's texts (on a GPU in one batch) and compares the vectors with the manifest's.
   *
   * @throws Specter2Error `SELF_TEST_FAILED`; as {@link embed}.
   */
  async test(adapter: AdapterName, device: Device): Promise<void> {
    const { manifest, dtype } = this
    const tokens = manifest.selfTest.texts.map((text) => this.tokenizePaper(text))
    const actual: Float32Array[] = []
    for (const batch of device === 'webgpu' ? [tokens] : tokens.map((text) => [text]))
      actual.push(...(await this.embedBatch(batch, adapter)))
    checkSelfTest({ adapter, device, dtype, actual, expected: manifest.selfTest.vectors[adapter]! })
  }

  /** Frees the memory of the weights for the next model of this thread. A page terminates the worker instead. */
  dispose(): Promise<void> {
    return this.#model.dispose()
  }

  /** The size of the base that an adapter must fit. */
  get adapterBase(): { hiddenSize: number; layers: number } {
    return { hiddenSize: this.manifest.dimension, layers: this.manifest.layers }
  }

  async #readAdapter(name: AdapterName, options: FileOptions): Promise<PreparedAdapter> {
    const file = adapterFile(this.manifest, name, this.dtype)
    if (file !== undefined) {
      const weights = await readAdapterTensors(bytesSource(file, await this.#folder.file(file, options)))
      return this.#model.prepare(weights)
    }
    if (name === 'base') return this.#model.prepare(this.#model.takesAdapters ? emptyAdapter(this.adapterBase) : null)
    throw unknownAdapter(this.manifest, name, this.adapters)
  }
}

interface OpenModelOptions extends EngineOptions {
  manifest: Manifest
  config: object
  graph: Uint8Array<ArrayBuffer>
  data: Uint8Array<ArrayBuffer> | null
  dataPath: string | undefined
}

const NAMES: Readonly<Record<EngineName, string>> = {
  own: 'the own encoder',
  native: 'onnxruntime-node',
  transformers: 'transformers.js',
}

/** The first engine that runs the model: native code, the own encoder, transformers.js; or the one that was asked for. */
async function openModel({
  engine = 'auto',
  failed = new Map(),
  native,
  dataPath,
  data,
  ...options
}: OpenModelOptions): Promise<LoadedModel> {
  const { device, dtype, manifest, graph } = options
  const external = dataPath && data ? { name: dataPath.replace(/^.*\//, ''), bytes: data } : null
  const reasons = [...failed].map(([name, message]) => `${NAMES[name]} failed: ${message}`)
  const tries = (name: EngineName) => (engine === name || engine === 'auto') && !failed.has(name)
  const unsupported = (name: EngineName, reason: string) => {
    const message = `${NAMES[name]} cannot run ${manifest.id} in ${dtype} on ${device}: ${reason}. Set \`engine\` to "auto" or "transformers".`
    const details = { engine, device, dtype, reason }
    return new Specter2Error(
      'UNSUPPORTED',
      message.replace(/^./, (first) => first.toUpperCase()),
      { details },
    )
  }
  if (tries('native') && device === 'wasm' && native && 'load' in native) {
    const reason = engine === 'auto' ? 'it is installed, and faster than WASM' : 'it was asked for by name'
    try {
      return await native.load({ graph, data: external, reason: [reason, ...reasons].join('; ') })
    } catch (error) {
      if (engine !== 'auto') throw error
      reasons.push(`${NAMES.native} failed: ${(error as Error).message}`)
    }
  } else if (engine === 'native') {
    const reason = native && 'missing' in native ? native.missing : 'it runs in Node only'
    throw unsupported('native', reason)
  } else if (tries('native') && native && 'missing' in native) reasons.push(native.missing)
  if (tries('own') || engine === 'portable') {
    const own =
      device === 'wasm'
        ? openEncoder({ ...options, data, tier: engine === 'portable' ? 'simd' : options.tier })
        : { reason: 'the own encoder runs on WASM only' }
    if ('run' in own) return { ...own, reason: [own.reason, ...reasons].join('; ') }
    if (engine !== 'auto') throw unsupported('own', own.reason)
    reasons.unshift(own.reason)
  }
  const { loadModel } = await options.transformers()
  return loadModel({ ...options, data: external, reason: reasons.join('; ') || 'it was asked for by name' })
}

/** The error for an adapter that does not exist. @param has Names of those that do. */
export function unknownAdapter({ id }: Manifest, name: AdapterName, has: readonly AdapterName[]): Specter2Error {
  const advice = "Load a SPECTER2 folder for SPECTER2's adapters, or give your own with loadAdapter()."
  return new Specter2Error('UNKNOWN_ADAPTER', `${id} has no adapter "${name}"; it has ${has.join(', ')}. ${advice}`, {
    details: { adapter: name, has },
  })
}
