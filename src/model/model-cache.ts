import { chunkByteLength, graphFiles, type Manifest } from '../core/model-folder/manifest.js'
import type { Device, Dtype } from '../core/types.js'
import type { KeyValueStore } from '../storage/key-value-store.js'
import type { ChunkStore } from './fetch-file.js'
import { folderUrl } from './model-source.js'

const DEVICES: readonly Device[] = ['wasm', 'webgpu']

/** A model in the cache, whole or in part. */
export interface CachedModel {
  /**
   * URL of the folder, without query; `converted:…` of a model that was converted here, which `model` takes as well;
   * `download:…` of a hub's repository that waits for its conversion.
   */
  url: string
  /** Published name of the model, as in its manifest. */
  id: string
  /** Revision of the published files, as in its manifest. */
  revision: string
  /** Bytes stored for it, partial downloads included. Chunks that models share count for each of them. */
  bytes: number
  /** Paths of the files that are stored whole. */
  complete: string[]
  /** When this revision was first opened, in milliseconds since 1970. */
  savedAt: number
}

interface ModelRecord {
  url: string
  manifest: Manifest
  /** The revision before, until all that a load needs of this one is stored. */
  previous: Manifest | null
  savedAt: number
}

/**
 * Model folders in a key-value store: each chunk under its own hash, `chunk:<sha256>`, and a record for each model,
 * `model:<url>`, with its manifest.
 *
 * A chunk is stored after it was verified, under its content's name. So which files are complete follows from which chunks
 * there are, and nothing can look complete that is not: after a closed tab, an eviction, or a deletion by another tab.
 * Tabs may work at the same time, since writing a chunk twice changes nothing and records change in transactions.
 *
 * A model that is written here, chunk by chunk, has no manifest until its end. Until then marks, `draft:<sha256>:<lock>`, keep
 * its chunks: for as long as somebody holds the Web Lock of that name.
 *
 * All methods throw `STORAGE_FAILED`.
 */
export class ModelCache implements ChunkStore {
  readonly #store: KeyValueStore
  readonly #heldLocks: () => Promise<ReadonlySet<string>>

  /** @param heldLocks Names of the Web Locks that are held in any tab. Default: as the browser says. */
  constructor(store: KeyValueStore, heldLocks = locksHeld) {
    this.#store = store
    this.#heldLocks = heldLocks
  }

  /** The chunk with this hash, as it was stored. The buffer belongs to the caller. */
  async read(hash: string): Promise<ArrayBuffer | undefined> {
    const chunk = await this.#store.get(chunkKey(hash))
    return chunk instanceof ArrayBuffer ? chunk : undefined
  }

  /** Stores a copy of a verified chunk. */
  write(hash: string, chunk: ArrayBuffer): Promise<void> {
    return this.#store.set(chunkKey(hash), chunk)
  }

  /** The manifest with which a model may run without network: of the last committed revision with a complete graph. */
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

  /** Notes which manifest a download goes by. To be called before its first chunk is stored: chunks without a record are waste. */
  begin(url: string, manifest: Manifest): Promise<void> {
    return this.#store.update(modelKey(url), (old) => {
      const record = old as ModelRecord | undefined
      if (record && isSame(record.manifest, manifest)) return undefined
      const previous = record ? (record.previous ?? record.manifest) : null
      return { url: folderUrl(url), manifest, previous, savedAt: Date.now() } satisfies ModelRecord
    })
  }

  /** Gives up the revision before `manifest`, once all that a load needs is stored, and deletes chunks that no model uses. */
  async commit(url: string, manifest: Manifest): Promise<void> {
    await this.#store.update(modelKey(url), (old) => {
      const record = old as ModelRecord | undefined
      return record?.previous && isSame(record.manifest, manifest) ? { ...record, previous: null } : undefined
    })
    await this.deleteUnused()
  }

  /** Stores a copy of a chunk of a draft, whose manifest is yet to come. */
  async writeDraft(lock: string, hash: string, chunk: ArrayBuffer): Promise<void> {
    // The mark first: a chunk without one is waste, which another tab may delete.
    await this.#store.set(draftKey(lock, hash), true)
    await this.write(hash, chunk)
  }

  /** Gives up a draft: chunks that no model uses are deleted by the next {@link deleteUnused}. */
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

  /** Deletes a model; chunks that another model shares stay. A URL that is not cached is no error. */
  async delete(url: string): Promise<void> {
    await this.#store.delete([modelKey(url)])
    await this.deleteUnused()
  }

  /** Deletes everything. */
  async clear(): Promise<void> {
    await this.#store.delete(await this.#store.keys())
  }

  /** Deletes chunks that no model uses, and what drafts have left whose maker is gone. */
  async deleteUnused(): Promise<void> {
    // Keys before locks before records: another tab writes its record, or holds its lock, before its chunks, and lets go of a
    // draft's lock after its record is written. So each chunk seen here has its lock or its record there.
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

/** The lock of a draft's mark; `null` for any other key. */
function draftLock(key: string): string | null {
  return key.startsWith('draft:') ? key.slice(`draft:${draftHash(key)}:`.length) : null
}

/** Without Web Locks (old browsers, plain http) no draft is known to be in work, so another tab's may be taken for dead. */
async function locksHeld(): Promise<ReadonlySet<string>> {
  const state = await globalThis.navigator?.locks?.query()
  return new Set(state?.held?.map(({ name }) => name ?? ''))
}

function modelKey(url: string): string {
  return `model:${folderUrl(url)}`
}

/** Key and size of every chunk of some manifests, each once. */
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
