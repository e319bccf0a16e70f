// For the declarations, in apps whose `lib` has no `Symbol.asyncDispose`.
/// <reference lib="esnext.disposable" preserve="true" />
import { InvalidArgumentError, Specter2Error } from '../../core/errors.js'
import type { AdapterName, PaperText } from '../../core/types.js'
import type { FilesProgress, LoadedInfo, VectorPart, WorkerLoadOptions } from '../../workers/embed/embed-protocol.js'
import { notify } from '../notify.js'
import { assetsFolder } from './assets-folder.js'
import type { EmbedClient } from './embed-worker.js'
import {
  address,
  checkAdapter,
  checkInputs,
  checkOptions,
  type EmbedderOptions,
  type EmbedOptions,
  type EmbedProgress,
  type FilesInput,
  modelOption,
} from './embedder-options.js'
import type { EmbeddedPart, EmbedderInfo, Embeddings } from './embeddings.js'
import { type InputSlice, inputSlices } from './input-slices.js'
import { LoadListener, loadProgress } from './load-progress.js'
import { ModelOpener } from './model-opener.js'
import { type PoolMember, WorkerPool } from './worker-pool.js'

/** Fewer inputs are embedded before another worker could start. */
const SHARED_INPUTS = 16

/**
 * Starts a worker and loads a model into it.
 *
 * With `device: 'auto'`, if WebGPU fails or its vectors fail the self-test, a new worker loads the model on WASM.
 *
 * @throws InvalidArgumentError for wrong options; the signal's reason; Specter2Error `MODEL_NOT_FOUND`, `INVALID_MODEL`, `UNSUPPORTED`, `UNKNOWN_ADAPTER`, `DOWNLOAD_FAILED`, `DOWNLOAD_TRUNCATED`, `HASH_MISMATCH`, `WORKER_FAILED`, `RUNTIME_FAILED` or `SELF_TEST_FAILED`.
 * @example
 * const embedder = await createEmbedder({ onProgress: ({ stage, loaded, total }) => console.log(stage, loaded / total) })
 * const { vectors, dimension } = await embedder.embed([{ title: 'On Growth and Form' }])
 * console.log(vectors.length === dimension)
 * await embedder.dispose()
 */
export async function createEmbedder(options: EmbedderOptions = {}): Promise<Embedder> {
  checkOptions(options)
  options.signal?.throwIfAborted()
  const embedder = new Embedder(options)
  try {
    await embedder.load(options.signal)
  } catch (error) {
    await embedder.dispose()
    throw error
  }
  return embedder
}

/**
 * A loaded model in a worker. Made by {@link createEmbedder}.
 *
 * @example
 * for await (const { indices, vectors } of embedder.embedStream(papers)) console.log(indices, vectors)
 */
export class Embedder {
  readonly #adapter: AdapterName | null
  readonly #pool: WorkerPool
  /** Where the package's own model is looked for; `null` for other models. */
  readonly #assets: string | null
  #disposed = false

  /** @internal */
  constructor({ onProgress, ...options }: EmbedderOptions) {
    const assets = assetsFolder(options.assets)
    this.#adapter = options.adapter ?? null
    const load: Omit<WorkerLoadOptions, 'model' | 'share'> = {
      device: options.device ?? 'auto',
      dtype: options.dtype ?? 'auto',
      engine: options.engine ?? 'auto',
      tier: options.tier,
      threads: options.threads,
      runtime: new URL('ort/', assets).href,
      adapters: options.adapter === undefined ? [] : [options.adapter],
      tested: false,
    }
    const model = modelOption(options, assets)
    this.#assets = 'folder' in model && 'url' in model.folder && model.folder.url.startsWith(assets) ? assets : null
    const opener = new ModelOpener({
      ...options,
      model,
      runtime: load.runtime,
      onProgress: (progress) => notify(onProgress, progress),
    })
    this.#pool = new WorkerPool({
      source: options.worker,
      load,
      open: (client, signal) => opener.open(client, signal),
      listen: (demotion) => new LoadListener(onProgress, demotion),
    })
  }

  /** @internal */
  async load(signal: AbortSignal | undefined): Promise<void> {
    try {
      await this.#pool.load(signal)
    } catch (error) {
      throw (this.#assets && missingAssets(error, this.#assets)) ?? error
    }
  }

  /** The loaded model, its device and its origin. */
  get info(): EmbedderInfo {
    const { manifest, ...loaded } = this.#loadedInfo()
    const { id, revision, license, dimension, metric, normalized, maxTokens, queryAdapter, likeness = null } = manifest
    const defaultAdapter = this.#adapter ?? manifest.defaultAdapter
    const adapters = [...new Set(['base', ...Object.keys(manifest.adapters), ...this.#pool.addedAdapters])]
    return {
      model: { id, revision, license },
      dimension,
      metric,
      normalized,
      maxTokens,
      ...loaded,
      workers: this.#pool.size,
      demoted: this.#pool.demotion,
      adapters,
      defaultAdapter,
      queryAdapter,
      likeness: likeness?.adapters.paper === defaultAdapter ? likeness : null,
    }
  }

  /**
   * Embeds papers (formatted by the model's template) or plain texts. A vector does not depend on what else is embedded with it:
   * on WASM bit for bit, on WebGPU up to the last digits. If WebGPU fails in the middle, WASM computes the rest, within the same
   * accuracy bar; `info.demoted` and the `onProgress` of createEmbedder report it.
   * Texts over the model's limit are cut and listed in `truncated`.
   *
   * @throws InvalidArgumentError naming the input; the signal's reason; Specter2Error `UNKNOWN_ADAPTER`, `DISPOSED`, `WORKER_FAILED`, `RUNTIME_FAILED` or, if the adapter is not loaded yet, what a download throws.
   */
  async embed(inputs: readonly (PaperText | string)[], options: EmbedOptions = {}): Promise<Embeddings> {
    const count = checkInputs(inputs)
    const { dimension } = this.info
    const result: Embeddings = {
      vectors: new Float32Array(count * dimension),
      count,
      dimension,
      adapter: this.#adapterOf(options),
      tokenCounts: new Uint32Array(count),
      truncated: [],
    }
    await this.#run(inputs, options, ({ indices, vectors, tokenCounts, truncated }) => {
      for (const [row, index] of indices.entries()) {
        result.vectors.set(vectors.subarray(row * dimension, (row + 1) * dimension), index * dimension)
        result.tokenCounts[index] = tokenCounts[row]!
        if (truncated[row]) result.truncated.push(index)
      }
    })
    result.truncated.sort((a, b) => a - b)
    return result
  }

  /**
   * As {@link embed}, part by part. Leaving the loop cancels what is not embedded yet; after an abort, the finished parts are
   * still yielded before its reason is thrown.
   *
   * @throws as {@link embed}, from the iteration.
   */
  async *embedStream(
    inputs: readonly (PaperText | string)[],
    options: EmbedOptions = {},
  ): AsyncGenerator<EmbeddedPart, void, void> {
    checkInputs(inputs)
    const loopLeft = new AbortController()
    const signal = options.signal ? AbortSignal.any([options.signal, loopLeft.signal]) : loopLeft.signal
    const parts: EmbeddedPart[] = []
    let wake: () => void = () => {}
    const end: { error?: unknown; done: boolean } = { done: false }
    const finish = (fields: Partial<typeof end>) => {
      Object.assign(end, fields, { done: true })
      wake()
    }
    this.#run(inputs, { ...options, signal }, ({ indices, vectors, truncated }) => {
      parts.push({ indices: [...indices], vectors, truncated: indices.filter((_, row) => truncated[row]) })
      wake()
    }).then(
      () => finish({}),
      (error) => finish({ error }),
    )
    try {
      for (;;) {
        const part = parts.shift()
        if (part) yield part
        else if ('error' in end) throw end.error
        else if (end.done) return
        else
          await new Promise<void>((resolve) => {
            wake = resolve
          })
      }
    } finally {
      loopLeft.abort()
    }
  }

  /**
   * Embeds a search query as a vector [dimension], with the model's adapter and template for queries. Takes priority over all
   * other work: waits for at most one paper, on WebGPU for one batch.
   *
   * @throws as {@link embed}.
   */
  async embedQuery(query: string, options: Pick<EmbedOptions, 'adapter' | 'signal'> = {}): Promise<Float32Array<ArrayBuffer>> {
    if (typeof query !== 'string') throw new InvalidArgumentError('query', query, 'a string')
    checkAdapter('options.adapter', options.adapter)
    this.#loadedInfo()
    const { adapter = null, signal } = options
    return new Promise((resolve, reject) => {
      // Resolves with the one vector at once, because the call may end a paper later.
      const onReport = ({ vectors }: VectorPart) => resolve(vectors)
      const request = { inputs: { query }, adapter }
      this.#pool.call((client) => client.call('embed', request, { signal, onReport }), signal).catch(reject)
    })
  }

  /**
   * Loads adapters before they are needed.
   *
   * @throws the signal's reason; Specter2Error `UNKNOWN_ADAPTER`, `DISPOSED` or what a download throws.
   */
  async preload(
    adapters: readonly AdapterName[],
    { signal, onProgress }: Pick<EmbedderOptions, 'signal' | 'onProgress'> = {},
  ): Promise<void> {
    if (!Array.isArray(adapters)) throw new InvalidArgumentError('adapters', adapters, 'an array of names')
    for (const [index, name] of adapters.entries()) checkAdapter(`adapters[${index}]`, name)
    this.#loadedInfo()
    const onReport = (files: FilesProgress) => notify(onProgress, loadProgress(files))
    // Other workers will find them in the cache.
    await this.#pool.call((client) => client.call('preload', adapters, { signal, onReport }), signal)
  }

  /**
   * Loads a published adapter of the `adapters` library: a bottleneck adapter for the same base.
   *
   * @param source URL of its folder, or its files (`adapter_config.json` with `pytorch_adapter.bin` or safetensors).
   * @param options `as`: name for `adapter`; default its own. Replaces an adapter with the same name.
   * @returns the name.
   * @throws the signal's reason; Specter2Error `UNSUPPORTED` or `INVALID_MODEL` if it does not fit the model, `DAMAGED_FILE`, `MODEL_NOT_FOUND`, `DOWNLOAD_FAILED` or `DISPOSED`.
   */
  async loadAdapter(
    source: string | URL | FilesInput,
    options: { as?: AdapterName | undefined; signal?: AbortSignal | undefined } = {},
  ): Promise<AdapterName> {
    checkAdapter('options.as', options.as)
    if (options.as === 'base')
      throw new InvalidArgumentError('options.as', options.as, 'a name other than "base", which is the model without adapter')
    const from = address('source', source)
    this.#loadedInfo()
    return this.#pool.addAdapter(from, options.as ?? null, options.signal)
  }

  /** Terminates the workers and frees their memory; pending calls reject with `DISPOSED`. Idempotent. */
  async dispose(): Promise<void> {
    this.#disposed = true
    this.#pool.end(disposed())
  }

  /** Same as {@link dispose}, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.dispose()
  }

  /** Sends inputs slice by slice, so that neither page nor worker copies much at once. */
  async #run(inputs: readonly (PaperText | string)[], options: EmbedOptions, onPart: (part: VectorPart) => void): Promise<void> {
    checkAdapter('options.adapter', options.adapter)
    this.#loadedInfo()
    const adapter = this.#adapterOf(options)
    // A slice that fails aborts the others.
    const failed = new AbortController()
    const signal = options.signal ? AbortSignal.any([options.signal, failed.signal]) : failed.signal
    const progress: EmbedProgress = { done: 0, total: inputs.length, tokens: 0 }
    if (inputs.length >= SHARED_INPUTS) this.#pool.grow()
    const slices = inputSlices(inputs, this.#pool)
    const embedSlices = async (member: PoolMember) => {
      for (const slice of slices) {
        await this.#embedSlice(slice, adapter, signal, member, (part) => {
          onPart(part)
          progress.done += part.indices.length
          progress.tokens += part.tokenCounts.reduce((sum, tokens) => sum + tokens, 0)
          notify(options.onProgress, { ...progress })
        })
      }
    }
    try {
      signal.throwIfAborted()
      if (inputs.length > 0) await this.#pool.spread(embedSlices, signal)
    } catch (error) {
      failed.abort(error)
      throw error
    }
  }

  /** Embeds a slice in a worker; if that worker fails and another one takes over, the rest of the slice. */
  async #embedSlice(
    { start, papers }: InputSlice,
    adapter: AdapterName,
    signal: AbortSignal,
    member: PoolMember,
    onPart: (part: VectorPart) => void,
  ): Promise<void> {
    const left = new Set(papers.keys())
    const embed = (client: EmbedClient) => {
      const sent = [...left]
      const onReport = ({ indices, ...part }: VectorPart) => {
        const positions = indices.map((index) => sent[index]!)
        for (const position of positions) left.delete(position)
        onPart({ ...part, indices: positions.map((position) => start + position) })
      }
      const inputs = { papers: sent.map((position) => papers[position]!) }
      return client.call('embed', { inputs, adapter }, { signal, onReport })
    }
    await this.#pool.call(embed, signal, member)
  }

  #loadedInfo(): LoadedInfo {
    if (this.#disposed) throw disposed()
    return this.#pool.info!
  }

  #adapterOf({ adapter }: EmbedOptions): AdapterName {
    return adapter ?? this.#adapter ?? this.#loadedInfo().manifest.defaultAdapter
  }
}

function disposed(): Specter2Error {
  return new Specter2Error('DISPOSED', 'This embedder is disposed. Create a new one with createEmbedder().')
}

/** The error if the package's own model is not in the folder of assets. */
function missingAssets(error: unknown, assets: string): Specter2Error | null {
  if (!(error instanceof Specter2Error) || !['MODEL_NOT_FOUND', 'INVALID_MODEL'].includes(error.code)) return null
  const advice = `Run \`npx specter2-web assets <dir>\`, where <dir> is the folder of your static files that is served as ${assets}; or pass the URL of that folder as the option \`assets\`.`
  const { code, details, message } = error
  return new Specter2Error(code, `${message} ${advice}`, { details: { ...details, assets }, cause: error })
}
