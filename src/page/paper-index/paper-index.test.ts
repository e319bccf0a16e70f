import * as fakeIndexedDb from 'fake-indexeddb'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { collect } from '../../../testing/collect.js'
import { PortWorker, startPortWorker } from '../../../testing/port-worker.js'
import { encodeIndexFile } from '../../core/index-file/index-file.js'
import type { PaperRecord } from '../../core/papers/paper-record.js'
import type { PaperText } from '../../core/types.js'
import type { LibraryProtocol, LibraryState } from '../../workers/library/library-protocol.js'
import { libraryService } from '../../workers/library/library-service.js'
import type { Service } from '../../workers/rpc/protocol.js'
import type { Embedder } from '../embedder/embedder.js'
import type { PaperIndexInfo, PaperIndexOptions, SearchResult } from './index-options.js'
import { PaperIndex } from './paper-index.js'

const TOPICS = ['graphs', 'proteins', 'stars']

/** Counts three words: a text is near those of the same topics. */
function vectorOf(text: string): Float32Array<ArrayBuffer> {
  const counts = TOPICS.map((topic) => text.split(topic).length - 1)
  return Float32Array.of(...counts, 0.1)
}

/** What an index needs of an embedder, as a small model without a worker. */
function fakeEmbedder(revision = '1'): Embedder {
  const embedder = {
    info: {
      model: { id: 'counts', revision, license: 'none' },
      dtype: 'fp32',
      defaultAdapter: 'base',
      dimension: 4,
      metric: 'cosine',
    },
    async embed(texts: readonly PaperText[]) {
      return { vectors: Float32Array.from(texts.flatMap(({ title }) => [...vectorOf(title)])), dimension: 4 }
    },
    async *embedStream(texts: readonly PaperText[]) {
      for (const [index, { title }] of texts.entries()) yield { indices: [index], vectors: vectorOf(title), truncated: [] }
    },
    embedQuery: vi.fn(async (query: string) => vectorOf(query)),
  }
  return embedder as unknown as Embedder
}

const papers: PaperRecord[] = [
  { id: 'a', title: 'Learning on graphs', year: 2001 },
  { id: 'b', title: 'Folding of proteins', year: 2002 },
  { id: 'c', title: 'The life of stars', year: 2003 },
]

/** A wrapped method, which sees the request and may wait before it passes a call on. */
type Wrap = (service: Service<LibraryProtocol>) => Partial<Service<LibraryProtocol>>

/** Workers of the real service, and the methods that were asked of them. */
function library(wrap: Wrap = () => ({})) {
  const calls: string[] = []
  const workers: PortWorker[] = []
  const worker = () => {
    const service = libraryService()
    const methods = Object.entries({ ...service, ...wrap(service) }) as [string, (...rest: unknown[]) => unknown][]
    const counted = methods.map(([name, method]) => [
      name,
      (...rest: unknown[]) => {
        calls.push(name)
        return method(...rest)
      },
    ])
    const started = startPortWorker<LibraryProtocol>(Object.fromEntries(counted))
    workers.push(started)
    return started
  }
  const count = (name: keyof LibraryProtocol) => calls.filter((call) => call === name).length
  return { worker, workers, count }
}

function stubIndexedDb(): void {
  const { default: _, ...classes } = fakeIndexedDb
  for (const [name, value] of Object.entries(classes)) vi.stubGlobal(name, value)
  vi.stubGlobal('indexedDB', new fakeIndexedDb.IDBFactory())
}

const opened: PaperIndex[] = []

async function open(options: PaperIndexOptions): Promise<PaperIndex> {
  const index = await PaperIndex.open('test', options)
  opened.push(index)
  return index
}

const ids = ({ hits }: Pick<SearchResult, 'hits'>) => hits.map(({ id }) => id)

beforeEach(() => vi.stubGlobal('Worker', PortWorker))
afterEach(async () => {
  vi.useRealTimers()
  for (const index of opened.splice(0)) await index.close()
  vi.unstubAllGlobals()
})

describe('an index that is opened', () => {
  test('without IndexedDB is in memory, and says why', async () => {
    const index = await open(library())
    expect(index.info).toMatchObject({ name: 'test', papers: 0, pending: 0, model: null, embedder: null, stale: false })
    expect(index.info.storage).toEqual({ persistent: false, reason: expect.any(String) })
  })

  test('in memory is lost with its worker: later calls reject with STORAGE_FAILED', async () => {
    const { worker, workers } = library()
    const index = await open({ worker })
    await index.add(papers)
    workers[0]!.crash('out of memory')
    await expect(index.get(['a'])).rejects.toMatchObject({
      code: 'STORAGE_FAILED',
      details: { reason: 'Lost' },
      cause: { code: 'WORKER_FAILED' },
    })
    expect(workers).toHaveLength(1)
  })

  test('from storage outlives its worker: the next call opens it in a new one', async () => {
    stubIndexedDb()
    const { worker, workers } = library()
    const index = await open({ worker })
    await index.add(papers)
    workers[0]!.crash('out of memory')
    expect(await index.get(['b'])).toEqual([papers[1]])
    expect(workers).toHaveLength(2)
    expect(index.info).toMatchObject({ papers: 3, storage: { persistent: true } })
  })

  test.each(['memory', 'storage'])('in %s keeps data of the app, also in its file', async (place) => {
    if (place === 'storage') stubIndexedDb()
    const index = await open(library())
    await index.add(papers, { embed: false })
    await index.data.set({ 'log:2': ['b'], 'log:1': { at: 1 }, name: 'x' })
    await index.data.set({ name: null })
    const log = new Map<string, unknown>([
      ['log:1', { at: 1 }],
      ['log:2', ['b']],
    ])
    expect([...(await index.data.get('log:'))]).toEqual([...log])
    expect(await index.data.get()).toEqual(log)
    const file = await index.export()
    await index.close()
    const other = await PaperIndex.open('other', library())
    opened.push(other)
    expect(await other.import(file)).toMatchObject({ added: 3 })
    expect(await other.data.get()).toEqual(log)
    await expect(other.data.set({ '': 1 })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
  })

  test('rejects if its worker cannot open it, and the worker ends', async () => {
    const { worker, workers } = library(() => ({ open: () => Promise.reject(new Error('broken')) }))
    await expect(PaperIndex.open('test', { worker })).rejects.toMatchObject({ code: 'RUNTIME_FAILED' })
    expect(workers[0]!.isTerminated).toBe(true)
  })
})

describe('adding papers', () => {
  test('without an embedder answers with how many are pending, although the reports of changes come later', async () => {
    // Reports and answers come by different ports: nothing says which is first.
    const held: (() => Promise<void>)[] = []
    const { worker } = library((service) => ({
      watch: (request, { signal, report }) => {
        const hold = async (state: LibraryState) => void held.push(() => report(state))
        return service.watch(request, { signal, report: hold })
      },
    }))
    const index = await open({ worker })
    expect(await index.add(papers)).toEqual({ added: 3, updated: 0, unchanged: 0, reused: 0, pending: 3 })
    expect(await index.add([{ ...papers[0]!, title: 'New title' }])).toMatchObject({ updated: 1, pending: 3 })
    expect(index.info).toMatchObject({ papers: 3, vectors: 0, pending: 3 })
    // An older state that comes last does not replace a newer one.
    await index.add([{ id: 'd', title: 'One more' }])
    await held[0]!()
    expect(index.info.papers).toBe(4)
  })

  test('with an embedder leaves none pending and reports what is stored', async () => {
    const { worker } = library()
    const index = await open({ worker, embedder: fakeEmbedder() })
    const progress: number[] = []
    expect(await index.add(papers, { onProgress: ({ done }) => progress.push(done) })).toMatchObject({ added: 3, pending: 0 })
    expect(progress).toEqual([0, 1, 2, 3])
    expect(index.info).toMatchObject({ vectors: 3, pending: 0, model: { id: 'counts', revision: '1' }, stale: false })
  })

  test('with `embed: false` leaves them pending until resume()', async () => {
    const { worker } = library()
    const index = await open({ worker, embedder: fakeEmbedder() })
    expect(await index.add(papers, { embed: false })).toMatchObject({ pending: 3 })
    await index.resume()
    expect(index.info).toMatchObject({ vectors: 3, pending: 0 })
  })

  test('whose fields cannot be cloned rejects and names where they are', async () => {
    const { worker } = library()
    const index = await open({ worker })
    const wrong = { ...papers[1]!, open: () => {} }
    await expect(index.add([papers[0]!, wrong])).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', field: 'papers[0…1]' })
  })
})

describe('a search', () => {
  test('with onUpdate and its query vector at once makes one request to the worker', async () => {
    // The limits after which a side is late never pass.
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const { worker, count } = library()
    const index = await open({ worker, embedder: fakeEmbedder() })
    await index.add(papers)
    const onUpdate = vi.fn()
    const result = await index.search('proteins', { onUpdate })
    expect(result).toMatchObject({ mode: 'hybrid', complete: true, unavailable: null })
    expect(ids(result)[0]).toBe('b')
    expect(count('search')).toBe(1)
    expect(count('records')).toBe(0)
    expect(onUpdate).not.toHaveBeenCalled()
  })

  test('embeds the same query once', async () => {
    const embedder = fakeEmbedder()
    const index = await open({ ...library(), embedder })
    await index.add(papers)
    for (const k of [1, 2]) expect((await index.search('stars', { k, mode: 'semantic' })).hits).toHaveLength(k)
    expect(vi.mocked(embedder.embedQuery).mock.calls.filter(([text]) => text === 'stars')).toHaveLength(1)
  })

  test('reports the hits by words first while the embedder loads', async () => {
    let load: (embedder: Embedder) => void = () => {}
    const embedder = new Promise<Embedder>((resolve) => {
      load = resolve
    })
    const { worker, count } = library()
    const index = await open({ worker, embedder })
    await index.add(papers, { embed: false })
    const updates: SearchResult[] = []
    const searching = index.search('stars', { onUpdate: (result) => updates.push(result) })
    await vi.waitFor(() => expect(updates).toHaveLength(1), { interval: 1 })
    expect(updates[0]).toMatchObject({ mode: 'lexical', complete: false, hits: [{ id: 'c', distance: null, terms: ['stars'] }] })
    load(fakeEmbedder())
    expect(await searching).toMatchObject({ mode: 'hybrid', complete: true, hits: [{ id: 'c' }] })
    expect(updates).toHaveLength(1)
    expect(count('search')).toBe(2)
  })

  test('by words reports what it finds so far while papers are read', async () => {
    let release = () => {}
    const released = new Promise<void>((resolve) => {
      release = resolve
    })
    const { worker } = library((service) => ({
      search: async (request, context) => {
        const answer = await service.search(request, context)
        if (!request.soFar) await released
        return { ...answer, unread: request.soFar ? 2 : 0 }
      },
    }))
    const index = await open({ worker })
    await index.add(papers)
    const onUpdate = vi.fn()
    const searching = index.search('stars', { mode: 'lexical', onUpdate })
    await vi.waitFor(() => expect(onUpdate).toHaveBeenCalled(), { interval: 1 })
    expect(onUpdate.mock.lastCall?.[0]).toMatchObject({ mode: 'lexical', complete: false, unread: 2, hits: [{ id: 'c' }] })
    release()
    expect(await searching).toMatchObject({ mode: 'lexical', complete: true, unread: 0 })
  })

  test('waits 150 ms for the vector of its query before it reports the hits by words', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const { worker, count } = library()
    const embedder = fakeEmbedder()
    const index = await open({ worker, embedder })
    await index.add(papers)
    let embed: (vector: Float32Array<ArrayBuffer>) => void = () => {}
    const vector = new Promise<Float32Array<ArrayBuffer>>((resolve) => {
      embed = resolve
    })
    vi.mocked(embedder.embedQuery).mockReturnValue(vector)
    const onUpdate = vi.fn()
    const searching = index.search('stars', { onUpdate })
    await vi.advanceTimersByTimeAsync(149)
    await index.get([])
    expect(count('search')).toBe(0)
    await vi.advanceTimersByTimeAsync(1)
    await vi.waitFor(() => expect(onUpdate).toHaveBeenCalledOnce(), { interval: 1 })
    expect(onUpdate.mock.lastCall?.[0]).toMatchObject({ mode: 'lexical', complete: false, hits: [{ id: 'c' }] })
    embed(vectorOf('stars'))
    const result = await searching
    expect(result).toMatchObject({ mode: 'hybrid', complete: true })
    expect(ids(result)[0]).toBe('c')
  })

  test('for an empty query asks the worker for nothing, even with a filter', async () => {
    const { worker, count } = library()
    const index = await open({ worker, embedder: fakeEmbedder() })
    await index.add(papers)
    for (const mode of ['hybrid', 'semantic', 'lexical'] as const)
      expect(await index.search(' \n', { mode, filter: () => true })).toMatchObject({ hits: [], mode, complete: true })
    expect([count('records'), count('search')]).toEqual([0, 0])
  })

  test('with a filter reads the papers once, and later the new ones alone', async () => {
    const from: number[] = []
    const { worker } = library((service) => ({
      records: (fromRow, context) => {
        from.push(fromRow)
        return service.records(fromRow, context)
      },
    }))
    const index = await open({ worker, embedder: fakeEmbedder() })
    await index.add(papers)
    const recent = { mode: 'semantic', filter: ({ year }: PaperRecord) => (year as number) > 2001 } as const
    expect(ids(await index.search('graphs', recent)).sort()).toEqual(['b', 'c'])
    await index.add([{ id: 'd', title: 'More graphs', year: 2004 }])
    await index.remove('b')
    expect(ids(await index.search('graphs', recent))).toEqual(['d', 'c'])
    expect(from).toEqual([0, 3])
  })

  test('is replaced by a later one, unless it is concurrent', async () => {
    const { worker } = library()
    const index = await open({ worker, embedder: fakeEmbedder() })
    await index.add(papers)
    const first = index.search('stars', { concurrent: true })
    const second = index.search('graphs')
    const [third] = await Promise.all([index.search('proteins'), expect(second).rejects.toMatchObject({ name: 'AbortError' })])
    expect(ids(third)[0]).toBe('b')
    expect(ids(await first)[0]).toBe('c')
  })

  test('is by words, and says why, if the embedder did not load', async () => {
    const { worker } = library()
    const index = await open({ worker, embedder: Promise.reject(new Error('offline')) })
    await index.add(papers, { embed: false })
    expect(await index.search('stars')).toMatchObject({
      mode: 'lexical',
      hits: [{ id: 'c' }],
      unavailable: { code: 'RUNTIME_FAILED' },
    })
  })
})

describe('vectors()', () => {
  test('gives one buffer [n, dimension] without the pending papers, and the worker gives it away', async () => {
    const sent: ArrayBuffer[] = []
    const { worker } = library((service) => ({
      vectors: async (request, context) => {
        const result = await service.vectors(request, context)
        sent.push(result.vectors.buffer, result.found.buffer)
        return result
      },
    }))
    const index = await open({ worker, embedder: fakeEmbedder() })
    await index.add(papers)
    await index.add([{ id: 'd', title: 'Pending' }], { embed: false })
    const found = await index.vectors(['d', 'c', 'missing', 'a'])
    expect(found).toMatchObject({ ids: ['c', 'a'], dimension: 4, metric: 'cosine' })
    expect(found.vectors).toEqual(Float32Array.of(...vectorOf(papers[2]!.title), ...vectorOf(papers[0]!.title)))
    expect(found.vectors.byteLength).toBe(found.vectors.buffer.byteLength)
    expect(sent.map(({ byteLength }) => byteLength)).toEqual([0, 0])
    expect((await index.vectors()).ids).toEqual(['a', 'b', 'c'])
  })

  test('of an index without vectors are empty', async () => {
    const index = await open(library())
    await index.add(papers)
    expect(await index.vectors()).toEqual({ ids: [], vectors: new Float32Array(0), dimension: 0, metric: 'cosine' })
  })
})

describe('adapterVectors()', () => {
  /** Vectors by an adapter are the others' negative; `seen` has each text by its adapter. */
  function adapting(seen: string[]): Embedder {
    const embedder = fakeEmbedder()
    const embedStream: Embedder['embedStream'] = async function* (texts, { adapter = 'base' } = {}) {
      for (const [index, text] of (texts as PaperText[]).entries()) {
        seen.push(`${adapter} ${text.title}`)
        const vectors = vectorOf(text.title).map((value) => (adapter === 'base' ? value : -value))
        yield { indices: [index], vectors, truncated: [] }
      }
    }
    return { ...embedder, embedStream } as Embedder
  }

  test('are kept beside those of the index, through a reload, and only new papers are embedded again', async () => {
    stubIndexedDb()
    const seen: string[] = []
    const { worker } = library()
    const index = await open({ worker, embedder: adapting(seen) })
    await index.add(papers, { embed: false })
    const first = await index.adapterVectors('classification')
    expect(first).toMatchObject({ ids: ['a', 'b', 'c'], dimension: 4 })
    expect(first.vectors).toEqual(Float32Array.from(papers.flatMap(({ title }) => [...vectorOf(title)].map((value) => -value))))
    expect(index.info).toMatchObject({ pending: 0, stale: false, model: { adapter: 'base' } })
    expect((await index.vectors(['a'])).vectors).toEqual(vectorOf(papers[0]!.title))
    expect(ids(await index.search('proteins', { mode: 'semantic' }))[0]).toBe('b')
    await index.close()

    seen.length = 0
    const again = await open({ worker: library().worker, embedder: adapting(seen) })
    await again.add([{ id: 'd', title: 'Stars of proteins' }])
    expect((await again.adapterVectors('classification')).ids).toEqual(['a', 'b', 'c', 'd'])
    expect(seen).toEqual(['base Stars of proteins', 'classification Stars of proteins'])
    expect((await again.adapterVectors('base')).vectors).toEqual((await again.vectors()).vectors)
  })

  test('without an embedder are UNSUPPORTED', async () => {
    const index = await open(library())
    await expect(index.adapterVectors('classification')).rejects.toMatchObject({ code: 'UNSUPPORTED' })
  })
})

describe('onChange', () => {
  test('is called after every change, and when the embedder changes', async () => {
    const infos: PaperIndexInfo[] = []
    const { worker } = library()
    const index = await open({ worker, onChange: (info) => infos.push(info) })
    const next = async (change: () => unknown, expected: Partial<PaperIndexInfo>) => {
      infos.length = 0
      await change()
      await vi.waitFor(() => expect(infos.at(-1)).toMatchObject(expected), { interval: 1 })
    }
    await next(() => index.add(papers), { papers: 3, pending: 3 })
    await next(() => index.useEmbedder(fakeEmbedder()), { embedder: expect.objectContaining({ id: 'counts' }) })
    await next(() => index.resume(), { vectors: 3, pending: 0 })
    await next(() => index.update('a', { title: 'Anew' }, { embed: false }), { papers: 3, pending: 1 })
    await next(() => index.remove(['b', 'missing']), { papers: 2, pending: 1 })
    await next(() => index.useEmbedder(null), { embedder: null })
    infos.length = 0
    await index.search('stars')
    await index.get(['a'])
    expect(infos).toEqual([])
  })
})

describe('close()', () => {
  test('rejects pending and later calls with DISPOSED and ends the worker', async () => {
    const { worker, workers } = library(() => ({ search: () => new Promise(() => {}) }))
    const index = await open({ worker, embedder: fakeEmbedder() })
    await index.add(papers)
    const pending = index.search('stars', { mode: 'lexical' })
    await index.close()
    await index.close()
    const calls = [
      pending,
      index.add(papers),
      index.add([]),
      index.update('a', {}),
      index.remove('a'),
      index.get(['a']),
      index.papers(),
      index.vectors(),
      index.vectors(['a']),
      index.resume(),
      index.reembed(),
      index.search('stars', { concurrent: true }),
      index.similar('a'),
      index.export(),
      index.import(new Blob()),
    ]
    for (const call of calls) await expect(call).rejects.toMatchObject({ code: 'DISPOSED' })
    expect(workers.map(({ isTerminated }) => isTerminated)).toEqual([true])
    expect(index.info.papers).toBe(3)
  })
})

async function* iterate<T>(items: readonly T[]) {
  yield* items
}

describe('the embedder', () => {
  test('is none after useEmbedder(null): searches are by words, what needs vectors is UNSUPPORTED', async () => {
    const { worker } = library()
    const index = await open({ worker, embedder: fakeEmbedder() })
    await index.add(papers)
    index.useEmbedder(null)
    expect(index.info).toMatchObject({ embedder: null, stale: false, model: { id: 'counts' } })
    expect(await index.search('stars')).toMatchObject({
      mode: 'lexical',
      hits: [{ id: 'c' }],
      unavailable: { code: 'UNSUPPORTED' },
    })
    expect(await index.add([{ id: 'd', title: 'Pending' }])).toMatchObject({ pending: 1 })
    for (const call of [index.search('stars', { mode: 'semantic' }), index.resume(), index.reembed()])
      await expect(call).rejects.toMatchObject({ code: 'UNSUPPORTED' })
    // Vectors of stored papers need none.
    expect((await index.similar('a', { k: 1 }))[0]).toMatchObject({ id: expect.stringMatching(/b|c/) })
  })

  test('that finishes loading after another was chosen is not used', async () => {
    let load: (embedder: Embedder) => void = () => {}
    const late = new Promise<Embedder>((resolve) => {
      load = resolve
    })
    const { worker } = library()
    const index = await open({ worker, embedder: late })
    index.useEmbedder(fakeEmbedder('2'))
    load(fakeEmbedder('1'))
    await index.get([])
    expect(index.info.embedder).toMatchObject({ revision: '2' })
  })

  test('of another model than the index makes it stale: resume() rejects with INDEX_STALE until reembed()', async () => {
    const { worker } = library()
    const index = await open({ worker, embedder: fakeEmbedder('1') })
    await index.add(papers)
    index.useEmbedder(fakeEmbedder('2'))
    expect(index.info.stale).toBe(true)
    const stale = {
      code: 'INDEX_STALE',
      details: { index: expect.stringContaining('"1"'), embedder: expect.stringContaining('"2"') },
    }
    await expect(index.resume()).rejects.toMatchObject(stale)
    await expect(index.search('stars', { mode: 'semantic' })).rejects.toMatchObject({ code: 'INDEX_STALE' })
    expect(await index.search('stars')).toMatchObject({ mode: 'lexical', unavailable: { code: 'INDEX_STALE' } })
    expect(await index.add([{ id: 'd', title: 'Pending' }])).toMatchObject({ pending: 1 })
    await index.reembed()
    expect(index.info).toMatchObject({ stale: false, vectors: 4, pending: 0, model: { revision: '2' } })
    await index.resume()
    expect(ids(await index.search('stars', { mode: 'semantic', k: 1 }))).toEqual(['c'])
  })

  test('of a later runtime makes an index of an earlier version stale, which still opens and is searched by words', async () => {
    const { worker } = library()
    const index = await open({ worker, embedder: fakeEmbedder() })
    const { runtime, ...model } = index.info.embedder!
    const header = { id: 'old', model, vectors: 'float32', papers: 3 } as const
    const parts = [papers.map((paper) => ({ paper, vector: vectorOf(paper.title) }))]
    await index.import(new Blob(await collect(encodeIndexFile(header, iterate(parts)))))
    expect(runtime).toBeGreaterThan(1)
    expect(index.info).toMatchObject({ stale: true, vectors: 3, pending: 0, model })
    expect(await index.search('stars')).toMatchObject({
      mode: 'lexical',
      hits: [{ id: 'c' }],
      unavailable: { code: 'INDEX_STALE' },
    })
    await index.reembed()
    expect(index.info).toMatchObject({ stale: false, vectors: 3, model: { ...model, runtime } })
    expect((await index.search('stars')).mode).toBe('hybrid')
  })

  test('is found to be of another model by resume(), even if another tab made the vectors and no report has come', async () => {
    stubIndexedDb()
    vi.stubGlobal('BroadcastChannel', undefined)
    const here = library(() => ({ watch: () => new Promise(() => {}) }))
    const elsewhere = library()
    const index = await open({ worker: here.worker, embedder: fakeEmbedder('2') })
    await index.add(papers, { embed: false })
    const other = await open({ worker: elsewhere.worker, embedder: fakeEmbedder('1') })
    await other.resume()
    // The worker reads what the other tab has stored, and the page does not know.
    await index.remove('missing')
    expect(index.info.stale).toBe(false)
    await expect(index.resume()).rejects.toMatchObject({ code: 'INDEX_STALE' })
  })
})

describe('vectors that others have computed', () => {
  const given = papers.map(({ title }) => vectorOf(title))
  const model = { id: 'counts', revision: 'elsewhere', metric: 'cosine' as const }

  test('make an index that searches by its own papers without any model', async () => {
    const index = await open(library())
    const { added, reused, pending } = await index.add(papers, { vectors: given, model })
    expect({ added, reused, pending }).toEqual({ added: 3, reused: 3, pending: 0 })
    expect(index.info).toMatchObject({
      vectors: 3,
      computedBy: ['given'],
      model: { revision: 'elsewhere', dtype: 'fp32', dimension: 4 },
    })
    expect((await index.similar('a', { k: 1 }))[0]!.distance).toBeGreaterThan(0)
    expect([...(await index.vectors(['b'])).vectors]).toEqual([...vectorOf('Folding of proteins')])
    await expect(index.search('stars', { mode: 'semantic' })).rejects.toMatchObject({ code: 'UNSUPPORTED' })
  })

  test('are searched with an embedder whose vectors of a few papers are the same, also after a reload', async () => {
    stubIndexedDb()
    const [one, two] = [library(), library()]
    const first = await open(one)
    await first.add(papers, { vectors: given, model })
    const embedder = fakeEmbedder()
    first.useEmbedder(embedder)
    expect(ids(await first.search('stars', { mode: 'semantic', k: 1 }))).toEqual(['c'])
    expect(first.info).toMatchObject({ stale: false, model: { revision: 'elsewhere' } })
    await first.add([{ id: 'd', title: 'Stars and graphs' }])
    expect(first.info).toMatchObject({ vectors: 4, pending: 0 })
    await first.close()
    const second = await open({ ...two, embedder })
    expect(ids(await second.search('stars', { mode: 'semantic', k: 1 }))).toEqual(['c'])
    expect(second.info.stale).toBe(false)
    expect([one.count('accept'), two.count('accept')]).toEqual([1, 0])
  })

  test('are refused if the embedder makes others, with the cosines; nothing is stored', async () => {
    const index = await open({ ...library(), embedder: fakeEmbedder() })
    const others = [given[1]!, given[2]!, given[0]!]
    await expect(index.add(papers, { vectors: others, model })).rejects.toMatchObject({
      code: 'INDEX_STALE',
      details: { model: 'counts', bar: 0.9999, cosines: expect.arrayContaining([expect.stringMatching(/^0\.0/)]) },
    })
    expect(index.info).toMatchObject({ papers: 0, vectors: 0 })
    await expect(index.add(papers, { vectors: new Float32Array(9).fill(1), model })).rejects.toMatchObject({
      code: 'INDEX_STALE',
      details: { dimension: 3, expected: 4, cosines: [] },
    })
  })

  test('are kept as those of another model, found by their own papers, and never compared with the embedder', async () => {
    const index = await open({ ...library(), embedder: fakeEmbedder() })
    const others = papers.map((_, row) => Float32Array.of(row, 1, 2, 3, 4, 5))
    await index.add(papers, { vectors: others, model: { id: 'six', metric: 'euclidean' }, otherModel: 'keep' })
    expect(index.info).toMatchObject({ vectors: 3, stale: true, model: { id: 'six', dimension: 6 } })
    expect((await index.similar('a')).map(({ id }) => id)).toEqual(['b', 'c'])
    await expect(index.search('stars', { mode: 'semantic' })).rejects.toMatchObject({ code: 'INDEX_STALE' })
    expect(await index.search('stars')).toMatchObject({ mode: 'lexical', unavailable: { code: 'INDEX_STALE' } })
    await expect(index.add(papers, { vectors: given, model, otherModel: 'keep' })).rejects.toMatchObject({ code: 'INDEX_STALE' })
  })

  test('join vectors that the embedder has made, and those of texts without one are computed', async () => {
    const embedder = fakeEmbedder()
    const index = await open({ ...library(), embedder })
    await index.add(papers.slice(0, 1))
    await index.add(papers.slice(1), { vectors: [given[1]!, null], model })
    expect(index.info).toMatchObject({
      vectors: 3,
      pending: 0,
      stale: false,
      model: { revision: '1' },
      computedBy: expect.arrayContaining(['given']),
    })
  })

  test.each([
    ['vectors[1].length', [Float32Array.of(1, 2), Float32Array.of(1), null]],
    ['vectors[2]', [null, null, Float32Array.of(1, Number.NaN)]],
    ['vectors[0]', [Float32Array.of(0, 0), null, null]],
    ['vectors.length', new Float32Array(7)],
    ['vectors', [null]],
    ['vectors', [null, null, null]],
    ['model.metric', new Float32Array(6).fill(1)],
  ])('are refused by name: %s', async (field, vectors) => {
    const index = await open(library())
    await expect(index.add(papers, { vectors, model: 'counts' })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', field })
    expect(index.info.papers).toBe(0)
  })

  test('of Semantic Scholar must have the dimension of their model', async () => {
    const index = await open(library())
    await expect(index.add(papers, { vectors: given, model: 'specter_v2' })).rejects.toMatchObject({ field: 'vectors.dimension' })
  })
})
