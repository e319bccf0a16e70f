import { retrying, type Sleep, within } from '../core/async/waiting.js'
import { Specter2Error } from '../core/errors.js'
import { type Manifest, parseManifest } from '../core/model-folder/manifest.js'
import type { FileProgress, StorageState } from '../core/types.js'
import { fetchFile } from './fetch-file.js'
import type { ChunkStore, ModelCache } from './model-cache.js'
import { fileOf, type ModelSource } from './model-source.js'
import { readStream } from './read-file.js'

/** If there is a cached model, the network gets this long to deliver a newer manifest. */
const CACHED_AFTER_MS = 3_000

/** Real manifests have a few hundred KB, most of it the vectors of the self-test. */
const MAX_MANIFEST_BYTES = 16 * 1024 * 1024

/** An open model folder. */
export interface ModelFolder {
  readonly manifest: Manifest
  /** Where the manifest came from; the files may come from the cache, the network or both. */
  readonly from: 'network' | 'cache' | 'files'
  /** State of the storage. Its failures do not fail a load; check this when the load is done. */
  readonly storage: StorageState
  /**
   * The verified bytes of a file of the manifest, from the cache or the network. The result belongs to the caller.
   *
   * @throws Specter2Error `INVALID_MODEL` if the manifest does not list the file; otherwise as `fetchFile`.
   */
  file(path: string, options?: FileOptions): Promise<Uint8Array<ArrayBuffer>>
  /**
   * Call it when every file that a load needs is there: from now on this revision is the one that runs offline, and chunks that
   * no model uses are deleted. Never rejects. Without this call, an older revision stays stored as well.
   */
  commit(): Promise<void>
}

/** Options of `ModelFolder.file`. */
export interface FileOptions {
  /** Aborting rejects with its reason at once; verified chunks remain in the cache. */
  signal?: AbortSignal | undefined
  onProgress?: ((progress: FileProgress) => void) | undefined
}

/** Options of {@link openModel}. */
export interface OpenModelOptions {
  source: ModelSource
  /** Stores chunks between visits; `null` for no storage. */
  cache: ModelCache | null
  /** Aborts the opening, not the downloads of files, which have their own signals. */
  signal?: AbortSignal | undefined
  /** Called for the progress of every file. */
  onProgress?: ((progress: FileProgress) => void) | undefined
  /** How long to wait for the network's manifest if there is a cached one, in milliseconds. Default 3,000. */
  cachedAfterMs?: number | undefined
  /** Waits between tries. Default: by the real clock. */
  sleep?: Sleep | undefined
}

/**
 * Opens a model folder. The manifest comes from the network or, if that does not answer, from the cache, if a manifest with a
 * complete graph is stored there. A new manifest replaces the cached one; files that did not change are not downloaded again.
 *
 * @throws Specter2Error `MODEL_NOT_FOUND`, `INVALID_MODEL`, `UNSUPPORTED`, `DOWNLOAD_FAILED` or `DOWNLOAD_TRUNCATED`, if there
 *   is no cached manifest either.
 */
export async function openModel(options: OpenModelOptions): Promise<ModelFolder> {
  const { source, signal, onProgress, cachedAfterMs = CACHED_AFTER_MS, sleep } = options
  signal?.throwIfAborted()
  const storage = new Storage(options.cache, source.cacheKey)
  const use = <T>(work: CacheUse<T>, otherwise: T) => within(storage.use(work, otherwise), { signal })

  const cached = await use((cache, key) => cache.usableManifest(key), null)
  const { manifest, from }: Found = cached
    ? await newerManifest(source, cached, cachedAfterMs, signal)
    : { manifest: await retrying(() => fetchManifest(source, signal), { signal, sleep }), from: 'network' }
  if (from === 'network') await use((cache, key) => cache.begin(key, manifest), undefined)

  return {
    manifest,
    from: source.cacheKey === null ? 'files' : from,
    get storage() {
      return storage.state
    },
    async file(path, options = {}) {
      const file = Object.hasOwn(manifest.files, path) ? manifest.files[path] : undefined
      if (!file) {
        const message = `The manifest of ${source.name} does not list the file ${path}. Convert the model again, or use the files that it has.`
        throw new Specter2Error('INVALID_MODEL', message, { details: { url: source.name, file: path } })
      }
      const progress: FileProgress = { path, loaded: 0, fromCache: 0, total: file.bytes }
      return fetchFile(source, path, file, storage, {
        signal: options.signal,
        sleep,
        onBytes: ({ bytes, from }) => {
          progress.loaded += bytes
          if (from === 'cache') progress.fromCache += bytes
          onProgress?.({ ...progress })
          options.onProgress?.({ ...progress })
        },
      })
    },
    commit: () => storage.use((cache, key) => cache.commit(key, manifest), undefined),
  }
}

type Found = Pick<ModelFolder, 'manifest' | 'from'>

/** The network's manifest, or the cached one if the network fails or takes too long. */
async function newerManifest(source: ModelSource, cached: Manifest, limitMs: number, signal?: AbortSignal): Promise<Found> {
  const fallback = (): Found => ({ manifest: cached, from: 'cache' })
  const request = new AbortController()
  try {
    // After any failure: the cached model still works if the folder has moved, or behind the sign-in page of a hotel.
    const network = fetchManifest(source, request.signal).then((manifest): Found => ({ manifest, from: 'network' }), fallback)
    return await within(network, { signal, limitMs, onLimit: fallback })
  } finally {
    request.abort()
  }
}

async function fetchManifest(source: ModelSource, signal: AbortSignal | undefined): Promise<Manifest> {
  const remote = fileOf(source, 'manifest.json')
  const { url } = remote
  const decoder = new TextDecoder()
  let text = ''
  let byteLength = 0
  await readStream(
    remote,
    { cache: 'no-cache', signal },
    () => {},
    (piece) => {
      byteLength += piece.length
      if (byteLength > MAX_MANIFEST_BYTES) {
        const message = `${url} is larger than ${MAX_MANIFEST_BYTES} bytes, so it is not a model manifest. Check the URL.`
        throw new Specter2Error('INVALID_MODEL', message, { details: { url, expected: MAX_MANIFEST_BYTES } })
      }
      text += decoder.decode(piece, { stream: true })
    },
  )
  return parseManifest(text + decoder.decode(), url)
}

type CacheUse<T> = (cache: ModelCache, key: string) => Promise<T>

/** The cache during a load: after its first failure, which is recorded, the load continues in memory. */
class Storage implements ChunkStore {
  readonly #key: string | null
  #cache: ModelCache | null
  #reason = 'This model is not cached.'

  constructor(cache: ModelCache | null, key: string | null) {
    this.#cache = cache
    this.#key = key
  }

  get state(): StorageState {
    return this.#cache && this.#key !== null ? { cached: true } : { cached: false, reason: this.#reason }
  }

  async use<T>(work: CacheUse<T>, otherwise: T): Promise<T> {
    if (!this.#cache || this.#key === null) return otherwise
    try {
      return await work(this.#cache, this.#key)
    } catch (error) {
      this.#cache = null
      this.#reason = error instanceof Error ? error.message : String(error)
      return otherwise
    }
  }

  read(hash: string): Promise<ArrayBuffer | undefined> {
    return this.use((cache) => cache.read(hash), undefined)
  }

  write(hash: string, chunk: ArrayBuffer): Promise<void> {
    return this.use((cache) => cache.write(hash, chunk), undefined)
  }
}
