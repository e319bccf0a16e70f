import { Specter2Error } from '../../core/errors.js'
import { IdbIndexStore } from './idb-index-store.js'
import type { IndexStore } from './index-store.js'
import { MemoryIndexStore } from './memory-index-store.js'

/** What IndexedDB throws if the browser blocks it or does not have it: private windows, settings, unusual environments. */
const BLOCKED: readonly unknown[] = ['SecurityError', 'InvalidStateError', 'ReferenceError', 'UnknownError', 'NotSupportedError']

/**
 * Opens an index's store in IndexedDB, or in memory if the browser blocks IndexedDB.
 *
 * @throws Specter2Error `STORAGE_FAILED` if IndexedDB is available but does not open.
 */
export async function openStore(name: string, onLost: () => void): Promise<IndexStore> {
  try {
    return await IdbIndexStore.open(name, onLost)
  } catch (error) {
    if (error instanceof Specter2Error && BLOCKED.includes(error.details.reason)) return new MemoryIndexStore(error.message)
    throw error
  }
}
