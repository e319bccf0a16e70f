import { within } from '../core/async/waiting.js'
import { storageError } from './storage-error.js'

/** Begins the names of the indexes' databases. */
export const DATABASE_PREFIX = 'specter2-web-index:'

/** A deletion waits for tabs that do not let go. */
const LIMIT_MS = 10_000

/** Names of the indexes in this browser. @throws Specter2Error `STORAGE_FAILED`. */
export async function listIndexes(): Promise<string[]> {
  try {
    const databases = await indexedDB.databases()
    const names = databases.flatMap(({ name }) => (name?.startsWith(DATABASE_PREFIX) ? [name.slice(DATABASE_PREFIX.length)] : []))
    return names.sort()
  } catch (error) {
    throw storageError('indexes', error)
  }
}

/** Deletes an index; one that is not there is no error. @throws Specter2Error `STORAGE_FAILED`. */
export async function deleteIndex(name: string): Promise<void> {
  try {
    const deleted = new Promise<void>((resolve, reject) => {
      const request = indexedDB.deleteDatabase(DATABASE_PREFIX + name)
      request.onsuccess = () => resolve()
      request.onerror = () => reject(request.error)
    })
    const onLimit = () => {
      throw new DOMException('The database does not answer.', 'TimeoutError')
    }
    await within(deleted, { limitMs: LIMIT_MS, onLimit })
  } catch (error) {
    throw storageError('indexes', error)
  }
}
