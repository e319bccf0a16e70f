import { afterEach, expect, test, vi } from 'vitest'
import { idbStore } from './key-value-store.js'

// What a real database does is tested in browsers; here is what it does when it fails.
afterEach(() => vi.unstubAllGlobals())

test('without IndexedDB, as in Node, every operation fails as STORAGE_FAILED', async () => {
  const store = idbStore()
  const operations = [store.get('a'), store.set('a', 1), store.update('a', () => 1), store.delete(['a']), store.keys()]
  for (const operation of operations) {
    await expect(operation).rejects.toMatchObject({
      code: 'STORAGE_FAILED',
      retryable: false,
      details: { reason: 'ReferenceError' },
    })
  }
})

test('a database that never opens fails within the limit, and is tried again the next time', async () => {
  const open = vi.fn(() => ({}))
  vi.stubGlobal('indexedDB', { open })
  const store = idbStore({ openLimitMs: 5 })
  const timeout = { code: 'STORAGE_FAILED', retryable: true, details: { reason: 'TimeoutError' } }
  await expect(store.get('a')).rejects.toMatchObject(timeout)
  await expect(store.get('a')).rejects.toMatchObject(timeout)
  expect(open).toHaveBeenCalledTimes(2)
})

test('storage that the browser blocks says what to do', async () => {
  vi.stubGlobal('indexedDB', {
    open: () => {
      throw new DOMException('The operation is insecure.', 'SecurityError')
    },
  })
  await expect(idbStore().keys()).rejects.toMatchObject({
    code: 'STORAGE_FAILED',
    retryable: false,
    message: expect.stringContaining('private window'),
    cause: { name: 'SecurityError' },
  })
})

/** A database that opens, with a transaction that goes by `transaction`. */
function stubDatabase(transaction: () => unknown) {
  const db: { transaction: unknown; close?: () => void; onversionchange?: () => void } = { transaction }
  vi.stubGlobal('indexedDB', {
    open: () => {
      const request = { result: db, onsuccess: () => {} }
      queueMicrotask(() => request.onsuccess())
      return request
    },
  })
  return db
}

test('a full disk says to delete models', async () => {
  const db = stubDatabase(() => ({ objectStore: () => objectStore }))
  const objectStore = {
    transaction: { db, error: new DOMException('', 'QuotaExceededError'), onabort: () => {} },
    put() {
      queueMicrotask(() => this.transaction.onabort())
    },
  }
  await expect(idbStore().set('a', 1)).rejects.toMatchObject({
    code: 'STORAGE_FAILED',
    details: { reason: 'QuotaExceededError' },
    message: expect.stringContaining('Delete models'),
  })
})

test('an operation that never ends fails within the limit', async () => {
  const db = stubDatabase(() => ({ objectStore: () => objectStore }))
  const objectStore = { transaction: { db }, get: () => ({}) }
  await expect(idbStore({ limitMs: 5 }).get('a')).rejects.toMatchObject({ details: { reason: 'TimeoutError' } })
})
