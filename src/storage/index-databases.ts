import { databaseOperation } from './database.js'

/** Prefix of the database names of paper indexes. */
export const DATABASE_PREFIX = 'specter2-web-index:'

/** A deletion waits for every tab that still has the database open. */
const LIMIT_MS = 10_000

/** Names of the indexes in this browser, sorted. @throws Specter2Error `STORAGE_FAILED`. */
export function listIndexes(): Promise<string[]> {
  return databaseOperation('indexes', LIMIT_MS, async () => {
    const databases = await indexedDB.databases()
    const names = databases.flatMap(({ name }) => (name?.startsWith(DATABASE_PREFIX) ? [name.slice(DATABASE_PREFIX.length)] : []))
    return names.sort()
  })
}

/** Deletes an index, if it exists. @throws Specter2Error `STORAGE_FAILED`. */
export function deleteIndex(name: string): Promise<void> {
  const deleted = () =>
    new Promise<void>((resolve, reject) => {
      const request = indexedDB.deleteDatabase(DATABASE_PREFIX + name)
      request.onsuccess = () => resolve()
      request.onerror = () => reject(request.error)
    })
  return databaseOperation('indexes', LIMIT_MS, deleted)
}
