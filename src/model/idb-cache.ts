import { createStore, delMany, get, keys, set, type UseStore, update } from 'idb-keyval'
import { Specter2Error } from '../errors.js'
import { within } from '../waiting.js'
import type { KeyValueStore } from './model-cache.js'

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
      throw storageError(error)
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

function storageError(cause: unknown): Specter2Error {
  const name = cause instanceof Error ? cause.name : 'UnknownError'
  const advice: Record<string, string> = {
    QuotaExceededError: 'The space for this site is used up. Delete models that are not needed, or free space on the disk.',
    SecurityError: 'The browser blocks storage for this site. Leave the private window, or allow site data in its settings.',
    InvalidStateError: 'The browser blocks storage for this site. Leave the private window, or allow site data in its settings.',
    ReferenceError: 'There is no IndexedDB here.',
    TimeoutError: "The database does not answer. Close this site's other tabs and reload.",
  }
  const reason = advice[name] ?? `${cause instanceof Error ? cause.message : cause} Reload the page and try again.`
  return new Specter2Error('STORAGE_FAILED', `The browser's storage of models failed (${name}). ${reason}`, {
    retryable: name === 'TimeoutError' || !(name in advice),
    details: { reason: name },
    cause,
  })
}
