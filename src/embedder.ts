import { proxy } from 'comlink'
import { InvalidArgumentError, Specter2Error } from './errors.js'
import type { StorageState } from './model/open-model.js'
import {
  address,
  assetsFolder,
  checkAdapter,
  checkInputs,
  checkOptions,
  type EmbedderOptions,
  type EmbedOptions,
  type EmbedProgress,
  type FilesInput,
  type LoadProgress,
  modelAddress,
} from './options.js'
import type { AdapterAddress, EmbedInputs, FilesProgress, LoadedInfo, VectorPart, WorkerLoadOptions } from './protocol.js'
import type { AdapterName, Device, Dtype, Metric, PaperText } from './types.js'
import { within } from './waiting.js'
import { WorkerClient, type WorkerSource } from './worker-client.js'

/** Inputs sent to the worker at once: few enough that copying them takes the page no time, enough to keep the worker busy. */
const SLICE_INPUTS = 256
const SLICE_CHARACTERS = 1_000_000
/** One slice in work and one waiting, so that the worker never waits for a busy page. */
const SLICES_IN_FLIGHT = 2

export interface Embeddings {
  /** [count, dimension], row-major, in the order of the inputs. The caller's own. */
  vectors: Float32Array<ArrayBuffer>
  count: number
  dimension: number
  adapter: AdapterName
  /** Tokens of each input as the model read it, [count]. */
  tokenCounts: Uint32Array<ArrayBuffer>
  /** Positions of inputs that were longer than the model reads; their ends are not in the vectors. */
  truncated: number[]
}

/** Some vectors of a stream, as they are done. */
export interface EmbeddedPart {
  /** Positions in the inputs, [n]. */
  indices: number[]
  /** [n, dimension], row-major. The caller's own. */
  vectors: Float32Array<ArrayBuffer>
  /** Those of `indices` whose inputs were longer than the model reads. */
  truncated: number[]
}

export interface EmbedderInfo {
  /** Published name, revision and licence of the weights. */
  model: { id: string; revision: string; license: string }
  dimension: number
  metric: Metric
  normalized: boolean
  /** Longest input in tokens. */
  maxTokens: number
  device: Device
  dtype: Dtype
  threads: number
  /** Names for `adapter`, `base` first. */
  adapters: readonly AdapterName[]
  defaultAdapter: AdapterName
  queryAdapter: AdapterName
  /** Where the model came from: `cache` where no more than its manifest was asked from the network. */
  from: 'network' | 'cache' | 'files'
  /** Whether it is kept for the next visit, and why not. */
  storage: StorageState
  /** Bytes of the files that were loaded, and how many of them came over the network. */
  bytes: number
  bytesDownloaded: number
}

/**
 * Starts a worker and loads a model into it.
 *
 * @throws InvalidArgumentError for wrong options; the signal's reason; Specter2Error `MODEL_NOT_FOUND`, `INVALID_MODEL`, `UNSUPPORTED`, `UNKNOWN_ADAPTER`, `DOWNLOAD_FAILED`, `DOWNLOAD_TRUNCATED`, `HASH_MISMATCH`, `WORKER_FAILED` or `RUNTIME_FAILED`.
 */
export async function createEmbedder(options: EmbedderOptions = {}): Promise<Embedder> {
  checkOptions(options)
  options.signal?.throwIfAborted()
  const embedder = new Embedder(options)
  try {
    await embedder.load(options)
  } catch (error) {
    await embedder.dispose()
    throw error
  }
  return embedder
}

/** A loaded model in a worker. Made by {@link createEmbedder}. */
export class Embedder {
  readonly #worker: WorkerSource | undefined
  readonly #load: WorkerLoadOptions
  readonly #adapter: AdapterName | null
  readonly #added = new Map<AdapterName, AdapterAddress>()
  #client: WorkerClient
  #loading: Promise<void> | null = null
  #info: LoadedInfo | null = null
  #disposed = false

  /** @internal */
  constructor(options: EmbedderOptions) {
    const assets = assetsFolder(options.assets)
    this.#worker = options.worker
    this.#adapter = options.adapter ?? null
    this.#load = {
      model: modelAddress(options.model, assets),
      device: options.device ?? 'auto',
      dtype: options.dtype ?? 'auto',
      threads: options.threads,
      runtime: new URL('ort/', assets).href,
      adapters: options.adapter === undefined ? [] : [options.adapter],
    }
    this.#client = new WorkerClient(this.#worker)
  }

  /** @internal */
  async load({ onProgress, signal }: Pick<EmbedderOptions, 'onProgress' | 'signal'>): Promise<void> {
    this.#loading = this.#start(this.#client, onProgress, signal)
    await this.#loading
  }

  /** What runs, on what, from where. */
  get info(): EmbedderInfo {
    const { manifest, ...loaded } = this.#loadedInfo()
    const { id, revision, license, dimension, metric, normalized, maxTokens, defaultAdapter, queryAdapter } = manifest
    const adapters = [...new Set(['base', ...Object.keys(manifest.adapters), ...this.#added.keys()])]
    return {
      model: { id, revision, license },
      dimension,
      metric,
      normalized,
      maxTokens,
      ...loaded,
      adapters,
      defaultAdapter: this.#adapter ?? defaultAdapter,
      queryAdapter,
    }
  }

  /**
   * Vectors of papers, through the model's template, or of texts as they are. A vector does not depend on what else is
   * embedded with it. Texts over the model's limit are cut and listed in `truncated`.
   *
   * @throws InvalidArgumentError naming the input; the signal's reason; Specter2Error `UNKNOWN_ADAPTER`, `DISPOSED`, `WORKER_FAILED`, `RUNTIME_FAILED` or, where the adapter is not here yet, what a download throws.
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
   * As {@link embed}, part by part. Leaving the loop cancels what is not embedded yet; parts that were done before an
   * abort still come before its reason is thrown.
   *
   * @throws as {@link embed}, from the iteration.
   */
  async *embedStream(
    inputs: readonly (PaperText | string)[],
    options: EmbedOptions = {},
  ): AsyncGenerator<EmbeddedPart, void, void> {
    checkInputs(inputs)
    const left = new AbortController()
    const signal = options.signal ? AbortSignal.any([options.signal, left.signal]) : left.signal
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
      left.abort()
    }
  }

  /**
   * The vector [dimension] of a search query, through the model's adapter and template for queries. Goes before all other
   * work: it waits for one paper at most.
   *
   * @throws as {@link embed}.
   */
  async embedQuery(query: string, options: Pick<EmbedOptions, 'adapter' | 'signal'> = {}): Promise<Float32Array<ArrayBuffer>> {
    if (typeof query !== 'string') throw new InvalidArgumentError('query', query, 'a string')
    checkAdapter('options.adapter', options.adapter)
    return new Promise((resolve, reject) => {
      // Its one vector is the answer: the call's end may come a paper later.
      const onPart = ({ vectors }: VectorPart) => resolve(vectors)
      this.#send({ query }, options.adapter ?? null, options.signal, onPart).catch(reject)
    })
  }

  /**
   * Fetches adapters before they are needed.
   *
   * @throws the signal's reason; Specter2Error `UNKNOWN_ADAPTER`, `DISPOSED` or what a download throws.
   */
  async preload(
    adapters: readonly AdapterName[],
    { signal, onProgress }: Pick<EmbedderOptions, 'signal' | 'onProgress'> = {},
  ): Promise<void> {
    if (!Array.isArray(adapters)) throw new InvalidArgumentError('adapters', adapters, 'an array of names')
    for (const [index, name] of adapters.entries()) checkAdapter(`adapters[${index}]`, name)
    const client = await this.#alive(signal)
    const listener = filesListener((progress) => tell(onProgress, progress))
    await client.call((worker, call) => worker.preload(call, adapters, listener), signal)
  }

  /**
   * Makes a published adapter of the `adapters` library usable: a bottleneck adapter for the same base.
   *
   * @param source URL of its folder, or its files (`adapter_config.json` with `pytorch_adapter.bin` or safetensors).
   * @param options `as`: name for `adapter`; default its own. One that has this name is replaced.
   * @returns the name.
   * @throws the signal's reason; Specter2Error `UNSUPPORTED` or `INVALID_MODEL` where it does not fit, `DAMAGED_FILE`, `MODEL_NOT_FOUND`, `DOWNLOAD_FAILED` or `DISPOSED`.
   */
  async loadAdapter(
    source: string | URL | FilesInput,
    options: { as?: AdapterName | undefined; signal?: AbortSignal | undefined } = {},
  ): Promise<AdapterName> {
    checkAdapter('options.as', options.as)
    if (options.as === 'base')
      throw new InvalidArgumentError('options.as', options.as, 'a name other than "base", which is the model without adapter')
    const from = address('source', source)
    const client = await this.#alive(options.signal)
    const name = await client.call((worker, call) => worker.addAdapter(call, from, options.as ?? null), options.signal)
    this.#added.set(name, from)
    return name
  }

  /** Ends the worker and gives its memory back; pending calls reject with `DISPOSED`. Idempotent. */
  async dispose(): Promise<void> {
    this.#disposed = true
    this.#client.end(disposed())
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.dispose()
  }

  /** Sends inputs slice by slice, so that neither page nor worker ever copies much at once. */
  async #run(inputs: readonly (PaperText | string)[], options: EmbedOptions, onPart: (part: VectorPart) => void): Promise<void> {
    checkAdapter('options.adapter', options.adapter)
    this.#loadedInfo()
    const adapter = this.#adapterOf(options)
    // One slice that fails ends the others.
    const failed = new AbortController()
    const signal = options.signal ? AbortSignal.any([options.signal, failed.signal]) : failed.signal
    const progress: EmbedProgress = { done: 0, total: inputs.length, tokens: 0 }
    const slices = sliced(inputs)
    const lane = async () => {
      for (const { start, papers } of slices) {
        await this.#send({ papers }, adapter, signal, (part) => {
          onPart({ ...part, indices: part.indices.map((index) => start + index) })
          progress.done += part.indices.length
          progress.tokens += part.tokenCounts.reduce((sum, tokens) => sum + tokens, 0)
          tell(options.onProgress, { ...progress })
        })
      }
    }
    try {
      signal.throwIfAborted()
      await Promise.all(Array.from({ length: SLICES_IN_FLIGHT }, lane))
    } catch (error) {
      failed.abort(error)
      throw error
    }
  }

  async #send(
    inputs: EmbedInputs,
    adapter: AdapterName | null,
    signal: AbortSignal | undefined,
    onPart: (part: VectorPart) => void,
  ): Promise<void> {
    const client = await this.#alive(signal)
    // What the worker had sent before it heard of an abort is dropped.
    const listener = (part: VectorPart) => {
      if (!signal?.aborted) onPart(part)
    }
    await client.call((worker, call) => worker.embed(call, inputs, adapter, proxy(listener)), signal)
  }

  /** The worker, after a restart where it died; concurrent calls share the restart. */
  async #alive(signal: AbortSignal | undefined): Promise<WorkerClient> {
    if (this.#disposed) throw disposed()
    if (this.#client.failure) {
      if (typeof this.#worker === 'object' && !(this.#worker instanceof URL)) throw endedForGood(this.#client.failure)
      this.#client = new WorkerClient(this.#worker)
      this.#loading = this.#start(this.#client)
    }
    if (this.#loading) await within(this.#loading, { signal })
    return this.#client
  }

  async #start(client: WorkerClient, onProgress?: EmbedderOptions['onProgress'], signal?: AbortSignal): Promise<void> {
    let latest: LoadProgress | undefined
    const listener = filesListener((progress) => {
      latest = progress
      tell(onProgress, progress)
    })
    try {
      this.#info = await client.call((worker, call) => worker.load(call, this.#load, listener), signal)
      for (const [name, address] of this.#added)
        await client.call((worker, call) => worker.addAdapter(call, address, name), signal)
    } catch (error) {
      // Half a start is none: the next call begins anew.
      client.end(error as Error)
      throw error
    }
    if (latest) tell(onProgress, { ...latest, stage: 'ready' })
  }

  #loadedInfo(): LoadedInfo {
    if (this.#disposed) throw disposed()
    return this.#info!
  }

  #adapterOf({ adapter }: EmbedOptions): AdapterName {
    return adapter ?? this.#adapter ?? this.#loadedInfo().manifest.defaultAdapter
  }
}

function disposed(): Specter2Error {
  return new Specter2Error('DISPOSED', 'This embedder is disposed. Create a new one with createEmbedder().')
}

/** For a worker that the caller made, and that only the caller can make again. */
function endedForGood(cause: Error): Specter2Error {
  const message =
    'The worker given to createEmbedder() has ended. Create a new embedder; a function as `worker` would allow a restart.'
  return new Specter2Error('WORKER_FAILED', message, { cause })
}

/** What a caller's listener throws is the caller's own: it shows as an uncaught error, and the work goes on. */
function tell<T>(listener: ((value: T) => void) | undefined, value: T): void {
  try {
    listener?.(value)
  } catch (error) {
    reportError(error)
  }
}

function filesListener(onProgress: (progress: LoadProgress) => void): FilesProgress {
  return proxy((files: Parameters<FilesProgress>[0]) => {
    const sum = (field: 'loaded' | 'total' | 'fromCache') => files.reduce((total, file) => total + file[field], 0)
    const [loaded, total] = [sum('loaded'), sum('total')]
    const stage = total > 0 && loaded === total ? 'start' : 'download'
    onProgress({
      stage,
      loaded,
      total,
      fromCache: sum('fromCache'),
      files: files.map(({ path, loaded, total }) => ({ path, loaded, total })),
    })
  })
}

/** Inputs in slices of bounded size, with nothing but what the model reads: other fields of a paper stay on the page. */
function* sliced(inputs: readonly (PaperText | string)[]): Generator<{ start: number; papers: (PaperText | string)[] }> {
  for (let start = 0; start < inputs.length; ) {
    const papers: (PaperText | string)[] = []
    let characters = 0
    while (start + papers.length < inputs.length && papers.length < SLICE_INPUTS && characters < SLICE_CHARACTERS) {
      const input = inputs[start + papers.length]!
      papers.push(typeof input === 'string' ? input : { title: input.title, abstract: input.abstract ?? null })
      characters += typeof input === 'string' ? input.length : input.title.length + (input.abstract?.length ?? 0)
    }
    yield { start, papers }
    start += papers.length
  }
}
