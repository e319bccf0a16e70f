import { beforeEach, expect, test } from 'vitest'
import { MemoryStore } from '../../../../testing/memory-store.js'
import { CHUNK_BYTES } from '../../../core/model-folder/manifest.js'
import { deleteDownloads, listDownloads } from '../../../model/downloads.js'
import { BrowserDownloads } from './browser-downloads.js'

const content = Uint8Array.from({ length: 2 * CHUNK_BYTES + 1000 }, (_, i) => Math.imul(i, 2654435761) >>> 24)
const file = { repo: 'owner/name', commit: 'a'.repeat(40), path: 'sub/weights#1.bin', byteLength: content.length }

let store: MemoryStore

beforeEach(() => {
  store = new MemoryStore()
})

/** Appends bytes `from` … `to` as a network does: in pieces of odd sizes. */
async function append(download: { append(bytes: Uint8Array): Promise<void> }, from: number, to: number) {
  for (let start = from; start < to; start += 700_001)
    await download.append(content.subarray(start, Math.min(start + 700_001, to)))
}

async function expectContent(source: { read(start: number, end: number): Promise<Uint8Array>; byteLength: number } | null) {
  expect(source!.byteLength).toBe(content.length)
  expect(Buffer.compare(await source!.read(0, content.length), content)).toBe(0)
  const [start, end] = [CHUNK_BYTES - 3, 2 * CHUNK_BYTES + 5]
  expect(Buffer.compare(await source!.read(start, end), content.subarray(start, end))).toBe(0)
}

test('a complete download is stored, and any slice of it can be read', async () => {
  const downloads = new BrowserDownloads(store)
  const download = await downloads.begin(file)
  await append(download, 0, content.length)
  expect(download.held).toBe(content.length)
  expect(await downloads.find(file)).toBeNull()
  await expectContent(await download.source())
  await expectContent(await download.commit())
  await download.release()
  await expectContent(await new BrowserDownloads(store).find(file))
  expect(await new BrowserDownloads(store).find({ ...file, commit: 'b'.repeat(40) })).toBeNull()
})

test('a released download resumes where it ended; one that was interrupted, after its last stored part', async () => {
  const first = await new BrowserDownloads(store).begin(file)
  await append(first, 0, CHUNK_BYTES + 17)
  const left = new MemoryStore()
  for (const [key, value] of store.values) left.values.set(key, structuredClone(value))

  await first.release()
  const second = await new BrowserDownloads(store).begin(file)
  expect(second.held).toBe(CHUNK_BYTES + 17)
  await append(second, CHUNK_BYTES + 17, content.length)
  await expectContent(await second.commit())
  await second.release()
  expect((await new BrowserDownloads(left).begin(file)).held).toBe(CHUNK_BYTES)
})

test('a discarded download starts again from the beginning', async () => {
  const download = await new BrowserDownloads(store).begin(file)
  await append(download, 0, CHUNK_BYTES + 17)
  await download.discard()
  expect(download.held).toBe(0)
  expect(store.values.size).toBe(0)
  await append(download, 0, content.length)
  await expectContent(await download.commit())
})

test('downloads are listed and deleted by repository and commit', async () => {
  const downloads = new BrowserDownloads(store)
  const whole = await downloads.begin(file)
  await append(whole, 0, content.length)
  await whole.commit()
  const part = await downloads.begin({ ...file, path: 'other.bin' })
  await append(part, 0, CHUNK_BYTES)
  await part.release()
  const other = await downloads.begin({ ...file, repo: 'owner/name2', path: 'x', byteLength: 3 })
  await other.append(content.subarray(0, 3))
  await other.commit()

  const url = `download:owner/name@${file.commit}`
  const bytes = content.length + CHUNK_BYTES
  const listed = await listDownloads(store)
  expect(listed).toMatchObject([
    { url, id: 'owner/name', revision: file.commit, bytes, complete: [file.path] },
    { id: 'owner/name2', bytes: 3, complete: ['x'] },
  ])
  await deleteDownloads(store, url)
  expect((await listDownloads(store)).map(({ id }) => id)).toEqual(['owner/name2'])
  await deleteDownloads(store, 'https://models.example/tiny')
  expect(store.values.size).toBe(2)
})

test('after the first storage failure the bytes stay in memory, and the file can still be used', async () => {
  const downloads = new BrowserDownloads(store)
  const download = await downloads.begin(file)
  await append(download, 0, CHUNK_BYTES + 17)
  store.failing = (method) => method === 'set'
  await append(download, CHUNK_BYTES + 17, content.length)
  await expectContent(await download.commit())
  await download.release()
  await expectContent(await downloads.find(file))
  // The next visit finds what was stored.
  store.failing = () => false
  expect((await new BrowserDownloads(store).begin(file)).held).toBe(CHUNK_BYTES)
})

test('reading deleted parts is an error, after which the download starts again', async () => {
  const downloads = new BrowserDownloads(store)
  const download = await downloads.begin(file)
  await append(download, 0, content.length)
  const source = await download.commit()
  for (const key of store.values.keys()) if (key.startsWith('part:1:')) store.values.delete(key)
  await expect(source.read(0, content.length)).rejects.toMatchObject({ code: 'STORAGE_FAILED', retryable: true })
  expect(await downloads.find(file)).toBeNull()
})
