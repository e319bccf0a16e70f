import { createHash } from 'node:crypto'
import { type FileHandle, open, rm } from 'node:fs/promises'
import { basename } from 'node:path'
import { Specter2Error } from '../../core/errors.js'

const CHECK_BYTES = 16
/** Records read at once. */
const READ_RECORDS = 256

/**
 * The vectors that a run has computed so far, in the order of their lines: a head, and for each line a record of its vector
 * (float32, little-endian) and a hash of line and vector. A run that was killed leaves whole records and perhaps a part of one;
 * the hashes tell which of them belong to the lines that the next run reads.
 */
export class VectorJournal {
  readonly #path: string
  readonly #file: FileHandle
  readonly #dimension: number
  readonly #headBytes: number
  #count: number

  private constructor(path: string, file: FileHandle, dimension: number, headBytes: number, count: number) {
    this.#path = path
    this.#file = file
    this.#dimension = dimension
    this.#headBytes = headBytes
    this.#count = count
  }

  /**
   * @param model What the vectors depend on besides their lines.
   * @throws Specter2Error `INDEX_STALE` if the file has vectors of something else.
   */
  static async open(path: string, model: unknown, dimension: number): Promise<VectorJournal> {
    const head = Buffer.from(`SP2VECTS ${createHash('sha256').update(JSON.stringify(model)).digest('hex')}\n`)
    const file = await open(path, 'r').then(
      async (existing) => {
        await existing.close()
        return open(path, 'r+')
      },
      () => open(path, 'w+'),
    )
    const { size } = await file.stat()
    const found = Buffer.alloc(Math.min(size, head.length))
    await file.read(found, 0, found.length, 0)
    // A run may have been killed in its first moment.
    if (!found.equals(head.subarray(0, found.length))) {
      await file.close()
      const message = `${basename(path)} has vectors of an interrupted run with another model, dtype or adapter. Repeat that run, or delete the file.`
      throw new Specter2Error('INDEX_STALE', message, { details: { file: path } })
    }
    if (found.length < head.length) await file.write(head, 0, head.length, 0)
    const count = Math.floor(Math.max(0, size - head.length) / (dimension * 4 + CHECK_BYTES))
    return new VectorJournal(path, file, dimension, head.length, count)
  }

  /** Records, of which the last ones may turn out to be damaged. */
  get count(): number {
    return this.#count
  }

  /**
   * The vectors from the first on, checked against their lines.
   *
   * @returns A function that takes the next line; it returns `null` from the first record on that is not that line's.
   */
  reader(): (line: string) => Promise<Float32Array<ArrayBuffer> | null> {
    const bytes = this.#recordBytes
    const buffer = Buffer.alloc(READ_RECORDS * bytes)
    let [row, valid] = [0, true]
    return async (line) => {
      if (!valid || row >= this.#count) return null
      if (row % READ_RECORDS === 0) {
        const length = Math.min(READ_RECORDS, this.#count - row) * bytes
        await this.#file.read(buffer, 0, length, this.#headBytes + row * bytes)
      }
      const at = (row++ % READ_RECORDS) * bytes
      const record = Uint8Array.from(buffer.subarray(at, at + bytes))
      const vector = new Float32Array(record.buffer, 0, this.#dimension)
      valid = checkOf(line, vector).equals(record.subarray(-CHECK_BYTES))
      return valid ? vector : null
    }
  }

  /** Forgets all records but the first `count`. */
  keep(count: number): void {
    this.#count = count
  }

  async add(records: readonly { line: string; vector: Float32Array<ArrayBuffer> }[]): Promise<void> {
    const buffer = Buffer.alloc(records.length * this.#recordBytes)
    for (const [index, { line, vector }] of records.entries()) {
      const at = index * this.#recordBytes
      buffer.set(new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength), at)
      buffer.set(checkOf(line, vector), at + vector.byteLength)
    }
    // At its own place, not at the end: what a second run of the same work writes there is the same.
    const position = this.#headBytes + this.#count * this.#recordBytes
    for (let done = 0; done < buffer.length; )
      done += (await this.#file.write(buffer, done, buffer.length - done, position + done)).bytesWritten
    this.#count += records.length
  }

  close(): Promise<void> {
    return this.#file.close()
  }

  async delete(): Promise<void> {
    await this.close()
    await rm(this.#path, { force: true })
  }

  get #recordBytes(): number {
    return this.#dimension * 4 + CHECK_BYTES
  }
}

function checkOf(line: string, { buffer, byteOffset, byteLength }: Float32Array<ArrayBuffer>): Buffer {
  const hash = createHash('sha256')
    .update(line)
    .update(new Uint8Array(buffer, byteOffset, byteLength))
  return hash.digest().subarray(0, CHECK_BYTES)
}
