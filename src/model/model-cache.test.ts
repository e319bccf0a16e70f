import { beforeEach, describe, expect, test } from 'vitest'
import { MemoryStore } from '../../testing/memory-store.js'
import { CHUNK_BYTES, type Manifest, type ManifestFile } from '../core/model-folder/manifest.js'
import { sha256Hex } from '../core/sha256.js'
import type { FileProgress } from '../core/types.js'
import { ModelCache } from './model-cache.js'
import { filesSource, httpSource } from './model-source.js'
import { type OpenModelOptions, openModel } from './open-model.js'

const URL = 'https://models.example/tiny'
const GRAPH = 'onnx/model_quantized.onnx'
const ADAPTER = 'adapters/proximity.safetensors'

type Files = Record<string, Uint8Array<ArrayBuffer>>

/** A graph of two chunks, and an adapter. */
const firstFiles: Files = { [GRAPH]: bytes(1, CHUNK_BYTES + 10), [ADAPTER]: bytes(2, 20) }
/** Another graph, whose second chunk and whose adapter are the same. */
const secondFiles: Files = { ...firstFiles, [GRAPH]: firstFiles[GRAPH]!.with(0, 77) }
const TOTAL = CHUNK_BYTES + 30

function bytes(seed: number, length: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length }, (_, i) => Math.imul(i + seed, 2654435761) >>> 24)
}

async function manifestOf(files: Files, revision: string): Promise<Manifest> {
  const entries: [string, ManifestFile][] = []
  for (const [path, content] of Object.entries(files)) {
    const chunks: string[] = []
    for (let start = 0; start < content.length; start += CHUNK_BYTES) {
      chunks.push(await sha256Hex(content.subarray(start, start + CHUNK_BYTES)))
    }
    entries.push([path, { bytes: content.length, chunks }])
  }
  return {
    formatVersion: 1,
    id: 'example/tiny',
    revision,
    license: 'unknown',
    dimension: 1,
    layers: 1,
    maxTokens: 512,
    pooling: 'cls',
    normalized: false,
    metric: 'euclidean',
    templates: { paper: '{title}', query: '{query}', trim: true },
    dtypes: { q8: { graph: GRAPH } },
    adapters: { proximity: { file: ADAPTER, source: 'example' } } as unknown as Manifest['adapters'],
    defaultAdapter: 'proximity',
    queryAdapter: 'proximity',
    files: Object.fromEntries(entries),
    selfTest: { texts: [], vectors: { base: [], proximity: [] } as unknown as Manifest['selfTest']['vectors'] },
  }
}

type Answer = () => Promise<Response>
const offline: Answer = () => Promise.reject(new TypeError('Failed to fetch'))
const hanging: Answer = () => new Promise(() => {})
const status =
  (code: number): Answer =>
  async () =>
    new Response('', { status: code })

/** A web server: published files by URL, and answers to give instead. */
let published: Map<string, BlobPart>
let instead: ((path: string) => Answer | undefined) | undefined
let requests: string[]
let waits: number[]

async function publish(files: Files, revision: string, url = URL) {
  const manifest = await manifestOf(files, revision)
  published.set(`${url}/manifest.json`, JSON.stringify(manifest))
  for (const [path, content] of Object.entries(files)) published.set(`${url}/${path}`, content)
}

const fetch: typeof globalThis.fetch = (input, init) => {
  const path = String(input)
  const range = /(\d+)-(\d+)/.exec(new Headers(init?.headers).get('range') ?? '')
  requests.push(path.replace(`${URL}/`, '') + (range ? ` ${range[0]}` : ''))
  const answer = instead?.(path)
  if (answer) return answer()
  const content = published.get(path)
  if (content === undefined) return status(404)()
  const blob = new Blob([content])
  return Promise.resolve(
    range ? new Response(blob.slice(Number(range[1]), Number(range[2]) + 1), { status: 206 }) : new Response(blob),
  )
}

let store: MemoryStore
let cache: ModelCache

beforeEach(async () => {
  published = new Map()
  instead = undefined
  requests = []
  waits = []
  store = new MemoryStore()
  cache = new ModelCache(store)
  await publish(firstFiles, 'first')
})

const open = (options: Partial<OpenModelOptions> = {}, url = URL) =>
  openModel({
    source: httpSource(url, { fetch }),
    cache,
    sleep: async (ms) => void waits.push(ms),
    ...options,
  })

/** A visit: opens the model, loads graph and adapter, checks them and commits. */
async function visit(files: Files = firstFiles, options: Partial<OpenModelOptions> = {}, url = URL) {
  requests = []
  const folder = await open(options, url)
  for (const path of [GRAPH, ADAPTER]) expect(Buffer.compare(await folder.file(path), files[path]!)).toBe(0)
  await folder.commit()
  return folder
}

describe('a model', () => {
  test('is downloaded once; later visits request only the manifest', async () => {
    expect(await visit()).toMatchObject({ from: 'network', storage: { cached: true } })
    expect(requests).toEqual(['manifest.json', GRAPH, ADAPTER])
    expect(await visit()).toMatchObject({ from: 'network', storage: { cached: true } })
    expect(requests).toEqual(['manifest.json'])
  })

  test('works offline once it has been loaded', async () => {
    await visit()
    instead = () => offline
    expect(await visit()).toMatchObject({ from: 'cache', manifest: { revision: 'first' } })
    expect(waits).toEqual([])
  })

  test('works if the network does not answer within the limit', async () => {
    await visit()
    instead = () => hanging
    expect(await visit(firstFiles, { cachedAfterMs: 5 })).toMatchObject({ from: 'cache' })
  })

  test.each([
    ['is gone', status(404)],
    ['is behind a sign-in page', async () => new Response('<html>Welcome to the hotel')],
    ['is for a newer version of the package', async () => new Response('{"formatVersion": 9}')],
  ])('works from the cache if its manifest %s', async (_, answer) => {
    await visit()
    instead = (path) => (path.endsWith('manifest.json') ? answer : undefined)
    expect(await visit()).toMatchObject({ from: 'cache' })
  })

  test('that is not cached is requested again after a temporary failure, not after a permanent one', async () => {
    const failures = [offline, status(500)]
    instead = () => failures.shift()
    await visit()
    expect(waits).toEqual([500, 1000])
    published.clear()
    await cache.clear()
    await expect(open()).rejects.toMatchObject({ code: 'MODEL_NOT_FOUND', details: { url: `${URL}/manifest.json` } })
    expect(waits).toHaveLength(2)
  })

  test('that is not cached fails with the error of the network', async () => {
    instead = () => offline
    await expect(open()).rejects.toMatchObject({ code: 'DOWNLOAD_FAILED', retryable: true })
    expect(waits).toHaveLength(4)
  })

  test('with an endless manifest is refused', async () => {
    const body = () => new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(1 << 20)) })
    instead = () => async () => new Response(body())
    await expect(open()).rejects.toMatchObject({ code: 'INVALID_MODEL' })
  })

  test('opens only files of its manifest', async () => {
    const folder = await open()
    for (const path of ['config.json', 'constructor', '../secret']) {
      await expect(folder.file(path)).rejects.toMatchObject({ code: 'INVALID_MODEL', details: { file: path } })
    }
    expect(requests).toEqual(['manifest.json'])
  })

  test('from files is not cached', async () => {
    const files = new Map(Object.entries(firstFiles).map(([path, content]) => [path, new Blob([content])]))
    files.set('manifest.json', new Blob([published.get(`${URL}/manifest.json`)!]))
    expect(await visit(firstFiles, { source: filesSource(files) })).toMatchObject({ from: 'files', storage: { cached: false } })
    expect(store.values.size).toBe(0)
  })

  test('reports the progress of each file, and how much came from the cache', async () => {
    const last = new Map<string, FileProgress>()
    const onProgress = (progress: FileProgress) => void last.set(progress.path, progress)
    await visit(firstFiles, { onProgress })
    const adapter = { path: ADAPTER, loaded: 20, fromCache: 0, total: 20 }
    const graph = { path: GRAPH, loaded: CHUNK_BYTES + 10, fromCache: 0, total: CHUNK_BYTES + 10 }
    expect([...last.values()]).toEqual([graph, adapter])
    await visit(firstFiles, { onProgress })
    expect(last.get(GRAPH)).toEqual({ ...graph, fromCache: graph.total })
  })

  test('stops opening as soon as it is aborted', async () => {
    await visit()
    instead = () => hanging
    const reason = new Error('The reader left.')
    for (const cache of [null, new ModelCache(store)]) {
      const controller = new AbortController()
      const opening = open({ cache, signal: controller.signal })
      controller.abort(reason)
      await expect(opening).rejects.toBe(reason)
    }
  })
})

describe('a download that was cut off', () => {
  const cutOff = async () => {
    instead = (path) =>
      path.endsWith(GRAPH) ? async () => new Response(firstFiles[GRAPH]!.subarray(0, CHUNK_BYTES + 1)) : undefined
    const folder = await open({ sleep: () => Promise.reject(new Error('The tab was closed.')) })
    await expect(folder.file(GRAPH)).rejects.toThrow('The tab was closed.')
    instead = undefined
  }

  test('leaves nothing that looks complete, and is resumed', async () => {
    await cutOff()
    expect(await cache.list()).toMatchObject([{ url: URL, bytes: CHUNK_BYTES, complete: [] }])
    await visit()
    expect(requests).toEqual(['manifest.json', `${GRAPH} ${CHUNK_BYTES}-${CHUNK_BYTES + 9}`, ADAPTER])
  })

  test('cannot be used offline', async () => {
    await cutOff()
    instead = () => offline
    await expect(open()).rejects.toMatchObject({ code: 'DOWNLOAD_FAILED' })
  })
})

describe('a new revision', () => {
  beforeEach(async () => {
    await visit()
    await publish(secondFiles, 'second')
  })

  test('downloads the chunks that changed, and deletes those that are no longer used', async () => {
    expect(await visit(secondFiles)).toMatchObject({ manifest: { revision: 'second' } })
    expect(requests).toEqual(['manifest.json', `${GRAPH} 0-${CHUNK_BYTES - 1}`])
    expect(store.chunkCount).toBe(3)
    expect(await cache.list()).toMatchObject([{ revision: 'second', bytes: TOTAL, complete: [GRAPH, ADAPTER] }])
  })

  test('leaves the old one usable offline until it is loaded completely', async () => {
    const folder = await open()
    await folder.file(ADAPTER)
    instead = () => offline
    expect(await visit(firstFiles)).toMatchObject({ from: 'cache', manifest: { revision: 'first' } })
    instead = undefined
    await visit(secondFiles)
    instead = () => offline
    expect(await visit(secondFiles)).toMatchObject({ from: 'cache', manifest: { revision: 'second' } })
  })

  test('that does not fit beside the old one works in memory, and the old one stays', async () => {
    store.failing = (method, key) => method === 'set' && key?.startsWith('chunk:') === true
    const folder = await visit(secondFiles)
    expect(folder.storage).toEqual({ cached: false, reason: 'The space for this site is used up.' })
    store.failing = () => false
    instead = () => offline
    expect(await visit(firstFiles)).toMatchObject({ manifest: { revision: 'first' } })
  })

  test('that is reverted costs no download', async () => {
    await open()
    await publish(firstFiles, 'first')
    await visit(firstFiles)
    expect(requests).toEqual(['manifest.json'])
    expect(store.chunkCount).toBe(3)
  })
})

describe('storage', () => {
  test.each(['get', 'set', 'update', 'delete', 'keys'] as const)('whose %s fails does not fail a load', async (failing) => {
    await visit()
    store.values.delete([...store.values.keys()].find((key) => key.startsWith('chunk:'))!)
    store.failing = (method) => method === failing
    await publish(secondFiles, 'second')
    const folder = await visit(secondFiles)
    expect(folder.storage).toEqual({ cached: false, reason: 'The space for this site is used up.' })
  })

  test('that lost a chunk downloads it again', async () => {
    await visit()
    const [first] = (await manifestOf(firstFiles, 'first')).files[GRAPH]!.chunks
    store.values.delete(`chunk:${first}`)
    expect(await cache.list()).toMatchObject([{ bytes: 30, complete: [ADAPTER] }])
    await visit()
    expect(requests).toEqual(['manifest.json', `${GRAPH} 0-${CHUNK_BYTES - 1}`])
    expect(await cache.list()).toMatchObject([{ bytes: TOTAL, complete: [GRAPH, ADAPTER] }])
  })

  test('is shared by two tabs that load the same model at the same time', async () => {
    const tabs = [new ModelCache(store), new ModelCache(store)]
    await Promise.all(tabs.map((cache) => visit(firstFiles, { cache })))
    expect(await cache.list()).toMatchObject([{ bytes: TOTAL, complete: [GRAPH, ADAPTER] }])
    expect(store.chunkCount).toBe(3)
  })

  test('that another tab clears during a load does not end up with half a model or unused chunks', async () => {
    const folder = await open()
    await folder.file(GRAPH)
    await cache.clear()
    await folder.file(ADAPTER)
    expect(await cache.list()).toEqual([])
    await folder.commit()
    expect(store.values.size).toBe(0)
  })
})

describe('the list of cached models', () => {
  const OTHER = 'https://models.example/other'

  test('has each model, by URL without its token', async () => {
    await visit(firstFiles, {
      source: httpSource(`${URL}/?token=secret`, { fetch: (input, init) => fetch(String(input).split('?')[0]!, init) }),
    })
    const [model] = await cache.list()
    expect(model).toEqual({
      url: URL,
      id: 'example/tiny',
      revision: 'first',
      bytes: TOTAL,
      complete: [GRAPH, ADAPTER],
      savedAt: expect.any(Number),
    })
  })

  test('shrinks by a deletion, which preserves the chunks that another model uses', async () => {
    await publish(secondFiles, 'other', OTHER)
    await visit()
    await visit(secondFiles, {}, OTHER)
    expect((await cache.list()).map(({ url, bytes }) => [url, bytes])).toEqual([
      [URL, TOTAL],
      [OTHER, TOTAL],
    ])
    expect(store.chunkCount).toBe(4)
    await cache.delete(`${URL}/`)
    expect(await cache.list()).toMatchObject([{ url: OTHER, bytes: TOTAL, complete: [GRAPH, ADAPTER] }])
    expect(store.chunkCount).toBe(3)
    await cache.delete('https://models.example/never-seen')
    await cache.delete(OTHER)
    expect(store.values.size).toBe(0)
  })
})

describe('a draft', () => {
  const LOCK = 'lock:of:a:conversion'
  const chunk = bytes(9, 30)

  test('protects its chunks while its lock is held, and is deleted afterwards', async () => {
    const store = new MemoryStore()
    const held = new Set([LOCK])
    const cache = new ModelCache(store, async () => held)
    const hash = await sha256Hex(chunk)
    await cache.writeDraft(LOCK, hash, chunk.buffer)
    await cache.deleteUnused()
    expect(await cache.read(hash)).toEqual(chunk.buffer)
    expect(await cache.list()).toEqual([])
    held.clear()
    await cache.deleteUnused()
    expect(await store.keys()).toEqual([])
  })

  test('that ends leaves the chunks that a model uses', async () => {
    const store = new MemoryStore()
    const cache = new ModelCache(store, async () => new Set([LOCK]))
    const manifest = await manifestOf({ [GRAPH]: chunk }, '1')
    const other = bytes(8, 40)
    await cache.writeDraft(LOCK, await sha256Hex(chunk), chunk.buffer)
    await cache.writeDraft(LOCK, await sha256Hex(other), other.buffer)
    await cache.begin(URL, manifest)
    await cache.endDraft(LOCK)
    await cache.deleteUnused()
    expect(store.chunkCount).toBe(1)
    expect(await cache.usableManifest(URL)).toEqual(manifest)
  })
})
