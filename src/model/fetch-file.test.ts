import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Answer, answer, breakAt, listen, serve, serveWhole } from '../../testing/http-server.js'
import { sleep as realSleep } from '../core/async/waiting.js'
import { CHUNK_BYTES, type ManifestFile } from '../core/model-folder/manifest.js'
import { sha256Hex } from '../core/sha256.js'
import { type BytesLoaded, fetchFile } from './fetch-file.js'
import type { ChunkStore } from './model-cache.js'
import { filesSource, httpSource, type ModelSource } from './model-source.js'

/** Three chunks, the last one of 1,000 bytes. */
const content = Uint8Array.from({ length: 2 * CHUNK_BYTES + 1000 }, (_, i) => Math.imul(i, 2654435761) >>> 24)
const damaged = content.slice()
damaged[CHUNK_BYTES + 5]! ^= 1

let file: ManifestFile
let base: string
/** What the server does with its first, second … request; afterwards it serves the file, with ranges. */
let script: Answer[]
let requests: { url: string | undefined; range: string | undefined; cacheControl: string | undefined }[]
let waits: number[]

let server: Awaited<ReturnType<typeof listen>>

beforeAll(async () => {
  const chunks = [0, 1, 2].map((index) => content.subarray(index * CHUNK_BYTES, (index + 1) * CHUNK_BYTES))
  file = { bytes: content.length, chunks: await Promise.all(chunks.map(sha256Hex)) }
  server = await listen((request, response) => {
    const { range, 'cache-control': cacheControl } = request.headers
    requests.push({ url: request.url, range, cacheControl })
    const step = script.shift() ?? serve(content)
    step(request, response)
  })
  base = `${server.url}/tiny`
})

afterAll(() => server.close())

beforeEach(() => {
  script = []
  requests = []
  waits = []
})

const sleep = async (ms: number) => {
  waits.push(ms)
}

function memoryChunks(indexes: readonly number[] = []): ChunkStore & { chunks: Map<string, ArrayBuffer> } {
  const chunks = new Map(indexes.map((i) => [file.chunks[i]!, content.slice(i * CHUNK_BYTES, (i + 1) * CHUNK_BYTES).buffer]))
  return {
    chunks,
    read: async (hash) => chunks.get(hash),
    write: async (hash, chunk) => void chunks.set(hash, chunk),
  }
}

/** Fetches the file and checks it whole; gives the bytes that were reported from the cache and from the network. */
async function fetchWhole(store: ChunkStore | null = null, source: ModelSource = httpSource(base)) {
  const loaded = { cache: 0, network: 0 }
  const onBytes = ({ bytes, from }: BytesLoaded) => {
    loaded[from] += bytes
  }
  const bytes = await fetchFile(source, 'model.onnx', file, store, { onBytes, sleep })
  expect(Buffer.compare(bytes, content)).toBe(0)
  return loaded
}

const failure = (store: ChunkStore | null = null) =>
  fetchFile(httpSource(base), 'model.onnx', file, store, { sleep }).then(
    () => expect.fail('The download succeeded.'),
    (error) => error,
  )

const from = (index: number) => `bytes=${index * CHUNK_BYTES}-${content.length - 1}`

describe('a download', () => {
  test('is one request without a range, counts every byte, and stores every chunk', async () => {
    const store = memoryChunks()
    expect(await fetchWhole(store)).toEqual({ cache: 0, network: content.length })
    expect(requests.map(({ range }) => range)).toEqual([undefined])
    expect([...store.chunks.keys()]).toEqual(file.chunks)
    expect([...store.chunks.values()].map((chunk) => chunk.byteLength)).toEqual([CHUNK_BYTES, CHUNK_BYTES, 1000])
  })

  test('sends the query of the URL', async () => {
    await fetchWhole(null, httpSource(`${base}/?token=x`))
    expect(requests[0]!.url).toBe('/tiny/model.onnx?token=x')
  })

  test('of an empty file sends no request', async () => {
    expect(await fetchFile(httpSource(base), 'empty', { bytes: 0, chunks: [] }, null)).toEqual(new Uint8Array(0))
    expect(requests).toEqual([])
  })

  test('works from files, by slices too', async () => {
    const source = filesSource(new Map([['model.onnx', new Blob([content])]]))
    expect(await fetchWhole(memoryChunks([1]), source)).toEqual({ cache: CHUNK_BYTES, network: CHUNK_BYTES + 1000 })
  })
})

describe('with chunks in the store', () => {
  test('nothing is requested if all are there', async () => {
    expect(await fetchWhole(memoryChunks([0, 1, 2]))).toEqual({ cache: content.length, network: 0 })
    expect(requests).toEqual([])
  })

  test('each run of missing chunks is one request', async () => {
    expect(await fetchWhole(memoryChunks([1]))).toEqual({ cache: CHUNK_BYTES, network: CHUNK_BYTES + 1000 })
    expect(requests.map(({ range }) => range)).toEqual([`bytes=0-${CHUNK_BYTES - 1}`, from(2)])
  })

  test('a damaged one is downloaded again and replaced', async () => {
    const store = memoryChunks([0, 1, 2])
    store.chunks.set(file.chunks[1]!, damaged.slice(CHUNK_BYTES, 2 * CHUNK_BYTES).buffer)
    store.chunks.set(file.chunks[2]!, new ArrayBuffer(999))
    expect(await fetchWhole(store)).toEqual({ cache: CHUNK_BYTES, network: CHUNK_BYTES + 1000 })
    expect(requests.map(({ range }) => range)).toEqual([from(1)])
    expect(await fetchWhole(store)).toEqual({ cache: content.length, network: 0 })
  })

  test('a server without ranges sends everything in one answer, and stored chunks are skipped', async () => {
    script = [serveWhole(content)]
    expect(await fetchWhole(memoryChunks([1]))).toEqual({ cache: CHUNK_BYTES, network: CHUNK_BYTES + 1000 })
    expect(requests).toHaveLength(1)
  })
})

describe('a break', () => {
  test('is resumed after the last verified chunk, and no byte is counted twice', async () => {
    script = [serveWhole(content.subarray(0, CHUNK_BYTES + 500_000))]
    expect(await fetchWhole()).toEqual({ cache: 0, network: content.length })
    expect(requests.map(({ range }) => range)).toEqual([undefined, from(1)])
    expect(waits).toEqual([500])
  })

  test('is resumed with a server without ranges as well', async () => {
    script = [serveWhole(content.subarray(0, CHUNK_BYTES + 500_000)), serveWhole(content)]
    expect(await fetchWhole()).toEqual({ cache: 0, network: content.length })
  })

  test('is resumed after a reset of the connection as well', async () => {
    script = [breakAt(content, CHUNK_BYTES + 500_000)]
    expect(await fetchWhole()).toEqual({ cache: 0, network: content.length })
    expect(requests).toHaveLength(2)
  })

  test('leaves the verified chunks in the store for the next call', async () => {
    const store = memoryChunks()
    script = [serveWhole(content.subarray(0, CHUNK_BYTES + 1)), answer(404)]
    expect(await failure(store)).toMatchObject({ code: 'MODEL_NOT_FOUND' })
    expect(await fetchWhole(store)).toEqual({ cache: CHUNK_BYTES, network: CHUNK_BYTES + 1000 })
  })

  test('in every answer is not a failure if there is progress each time', async () => {
    script = [
      serveWhole(content.subarray(0, CHUNK_BYTES + 1)),
      (request, response) => {
        response.writeHead(206, { 'content-range': `bytes ${CHUNK_BYTES}-${2 * CHUNK_BYTES - 1}/${content.length}` })
        expect(request.headers.range).toBe(from(1))
        response.end(content.subarray(CHUNK_BYTES, 2 * CHUNK_BYTES))
      },
    ]
    await fetchWhole()
    expect(waits).toEqual([500, 500])
    expect(requests.map(({ range }) => range)).toEqual([undefined, from(1), from(2)])
  })

  test('at the same place five times ends as DOWNLOAD_TRUNCATED', async () => {
    script = Array(5).fill(serveWhole(content.subarray(0, 1000)))
    expect(await failure()).toMatchObject({
      code: 'DOWNLOAD_TRUNCATED',
      retryable: true,
      details: { url: `${base}/model.onnx`, expected: content.length, actual: 1000 },
    })
    expect(waits).toEqual([500, 1000, 2000, 4000])
  })

  test('by a silence of the server is retried', async () => {
    const good = filesSource(new Map([['model.onnx', new Blob([content])]]))
    let opened = 0
    const closed: boolean[] = []
    const source: ModelSource = {
      ...good,
      open: (path, options) => {
        options.signal.addEventListener('abort', () => closed.push(true))
        return opened++ === 0 ? new Promise(() => {}) : good.open(path, options)
      },
    }
    const bytes = await fetchFile(source, 'model.onnx', file, null, { sleep, stallMs: 200 })
    expect(Buffer.compare(bytes, content)).toBe(0)
    expect(opened).toBeGreaterThan(1)
    expect(closed).toHaveLength(opened)
  })
})

describe('a server', () => {
  test('with a temporary error is asked again', async () => {
    script = [answer(500), answer(503)]
    await fetchWhole()
    expect(waits).toEqual([500, 1000])
  })

  test('that asks for a pause gets it', async () => {
    script = [answer(429, { 'retry-after': '7' })]
    await fetchWhole()
    expect(waits).toEqual([7000])
  })

  test('that stays broken ends the download with its status', async () => {
    script = Array(5).fill(answer(502))
    expect(await failure()).toMatchObject({ code: 'DOWNLOAD_FAILED', retryable: true, details: { status: 502 } })
  })

  test('that refuses is not asked again', async () => {
    script = [answer(401)]
    expect(await failure()).toMatchObject({ code: 'DOWNLOAD_FAILED', retryable: false, details: { status: 401 } })
    script = [answer(404)]
    expect(await failure()).toMatchObject({ code: 'MODEL_NOT_FOUND', details: { url: `${base}/model.onnx` } })
    expect(waits).toEqual([])
  })

  test('that sends another range than requested is refused', async () => {
    script = [(_, response) => void response.writeHead(206, { 'content-range': 'bytes 0-9/10' }).end('0123456789')]
    expect(await failure(memoryChunks([0]))).toMatchObject({ code: 'DOWNLOAD_FAILED', details: { actual: 'bytes 0-9/10' } })
  })
})

describe('content that is wrong', () => {
  test('once is downloaded again bypassing the HTTP cache, from the wrong chunk on', async () => {
    script = [serveWhole(damaged)]
    expect(await fetchWhole()).toEqual({ cache: 0, network: content.length })
    expect(requests.map(({ range, cacheControl }) => [range, cacheControl])).toEqual([
      [undefined, undefined],
      [from(1), 'no-cache'],
    ])
    expect(waits).toEqual([])
  })

  test('twice ends as HASH_MISMATCH with file, chunk and both hashes, and is not stored', async () => {
    script = [serve(damaged), serve(damaged)]
    const store = memoryChunks()
    const actual = await sha256Hex(damaged.subarray(CHUNK_BYTES, 2 * CHUNK_BYTES))
    expect(await failure(store)).toMatchObject({
      code: 'HASH_MISMATCH',
      retryable: false,
      details: { file: 'model.onnx', chunk: 1, expected: file.chunks[1], actual },
    })
    expect([...store.chunks.keys()]).toEqual([file.chunks[0]])
  })

  test('because it is a web page with status 200 is reported as such', async () => {
    script = Array(2).fill(serveWhole(Buffer.from('<!DOCTYPE html><p>App')))
    expect(await failure()).toMatchObject({
      code: 'INVALID_MODEL',
      details: { url: `${base}/model.onnx`, found: 'a web page' },
    })
  })

  test('because it is a Git LFS pointer is reported as such', async () => {
    script = Array(2).fill(serveWhole(Buffer.from('version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n')))
    expect(await failure()).toMatchObject({ code: 'INVALID_MODEL', details: { found: 'a Git LFS pointer' } })
  })

  test('because it is too long is refused', async () => {
    const longer = Buffer.concat([content, content.subarray(0, 1)])
    script = [serveWhole(longer), serveWhole(longer)]
    expect(await failure()).toMatchObject({ code: 'INVALID_MODEL', details: { expected: content.length, actual: 'more' } })
  })

  test('because its Content-Range shows another size is refused', async () => {
    const longer = Buffer.concat([content, content.subarray(0, 1)])
    script = [serve(longer), serve(longer)]
    expect(await failure(memoryChunks([0]))).toMatchObject({
      code: 'INVALID_MODEL',
      details: { expected: content.length, actual: content.length + 1 },
    })
  })
})

describe('an abort rejects with its reason', () => {
  const reason = new Error('The reader left.')

  test('before the start, without a request', async () => {
    const signal = AbortSignal.abort(reason)
    await expect(fetchFile(httpSource(base), 'model.onnx', file, null, { signal })).rejects.toBe(reason)
    expect(requests).toEqual([])
  })

  test('while a server is silent, and closes the connection', async () => {
    let closed = () => {}
    const connectionClosed = new Promise<void>((resolve) => {
      closed = resolve
    })
    script = [
      (_, response) => {
        response.on('close', closed)
        response.write(content.subarray(0, 1000))
      },
    ]
    const controller = new AbortController()
    const options = { signal: controller.signal, onBytes: () => controller.abort(reason), sleep }
    await expect(fetchFile(httpSource(base), 'model.onnx', file, null, options)).rejects.toBe(reason)
    await connectionClosed
    expect(waits).toEqual([])
  })

  test('while it waits before the next try', async () => {
    script = [answer(503, { 'retry-after': '60' })]
    const controller = new AbortController()
    const sleep = (ms: number, signal?: AbortSignal) => {
      const waiting = realSleep(ms, signal)
      controller.abort(reason)
      return waiting
    }
    await expect(fetchFile(httpSource(base), 'model.onnx', file, null, { signal: controller.signal, sleep })).rejects.toBe(reason)
    expect(requests).toHaveLength(1)
  })

  test('while the store does not answer', async () => {
    const controller = new AbortController()
    const store: ChunkStore = {
      read: () => {
        controller.abort(reason)
        return new Promise(() => {})
      },
      write: async () => {},
    }
    await expect(fetchFile(httpSource(base), 'model.onnx', file, store, { signal: controller.signal })).rejects.toBe(reason)
  })
})
