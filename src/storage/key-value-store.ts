import { createStore, delMany, get, keys, set, type UseStore, update } from 'idb-keyval'
import { closeWhenDeleted, databaseOperation } from './database.js'

/** The few operations that the model cache needs of a database. Every method rejects with `STORAGE_FAILED`. */
export interface KeyValueStore {
  get(key: string): Promise<unknown>
  set(key: string, value: unknown): Promise<void>
  /** Replaces a value by `change(value)`, in one transaction across tabs; if that is `undefined`, changes nothing. */
  update(key: string, change: (old: unknown) => unknown): Promise<void>
  delete(keys: readonly string[]): Promise<void>
  keys(): Promise<string[]>
}

/** Time limits of {@link idbStore}. */
export interface IdbStoreOptions {
  /** Longest time to open the database, in milliseconds: it never opens while another tab blocks its deletion. Default 5,000. */
  openLimitMs?: number
  /** Longest time for one operation, in milliseconds. Default 30,000. */
  limitMs?: number
}

/** The key-value store of the model cache: IndexedDB database `specter2-web`, object store `models`, opened by the first operation. */
export function idbStore({ openLimitMs = 5_000, limitMs = 30_000 }: IdbStoreOptions = {}): KeyValueStore {
  let opened: Promise<UseStore> | null = null

  async function open(): Promise<UseStore> {
    const useStore = createStore('specter2-web', 'models')
    await useStore('readonly', ({ transaction: { db } }) => {
      closeWhenDeleted(db, () => {
        opened = null
      })
    })
    return useStore
  }

  async function run<T>(operation: (useStore: UseStore) => Promise<T>): Promise<T> {
    opened ??= databaseOperation('models', openLimitMs, open)
    const useStore = await opened.catch((error) => {
      opened = null
      throw error
    })
    return databaseOperation('models', limitMs, () => operation(useStore))
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

/** Thrown out of idb-keyval's `update`, which would otherwise store `undefined`. */
const UNCHANGED = Symbol('unchanged')
