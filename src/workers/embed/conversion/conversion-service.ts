import { PUBLISHED_MODELS, type PublishedModelName } from '../../../model/hub/published-models.js'
import type { ModelCache } from '../../../model/model-cache.js'
import type { FileProgress } from '../../../model/open-model.js'
import type { KeyValueStore } from '../../../storage/key-value-store.js'
import type { Settled } from '../../rpc/rpc-protocol.js'
import { settle } from '../../rpc/wire-errors.js'
import type {
  ConversionProgress,
  ConversionRequest,
  ConversionWorker,
  Converted,
  HubAccess,
  PublishedAddress,
  WeightsRequest,
} from '../embed-protocol.js'
import { convertPublished, type PublishedInput } from './convert-published.js'
import { convertedKey, convertedPrefix, isCurrent, supersedes } from './converted-key.js'
import { DraftFolder } from './draft-folder.js'
import { HubModel } from './hub-model.js'
import { findPublishedFiles } from './published-files.js'

/** Progress is told so often at most. */
const REPORT_INTERVAL_MS = 100
const FILES = 'files'
const DEFAULT_REVISION = 'main'

type HubRequest = Extract<PublishedAddress, { name: string }>

/** What a worker does to make a model folder of published files. */
export class ConversionService implements ConversionWorker {
  readonly #store: KeyValueStore
  readonly #cache: ModelCache
  readonly #calls = new Map<number, AbortController>()
  readonly #running = new Set<Promise<unknown>>()

  /** @param cache The models in `store`. */
  constructor(store: KeyValueStore, cache: ModelCache) {
    this.#store = store
    this.#cache = cache
  }

  findConverted(call: number, { model, ...weights }: ConversionRequest): Promise<Settled<string | null>> {
    return this.#call(call, async (signal) => {
      if ('name' in model) return model.hub.update ? null : this.#findByName(model, weights)
      return this.#kept((await openFiles(model.files, weights, signal)).key)
    })
  }

  convert(call: number, request: ConversionRequest, onProgress: ConversionProgress): Promise<Settled<Converted>> {
    return this.#call(call, (signal) => {
      const { model } = request
      return 'name' in model
        ? this.#convertFromHub(model, request, onProgress, signal)
        : this.#convertFiles(model.files, request, onProgress, signal)
    })
  }

  async conversionsEnded(): Promise<void> {
    await Promise.allSettled(this.#running)
  }

  cancel(call: number): void {
    this.#calls.get(call)?.abort()
  }

  async #convertFiles(
    files: ReadonlyMap<string, Blob>,
    request: ConversionRequest,
    onProgress: ConversionProgress,
    signal: AbortSignal,
  ): Promise<Converted> {
    const { key, input } = await openFiles(files, request, signal)
    return exclusively(key, signal, async (lock) => {
      const url = await this.#kept(key)
      if (url !== null) return keptModel(url)
      return { ...(await this.#convert(input, { key, lock, request, onProgress, signal })), bytesDownloaded: 0 }
    })
  }

  async #convertFromHub(
    model: HubRequest,
    request: ConversionRequest,
    onProgress: ConversionProgress,
    signal: AbortSignal,
  ): Promise<Converted> {
    const { name, hub } = model
    const revision = hub.revision ?? DEFAULT_REVISION
    return exclusively(convertedPrefix({ name, revision }, request), signal, async (lock) => {
      // Another tab may have made it meanwhile.
      const found = hub.update ? null : await this.#findByName(model, request)
      if (found !== null) return keptModel(found)
      const downloads = new Reporter(onProgress)
      const published = await HubModel.open(name, hub, {
        store: this.#store,
        onProgress: (files) => downloads.tell('download', files),
        signal,
      })
      const source = { name, revision, digest: await published.digest(), adapters: [...published.adapters.keys()] }
      const key = convertedKey(source, request)
      const url = await this.#kept(key)
      if (url !== null) return keptModel(url)
      await published.download()
      await downloads.told()
      const converted = await this.#convert(published, { key, lock, request, onProgress, signal })
      return { ...converted, bytesDownloaded: published.bytesDownloaded }
    })
  }

  async #convert(
    input: PublishedInput,
    { key, lock, request, onProgress, signal }: ConvertOptions,
  ): Promise<Omit<Converted, 'bytesDownloaded'>> {
    const { dtype, errorFeedback, runtime } = request
    const progress = new Reporter(onProgress)
    const draft = new DraftFolder(this.#cache, lock)
    try {
      // What conversions have left that did not end.
      await draft.discard()
      const manifest = await convertPublished(input, {
        dtype,
        errorFeedback,
        sink: draft,
        runtime,
        onProgress: ({ step, done, total }) => progress.tell('convert', [{ path: step, loaded: done, fromCache: 0, total }]),
        signal,
      })
      signal.throwIfAborted()
      // Makes room.
      await input.release?.()
      const finished = await draft.commit(key, manifest)
      await progress.told()
      if (!finished.stored) return { model: { files: finished.files }, reason: finished.reason, isNew: true }
      for (const { url } of await this.#cache.list()) if (supersedes(key, url)) await this.#cache.delete(url)
      return { model: { url: key }, reason: null, isNew: true }
    } catch (error) {
      await draft.discard()
      throw error
    }
  }

  /**
   * The key of a published model that was converted before: from the hub, at this revision; or, where none is asked for, of
   * given files whose base lay in a folder of its repository's name, with all its adapters.
   */
  async #findByName({ name, hub }: { name: string; hub: HubAccess }, weights: WeightsRequest): Promise<string | null> {
    const fromHub = convertedPrefix({ name, revision: hub.revision ?? DEFAULT_REVISION }, weights)
    const { base, adapters } = PUBLISHED_MODELS[name as PublishedModelName] ?? { base: '', adapters: {} }
    const folder = base.slice(base.lastIndexOf('/') + 1)
    const fromFiles = hub.revision === undefined ? convertedPrefix({ name: folder, revision: FILES }, weights) : null
    try {
      const models = (await this.#cache.list()).filter(({ url }) => isCurrent(url)).sort((a, b) => b.savedAt - a.savedAt)
      for (const { url } of models) if (url.startsWith(fromHub) && (await this.#kept(url))) return url
      for (const { url } of models) {
        if (fromFiles === null || !url.startsWith(fromFiles)) continue
        const manifest = await this.#cache.usableManifest(url)
        if (manifest && Object.keys(adapters).every((adapter) => Object.hasOwn(manifest.adapters, adapter))) return url
      }
    } catch {
      // Without storage nothing is kept.
    }
    return null
  }

  /** `key` where its model is stored whole. Without storage it is not. */
  async #kept(key: string): Promise<string | null> {
    const manifest = await this.#cache.usableManifest(key).catch(() => null)
    return manifest && key
  }

  #call<T>(call: number, work: (signal: AbortSignal) => Promise<T>): Promise<Settled<T>> {
    const controller = new AbortController()
    this.#calls.set(call, controller)
    const running = work(controller.signal).finally(() => {
      this.#calls.delete(call)
      this.#running.delete(running)
    })
    this.#running.add(running)
    return settle(running)
  }
}

interface ConvertOptions {
  key: string
  /** Name of the Web Lock that is held meanwhile. */
  lock: string
  request: ConversionRequest
  onProgress: ConversionProgress
  signal: AbortSignal
}

async function openFiles(
  files: ReadonlyMap<string, Blob>,
  weights: WeightsRequest,
  signal: AbortSignal,
): Promise<{ key: string; input: PublishedInput }> {
  const { base, adapters, digest } = await findPublishedFiles(files)
  const source = { name: base.name, revision: FILES, digest: await digest(signal), adapters: [...adapters.keys()] }
  return { key: convertedKey(source, weights), input: { base, adapters, options: {} } }
}

function keptModel(url: string): Converted {
  return { model: { url }, reason: null, isNew: false, bytesDownloaded: 0 }
}

/** Tells progress by time; a new step is told always. */
class Reporter {
  readonly #onProgress: ConversionProgress
  #step = ''
  #reportedAt = 0
  #arrived: void | Promise<void> = undefined

  constructor(onProgress: ConversionProgress) {
    this.#onProgress = onProgress
  }

  tell(stage: 'download' | 'convert', files: readonly FileProgress[]): void {
    // One that ends is a step, too.
    const step = files.map(({ path, loaded, total }) => `${path}${loaded === total}`).join()
    const now = performance.now()
    if (step === this.#step && now - this.#reportedAt < REPORT_INTERVAL_MS) return
    this.#step = step
    this.#reportedAt = now
    this.#arrived = this.#onProgress(stage, files)
  }

  /** Resolves when all that was told has arrived. */
  async told(): Promise<void> {
    await this.#arrived
  }
}

/** One tab converts; another one that wants the same waits for it, to find it done. */
async function exclusively<T>(name: string, signal: AbortSignal, work: (lock: string) => Promise<T>): Promise<T> {
  const { locks } = globalThis.navigator
  const lock = `specter2-web:${name}`
  return locks ? await locks.request(lock, { signal }, () => work(lock)) : work(lock)
}
