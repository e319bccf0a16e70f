import { Specter2Error } from '../src/core/errors.js'
import type { KeyValueStore } from '../src/storage/key-value-store.js'

/** A key-value store in memory that clones values, as IndexedDB does, and can be made to fail. */
export class MemoryStore implements KeyValueStore {
  readonly values = new Map<string, unknown>()
  failing: (method: keyof KeyValueStore, key?: string) => boolean = () => false

  async #run<T>(method: keyof KeyValueStore, key: string | undefined, work: () => T): Promise<T> {
    if (this.failing(method, key)) throw new Specter2Error('STORAGE_FAILED', 'The space for this site is used up.')
    return work()
  }

  get = (key: string) => this.#run('get', key, () => structuredClone(this.values.get(key)))
  set = (key: string, value: unknown) => this.#run('set', key, () => void this.values.set(key, structuredClone(value)))
  update = (key: string, change: (old: unknown) => unknown) =>
    this.#run('update', key, () => {
      const value = change(structuredClone(this.values.get(key)))
      if (value !== undefined) this.values.set(key, structuredClone(value))
    })
  delete = (keys: readonly string[]) => this.#run('delete', undefined, () => keys.forEach((key) => void this.values.delete(key)))
  keys = () => this.#run('keys', undefined, () => [...this.values.keys()])

  get chunkCount() {
    return [...this.values.keys()].filter((key) => key.startsWith('chunk:')).length
  }
}
