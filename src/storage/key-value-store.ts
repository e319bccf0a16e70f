import { createStore, delMany, get, keys, set, type UseStore, update } from 'idb-keyval'
import { within } from '../core/async/waiting.js'
import { storageError } from './storage-error.js'

/** The little that the cache asks of a database. Every method rejects with `STORAGE_FAILED`. */
export interface KeyValueStore {
  get(key: string): Promise<unknown>
  set(key: string, value: unknown): Promise<void>
  /** Replaces a value by `change` of it, in one transaction across tabs; `undefined` leaves all as it is. */
  update(key: string, change: (old: unknown) => unknown): Promise<void>
  delete(keys: readonly string[]): Promise<void>
  keys(): Promise<string[]>
}

/** How patient {@link idbStore} is. */
export interface IdbStoreOptions {
  /** Longest time to open the database, in milliseconds: it never opens while another tab holds up its deletion. Default 5,000. */
  openLimitMs?: number
  /** Longest time for one operation, in milliseconds: browsers have been seen to lose them. Default 30,000. */
  limitMs?: number
}

/**
 * The key-value store of the model cache in IndexedDB: database `specter2-web`, object store `models`. It is opened by the first
 * operation.
 */
export function idbStore({ openLimitMs = 5_000, limitMs = 30_000 }: IdbStoreOptions = {}): KeyValueStore {
  let database: Promise<UseStore> | null = null

  async function open(): Promise<UseStore> {
    const useStore = createStore('specter2-web', 'models')
    await useStore('readonly', ({ transaction: { db } }) => {
      // Makes way where another tab, or the reader, deletes the database.
      db.onversionchange = () => {
        db.close()
        database = null
      }
    })
    return useStore
  }

  async function run<T>(operation: (useStore: UseStore) => Promise<T>): Promise<T> {
    try {
      database ??= within(open(), { limitMs: openLimitMs, onLimit: timedOut })
      const useStore = await database.catch((error) => {
        database = null
        throw error
      })
      return await within(operation(useStore), { limitMs, onLimit: timedOut })
    } catch (error) {
      throw storageError('models', error)
    }
  }

  return {
    get: (key) => run((store) => get(key, store)),
    set: (key, value) => run((store) => set(key, value, store)),
    update: (key, change) =>
      run((store) =>
        update(
          key,
          (old) => {
            const value = change(old)
            if (value === undefined) throw UNCHANGED
            return value
          },
          store,
        ).catch((error) => {
          if (error !== UNCHANGED) throw error
        }),
      ),
    delete: (keys) => run((store) => delMany([...keys], store)),
    keys: () => run((store) => keys<string>(store)),
  }
}

/** Thrown through idb-keyval's `update`, which would put `undefined`. */
const UNCHANGED = Symbol('unchanged')

function timedOut(): never {
  throw new DOMException('The database does not answer.', 'TimeoutError')
}
