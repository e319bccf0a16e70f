import { beforeEach, expect, test } from 'vitest'
import { MemoryStore } from '../../testing/memory-store.js'
import {
  type DownloadRecord,
  deleteDownloads,
  deleteDownloadsOf,
  downloadKey,
  downloadPartKey,
  listDownloads,
} from './downloads.js'

let store: MemoryStore

/** Stores a download with one part. */
async function save(repo: string, commit: string, path: string, held: number, whole: boolean, savedAt: number): Promise<void> {
  const record: DownloadRecord = { repo, commit, path, byteLength: 100, held, whole, savedAt }
  await store.set(downloadKey(record), record)
  await store.set(downloadPartKey(record, 0), new ArrayBuffer(held))
}

beforeEach(async () => {
  store = new MemoryStore()
  await save('a/base', 'c1', 'config.json', 100, true, 5)
  await save('a/base', 'c1', 'model.safetensors', 40, false, 3)
  await save('a/base', 'c2', 'config.json', 100, true, 7)
  await save('a/base-large', 'c1', 'config.json', 10, false, 9)
  await store.set('model:https://x.example', {})
})

test('downloads are listed by repository and commit, with their bytes, complete files and age', async () => {
  expect(await listDownloads(store)).toEqual([
    { url: 'download:a/base@c1', id: 'a/base', revision: 'c1', bytes: 140, complete: ['config.json'], savedAt: 3 },
    { url: 'download:a/base@c2', id: 'a/base', revision: 'c2', bytes: 100, complete: ['config.json'], savedAt: 7 },
    { url: 'download:a/base-large@c1', id: 'a/base-large', revision: 'c1', bytes: 10, complete: [], savedAt: 9 },
  ])
})

test('a download is deleted with its parts, and no other', async () => {
  await deleteDownloads(store, 'download:a/base@c1')
  expect((await listDownloads(store)).map(({ url }) => url)).toEqual(['download:a/base@c2', 'download:a/base-large@c1'])
  expect((await store.keys()).filter((key) => key.includes('a/base@c1'))).toEqual([])
})

test('all commits of a repository are deleted, and no other repository', async () => {
  await deleteDownloadsOf(store, 'a/base')
  expect((await listDownloads(store)).map(({ url }) => url)).toEqual(['download:a/base-large@c1'])
})

test('an address that is not a download deletes nothing', async () => {
  const before = await store.keys()
  await deleteDownloads(store, 'model:https://x.example')
  await deleteDownloads(store, '')
  expect(await store.keys()).toEqual(before)
})
