import { mkdtemp, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as fakeIndexedDb from 'fake-indexeddb'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { PortWorker, startPortWorker } from '../../../testing/port-worker.js'
import { encodeParquet } from '../../core/index-file/parquet.js'
import { encodeVector } from '../../core/search/service-protocol.js'
import type { PaperText } from '../../core/types.js'
import type { Embedder } from '../../page/embedder/embedder.js'
import { PaperIndex } from '../../page/paper-index/paper-index.js'
import { RemoteIndex } from '../../page/remote-index/remote-index.js'
import type { LibraryProtocol } from '../../workers/library/library-protocol.js'
import { libraryService } from '../../workers/library/library-service.js'
import { buildTable } from './build-table.js'
import { loadLance } from './lancedb.js'
import { PaperTable } from './paper-table.js'
import { startService } from './serve.js'

const TOPICS = ['graphs', 'proteins', 'stars', 'tides']
const vectorOf = (text: string) => Float32Array.of(...TOPICS.map((topic) => text.split(topic).length - 1), 0.1)

/** Counts the topics' words. */
function fakeEmbedder(vector = vectorOf): Embedder {
  const embedder = {
    info: {
      ...{ model: { id: 'counts', revision: 'page', license: 'none' }, dtype: 'q8', defaultAdapter: 'base' },
      ...{ dimension: 5, metric: 'cosine', likeness: null, engine: 'own', tier: 'simd', device: 'wasm' },
    },
    async embed(texts: readonly PaperText[]) {
      return { vectors: Float32Array.from(texts.flatMap(({ title }) => [...vector(title)])), dimension: 5, count: texts.length }
    },
    embedQuery: async (query: string) => vector(query),
  }
  return embedder as unknown as Embedder
}

const papers = TOPICS.flatMap((topic, at) =>
  Array.from({ length: 6 }, (_, index) => ({
    id: `${topic}-${index}`,
    title: `Paper ${index} on ${topic}`,
    abstract: index === 0 ? `All about ${topic}, O'Neil's way` : '',
    year: 2000 + index,
    authors: [{ family: index === 5 ? `Lee${at}` : 'Smith', given: 'A.' }],
  })),
)
const model = { id: 'counts', revision: '1', dtype: 'fp32' as const, adapter: 'base', dimension: 5, metric: 'cosine' as const }
const stop = new AbortController()
let folder = ''
let url = ''
let table: PaperTable

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'serve-'))
  async function* parts() {
    yield papers.map((paper) => ({ paper, vector: vectorOf(paper.title) }))
  }
  const bytes: Uint8Array<ArrayBuffer>[] = []
  for await (const piece of encodeParquet(parts(), model)) bytes.push(piece)
  const lance = await loadLance()
  const path = join(folder, 'papers.lance')
  const built = await buildTable(lance, path, [new File(bytes, 'papers.parquet')], () => {}, stop.signal)
  expect(built).toEqual({ rows: 24, vectors: 24, model })
  table = await PaperTable.open(lance, path)
  const options = { host: '127.0.0.1', port: 0, origins: ['https://papers.example'], key: 'secret', concurrency: 4, waiting: 8 }
  ;({ url } = await startService(table, options, stop.signal))
  vi.stubGlobal('Worker', PortWorker)
  const { default: _, ...classes } = fakeIndexedDb
  for (const [name, value] of Object.entries(classes)) vi.stubGlobal(name, value)
})

afterAll(async () => {
  stop.abort()
  vi.unstubAllGlobals()
  await rm(folder, { recursive: true, force: true })
})

const worker = () => startPortWorker<LibraryProtocol>(libraryService())

async function local(embedder?: Embedder): Promise<PaperIndex> {
  const index = await PaperIndex.open(`test-${Math.random()}`, { worker })
  await index.add(papers, { vectors: papers.map(({ title }) => vectorOf(title)), model })
  if (embedder) index.useEmbedder(embedder)
  return index
}

const remote = (options: Parameters<typeof RemoteIndex.open>[1] = {}) => RemoteIndex.open(url, { key: 'secret', ...options })
const ids = (hits: { id: string }[]) => hits.map(({ id }) => id)

describe.each([
  ['an index of the page', local],
  ['a table behind a service', (embedder?: Embedder) => remote({ embedder })],
])('%s', (_, open) => {
  test('finds papers by meaning, with distances of the metric', async () => {
    await using index = await open(fakeEmbedder())
    const { hits, mode } = await index.search('proteins', { mode: 'semantic', k: 6 })
    expect(mode).toBe('semantic')
    expect(ids(hits).every((id) => id.startsWith('proteins-'))).toBe(true)
    expect(hits[0]).toMatchObject({
      distance: expect.closeTo(0, 5),
      score: expect.closeTo(1, 5),
      ranks: { semantic: 1, lexical: null },
    })
    expect(hits[0]!.paper).toMatchObject({ title: expect.stringContaining('proteins'), year: expect.any(Number) })
  })

  test('finds papers by words, by authors and years, in phrases and without what is excluded', async () => {
    await using index = await open()
    const find = async (query: string) => ids((await index.search(query, { mode: 'lexical', k: 50 })).hits).sort()
    expect(await find('tides')).toHaveLength(6)
    expect(await find('author:Lee2')).toEqual(['stars-5'])
    expect(await find('tides year:2001-2002')).toEqual(['tides-1', 'tides-2'])
    expect(await find('tides -about')).toHaveLength(5)
    expect(await find('"3 on graphs"')).toEqual(['graphs-3'])
    expect(await find(`"o'neil's way" stars`)).toContain('stars-0')
  })

  test('combines both, and says why words alone were used', async () => {
    await using index = await open(fakeEmbedder())
    const both = await index.search('stars', { k: 6 })
    expect(both).toMatchObject({ mode: 'hybrid', unavailable: null })
    expect(ids(both.hits).every((id) => id.startsWith('stars-'))).toBe(true)
    expect(both.hits[0]!.terms).toEqual(['stars'])
    await using other = await open(fakeEmbedder((text) => vectorOf(text).map((value, at) => (at === 0 ? 9 : -value))))
    expect(await other.search('stars', { k: 3 })).toMatchObject({ mode: 'lexical', unavailable: { code: 'INDEX_STALE' } })
    await expect(other.search('stars', { mode: 'semantic' })).rejects.toMatchObject({ code: 'INDEX_STALE' })
  })

  test('finds papers near papers, texts and vectors, and away from others', async () => {
    await using index = await open(fakeEmbedder())
    const near = await index.similar('stars-0', { k: 5 })
    expect(ids(near)).not.toContain('stars-0')
    expect(ids(near).every((id) => id.startsWith('stars-'))).toBe(true)
    expect(ids(await index.similar({ title: 'tides' }, { k: 1 }))[0]).toMatch(/^tides/)
    expect(ids(await index.similar(vectorOf('graphs'), { k: 1 }))[0]).toMatch(/^graphs/)
    expect(
      ids(await index.similar({ liked: ['graphs-1'], disliked: ['tides-1'] }, { k: 5 })).every((id) => id.startsWith('graphs-')),
    ).toBe(true)
    await expect(index.similar('no such paper')).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', field: 'target' })
    await expect(index.similar(Float32Array.of(1, 2))).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
  })

  test('pages, filters, and takes ids', async () => {
    await using index = await open(fakeEmbedder())
    const all = await index.similar('stars-0', { k: 20 })
    const pages = [...(await index.similar('stars-0', { k: 10 })), ...(await index.similar('stars-0', { k: 10, offset: 10 }))]
    expect(pages.map(({ distance }) => distance?.toFixed(5))).toEqual(all.map(({ distance }) => distance?.toFixed(5)))
    const filter = (paper: { id: string; [field: string]: unknown }) => paper.year === 2003
    expect(ids(await index.similar('stars-0', { k: 4, filter })).sort()).toEqual(['graphs-3', 'proteins-3', 'stars-3', 'tides-3'])
    const some = await index.search('stars', { mode: 'semantic', ids: ['tides-1', 'stars-2'] })
    expect(ids(some.hits)).toEqual(['stars-2', 'tides-1'])
  })

  test('is aborted, also by a later search', async () => {
    await using index = await open(fakeEmbedder())
    await expect(index.search('stars', { signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow('enough')
    const first = index.search('stars')
    const second = index.search('tides', { k: 1 })
    await expect(first).rejects.toMatchObject({ name: 'AbortError' })
    expect((await second).hits).toHaveLength(1)
  })

  test.each([{ k: 0 }, { k: 1.5 }, { offset: -1 }, { k: 1e9 }])('refuses %o by name', async (options) => {
    await using index = await open()
    await expect(index.search('stars', options)).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      field: Object.keys(options)[0],
    })
  })
})

describe('a service', () => {
  const ask = (path: string, body?: unknown, headers: Record<string, string> = { authorization: 'Bearer secret' }) =>
    fetch(
      `${url}${path}`,
      body === undefined
        ? { headers }
        : { method: 'POST', headers, body: typeof body === 'string' ? body : JSON.stringify(body) },
    )
  const search = (part: object) =>
    ask('/v1/search', { mode: 'semantic', query: '', vector: encodeVector(vectorOf('stars')), ...part })

  test('gets vectors and words, and no text of the page', async () => {
    const sent: string[] = []
    const spy: typeof fetch = async (input, init) => {
      sent.push(`${input} ${init?.body ?? ''}`)
      return fetch(input, init)
    }
    await using index = await remote({ embedder: fakeEmbedder(), fetch: spy })
    await index.similar({ title: 'A secret title on tides' }, { k: 1 })
    expect(sent.join('\n')).not.toContain('secret title')
  })

  test('that is away is replaced by the index of the page, and says so', async () => {
    const fallback = await local(fakeEmbedder())
    await using index = await RemoteIndex.open('http://127.0.0.1:9/', { embedder: fakeEmbedder(), fallback })
    expect(await index.search('stars', { k: 1 })).toMatchObject({
      source: 'local',
      failure: { code: 'SERVICE_FAILED', retryable: true },
      hits: [{ id: expect.stringMatching(/^stars/) }],
    })
    expect(await index.similar('stars-1', { k: 1 })).toHaveLength(1)
    await expect(RemoteIndex.open('http://127.0.0.1:9/')).rejects.toMatchObject({ code: 'SERVICE_FAILED' })
    await fallback.close()
  })

  test('asks for its key, except for its health, and tells no path', async () => {
    expect((await ask('/v1/info', undefined, {})).status).toBe(401)
    expect((await ask('/v1/info', undefined, { authorization: 'Bearer secre' })).status).toBe(401)
    expect(await (await ask('/health', undefined, {})).json()).toMatchObject({ status: 'ok', papers: 24 })
    await expect(RemoteIndex.open(url)).rejects.toMatchObject({
      code: 'SERVICE_FAILED',
      retryable: false,
      details: { status: 401 },
    })
  })

  test('lets pages of its origins ask, and no others', async () => {
    const from = async (origin: string) =>
      (await ask('/v1/info', undefined, { origin, authorization: 'Bearer secret' })).headers.get('access-control-allow-origin')
    expect(await from('https://papers.example')).toBe('https://papers.example')
    expect(await from('https://elsewhere.example')).toBeNull()
  })

  test.each([
    [{ vector: encodeVector(Float32Array.of(1, 2)) }, 'vector.length'],
    [{ vector: encodeVector(Float32Array.of(1, 2, Number.NaN, 4, 5)) }, 'vector'],
    [{ vector: encodeVector(new Float32Array(5)) }, 'vector'],
    [{ vector: 'no base64 !' }, 'vector'],
    [{ vector: null }, 'vector'],
    [{ vector: [1, 2, 3, 4, 5] }, 'vector'],
    [{ k: 1e12 }, 'k'],
    [{ k: -1 }, 'k'],
    [{ offset: 1e12 }, 'offset'],
    [{ mode: 'constructor' }, 'mode'],
    [{ query: 'x'.repeat(1_001) }, 'query'],
    [{ ids: 'a' }, 'ids'],
    [{ except: [1] }, 'except'],
    [{ ids: ['a\0b'] }, 'ids'],
  ])('refuses %o by name', async (part, field) => {
    const response = await search(part)
    expect({ status: response.status, ...(await response.json()) }).toMatchObject({
      status: 400,
      error: { code: 'INVALID_ARGUMENT', field },
    })
  })

  test('refuses what is too large, broken or elsewhere, and stays up', async () => {
    expect((await search({ ids: Array.from({ length: 1_001 }, String) })).status).toBe(413)
    for (const body of ['', 'null', '[]', '{', '"a"', '{"mode":']) expect((await ask('/v1/search', body)).status).toBe(400)
    for (const path of [
      '/../../etc/passwd',
      '/%2e%2e/%2e%2e/etc/passwd',
      '/v1/../../x',
      '/v1/search',
      '/.env',
      '//etc/passwd',
      '/v1/info/..%2f..',
      '/%00',
    ])
      expect([400, 404]).toContain((await ask(path)).status)
    // The connection ends before the whole body is sent, which some clients report as a failure.
    const large = await ask('/v1/search', 'x'.repeat(600_000)).catch(() => null)
    expect(large?.status ?? 413).toBe(413)
    await vi.waitFor(async () => expect((await search({})).status).toBe(200))
  })

  test("takes text of queries and ids as text, whatever SQL's quotes do", async () => {
    const hostile = [
      `'; DROP TABLE papers; --`,
      `x' OR '1'='1`,
      `author:"x' OR 1=1 --"`,
      '%',
      '\\',
      '"unclosed',
      'year:9999999999999',
      '🦆 * ? ( [',
      '-',
    ]
    for (const query of hostile) {
      const response = await ask('/v1/search', { mode: 'lexical', query, vector: null })
      expect({ query, status: response.status }).toEqual({ query, status: 200 })
    }
    const { papers: found } = (await (await ask('/v1/papers', { ids: [`' OR '1'='1`, 'stars-1'] })).json()) as {
      papers: unknown[]
    }
    expect(found).toMatchObject([null, { paper: { id: 'stars-1' } }])
    expect((await (await ask('/health')).json()) as object).toMatchObject({ papers: 24 })
  })

  test('survives connections that send nothing or stop in the middle, and many searches at once', async () => {
    const { port } = new URL(url)
    const sockets = Array.from({ length: 200 }, (_, index) => {
      const socket = connect(Number(port), '127.0.0.1')
      socket.on('error', () => {})
      if (index % 2 === 0)
        socket.write('POST /v1/search HTTP/1.1\r\nhost: x\r\nauthorization: Bearer secret\r\ncontent-length: 100\r\n\r\n{')
      return socket
    })
    const statuses = await Promise.all(Array.from({ length: 60 }, async () => (await search({})).status))
    for (const socket of sockets) socket.destroy()
    expect(statuses.every((status) => status === 200 || status === 503)).toBe(true)
    expect(statuses).toContain(200)
    expect((await search({})).status).toBe(200)
    const metrics = await (await ask('/metrics')).text()
    expect(metrics).toMatch(/specter2_web_requests_total\{path="\/v1\/search",status="200"\} \d+/)
    expect(metrics).toMatch(/specter2_web_running 0\n/)
  })

  test('that answers nonsense, an error page or nothing fails by its type', async () => {
    const answering = (answer: () => Promise<Response>) => remote({ fetch: answer as typeof fetch, timeoutMs: 50 })
    for (const answer of [
      async () => new Response('<html>'),
      async () => new Response('{}'),
      async () => new Response('null'),
      async () => new Response('{"error":{}}', { status: 502 }),
      () => new Promise<Response>((_, reject) => setTimeout(() => reject(new Error('late')), 80)),
    ])
      await expect(answering(answer)).rejects.toMatchObject({
        code: 'SERVICE_FAILED',
        details: { url: expect.stringContaining('127.0.0.1') },
      })
  })
})
