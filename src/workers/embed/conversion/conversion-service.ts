import type { ModelCache } from '../../../model/model-cache.js'
import type { KeyValueStore } from '../../../storage/key-value-store.js'
import { withLock } from '../../../storage/web-locks.js'
import type { CallContext, Service } from '../../rpc/protocol.js'
import type { ConversionProgress, ConversionProtocol, ConversionRequest, Converted, WeightsRequest } from '../embed-protocol.js'
import { FilesReporter } from '../files-reporter.js'
import { convertPublished, type PublishedInput } from './convert-published.js'
import { convertedKey, convertedPrefix, FILES, supersedes } from './converted-key.js'
import { DraftFolder } from './draft-folder.js'
import { HubModel } from './hub-model.js'
import { findPublishedFiles } from './published-files.js'
import { DEFAULT_REVISION, type HubRequest, StoredConversions } from './stored-conversions.js'

type Context = CallContext<ConversionProgress>

/** The embed worker's methods that convert. @param cache The models in `store`. */
export function conversionService(
  store: KeyValueStore,
  cache: ModelCache,
): Pick<Service<ConversionProtocol>, 'convert' | 'conversionsEnded'> {
  const conversions = new Conversions(store, cache)
  const running = new Set<Promise<unknown>>()
  return {
    convert(request, context) {
      const { model } = request
      const conversion =
        'name' in model
          ? conversions.convertFromHub(model, request, context)
          : conversions.convertFiles(model.files, request, context)
      running.add(conversion)
      return conversion.finally(() => running.delete(conversion))
    },
    async conversionsEnded() {
      await Promise.allSettled(running)
    },
  }
}

class Conversions {
  readonly #store: KeyValueStore
  readonly #cache: ModelCache
  readonly #stored: StoredConversions

  constructor(store: KeyValueStore, cache: ModelCache) {
    this.#store = store
    this.#cache = cache
    this.#stored = new StoredConversions(cache)
  }

  async convertFiles(
    files: ReadonlyMap<string, Blob>,
    request: ConversionRequest,
    { signal, report }: Context,
  ): Promise<Converted> {
    const { key, input } = await openFiles(files, request, signal)
    return exclusively(key, signal, async (lock) => {
      const url = await this.#stored.has(key)
      if (url !== null) return storedModel(url)
      return { ...(await this.#convert(input, { key, lock, request, report, signal })), bytesDownloaded: 0 }
    })
  }

  async convertFromHub(model: HubRequest, request: ConversionRequest, { signal, report }: Context): Promise<Converted> {
    const { name, hub } = model
    const revision = hub.revision ?? DEFAULT_REVISION
    return exclusively(convertedPrefix({ name, revision }, request), signal, async (lock) => {
      // Another tab may have converted it in the meantime.
      const found = hub.update ? null : await this.#stored.findByName(model, request)
      if (found !== null) return storedModel(found)
      const downloads = new FilesReporter((files) => void report({ stage: 'download', files }))
      const published = await HubModel.open(name, hub, {
        store: this.#store,
        onProgress: (files) => downloads.show(files),
        signal,
      })
      const source = { name, revision, digest: await published.digest(), adapters: [...published.adapters.keys()] }
      const key = convertedKey(source, request)
      const url = await this.#stored.has(key)
      if (url !== null) return storedModel(url)
      await published.download()
      const converted = await this.#convert(published, { key, lock, request, report, signal })
      return { ...converted, bytesDownloaded: published.bytesDownloaded }
    })
  }

  async #convert(
    input: PublishedInput,
    { key, lock, request, report, signal }: ConvertOptions,
  ): Promise<Omit<Converted, 'bytesDownloaded'>> {
    const { dtype, errorFeedback, runtime } = request
    const progress = new FilesReporter((files) => void report({ stage: 'convert', files }))
    const draft = new DraftFolder(this.#cache, lock)
    try {
      // Deletes what an interrupted conversion left behind.
      await draft.discard()
      const manifest = await convertPublished(input, {
        dtype,
        errorFeedback,
        sink: draft,
        runtime,
        onProgress: ({ step, done, total }) => progress.show([{ path: step, loaded: done, fromCache: 0, total }]),
        signal,
      })
      signal.throwIfAborted()
      // Frees space.
      await input.release?.()
      const finished = await draft.commit(key, manifest)
      if (!finished.stored) return { model: { files: finished.files }, reason: finished.reason, isNew: true }
      for (const { url } of await this.#cache.list()) if (supersedes(key, url)) await this.#cache.delete(url)
      return { model: { url: key }, reason: null, isNew: true }
    } catch (error) {
      await draft.discard()
      throw error
    }
  }
}

interface ConvertOptions {
  key: string
  /** Name of the Web Lock that is held during the conversion. */
  lock: string
  request: ConversionRequest
  report: Context['report']
  signal: AbortSignal
}

/** The key of a model that is converted from these files. */
export async function keyOfFiles(
  files: ReadonlyMap<string, Blob>,
  weights: WeightsRequest,
  signal: AbortSignal,
): Promise<string> {
  return (await openFiles(files, weights, signal)).key
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

function storedModel(url: string): Converted {
  return { model: { url }, reason: null, isNew: false, bytesDownloaded: 0 }
}

/** While one tab converts a model, other tabs that need the same model wait and then find it converted. */
function exclusively<T>(name: string, signal: AbortSignal, work: (lock: string) => Promise<T>): Promise<T> {
  const lock = `specter2-web:${name}`
  return withLock(lock, () => work(lock), signal)
}
