import { type DBSchema, type IDBPDatabase, openDB } from 'idb'
import { Specter2Error } from '../../core/errors.js'
import { closeWhenDeleted, databaseOperation } from '../../storage/database.js'
import { DATABASE_PREFIX } from '../../storage/index-databases.js'
import type { Change, IndexMeta, IndexStore, Segment, SegmentCodes, SegmentId, StoredPaper } from './index-store.js'

interface Schema extends DBSchema {
  /** The index's own under `index`, the app's data under `data:<key>`. */
  meta: { key: string; value: unknown }
  papers: { key: string; value: StoredPaper; indexes: { row: number } }
  abstracts: { key: number; value: string }
  segments: { key: SegmentKey; value: StoredSegment }
  codes: { key: SegmentKey; value: StoredCodes }
}

type SegmentKey = [model: string, number: number]

/** Typed arrays are stored as their buffers, which all browsers support. */
interface StoredSegment extends Omit<Segment, 'rows' | 'vectors'> {
  rows: ArrayBuffer
  vectors: ArrayBuffer
}

type StoredCodes = Omit<SegmentCodes, 'rows'> & { rows: ArrayBuffer }

const STORES = ['meta', 'papers', 'abstracts', 'segments', 'codes'] as const
const META = 'index'
const DATA = 'data:'

/** Opening never settles while another tab blocks the database's deletion. */
const OPEN_LIMIT_MS = 10_000
const LIMIT_MS = 60_000
/** Segments read in one request: few enough to use little memory, many enough to be fast. */
const READ_AT_ONCE = 16

/** Stores an index in an IndexedDB database of its own. */
export class IdbIndexStore implements IndexStore {
  readonly storage = { persistent: true, reason: null }
  readonly #name: string
  readonly #database: IDBPDatabase<Schema>
  #lost = false

  private constructor(name: string, database: IDBPDatabase<Schema>, onLost: () => void) {
    this.#name = name
    this.#database = database
    closeWhenDeleted(database, () => {
      this.#lost = true
      onLost()
    })
  }

  /**
   * @param onLost Called if the database is deleted while it is open.
   * @throws Specter2Error `STORAGE_FAILED`, with the exception's name as `details.reason`.
   */
  static async open(name: string, onLost: () => void): Promise<IdbIndexStore> {
    const opening = () =>
      openDB<Schema>(DATABASE_PREFIX + name, 2, {
        upgrade(database, version) {
          if (version < 1) {
            database.createObjectStore('meta')
            database.createObjectStore('papers').createIndex('row', 'row', { unique: true })
            database.createObjectStore('abstracts')
            database.createObjectStore('segments')
          }
          // Opening an index of version 1 computes its codes.
          if (version < 2) database.createObjectStore('codes')
        },
      })
    return new IdbIndexStore(name, await databaseOperation('indexes', OPEN_LIMIT_MS, opening), onLost)
  }

  meta(): Promise<IndexMeta | null> {
    return this.#run(async (database) => ((await database.get('meta', META)) as IndexMeta | undefined) ?? null)
  }

  commit({ meta, ...change }: Change): Promise<boolean> {
    return this.#run(async (database) => {
      // Strict: the commit resolves only once the data is on disk.
      const transaction = database.transaction(STORES, 'readwrite', { durability: 'strict' })
      // `done` also rejects if a request below fails first; without a handler that would be an unhandled rejection.
      const aborted = transaction.done
      aborted.catch(() => {})
      try {
        const stored = (await transaction.objectStore('meta').get(META)) as IndexMeta | undefined
        const before = stored?.sequence ?? 0
        if (before !== meta.sequence - 1) return false
        const [papers, abstracts, segments, codes] = [
          transaction.objectStore('papers'),
          transaction.objectStore('abstracts'),
          transaction.objectStore('segments'),
          transaction.objectStore('codes'),
        ]
        const requests: Promise<unknown>[] = []
        const add = (...all: Promise<unknown>[]) => {
          // If a later one cannot even be made, nobody awaits those before it.
          for (const request of all) request.catch(() => {})
          requests.push(...all)
        }
        for (const id of change.removedIds ?? []) add(papers.delete(id))
        for (const row of change.removedRows ?? []) add(abstracts.delete(row))
        for (const { stored, abstract } of change.papers ?? []) {
          add(papers.put(stored, stored.paper.id))
          if (abstract !== null) add(abstracts.put(abstract, stored.row))
        }
        for (const { model, number } of change.removedSegments ?? [])
          add(segments.delete([model, number]), codes.delete([model, number]))
        for (const segment of change.segments ?? []) add(segments.put(toStored(segment), [segment.model, segment.number]))
        for (const chunk of change.codes ?? [])
          add(codes.put({ ...chunk, rows: wholeBuffer(chunk.rows) }, [chunk.model, chunk.number]))
        const metas = transaction.objectStore('meta')
        for (const [key, value] of change.data ?? [])
          add(value === null ? metas.delete(DATA + key) : metas.put(value, DATA + key))
        add(metas.put(meta, META))
        await Promise.all(requests)
        await transaction.done
        return true
      } catch (error) {
        // Do not commit half of a change.
        try {
          transaction.abort()
        } catch {
          // It has already aborted: throw its reason.
          await aborted.catch((reason) => {
            throw reason ?? error
          })
        }
        throw error
      }
    })
  }

  papersById(ids: readonly string[]): Promise<(StoredPaper | undefined)[]> {
    return this.#run((database) => {
      const store = database.transaction('papers').store
      return Promise.all(ids.map((id) => store.get(id)))
    })
  }

  papersByRow(rows: readonly number[]): Promise<(StoredPaper | undefined)[]> {
    return this.#run((database) => {
      const index = database.transaction('papers').store.index('row')
      return Promise.all(rows.map((row) => index.get(row)))
    })
  }

  papersInRange(from: number, to: number): Promise<StoredPaper[]> {
    if (to <= from) return Promise.resolve([])
    return this.#run((database) => database.getAllFromIndex('papers', 'row', IDBKeyRange.bound(from, to, false, true)))
  }

  abstracts(rows: readonly number[]): Promise<(string | undefined)[]> {
    return this.#run((database) => {
      const store = database.transaction('abstracts').store
      return Promise.all(rows.map((row) => store.get(row)))
    })
  }

  async abstractRows(from: number, to: number): Promise<number[]> {
    if (to <= from) return []
    return this.#run((database) => database.getAllKeys('abstracts', IDBKeyRange.bound(from, to, false, true)))
  }

  async abstractsInRange(from: number, to: number): Promise<Map<number, string>> {
    if (to <= from) return new Map()
    return this.#run(async (database) => {
      const store = database.transaction('abstracts').store
      const range = IDBKeyRange.bound(from, to, false, true)
      const [keys, values] = await Promise.all([store.getAllKeys(range), store.getAll(range)])
      return new Map(keys.map((key, index) => [key, values[index]!]))
    })
  }

  readSegments(
    model: string,
    numbers: readonly number[],
    onSegment: (segment: Segment | null, number: number) => void,
  ): Promise<void> {
    return this.#readEach('segments', model, numbers, (value, number) => onSegment(segmentFrom(value), number))
  }

  readCodes(
    model: string,
    numbers: readonly number[],
    onCodes: (codes: SegmentCodes | null, number: number) => void,
  ): Promise<void> {
    return this.#readEach('codes', model, numbers, (value, number) => onCodes(codesFrom(value), number))
  }

  data(prefix: string): Promise<Map<string, unknown>> {
    return this.#run(async (database) => {
      const store = database.transaction('meta').store
      const range = IDBKeyRange.bound(DATA + prefix, `${DATA}${prefix}\uffff`)
      const [keys, values] = await Promise.all([store.getAllKeys(range), store.getAll(range)])
      return new Map(keys.map((key, index) => [key.slice(DATA.length), values[index]]))
    })
  }

  segmentIds(): Promise<SegmentId[]> {
    return this.#run(async (database) => {
      const keys = await database.getAllKeys('segments')
      return keys.map(([model, number]) => ({ model, number }))
    })
  }

  async #readEach(
    store: 'segments' | 'codes',
    model: string,
    numbers: readonly number[],
    onValue: (value: unknown, number: number) => void,
  ): Promise<void> {
    const read = (first: number) => {
      const part = numbers.slice(first, first + READ_AT_ONCE)
      return part.length === 0 ? null : { part, values: this.#readPart(store, model, part) }
    }
    // Reads the next part while the current one is processed.
    let next = read(0)
    for (let first = READ_AT_ONCE; next; first += READ_AT_ONCE) {
      const { part, values } = next
      next = read(first)
      for (const [index, value] of (await values).entries()) onValue(value, part[index]!)
    }
  }

  /** Values by number: `null` for one that the browser can no longer read, `undefined` for a missing one. */
  async #readPart(store: 'segments' | 'codes', model: string, numbers: readonly number[]): Promise<unknown[]> {
    try {
      return await this.#run((database) => {
        const values = database.transaction(store).store
        return Promise.all(numbers.map((number) => values.get([model, number])))
      })
    } catch {
      // One unreadable value fails the whole request, so read them one by one.
      return Promise.all(
        numbers.map((number) =>
          this.#run((database) => database.get(store, [model, number])).catch((error) => {
            if (this.#lost || error?.details?.reason === 'TimeoutError') throw error
            return null
          }),
        ),
      )
    }
  }

  async #run<T>(operation: (database: IDBPDatabase<Schema>) => Promise<T>): Promise<T> {
    if (this.#lost) throw this.#deleted()
    return databaseOperation('indexes', LIMIT_MS, () => operation(this.#database)).catch((error) => {
      throw this.#lost ? this.#deleted(error) : error
    })
  }

  #deleted(cause?: unknown): Specter2Error {
    const message = `The index "${this.#name}" was deleted from the browser's storage while it was open. Open it again to start a new one.`
    return new Specter2Error('STORAGE_FAILED', message, { details: { reason: 'Deleted', index: this.#name }, cause })
  }
}

function toStored({ rows, vectors, ...segment }: Segment): StoredSegment {
  return { ...segment, rows: wholeBuffer(rows), vectors: wholeBuffer(vectors) }
}

/** `null` if the value is malformed: the checksum would detect that too, but the arrays cannot be built. */
function segmentFrom(value: unknown): Segment | null {
  if (typeof value !== 'object' || value === null) return null
  const { rows, vectors, hashes, ...segment } = value as StoredSegment
  const isValid = isWords(rows) && isWords(vectors) && Array.isArray(hashes)
  return isValid ? { ...segment, hashes, rows: new Uint32Array(rows), vectors: new Float32Array(vectors) } : null
}

function codesFrom(value: unknown): SegmentCodes | null {
  if (typeof value !== 'object' || value === null) return null
  const { rows, data, hashes, ...codes } = value as StoredCodes
  const isValid = isWords(rows) && isWords(data) && Array.isArray(hashes)
  return isValid ? { ...codes, hashes, rows: new Uint32Array(rows), data } : null
}

function isWords(buffer: unknown): boolean {
  return buffer instanceof ArrayBuffer && buffer.byteLength % 4 === 0
}

function wholeBuffer(array: Uint32Array<ArrayBuffer> | Float32Array<ArrayBuffer>): ArrayBuffer {
  return array.byteLength === array.buffer.byteLength ? array.buffer : array.slice().buffer
}
