import { IDBFactory } from 'fake-indexeddb'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { closeWhenDeleted } from './database.js'
import { DATABASE_PREFIX, deleteIndex, listIndexes } from './index-databases.js'

beforeEach(() => vi.stubGlobal('indexedDB', new IDBFactory()))
afterEach(() => vi.unstubAllGlobals())

function open(name: string): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(name)
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })
}

test('only the databases of indexes are listed, sorted by name', async () => {
  for (const name of [`${DATABASE_PREFIX}reading`, 'specter2-web', `${DATABASE_PREFIX}a:b`]) (await open(name)).close()
  expect(await listIndexes()).toEqual(['a:b', 'reading'])
})

test('an index is deleted even while a tab has it open', async () => {
  const onClosed = vi.fn()
  closeWhenDeleted(await open(`${DATABASE_PREFIX}reading`), onClosed)
  await deleteIndex('reading')
  expect(onClosed).toHaveBeenCalledOnce()
  expect(await listIndexes()).toEqual([])
})

test('deleting an index that does not exist is not an error', async () => {
  await deleteIndex('missing')
})

test('without IndexedDB, as in Node, listing and deleting fail as STORAGE_FAILED', async () => {
  vi.stubGlobal('indexedDB', undefined)
  await expect(listIndexes()).rejects.toMatchObject({ code: 'STORAGE_FAILED', details: { reason: 'TypeError' } })
  await expect(deleteIndex('a')).rejects.toMatchObject({ code: 'STORAGE_FAILED', details: { reason: 'TypeError' } })
})

test('a deletion that another tab blocks fails within the limit', async () => {
  vi.useFakeTimers()
  try {
    vi.stubGlobal('indexedDB', { deleteDatabase: () => ({}) })
    const deleting = deleteIndex('a').catch((error) => error)
    await vi.advanceTimersByTimeAsync(10_000)
    expect(await deleting).toMatchObject({ code: 'STORAGE_FAILED', retryable: true, details: { reason: 'TimeoutError' } })
  } finally {
    vi.useRealTimers()
  }
})
