import { createHash } from 'node:crypto'
import { appendFile, mkdir, readFile, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import { RUNTIME_VERSION } from '../core/model-folder/model-stamp.js'
import type { AdapterName } from '../core/types.js'
import type { Engine } from '../engine/engine.js'

/** What vectors depend on besides texts and adapter. */
type CachedEngine = Pick<Engine, 'manifest' | 'dtype' | 'runsOn'>

const HASH_BYTES = 32
/** Vectors written at once: an interruption loses at most so many. */
const PENDING_VECTORS = 64

/**
 * Vectors from earlier runs, in one file per model, dtype, adapter and tier of the own encoder. A record is the hash of a text and its vector (float32,
 * little-endian). New records are appended; one that an interruption cut off is dropped.
 */
export class VectorCache {
  readonly #path: string
  readonly #vectors: Map<string, Float32Array<ArrayBuffer>>
  #pending: Buffer[] = []

  private constructor(path: string, vectors: Map<string, Float32Array<ArrayBuffer>>) {
    this.#path = path
    this.#vectors = vectors
  }

  /** @param folder Created if it is missing. */
  static async open(folder: string, { manifest, dtype, runsOn }: CachedEngine, adapter: AdapterName): Promise<VectorCache> {
    await mkdir(folder, { recursive: true })
    // Of everything that vectors depend on, including the hash of every file: a reconverted model starts with an empty cache.
    const model = sha256(
      JSON.stringify([
        manifest,
        dtype,
        adapter,
        RUNTIME_VERSION,
        ...(runsOn.tier ? [runsOn.tier] : []),
        ...(runsOn.engine === 'native' ? ['native'] : []),
      ]),
    )
      .toString('hex')
      .slice(0, 16)
    const path = join(folder, `${manifest.id}-${dtype}-${adapter}-${model}.vectors`.replaceAll(/[^\w.-]/g, '_'))
    const recordBytes = HASH_BYTES + manifest.dimension * Float32Array.BYTES_PER_ELEMENT
    const file = (await readFile(path).catch(() => null)) ?? Buffer.alloc(0)
    const whole = file.length - (file.length % recordBytes)
    if (whole < file.length) await truncate(path, whole)
    const vectors = new Map<string, Float32Array<ArrayBuffer>>()
    for (let start = 0; start < whole; start += recordBytes) {
      const bytes = new Uint8Array(file.subarray(start + HASH_BYTES, start + recordBytes))
      vectors.set(file.toString('hex', start, start + HASH_BYTES), new Float32Array(bytes.buffer))
    }
    return new VectorCache(path, vectors)
  }

  /** Looks up the vector of a text by its token ids, which are all that a model sees of it. */
  get(ids: readonly number[]): Float32Array<ArrayBuffer> | undefined {
    return this.#vectors.get(hashOf(ids).toString('hex'))
  }

  async add(ids: readonly number[], vector: Float32Array<ArrayBuffer>): Promise<void> {
    const hash = hashOf(ids)
    this.#vectors.set(hash.toString('hex'), vector)
    this.#pending.push(hash, Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength))
    if (this.#pending.length >= 2 * PENDING_VECTORS) await this.flush()
  }

  /** Writes pending vectors to the file. */
  async flush(): Promise<void> {
    const records = this.#pending
    this.#pending = []
    if (records.length > 0) await appendFile(this.#path, Buffer.concat(records))
  }
}

const sha256 = (data: string | Uint8Array) => createHash('sha256').update(data).digest()
const hashOf = (ids: readonly number[]) => sha256(new Uint8Array(Int32Array.from(ids).buffer))
