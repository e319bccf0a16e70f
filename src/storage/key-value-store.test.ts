import { IDBFactory } from 'fake-indexeddb'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { idbStore } from './key-value-store.js'

afterEach(() => vi.unstubAllGlobals())

describe('a store', () => {
  /** Two stores of one database, as two tabs have them. */
  function openTwice() {
    const factory = new IDBFactory()
    vi.stubGlobal('indexedDB', factory)
    return { factory, store: idbStore(), other: idbStore() }
  }

  test('returns what another tab has stored, and deletes by key', async () => {
    const { store, other } = openTwice()
    await store.set('bytes', Uint8Array.of(1, 2).buffer)
    await store.set('text', 'x')
    expect(await other.get('bytes')).toEqual(Uint8Array.of(1, 2).buffer)
    expect(await other.keys()).toEqual(['bytes', 'text'])
    await other.delete(['bytes', 'missing'])
    expect(await store.keys()).toEqual(['text'])
    expect(await store.get('bytes')).toBe(undefined)
  })

  test('updates a value in one transaction, so that no update of another tab is lost', async () => {
    const { store, other } = openTwice()
    const increment = (old: unknown) => ((old as number | undefined) ?? 0) + 1
    await Promise.all(Array.from({ length: 20 }, (_, index) => (index % 2 ? store : other).update('count', increment)))
    expect(await store.get('count')).toBe(20)
  })

  test('leaves a value as it is if an update returns undefined, and fails if it throws', async () => {
    const { store } = openTwice()
    await store.set('a', 1)
    await store.update('a', () => undefined)
    await store.update('b', () => undefined)
    const failing = () => {
      throw new RangeError('change')
    }
    await expect(store.update('a', failing)).rejects.toMatchObject({ code: 'STORAGE_FAILED', details: { reason: 'RangeError' } })
    expect(await store.get('a')).toBe(1)
    expect(await store.keys()).toEqual(['a'])
  })

  test('does not block the deletion of its database, and starts an empty one afterwards', async () => {
    const { factory, store } = openTwice()
    await store.set('a', 1)
    await new Promise((resolve, reject) => {
      const request = factory.deleteDatabase('specter2-web')
      request.onsuccess = resolve
      request.onerror = reject
    })
    expect(await store.keys()).toEqual([])
  })
})

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

test('a database that never opens fails within the limit, and the next operation opens it again', async () => {
  const open = vi.fn(() => ({}))
  vi.stubGlobal('indexedDB', { open })
  const store = idbStore({ openLimitMs: 5 })
  const timeout = { code: 'STORAGE_FAILED', retryable: true, details: { reason: 'TimeoutError' } }
  await expect(store.get('a')).rejects.toMatchObject(timeout)
  await expect(store.get('a')).rejects.toMatchObject(timeout)
  expect(open).toHaveBeenCalledTimes(2)
})

test('storage that the browser blocks is not retryable, and the error says what to do', async () => {
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

/** A database that opens, whose transactions are made by `transaction`. */
function stubDatabase(transaction: () => unknown) {
  const db = { transaction, addEventListener: () => {} }
  vi.stubGlobal('indexedDB', {
    open: () => {
      const request = { result: db, onsuccess: () => {} }
      queueMicrotask(() => request.onsuccess())
      return request
    },
  })
  return db
}

test('a full disk is reported with the advice to delete models', async () => {
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
