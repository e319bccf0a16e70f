import { macrotask } from '../../core/async/macrotask.js'
import { within } from '../../core/async/waiting.js'
import type { AdapterWeights } from '../../core/checkpoint/adapter-checkpoint.js'
import { blobSource, bytesSource } from '../../core/checkpoint/byte-source.js'
import { type PublishedFolder, readAdapterFolder, readJson } from '../../core/checkpoint/published-folder.js'
import { usefulCores } from '../../core/cores.js'
import { Specter2Error } from '../../core/errors.js'
import { adapterFile, graphFiles } from '../../core/model-folder/manifest.js'
import type { AdapterName, Device, Dtype } from '../../core/types.js'
import { Engine, unknownAdapter } from '../../engine/engine.js'
import { checkSelfTest } from '../../engine/self-test.js'
import type { Tokens } from '../../engine/tokenizer.js'
import type { ModelCache } from '../../model/model-cache.js'
import { CONVERTED, convertedSource, filesSource, httpSource, type ModelSource } from '../../model/model-source.js'
import { type FileOptions, type FileProgress, type ModelFolder, openModel } from '../../model/open-model.js'
import { readStream } from '../../model/read-stream.js'
import type { Settled } from '../rpc/rpc-protocol.js'
import { WorkerCalls } from '../rpc/worker-calls.js'
import { planBatches } from './batching.js'
import { chooseDevice } from './choose-device.js'
import type {
  AdapterAddress,
  EmbedInputs,
  EmbedWorker,
  FilesProgress,
  LoadedInfo,
  ModelAddress,
  OnPart,
  WorkerLoadOptions,
} from './embed-protocol.js'
import { Queue } from './queue.js'

/** Vectors are sent when so much time has passed since the last ones: often enough for a progress bar, seldom enough for the page. */
const PART_INTERVAL_MS = 100

/** Tokenizing a slice takes longer than a query should wait: in between, messages are heard. */
const TOKENIZED_AT_ONCE = 16

/** What the embed worker does: one model, one queue, calls that can be cancelled. */
export class EmbedService implements Omit<EmbedWorker, 'lifeLock'> {
  readonly #cache: ModelCache | null
  readonly #queue = new Queue()
  readonly #calls = new WorkerCalls()
  #loaded: Loaded | null = null
  /** Self-tests by adapter; they run once. */
  readonly #tests = new Map<AdapterName, Promise<void>>()

  /** @param cache Where models are kept; `null`: nowhere. */
  constructor(cache: ModelCache | null) {
    this.#cache = cache
  }

  load(call: number, options: WorkerLoadOptions, onProgress: FilesProgress): Promise<Settled<LoadedInfo>> {
    return this.#calls.run(call, async (signal) => {
      const files = new FileList(onProgress)
      const source = modelSource(options.model)
      const folder = await openModel({ source, cache: source.cacheKey === null ? null : this.#cache, signal })
      const { manifest } = folder
      const has = Object.keys(manifest.dtypes) as Dtype[]
      const { gpu } = globalThis.navigator
      const { device, dtype, reason } = await chooseDevice({ device: options.device, dtype: options.dtype, has, gpu })
      const threads = chooseThreads(device, options.threads)
      const adapters = options.adapters.length > 0 ? options.adapters : [manifest.defaultAdapter]
      // Unknown names are found before anything large is fetched.
      const names = ['base', ...Object.keys(manifest.adapters)]
      const unknown = adapters.find((name) => !names.includes(name))
      if (unknown !== undefined) throw unknownAdapter(manifest, unknown, names)
      // Sizes are known before the first byte.
      files.expect(
        [
          'config.json',
          'tokenizer.json',
          'tokenizer_config.json',
          ...(Object.hasOwn(manifest.dtypes, dtype) ? graphFiles(manifest, dtype, device) : []),
          ...adapters.map((name) => adapterFile(manifest, name, dtype)),
        ],
        manifest.files,
      )
      const noted: FileOptions = { signal, onProgress: files.note }
      const engine = await Engine.load(folder, { dtype, device, threads, runtime: options.runtime, ...noted })
      await Promise.all(adapters.map((name) => engine.prepareAdapter(name, noted)))
      await folder.commit()
      this.#loaded = { engine, folder, device, dtype }
      if (device === 'webgpu' || !options.tested) for (const name of new Set(adapters)) await this.#test(name, signal)
      await files.told()
      const { bytes } = files
      const bytesDownloaded = folder.from === 'files' ? 0 : files.bytesRead
      // With the manifest alone asked from the network, all that matters came from the cache.
      const from = folder.from === 'network' && bytesDownloaded === 0 ? 'cache' : folder.from
      const deviceReason = reason
      return { manifest, device, dtype, threads, deviceReason, from, storage: folder.storage, bytes, bytesDownloaded }
    })
  }

  embed(call: number, inputs: EmbedInputs, adapter: AdapterName | null, onPart: OnPart): Promise<Settled<void>> {
    return this.#calls.run(call, async (signal) => {
      const { engine, device } = this.#model()
      const isQuery = 'query' in inputs
      const name = adapter ?? (isQuery ? engine.manifest.queryAdapter : engine.manifest.defaultAdapter)
      // Fetched before it is queued: a download must not hold up the queue.
      await engine.prepareAdapter(name, { signal })
      // Nothing unproven is used on a GPU.
      if (device === 'webgpu') await this.#test(name, signal)
      const parts = new PartBuffer(engine.manifest.dimension, onPart)
      const tokenizers = isQuery
        ? [() => engine.tokenizeQuery(inputs.query)]
        : inputs.papers.map((paper) => () => engine.tokenizePaper(paper))
      const embed = async (indices: readonly number[], texts: readonly Tokens[]) => {
        const vectors = await engine.embedBatch(texts, name)
        for (const [row, index] of indices.entries())
          parts.add(index, vectors[row]!, texts[row]!.ids.length, texts[row]!.truncated)
      }
      const pieces: (() => Promise<void>)[] = []
      if (device === 'webgpu') {
        // While the GPU computes what came before.
        const texts = await tokenizeAll(tokenizers, signal)
        for (const indices of planBatches(texts.map(({ ids }) => ids.length)))
          pieces.push(() =>
            embed(
              indices,
              indices.map((index) => texts[index]!),
            ),
          )
      } else {
        for (const [index, tokenize] of tokenizers.entries()) pieces.push(async () => embed([index], [tokenize()]))
      }
      await this.#queue.run({ priority: isQuery ? 'query' : 'bulk', signal, pieces })
      // Vectors and the call's end go by different ports: the end waits until the vectors have arrived.
      await parts.flush()
    })
  }

  preload(call: number, adapters: readonly AdapterName[], onProgress: FilesProgress): Promise<Settled<void>> {
    return this.#calls.run(call, async (signal) => {
      const { engine } = this.#model()
      const files = new FileList(onProgress)
      files.expect(
        adapters.map((name) => adapterFile(engine.manifest, name, engine.dtype)),
        engine.manifest.files,
      )
      await Promise.all(adapters.map((name) => engine.prepareAdapter(name, { signal, onProgress: files.note })))
      await files.told()
    })
  }

  addAdapter(call: number, address: AdapterAddress, name: AdapterName | null): Promise<Settled<AdapterName>> {
    return this.#calls.run(call, async (signal) => {
      const { engine } = this.#model()
      const folder = adapterFolder(address, signal)
      const weights: AdapterWeights = await readAdapterFolder(folder, engine.adapterBase)
      const known = name ?? weights.name ?? String((await readJson(folder, 'adapter_config.json'))?.name ?? folder.name)
      // Between two runs: the weights that it replaces may be in use.
      await this.#queue.run({ priority: 'query', signal, pieces: [async () => engine.addAdapter(known, weights)] })
      // The manifest knows no vectors of it.
      this.#tests.set(known, Promise.resolve())
      return known
    })
  }

  cancel(call: number): void {
    this.#calls.cancel(call)
  }

  /** The manifest's texts against their vectors, in one batch where the device takes batches. */
  #test(adapter: AdapterName, signal: AbortSignal): Promise<void> {
    const { engine, device, dtype } = this.#model()
    const { texts, vectors } = engine.manifest.selfTest
    const run = async () => {
      const tokens = texts.map((text) => engine.tokenizePaper(text))
      const batches = device === 'webgpu' ? [tokens] : tokens.map((text) => [text])
      const actual: Float32Array[] = []
      for (const batch of batches) actual.push(...(await engine.embedBatch(batch, adapter)))
      checkSelfTest({ adapter, device, dtype, actual, expected: vectors[adapter]! })
    }
    let test = this.#tests.get(adapter)
    if (!test) {
      // Not ended by the signal of the first call, for which others may wait as well.
      test = this.#queue.run({ priority: 'query', signal: new AbortController().signal, pieces: [run] })
      test.catch(() => {})
      this.#tests.set(adapter, test)
    }
    return within(test, { signal })
  }

  #model(): Loaded {
    if (!this.#loaded) throw new Specter2Error('WORKER_FAILED', 'The worker has no model yet.', { retryable: true })
    return this.#loaded
  }
}

interface Loaded {
  engine: Engine
  folder: ModelFolder
  device: Device
  dtype: Dtype
}

async function tokenizeAll(tokenizers: readonly (() => Tokens)[], signal: AbortSignal): Promise<Tokens[]> {
  const texts: Tokens[] = []
  for (const tokenize of tokenizers) {
    texts.push(tokenize())
    if (texts.length % TOKENIZED_AT_ONCE > 0) continue
    await macrotask()
    signal.throwIfAborted()
  }
  return texts
}

/** Collects vectors and sends them by time. */
class PartBuffer {
  readonly #dimension: number
  readonly #onPart: OnPart
  #vectors: Float32Array[] = []
  #part: { indices: number[]; tokenCounts: number[]; truncated: boolean[] } = { indices: [], tokenCounts: [], truncated: [] }
  #sentAt = performance.now()
  #arrived: Promise<void> = Promise.resolve()

  constructor(dimension: number, onPart: OnPart) {
    this.#dimension = dimension
    this.#onPart = onPart
  }

  add(index: number, vector: Float32Array, tokenCount: number, truncated: boolean): void {
    this.#vectors.push(vector)
    this.#part.indices.push(index)
    this.#part.tokenCounts.push(tokenCount)
    this.#part.truncated.push(truncated)
    if (performance.now() - this.#sentAt >= PART_INTERVAL_MS) void this.flush()
  }

  /** Resolves when all that was sent has arrived. */
  async flush(): Promise<void> {
    if (this.#vectors.length === 0) return this.#arrived
    const vectors = new Float32Array(this.#vectors.length * this.#dimension)
    for (const [row, vector] of this.#vectors.entries()) vectors.set(vector, row * this.#dimension)
    const sent = { ...this.#part, vectors }
    this.#vectors = []
    this.#part = { indices: [], tokenCounts: [], truncated: [] }
    this.#sentAt = performance.now()
    this.#arrived = Promise.resolve(this.#onPart(sent))
    await this.#arrived
  }
}

/** The files of a load and how far each is. */
class FileList {
  readonly #files = new Map<string, FileProgress>()
  readonly #onProgress: FilesProgress
  #reportedAt = 0
  #arrived: void | Promise<void> = undefined

  constructor(onProgress: FilesProgress) {
    this.#onProgress = onProgress
  }

  expect(paths: readonly (string | undefined)[], sizes: Readonly<Record<string, { bytes: number }>>): void {
    for (const path of paths) {
      const bytes = path === undefined ? undefined : sizes[path]?.bytes
      if (path !== undefined && bytes !== undefined) this.#files.set(path, { path, loaded: 0, fromCache: 0, total: bytes })
    }
    this.#report()
  }

  readonly note = (file: FileProgress): void => {
    this.#files.set(file.path, file)
    const now = performance.now()
    // The end of each file is always told.
    if (file.loaded < file.total && now - this.#reportedAt < PART_INTERVAL_MS) return
    this.#reportedAt = now
    this.#report()
  }

  /** Resolves when all that was reported has arrived, so that no report comes after the call's end. */
  async told(): Promise<void> {
    await this.#arrived
  }

  get bytes(): number {
    return [...this.#files.values()].reduce((sum, { loaded }) => sum + loaded, 0)
  }

  /** How many of them did not come from the cache. */
  get bytesRead(): number {
    return [...this.#files.values()].reduce((sum, { loaded, fromCache }) => sum + loaded - fromCache, 0)
  }

  #report(): void {
    this.#arrived = this.#onProgress([...this.#files.values()])
  }
}

function modelSource(address: ModelAddress): ModelSource {
  if ('files' in address) return filesSource(address.files)
  return address.url.startsWith(CONVERTED) ? convertedSource(address.url) : httpSource(address.url)
}

/** A published adapter folder, by URL or as files. Small enough to be fetched whole; the browser's own cache keeps it. */
function adapterFolder(address: AdapterAddress, signal: AbortSignal): PublishedFolder {
  if ('files' in address) {
    const files = new Map([...address.files].map(([path, blob]) => [path.replace(/^.*\//, ''), blob]))
    return {
      name: 'the given adapter files',
      open: async (path) => {
        const blob = files.get(path)
        return blob ? blobSource(path, blob) : null
      },
    }
  }
  const source = httpSource(address.url)
  return {
    name: source.name,
    async open(path) {
      const pieces: Uint8Array<ArrayBuffer>[] = []
      try {
        await readStream(
          source,
          path,
          { signal },
          () => {},
          (piece) => void pieces.push(new Uint8Array(piece)),
        )
      } catch (error) {
        if (error instanceof Specter2Error && error.code === 'MODEL_NOT_FOUND') return null
        throw error
      }
      return bytesSource(path, new Uint8Array(await new Blob(pieces).arrayBuffer()))
    },
  }
}

/** WASM threads need an isolated page; on WebGPU the CPU has next to nothing to do. */
function chooseThreads(device: Device, threads: number | undefined): number {
  if (device === 'webgpu' || !globalThis.crossOriginIsolated) return 1
  return threads ?? usefulCores(globalThis.navigator?.hardwareConcurrency ?? 1)
}
