import { Specter2Error } from '../../core/errors.js'
import { IdbIndexStore } from './idb-index-store.js'
import type { IndexStore } from './index-store.js'
import { MemoryIndexStore } from './memory-index-store.js'

/** What IndexedDB throws where a browser blocks it, or has none: private windows, settings, odd environments. */
const BLOCKED: readonly unknown[] = ['SecurityError', 'InvalidStateError', 'ReferenceError', 'UnknownError', 'NotSupportedError']

/**
 * The store of an index in IndexedDB, or in memory where the browser blocks that.
 *
 * @throws Specter2Error `STORAGE_FAILED` where there is one, but it does not open.
 */
export async function openStore(name: string, onLost: () => void): Promise<IndexStore> {
  try {
    return await IdbIndexStore.open(name, onLost)
  } catch (error) {
    if (error instanceof Specter2Error && BLOCKED.includes(error.details.reason)) return new MemoryIndexStore(error.message)
    throw error
  }
}
