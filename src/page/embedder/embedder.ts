import { proxy } from 'comlink'
import { InvalidArgumentError, Specter2Error } from '../../core/errors.js'
import type { AdapterName, Device, Dtype, Metric, PaperText } from '../../core/types.js'
import type { StorageState } from '../../model/open-model.js'
import type { FilesProgress, LoadedInfo, VectorPart, WorkerLoadOptions } from '../../workers/embed/embed-protocol.js'
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
  modelOption,
} from './embedder-options.js'
import { ModelOpener } from './model-opener.js'
import { type Demotion, type LoadListener, type OpenFolder, type Seat, type WorkerCall, WorkerPool } from './worker-pool.js'

/** Inputs sent to the worker at once: few enough that copying them takes the page no time, enough to keep the worker busy. */
const SLICE_INPUTS = 256
const SLICE_CHARACTERS = 1_000_000
/** Fewer inputs are done before another worker has started. */
const SHARED_INPUTS = 16

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
  /** Why `device: 'auto'` did not take WebGPU; `null` where it did or was not asked to choose. */
  deviceReason: string | null
  /** Why WebGPU was given up after it had been chosen: its vectors were wrong, or it failed; `null` where it was not. */
  demoted: Demotion | null
  /** WASM threads: 1 where the page is not cross-origin isolated. */
  threads: number
  /** Workers that share bulk work where there are no threads; those but the first are started by the first 16 papers. */
  workers: number
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
 * With `device: 'auto'` a WebGPU that fails, or whose vectors fail the self-test, is given up for WASM, in a new worker.
 *
 * @throws InvalidArgumentError for wrong options; the signal's reason; Specter2Error `MODEL_NOT_FOUND`, `INVALID_MODEL`, `UNSUPPORTED`, `UNKNOWN_ADAPTER`, `DOWNLOAD_FAILED`, `DOWNLOAD_TRUNCATED`, `HASH_MISMATCH`, `WORKER_FAILED`, `RUNTIME_FAILED` or `SELF_TEST_FAILED`.
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

/** A loaded model in a worker. Made by {@link createEmbedder}. */
export class Embedder {
  readonly #adapter: AdapterName | null
  readonly #pool: WorkerPool
  #disposed = false

  /** @internal */
  constructor({ onProgress, ...options }: EmbedderOptions) {
    const assets = assetsFolder(options.assets)
    this.#adapter = options.adapter ?? null
    const load: Omit<WorkerLoadOptions, 'model'> = {
      device: options.device ?? 'auto',
      dtype: options.dtype ?? 'auto',
      threads: options.threads,
      runtime: new URL('ort/', assets).href,
      adapters: options.adapter === undefined ? [] : [options.adapter],
      tested: false,
    }
    const model = modelOption(options, assets)
    const opener = new ModelOpener({
      ...options,
      model,
      runtime: load.runtime,
      onProgress: (progress) => tell(onProgress, progress),
    })
    const open: OpenFolder = (client, signal) => opener.open(client, signal)
    this.#pool = new WorkerPool({ source: options.worker, load, open, listen: (demotion) => loadListener(onProgress, demotion) })
  }

  /** @internal */
  async load(signal: AbortSignal | undefined): Promise<void> {
    await this.#pool.load(signal)
  }

  /** What runs, on what, from where. */
  get info(): EmbedderInfo {
    const { manifest, ...loaded } = this.#loadedInfo()
    const { id, revision, license, dimension, metric, normalized, maxTokens, defaultAdapter, queryAdapter } = manifest
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
      defaultAdapter: this.#adapter ?? defaultAdapter,
      queryAdapter,
    }
  }

  /**
   * Vectors of papers, through the model's template, or of texts as they are. A vector does not depend on what else is
   * embedded with it: on WASM bit for bit, on WebGPU to the last digits. Where WebGPU fails in the middle, WASM computes what
   * is left, within the same bar; `info.demoted` and the `onProgress` of createEmbedder tell.
   * Texts over the model's limit are cut and listed in `truncated`.
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
   * work: it waits for one paper at most, on WebGPU for one batch.
   *
   * @throws as {@link embed}.
   */
  async embedQuery(query: string, options: Pick<EmbedOptions, 'adapter' | 'signal'> = {}): Promise<Float32Array<ArrayBuffer>> {
    if (typeof query !== 'string') throw new InvalidArgumentError('query', query, 'a string')
    checkAdapter('options.adapter', options.adapter)
    this.#loadedInfo()
    const { adapter = null, signal } = options
    return new Promise((resolve, reject) => {
      // Its one vector is the answer: the call's end may come a paper later.
      const onPart = proxy(({ vectors }: VectorPart) => resolve(vectors))
      this.#pool.call((worker, call) => worker.embed(call, { query }, adapter, onPart), signal).catch(reject)
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
    this.#loadedInfo()
    const listener = filesListener((progress) => tell(onProgress, progress))
    // Other workers find them in the cache.
    await this.#pool.call((worker, call) => worker.preload(call, adapters, listener), signal)
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
    this.#loadedInfo()
    return this.#pool.addAdapter(from, options.as ?? null, options.signal)
  }

  /** Ends the worker and gives its memory back; pending calls reject with `DISPOSED`. Idempotent. */
  async dispose(): Promise<void> {
    this.#disposed = true
    this.#pool.end(disposed())
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
    if (inputs.length >= SHARED_INPUTS) this.#pool.grow()
    const slices = sliced(inputs, this.#pool)
    const lane = async (seat: Seat) => {
      for (const slice of slices) {
        await this.#embedSlice(slice, adapter, signal, seat, (part) => {
          onPart(part)
          progress.done += part.indices.length
          progress.tokens += part.tokenCounts.reduce((sum, tokens) => sum + tokens, 0)
          tell(options.onProgress, { ...progress })
        })
      }
    }
    try {
      signal.throwIfAborted()
      if (inputs.length > 0) await this.#pool.spread(lane, signal)
    } catch (error) {
      failed.abort(error)
      throw error
    }
  }

  /** Embeds a slice in a worker; where that fails and another takes over, what is left of it. */
  async #embedSlice(
    { start, papers }: Slice,
    adapter: AdapterName,
    signal: AbortSignal,
    seat: Seat,
    onPart: (part: VectorPart) => void,
  ): Promise<void> {
    const left = new Set(papers.keys())
    let attempts = 0
    const embed: WorkerCall<void> = (worker, call) => {
      const attempt = ++attempts
      const sent = [...left]
      const listener = ({ indices, ...part }: VectorPart) => {
        // What the worker had sent before it heard of an abort, or before it failed, is dropped.
        if (signal.aborted || attempt !== attempts) return
        const positions = indices.map((index) => sent[index]!)
        for (const position of positions) left.delete(position)
        onPart({ ...part, indices: positions.map((position) => start + position) })
      }
      return worker.embed(call, { papers: sent.map((position) => papers[position]!) }, adapter, proxy(listener))
    }
    await this.#pool.call(embed, signal, seat)
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

/** What a caller's listener throws is the caller's own: it shows as an uncaught error, and the work goes on. */
function tell<T>(listener: ((value: T) => void) | undefined, value: T): void {
  try {
    listener?.(value)
  } catch (error) {
    reportError(error)
  }
}

function loadListener(onProgress: EmbedderOptions['onProgress'], demotion: Demotion | null): LoadListener {
  let latest: LoadProgress | undefined
  let isConverted = false
  const files = filesListener((progress) => {
    latest = { ...progress, ...(isConverted && { stage: 'start' }), ...(demotion && { demoted: demotion }) }
    tell(onProgress, latest)
  })
  return {
    converted() {
      isConverted = true
    },
    files,
    ready: () => latest && tell(onProgress, { ...latest, stage: 'ready' }),
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

interface Slice {
  /** Position of its first paper in the inputs. */
  start: number
  papers: (PaperText | string)[]
}

/**
 * Inputs in slices of bounded size, with nothing but what the model reads: other fields of a paper stay on the page. Several
 * workers get smaller slices the less is left, so that they finish together.
 */
function* sliced(inputs: readonly (PaperText | string)[], pool: { readonly size: number }): Generator<Slice> {
  for (let start = 0; start < inputs.length; ) {
    const papers: (PaperText | string)[] = []
    const share = Math.ceil((inputs.length - start) / (4 * pool.size))
    const limit = pool.size > 1 ? Math.min(SLICE_INPUTS, share) : SLICE_INPUTS
    let characters = 0
    while (start + papers.length < inputs.length && papers.length < limit && characters < SLICE_CHARACTERS) {
      const input = inputs[start + papers.length]!
      papers.push(typeof input === 'string' ? input : { title: input.title, abstract: input.abstract ?? null })
      characters += typeof input === 'string' ? input.length : input.title.length + (input.abstract?.length ?? 0)
    }
    yield { start, papers }
    start += papers.length
  }
}
