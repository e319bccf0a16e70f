import { createStore, del, get, set, type UseStore, update } from 'idb-keyval'

/**
 * Stores what the page needs besides papers: libraries, choices, reviews, map layouts. Plain data by key, shared by all tabs;
 * kept in memory if the browser blocks storage.
 */
export class PageStore {
  readonly #listeners: ((key: string) => void)[] = []
  readonly #channel = typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel('specter2-web page')
  #database = openDatabase()
  readonly #memory = new Map<string, unknown>()

  constructor() {
    if (this.#channel) this.#channel.onmessage = ({ data }) => this.#notify(String(data))
  }

  /** Calls the listener after every change in this tab or another. */
  onChange(listener: (key: string) => void): void {
    this.#listeners.push(listener)
  }

  async get<T>(key: string): Promise<T | undefined> {
    return this.#run(
      (database) => get<T>(key, database),
      () => this.#memory.get(key) as T | undefined,
    )
  }

  async set(key: string, value: unknown): Promise<void> {
    await this.#run(
      (database) => set(key, value, database),
      () => void this.#memory.set(key, value),
    )
    this.#changed(key)
  }

  /** Replaces a value by `change(old)`, in one transaction across tabs. */
  async update<T>(key: string, change: (old: T | undefined) => T): Promise<void> {
    await this.#run(
      (database) => update<T>(key, change, database),
      () => void this.#memory.set(key, change(this.#memory.get(key) as T | undefined)),
    )
    this.#changed(key)
  }

  async delete(key: string): Promise<void> {
    await this.#run(
      (database) => del(key, database),
      () => void this.#memory.delete(key),
    )
    this.#changed(key)
  }

  async #run<T>(stored: (database: UseStore) => Promise<T>, inMemory: () => T): Promise<T> {
    const database = await this.#database
    if (!database) return inMemory()
    return stored(database).catch((error) => {
      // The browser closed the connection.
      if ((error as Error | null)?.name !== 'InvalidStateError') throw error
      const again = createStore(...DATABASE)
      this.#database = Promise.resolve(again)
      return stored(again)
    })
  }

  #changed(key: string): void {
    this.#channel?.postMessage(key)
    this.#notify(key)
  }

  #notify(key: string): void {
    for (const listener of this.#listeners) listener(key)
  }
}

const DATABASE = ['specter2-web-page', 'values'] as const

/** `null` if the browser blocks storage. Later errors are thrown: stored data must not seem to be gone. */
async function openDatabase(): Promise<UseStore | null> {
  try {
    const database = createStore(...DATABASE)
    await get('', database)
    return database
  } catch {
    return null
  }
}
