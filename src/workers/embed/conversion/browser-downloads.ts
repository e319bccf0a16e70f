import type { ByteSource } from '../../../core/checkpoint/byte-source.js'
import { Specter2Error } from '../../../core/errors.js'
import { CHUNK_BYTES } from '../../../core/model-folder/manifest.js'
import { type DownloadRecord, downloadKey, downloadPartKey } from '../../../model/downloads.js'
import type { DownloadStore, PartialDownload, StoredFile } from '../../../model/hub/download-store.js'
import type { KeyValueStore } from '../../../storage/key-value-store.js'
import { outOfMemory } from './out-of-memory.js'

/**
 * Stores downloads in the browser in parts of 4 MiB, so that they resume after a reload. After the first storage failure, the
 * remaining parts of a file are Blobs, which live as long as this object.
 */
export class BrowserDownloads implements DownloadStore {
  readonly #store: KeyValueStore
  /** Files that could not be stored completely. */
  readonly #unstored = new Map<string, ByteSource>()

  constructor(store: KeyValueStore) {
    this.#store = store
  }

  async find(file: StoredFile): Promise<ByteSource | null> {
    const unstored = this.#unstored.get(downloadKey(file))
    if (unstored) return unstored
    const record = await this.#record(file)
    return record?.whole ? new Parts(this.#store, file).source() : null
  }

  async begin(file: StoredFile): Promise<PartialDownload> {
    const release = await acquireLock(`specter2-web:${downloadKey(file)}`)
    const parts = new Parts(this.#store, file)
    const record = await this.#record(file)
    if (record) await parts.resume(record)
    return {
      get held() {
        return parts.held
      },
      append: (bytes) => parts.append(bytes),
      source: async () => parts.source(),
      commit: async () => {
        await parts.finish(true)
        if (!parts.stored) this.#unstored.set(downloadKey(file), parts.source())
        return parts.source()
      },
      discard: () => parts.discard(),
      release: async () => {
        await parts.finish(false)
        release()
      },
    }
  }

  /** `null` also if storage fails. */
  async #record(file: StoredFile): Promise<DownloadRecord | null> {
    const record = (await this.#store.get(downloadKey(file)).catch(() => undefined)) as DownloadRecord | undefined
    return record?.byteLength === file.byteLength ? record : null
  }
}

/** The downloaded bytes of one file, from its beginning. */
class Parts {
  readonly #store: KeyValueStore
  readonly #file: StoredFile
  readonly #savedAt = Date.now()
  /** Parts that could not be stored, by index. */
  readonly #blobs = new Map<number, Blob>()
  /** Bytes that do not fill a part yet. */
  #tail = new Uint8Array(CHUNK_BYTES)
  #tailBytes = 0
  /** Number of full parts. */
  #count = 0
  #finished = false
  /** The part that was read last, as files are read in order in pieces of any size. */
  #read: { index: number; bytes: Uint8Array } | null = null
  #failure: Error | null = null

  constructor(store: KeyValueStore, file: StoredFile) {
    this.#store = store
    this.#file = file
  }

  get held(): number {
    return this.#count * CHUNK_BYTES + this.#tailBytes
  }

  /** Whether everything so far could be stored. */
  get stored(): boolean {
    return this.#failure === null
  }

  async resume({ held }: DownloadRecord): Promise<void> {
    this.#count = Math.floor(held / CHUNK_BYTES)
    const rest = held % CHUNK_BYTES
    if (rest === 0) return
    const tail = await this.#part(this.#count).catch(() => null)
    if (tail) this.#tail.set(tail)
    this.#tailBytes = tail?.byteLength ?? 0
  }

  async append(bytes: Uint8Array): Promise<void> {
    for (let offset = 0; offset < bytes.length; ) {
      const taken = Math.min(CHUNK_BYTES - this.#tailBytes, bytes.length - offset)
      this.#tail.set(bytes.subarray(offset, offset + taken), this.#tailBytes)
      this.#tailBytes += taken
      offset += taken
      if (this.#tailBytes < CHUNK_BYTES) continue
      await this.#storePart(this.#count, this.#tail)
      this.#count++
      this.#tailBytes = 0
      await this.#storeRecord(false)
    }
  }

  /** Stores the remaining bytes. */
  async finish(whole: boolean): Promise<void> {
    if (this.#finished) return
    this.#finished = whole
    if (this.#tailBytes > 0 && (whole || this.stored)) await this.#storePart(this.#count, this.#tail.slice(0, this.#tailBytes))
    if (whole || this.held > 0) await this.#storeRecord(whole)
  }

  async discard(): Promise<void> {
    const stored = Array.from({ length: this.#count + 1 }, (_, index) => downloadPartKey(this.#file, index))
    this.#count = 0
    this.#tailBytes = 0
    this.#blobs.clear()
    this.#read = null
    if (this.stored) await this.#store.delete([downloadKey(this.#file), ...stored])
  }

  source(): ByteSource {
    const { path: name, byteLength } = this.#file
    return { name: name.slice(name.lastIndexOf('/') + 1), byteLength, read: (start, end) => this.#bytes(start, end) }
  }

  async #bytes(start: number, end: number): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = new Uint8Array(end - start)
    for (let at = start; at < end; ) {
      const index = Math.floor(at / CHUNK_BYTES)
      if (this.#read?.index !== index) this.#read = { index, bytes: await this.#part(index) }
      const piece = this.#read.bytes.subarray(at - index * CHUNK_BYTES, end - index * CHUNK_BYTES)
      bytes.set(piece, at - start)
      at += piece.length
    }
    return bytes
  }

  async #part(index: number): Promise<Uint8Array> {
    if (index === this.#count && this.#tailBytes > 0) return this.#tail.subarray(0, this.#tailBytes)
    const blob = this.#blobs.get(index)
    if (blob) {
      const refuse = (cause: unknown) => Promise.reject(outOfMemory(this.#file.byteLength, this.#failure, cause))
      return new Uint8Array(await blob.arrayBuffer().catch(refuse))
    }
    const part = await this.#store.get(downloadPartKey(this.#file, index))
    if (part instanceof ArrayBuffer && part.byteLength > 0) return new Uint8Array(part)
    // The next attempt downloads the file again.
    await this.#store.delete([downloadKey(this.#file)])
    const message = `Parts of ${this.#file.repo}/${this.#file.path} were deleted from this browser's storage. Try again.`
    throw new Specter2Error('STORAGE_FAILED', message, { retryable: true, details: { file: this.#file.path } })
  }

  async #storePart(index: number, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    if (this.stored) await this.#tryToStore(() => this.#store.set(downloadPartKey(this.#file, index), bytes.buffer))
    if (!this.stored) this.#blobs.set(index, new Blob([bytes]))
  }

  async #storeRecord(whole: boolean): Promise<void> {
    const record: DownloadRecord = { ...this.#file, held: this.held, whole, savedAt: this.#savedAt }
    if (this.stored) await this.#tryToStore(() => this.#store.set(downloadKey(this.#file), record))
  }

  async #tryToStore(work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      this.#failure = error as Error
    }
  }
}

/** Acquires a Web Lock. @returns what releases it; resolves at once if the browser has no Web Locks. */
function acquireLock(name: string): Promise<() => void> {
  const locks = globalThis.navigator?.locks
  if (!locks) return Promise.resolve(() => {})
  return new Promise((resolve, reject) => {
    const held = () => new Promise<void>((release) => resolve(release))
    locks.request(name, held).catch(reject)
  })
}
