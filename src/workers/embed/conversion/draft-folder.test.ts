import { beforeEach, describe, expect, test } from 'vitest'
import { MemoryStore } from '../../../../testing/memory-store.js'
import { CHUNK_BYTES, type Manifest, type ManifestFile } from '../../../core/model-folder/manifest.js'
import { sha256Hex } from '../../../core/sha256.js'
import { ModelCache } from '../../../model/model-cache.js'
import { DraftFolder } from './draft-folder.js'

const LOCK = 'specter2-web:test'
const KEY = 'converted:tiny@files/q8/base/0123456789abcdef/1'
const GRAPH = 'onnx/model_quantized.onnx'

/** Three chunks, the last one of 1,000 bytes. */
const graph = Uint8Array.from({ length: 2 * CHUNK_BYTES + 1000 }, (_, i) => Math.imul(i, 2654435761) >>> 24)

async function* chunks(bytes: Uint8Array): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  for (let start = 0; start < bytes.length; start += CHUNK_BYTES) yield bytes.slice(start, start + CHUNK_BYTES)
}

let held: Set<string>
let store: MemoryStore
let cache: ModelCache
let draft: DraftFolder
let manifest: Manifest

beforeEach(async () => {
  held = new Set([LOCK])
  store = new MemoryStore()
  cache = new ModelCache(store, async () => held)
  draft = new DraftFolder(cache, LOCK)
  const hashes: string[] = []
  for await (const chunk of chunks(graph)) hashes.push(await sha256Hex(chunk))
  const files: Record<string, ManifestFile> = { [GRAPH]: { bytes: graph.length, chunks: hashes } }
  manifest = { id: 'tiny', revision: '1', dtypes: { q8: { graph: GRAPH } }, adapters: {}, files } as unknown as Manifest
})

const keysOf = (kind: string) => [...store.values.keys()].filter((key) => key.startsWith(kind))
const full = () => {
  store.failing = (method) => method === 'set'
}

describe('a draft', () => {
  test('becomes a model with its chunks, and leaves nothing else behind', async () => {
    await draft.write(GRAPH, chunks(graph))
    await draft.write('manifest.json', chunks(new Uint8Array(10)))
    expect(await cache.list()).toEqual([])
    expect(await draft.commit(KEY, manifest)).toEqual({ stored: true })
    expect(await cache.list()).toMatchObject([{ url: KEY, id: 'tiny', bytes: graph.length, complete: [GRAPH] }])
    expect([...store.values.keys()].sort()).toEqual(
      [`model:${KEY}`, ...manifest.files[GRAPH]!.chunks.map((hash) => `chunk:${hash}`)].sort(),
    )
  })

  test('is safe from the clean-up of other tabs only while its lock is held', async () => {
    await draft.write(GRAPH, chunks(graph))
    await new ModelCache(store, async () => held).deleteUnused()
    expect(keysOf('chunk:')).toHaveLength(3)
    held.clear()
    await new ModelCache(store, async () => held).deleteUnused()
    expect(store.values.size).toBe(0)
  })

  test('that is discarded leaves nothing', async () => {
    await draft.write(GRAPH, chunks(graph))
    await draft.discard()
    expect(store.values.size).toBe(0)
  })

  test('does not become a model if its chunks are deleted meanwhile, for example by clearing all models', async () => {
    await draft.write(GRAPH, chunks(graph))
    await cache.clear()
    await expect(draft.commit(KEY, manifest)).rejects.toMatchObject({ code: 'STORAGE_FAILED', retryable: true })
    expect(await cache.list()).toEqual([])
  })
})

describe('if storage is full', () => {
  test('in the middle of a file, it is tried again at the end', async () => {
    let room = 1
    store.failing = (method, key) => method === 'set' && key?.startsWith('chunk:') === true && room-- <= 0
    await draft.write(GRAPH, chunks(graph))
    expect(keysOf('chunk:')).toHaveLength(1)
    room = 10
    expect(await draft.commit(KEY, manifest)).toEqual({ stored: true })
    expect(await cache.list()).toMatchObject([{ bytes: graph.length, complete: [GRAPH] }])
  })

  test('to the end, the files are in memory, with the reason, and nothing is left in storage', async () => {
    await draft.write('config.json', chunks(new Uint8Array(10)))
    full()
    await draft.write(GRAPH, chunks(graph))
    const finished = await draft.commit(KEY, manifest)
    expect(finished).toMatchObject({ stored: false, reason: 'The space for this site is used up.' })
    const { files } = finished as Extract<typeof finished, { stored: false }>
    expect([...files].map(([path, blob]) => [path, blob.size])).toEqual([
      ['config.json', 10],
      [GRAPH, graph.length],
    ])
    expect(Buffer.compare(new Uint8Array(await files.get(GRAPH)!.arrayBuffer()), graph)).toBe(0)
    expect(store.values.size).toBe(0)
  })

  test('and memory too, the error gives the bytes that were needed', async () => {
    full()
    const { Blob } = globalThis
    class LostBlob extends Blob {
      override arrayBuffer = () => Promise.reject(new DOMException('lost', 'NotReadableError'))
    }
    globalThis.Blob = LostBlob
    try {
      await draft.write(GRAPH, chunks(graph))
    } finally {
      globalThis.Blob = Blob
    }
    await expect(draft.commit(KEY, manifest)).rejects.toMatchObject({ code: 'STORAGE_FAILED', details: { bytes: graph.length } })
  })
})
