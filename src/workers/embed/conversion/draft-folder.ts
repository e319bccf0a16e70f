import { Specter2Error } from '../../../core/errors.js'
import type { Manifest } from '../../../core/model-folder/manifest.js'
import { sha256Hex } from '../../../core/sha256.js'
import type { ModelCache } from '../../../model/model-cache.js'
import { outOfMemory } from './out-of-memory.js'

/** A finished draft: stored in the cache under its key, or as files in memory. */
export type FinishedDraft = { stored: true } | { stored: false; files: Map<string, Blob>; reason: string }

/** A chunk of a file: the hash of a stored chunk, or a Blob, which the browser may store on disk. */
type Piece = { hash: string; bytes: number } | Blob

/**
 * The folder that a conversion writes: chunk by chunk into the cache and, after the first storage failure, as Blobs. It appears
 * in the cache as a whole, by {@link commit}, or not at all.
 */
export class DraftFolder {
  readonly #cache: ModelCache
  readonly #lock: string
  readonly #files = new Map<string, Piece[]>()
  #failure: Error | null = null

  /** @param lock Name of the Web Lock that is held while the draft is written. */
  constructor(cache: ModelCache, lock: string) {
    this.#cache = cache
    this.#lock = lock
  }

  async write(path: string, chunks: AsyncIterable<Uint8Array<ArrayBuffer>>): Promise<void> {
    const pieces: Piece[] = []
    this.#files.set(path, pieces)
    for await (const chunk of chunks) pieces.push(this.#failure ? new Blob([chunk]) : await this.#store(chunk))
  }

  /**
   * Makes the draft a model of the cache. Tries once more to store what did not fit: there may be space by now.
   *
   * @throws Specter2Error `STORAGE_FAILED` if chunks were deleted meanwhile, for example by clearing all models.
   */
  async commit(key: string, manifest: Manifest): Promise<FinishedDraft> {
    for (const pieces of this.#files.values()) {
      for (const [index, piece] of pieces.entries()) {
        if (!(piece instanceof Blob)) continue
        pieces[index] = await this.#store(new Uint8Array(await this.#bytes(piece)))
        if (pieces[index] instanceof Blob) return this.#asFiles()
      }
    }
    try {
      await this.#cache.begin(key, manifest)
    } catch (error) {
      this.#failure = error as Error
      return this.#asFiles()
    }
    await this.#cache.endDraft(this.#lock)
    await this.#cache.commit(key, manifest)
    if (await this.#cache.usableManifest(key)) return { stored: true }
    await this.#cache.delete(key)
    throw deletedMeanwhile()
  }

  /** Deletes everything written so far. */
  async discard(): Promise<void> {
    this.#files.clear()
    await this.#tryToDelete(async () => {
      await this.#cache.endDraft(this.#lock)
      await this.#cache.deleteUnused()
    })
  }

  async #asFiles(): Promise<FinishedDraft> {
    const files = new Map<string, Blob>()
    for (const [path, pieces] of this.#files) {
      const parts: Blob[] = []
      for (const piece of pieces) parts.push(piece instanceof Blob ? piece : new Blob([await this.#bytes(piece)]))
      files.set(path, new Blob(parts))
    }
    const reason = this.#failure!.message
    await this.discard()
    return { stored: false, files, reason }
  }

  async #store(chunk: Uint8Array<ArrayBuffer>): Promise<Piece> {
    try {
      return await this.#writeChunk(chunk)
    } catch (error) {
      this.#failure = error as Error
      return new Blob([chunk])
    }
  }

  async #writeChunk(chunk: Uint8Array<ArrayBuffer>): Promise<Piece> {
    const hash = await sha256Hex(chunk)
    const { buffer } = chunk
    await this.#cache.writeDraft(this.#lock, hash, buffer.byteLength === chunk.byteLength ? buffer : chunk.slice().buffer)
    return { hash, bytes: chunk.byteLength }
  }

  async #bytes(piece: Piece): Promise<ArrayBuffer> {
    if (piece instanceof Blob) return piece.arrayBuffer().catch((cause) => Promise.reject(this.#outOfMemory(cause)))
    const bytes = await this.#cache.read(piece.hash)
    if (!bytes) throw deletedMeanwhile()
    return bytes
  }

  #outOfMemory(cause: unknown): Specter2Error {
    const bytes = [...this.#files.values()].flat().reduce((sum, piece) => sum + sizeOf(piece), 0)
    return outOfMemory(bytes, this.#failure, cause)
  }

  /** Records a storage failure instead of throwing it: a later clean-up deletes what is left. */
  async #tryToDelete(work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      this.#failure ??= error as Error
    }
  }
}

function sizeOf(piece: Piece): number {
  return piece instanceof Blob ? piece.size : piece.bytes
}

function deletedMeanwhile(): Specter2Error {
  const message = "The model's chunks were deleted from this browser's storage while it was converted. Try again."
  return new Specter2Error('STORAGE_FAILED', message, { retryable: true })
}
