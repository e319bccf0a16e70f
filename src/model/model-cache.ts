import { DEVICES } from '../core/model-folder/dtypes.js'
import { chunkByteLength, graphFiles, type Manifest } from '../core/model-folder/manifest.js'
import type { Dtype } from '../core/types.js'
import type { KeyValueStore } from '../storage/key-value-store.js'
import { heldLocks } from '../storage/web-locks.js'
import { folderUrl } from './model-source.js'

/** Stores chunks of files by their hash. Never rejects: chunks that cannot be stored are downloaded again. */
export interface ChunkStore {
  /** The chunk with this SHA-256 (hex), `undefined` if it is not stored. The buffer belongs to the caller. */
  read(hash: string): Promise<ArrayBuffer | undefined>
  /** Stores a copy of `chunk`. */
  write(hash: string, chunk: ArrayBuffer): Promise<void>
}

/** A model in the cache, whole or in part. */
export interface CachedModel {
  /**
   * URL of the folder, without query; `converted:…` for a model that was converted in this browser, which `model` accepts as
   * well; `download:…` for a downloaded repository that is not converted yet.
   */
  url: string
  /** Published name of the model, from its manifest. */
  id: string
  /** Revision of the published files, as in its manifest. */
  revision: string
  /** Bytes stored for it, partial downloads included. Chunks that models share count for each of them. */
  bytes: number
  /** Paths of the files that are stored completely. */
  complete: string[]
  /** When this revision was first opened, in milliseconds since 1970. */
  savedAt: number
}

interface ModelRecord {
  url: string
  manifest: Manifest
  /** The previous revision, until all files that loading this one needs are stored. */
  previous: Manifest | null
  savedAt: number
}

/**
 * Model folders in a key-value store: each chunk under its hash, `chunk:<sha256>`, and for each model a record with its manifest,
 * `model:<url>`.
 *
 * A chunk is stored when it has been verified, under the hash of its content. Which files are complete therefore follows from
 * which chunks exist, so no file can look complete when it is not, even after a closed tab, an eviction, or a deletion by another
 * tab. Tabs may write at the same time: writing a chunk twice changes nothing, and records change in transactions.
 *
 * A model that is being converted has no manifest until the end. Until then, marks `draft:<sha256>:<lock>` protect its chunks
 * while a tab holds the Web Lock of that name.
 *
 * All methods throw `STORAGE_FAILED`.
 */
export class ModelCache implements ChunkStore {
  readonly #store: KeyValueStore
  readonly #heldLocks: () => Promise<ReadonlySet<string>>

  /** @param locks Names of the Web Locks that any tab holds. Default: asks the browser. */
  constructor(store: KeyValueStore, locks = heldLocks) {
    this.#store = store
    this.#heldLocks = locks
  }

  /** The stored chunk with this hash. The buffer belongs to the caller. */
  async read(hash: string): Promise<ArrayBuffer | undefined> {
    const chunk = await this.#store.get(chunkKey(hash))
    return chunk instanceof ArrayBuffer ? chunk : undefined
  }

  /** Stores a copy of a verified chunk. */
  write(hash: string, chunk: ArrayBuffer): Promise<void> {
    return this.#store.set(chunkKey(hash), chunk)
  }

  /** The manifest with which a model can run offline: that of the last committed revision with a complete graph. */
  async usableManifest(url: string): Promise<Manifest | null> {
    const record = (await this.#store.get(modelKey(url))) as ModelRecord | undefined
    if (!record) return null
    const keys = new Set(await this.#store.keys())
    const usable = (manifest: Manifest | null) =>
      manifest !== null &&
      (Object.keys(manifest.dtypes) as Dtype[]).some((dtype) =>
        DEVICES.some((device) => graphFiles(manifest, dtype, device).every((path) => isComplete(manifest, path, keys))),
      )
    return [record.previous, record.manifest].find(usable) ?? null
  }

  /** Records the manifest of a download. Call it before storing its first chunk: chunks without a record may be deleted. */
  begin(url: string, manifest: Manifest): Promise<void> {
    return this.#store.update(modelKey(url), (old) => {
      const record = old as ModelRecord | undefined
      if (record && isSame(record.manifest, manifest)) return undefined
      const previous = record ? (record.previous ?? record.manifest) : null
      return { url: folderUrl(url), manifest, previous, savedAt: Date.now() } satisfies ModelRecord
    })
  }

  /**
   * Discards the revision before `manifest`, once all files that loading needs are stored, and deletes chunks that no model uses.
   */
  async commit(url: string, manifest: Manifest): Promise<void> {
    await this.#store.update(modelKey(url), (old) => {
      const record = old as ModelRecord | undefined
      return record?.previous && isSame(record.manifest, manifest) ? { ...record, previous: null } : undefined
    })
    await this.deleteUnused()
  }

  /** Stores a copy of a chunk of a draft, which has no manifest yet. */
  async writeDraft(lock: string, hash: string, chunk: ArrayBuffer): Promise<void> {
    // The mark first: another tab may delete a chunk without one.
    await this.#store.set(draftKey(lock, hash), true)
    await this.write(hash, chunk)
  }

  /** Ends a draft: the next {@link deleteUnused} deletes those of its chunks that no model uses. */
  async endDraft(lock: string): Promise<void> {
    await this.#store.delete((await this.#store.keys()).filter((key) => draftLock(key) === lock))
  }

  /** Every model in the cache. */
  async list(): Promise<CachedModel[]> {
    const keys = new Set(await this.#store.keys())
    return (await this.#records(keys)).map(({ url, manifest, previous, savedAt }) => ({
      url,
      id: manifest.id,
      revision: manifest.revision,
      bytes: storedBytes([manifest, previous], keys),
      complete: Object.keys(manifest.files).filter((path) => isComplete(manifest, path, keys)),
      savedAt,
    }))
  }

  /** Deletes a model, if it is cached, except for chunks that another model uses. */
  async delete(url: string): Promise<void> {
    await this.#store.delete([modelKey(url)])
    await this.deleteUnused()
  }

  /** Deletes everything. */
  async clear(): Promise<void> {
    await this.#store.delete(await this.#store.keys())
  }

  /** Deletes chunks that no model uses, and abandoned drafts. */
  async deleteUnused(): Promise<void> {
    // Read keys, then locks, then records: another tab writes its record, or acquires its lock, before its chunks, and releases
    // the lock of a draft after writing its record. So each chunk found here has its lock or its record there.
    const keys = await this.#store.keys()
    const held = await this.#heldLocks()
    const records = await this.#records(await this.#store.keys())
    const used = new Set(records.flatMap(({ manifest, previous }) => [...chunkSizes([manifest, previous]).keys()]))
    const dead: string[] = []
    for (const key of keys) {
      const lock = draftLock(key)
      if (lock === null) continue
      if (held.has(lock)) used.add(chunkKey(draftHash(key)))
      else dead.push(key)
    }
    await this.#store.delete([...dead, ...keys.filter((key) => key.startsWith('chunk:') && !used.has(key))])
  }

  async #records(keys: Iterable<string>): Promise<ModelRecord[]> {
    const models = [...keys].filter((key) => key.startsWith('model:'))
    const records = await Promise.all(models.map((key) => this.#store.get(key)))
    return records.filter((record) => record !== undefined) as ModelRecord[]
  }
}

function chunkKey(hash: string): string {
  return `chunk:${hash}`
}

function draftKey(lock: string, hash: string): string {
  return `draft:${hash}:${lock}`
}

function draftHash(key: string): string {
  return key.split(':', 2)[1]!
}

/** The lock in the key of a draft's mark; `null` for any other key. */
function draftLock(key: string): string | null {
  return key.startsWith('draft:') ? key.slice(`draft:${draftHash(key)}:`.length) : null
}

function modelKey(url: string): string {
  return `model:${folderUrl(url)}`
}

/** Keys and sizes of all chunks of some manifests. */
function chunkSizes(manifests: readonly (Manifest | null)[]): Map<string, number> {
  const files = manifests.flatMap((manifest) => Object.values(manifest?.files ?? {}))
  return new Map(
    files.flatMap((file) => file.chunks.map((hash, index) => [chunkKey(hash), chunkByteLength(file, index)] as const)),
  )
}

function storedBytes(manifests: readonly (Manifest | null)[], keys: ReadonlySet<string>): number {
  let bytes = 0
  for (const [key, size] of chunkSizes(manifests)) if (keys.has(key)) bytes += size
  return bytes
}

function isComplete(manifest: Manifest, path: string, keys: ReadonlySet<string>): boolean {
  return manifest.files[path]?.chunks.every((hash) => keys.has(chunkKey(hash))) ?? false
}

function isSame(a: Manifest, b: Manifest): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}
