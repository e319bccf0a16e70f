import { beforeEach, describe, expect, test } from 'vitest'
import type { ModelStamp } from '../../core/model-folder/model-stamp.js'
import type { PaperRecord } from '../../core/papers/paper-record.js'
import type { IndexMeta, SegmentCodes } from './index-store.js'
import type { LibraryState, SearchRequest } from './library-protocol.js'
import { MemoryIndexStore } from './memory-index-store.js'
import { StoredIndex } from './stored-index.js'

const model: ModelStamp = { id: 'm', revision: '1', dtype: 'q8', adapter: 'base', dimension: 2, metric: 'euclidean' }
const other: ModelStamp = { ...model, revision: '2', dimension: 3 }

const KEY = JSON.stringify(Object.values(model))

/** A store that several tabs share, like a database. */
class SharedStore extends MemoryIndexStore {
  override readonly storage = { persistent: true, reason: null }
  segmentsRead = 0

  override readSegments(...request: Parameters<MemoryIndexStore['readSegments']>): Promise<void> {
    this.segmentsRead += request[1].length
    return super.readSegments(...request)
  }

  removeCodes(number: number): void {
    this.codes.delete(number)
  }
}

const paper = (id: string, title = `Title of ${id}`, fields: object = {}): PaperRecord => ({ id, title, ...fields })

let store: SharedStore
let index: StoredIndex
let states: LibraryState[]

beforeEach(async () => {
  store = new SharedStore('')
  states = []
  index = await open()
})

const open = () => StoredIndex.open(store, { lock: null, onChange: (state) => states.push(state) })

/** Gives every pending paper a vector that depends on its row: [row, 1], or [row, 1, 0] for `other`. */
async function embed(stamp = model, at = index): Promise<void> {
  const { papers } = await at.pending(stamp, 1e6)
  const rest = stamp.dimension === 2 ? [1] : [1, 0]
  await at.putVectors(
    stamp,
    papers.map(({ row }) => row),
    Float32Array.from(papers.flatMap(({ row }) => [row, ...rest])),
  )
}

const request = (fields: Partial<SearchRequest>): SearchRequest => ({
  mode: 'semantic',
  query: '',
  vector: Float32Array.of(0, 1),
  model,
  scale: null,
  minLikeness: 0,
  k: 10,
  offset: 0,
  scope: { rows: null, ids: null, except: [] },
  ...fields,
})

/** Vectors by id; `null` for papers without one. */
async function vectorsOf(ids: string[], at = index): Promise<(Float32Array | null)[]> {
  const { found, vectors, dimension } = await at.vectors(ids)
  const rows: Float32Array[] = []
  for (let start = 0; start < vectors.length; start += dimension) rows.push(vectors.slice(start, start + dimension))
  return Array.from(found, (bit) => (bit === 1 ? rows.shift()! : null))
}

const found = async (fields: Partial<SearchRequest>, at = index) => (await at.search(request(fields))).hits.map(({ id }) => id)

describe('papers', () => {
  test('are returned as given, with any fields and with abstracts that are texts, empty, null or missing', async () => {
    const papers = [
      paper('a', 'A', { abstract: 'text', tags: ['x'], nested: { year: 1 } }),
      paper('b', 'B', { abstract: '' }),
      paper('c', 'C', { abstract: null }),
      paper('d', 'D'),
    ]
    expect(await index.put(papers)).toEqual({ added: 4, updated: 0, unchanged: 0, reused: 0 })
    expect(await index.get(['d', 'a', 'x', 'c', 'b'])).toEqual([papers[3], papers[0], null, papers[2], papers[1]])
  })

  test('that are put again need a new vector only if their text changes', async () => {
    await index.put([paper('a'), paper('b'), paper('c')])
    await embed()
    const changed = [paper('a'), paper('b', 'Title of b', { year: 2 }), paper('c', 'Another')]
    expect(await index.put(changed)).toEqual({ added: 0, updated: 2, unchanged: 1, reused: 0 })
    expect(await index.state()).toMatchObject({ papers: 3, vectors: 2, pending: 1 })
    expect(await index.get(['b', 'c'])).toEqual([changed[1], changed[2]])
    expect(await found({})).toEqual(['a', 'b'])
    expect(await found({ mode: 'lexical', query: 'another' })).toEqual(['c'])
    expect(await found({ mode: 'lexical', query: 'title' })).toEqual(['a', 'b'])
  })

  test('reuse the vector of a paper with the same text, even of a removed one', async () => {
    await index.put([paper('a', 'Same'), paper('b')])
    await embed()
    await index.remove(['a'])
    expect(await index.put([paper('c', 'Same')])).toMatchObject({ added: 1, reused: 1 })
    expect(await index.state()).toMatchObject({ papers: 2, vectors: 2, pending: 0 })
    expect(await vectorsOf(['c', 'b'])).toEqual([Float32Array.of(0, 1), Float32Array.of(1, 1)])
  })

  test('that are removed are not found, and counted once even if their id is repeated', async () => {
    await index.put([paper('a'), paper('b')])
    await embed()
    expect(await index.remove(['a', 'a', 'nope'])).toBe(1)
    expect(await found({})).toEqual(['b'])
    expect(await found({ mode: 'lexical', query: 'title' })).toEqual(['b'])
    expect(await index.get(['a'])).toEqual([null])
    expect(await index.remove(['a'])).toBe(0)
  })

  test('take no bytes after all have been removed', async () => {
    await index.put([paper('a', 'A', { abstract: 'ünicode' }), paper('b')])
    await index.put([paper('a', 'A', { abstract: 'ünicode', more: 1 }), paper('b', 'Other')])
    await index.remove(['a', 'b'])
    expect((await store.meta())!.textBytes).toBe(0)
  })
})

describe('vectors', () => {
  test('of papers that were removed or changed meanwhile are skipped', async () => {
    await index.put([paper('a'), paper('b'), paper('c')])
    const { papers } = await index.pending(model, 10)
    await index.remove(['a'])
    await index.put([paper('b', 'Changed')])
    const rows = papers.map(({ row }) => row)
    const state = await index.putVectors(model, rows, Float32Array.of(1, 1, 2, 2, 3, 3))
    expect(state).toMatchObject({ papers: 2, vectors: 1, pending: 1 })
    expect(await vectorsOf(['b', 'c'])).toEqual([null, Float32Array.of(3, 3)])
  })

  test('say what computed them', async () => {
    await index.put([paper('a'), paper('b'), paper('c')])
    const [a, b, c] = (await index.pending(model, 10)).papers.map(({ row }) => row) as [number, number, number]
    expect(await index.putVectors(model, [a], Float32Array.of(1, 1))).toMatchObject({ computedBy: [] })
    await index.putVectors(model, [b], Float32Array.of(2, 2), 'own, simd')
    expect(await index.putVectors(model, [c], Float32Array.of(3, 3), 'own, vnni')).toMatchObject({
      computedBy: ['own, simd', 'own, vnni'],
    })
    await expect((await open()).state()).resolves.toMatchObject({ computedBy: ['own, simd', 'own, vnni'] })
  })

  test('of a wrong length or with NaN are rejected, naming the field', async () => {
    await index.put([paper('a')])
    await expect(index.putVectors(model, [0], Float32Array.of(1))).rejects.toMatchObject({ field: 'vectors.length' })
    await expect(index.putVectors(model, [0], Float32Array.of(1, Number.NaN))).rejects.toMatchObject({ field: 'vectors[1]' })
    expect(await index.state()).toMatchObject({ vectors: 0, pending: 1 })
  })

  test('of another model are stored beside the old ones until they replace them all at once', async () => {
    await index.put([paper('a'), paper('b')])
    await embed()
    await expect(index.adopt(other)).rejects.toMatchObject({ code: 'INDEX_STALE' })
    await embed(other)
    expect(await index.state()).toMatchObject({ model, vectors: 2 })
    await expect(index.search(request({ vector: Float32Array.of(0, 1, 0), model: other }))).rejects.toMatchObject({
      code: 'INDEX_STALE',
    })
    expect(await index.adopt(other)).toMatchObject({ model: other, vectors: 2, pending: 0 })
    expect(await found({ vector: Float32Array.of(0, 1, 0), model: other })).toEqual(['a', 'b'])
    await expect(index.search(request({ model: null }))).rejects.toMatchObject({ field: 'vector.length' })
    expect(await store.segmentIds()).toHaveLength(1)
  })

  test('that are stored one by one are merged without loss', async () => {
    const papers = Array.from({ length: 120 }, (_, position) => paper(`p${position}`))
    await index.put(papers)
    await index.remove(['p5'])
    for (const { row } of (await index.pending(model, 1000)).papers) await index.putVectors(model, [row], Float32Array.of(row, 1))
    expect((await store.segmentIds()).length).toBeLessThan(60)
    const reopened = await open()
    expect(await reopened.state()).toMatchObject({ papers: 119, vectors: 119, damaged: 0 })
    expect(await found({ k: 200 }, reopened)).toEqual(papers.flatMap(({ id }) => (id === 'p5' ? [] : [id])))
  })

  test('in a damaged chunk are deleted, and only their papers are pending again', async () => {
    await twoSegments()
    await store.readSegments(KEY, [0], (segment) => {
      segment!.vectors[1]! += 1e-6
    })
    const reopened = await open()
    expect(await found({}, reopened)).toEqual(['c'])
    expect(await reopened.state()).toMatchObject({ papers: 3, vectors: 1, pending: 2, damaged: 1 })
    expect((await reopened.pending(model, 10)).papers.map(({ title }) => title)).toEqual(['Title of a', 'Title of b'])
    await embed(model, reopened)
    expect(await reopened.state()).toMatchObject({ vectors: 3, pending: 0 })
    const third = await open()
    await third.readAhead()
    expect(await third.state()).toMatchObject({ vectors: 3, damaged: 0 })
  })

  test.each<[string, (codes: SegmentCodes) => unknown]>([
    ['damaged', ({ data }) => new Uint8Array(data).fill(1, 9, 10)],
    ['of another version', (codes) => Object.assign(codes, { version: 0 })],
    ['missing, as in an index of an earlier version', ({ number }) => store.removeCodes(number)],
  ])('whose codes are %s are coded again, once', async (_, damage) => {
    await twoSegments()
    await store.readCodes(KEY, [0], (codes) => damage(codes!))
    const reopened = await open()
    expect(await found({}, reopened)).toEqual(['a', 'b', 'c'])
    expect(await reopened.state()).toMatchObject({ vectors: 3, pending: 0, damaged: 0 })
    await reopened.put([paper('d')])
    store.segmentsRead = 0
    expect(await (await open()).state()).toMatchObject({ vectors: 3 })
    expect(store.segmentsRead).toBe(0)
  })

  test('are read only when a search needs them, with the same hits as if all were read', async () => {
    await index.put(Array.from({ length: 40 }, (_, position) => paper(`p${position}`)))
    // Segments of four.
    for (let first = 0; first < 40; first += 4) {
      const rows = [0, 1, 2, 3].map((row) => first + row)
      await index.putVectors(model, rows, Float32Array.from(rows.flatMap((row) => [row, 1])))
    }
    const reopened = await open()
    await index.remove(['p21'])
    store.segmentsRead = 0
    expect(await reopened.state()).toMatchObject({ vectors: 40, pending: 0 })
    expect(store.segmentsRead).toBe(0)
    await reopened.changedElsewhere()
    expect(await found({ vector: Float32Array.of(21.4, 1), k: 3 }, reopened)).toEqual(['p22', 'p20', 'p23'])
    expect(store.segmentsRead).toBe(1)
    expect(await reopened.put([paper('p3'), paper('p4', 'Title of p4', { year: 4 })])).toMatchObject({ unchanged: 1, updated: 1 })
    expect(store.segmentsRead).toBe(1)
    expect(await vectorsOf(['p39'], reopened)).toEqual([Float32Array.of(39, 1)])
    expect(await reopened.put([paper('again', 'Title of p21')])).toMatchObject({ reused: 1 })
    expect(store.segmentsRead).toBe(2)
    await reopened.readAhead()
    expect(store.segmentsRead).toBe(10)
    expect(await found({ k: 100 }, reopened)).toHaveLength(40)
  })

  test('that another tab has merged before they were read are read from the merged segment', async () => {
    await index.put(Array.from({ length: 50 }, (_, position) => paper(`p${position}`)))
    const put = (row: number) => index.putVectors(model, [row], Float32Array.of(row, 1))
    for (let row = 0; row < 48; row++) await put(row)
    const second = await open()
    await put(48)
    expect(await store.segmentIds()).toHaveLength(1)
    expect(await found({ vector: Float32Array.of(9, 1), k: 3 }, second)).toEqual(['p9', 'p8', 'p10'])
    expect(await second.state()).toMatchObject({ vectors: 49, pending: 1, damaged: 0 })
    expect(await vectorsOf(['p0', 'p48'], second)).toEqual([Float32Array.of(0, 1), Float32Array.of(48, 1)])
  })

  /** Puts papers a and b in one segment, c in another. */
  async function twoSegments(): Promise<void> {
    await index.put([paper('a'), paper('b')])
    await embed()
    await index.put([paper('c')])
    await embed()
  }
})

describe('searches', () => {
  beforeEach(async () => {
    await index.put([
      paper('near', 'Soil moisture'),
      paper('middle', 'River floods', { abstract: 'Wet soils hold water.' }),
      paper('far', 'Graph networks'),
    ])
    await embed()
  })

  test('by vectors return distance, score and rank; by words score, rank and terms', async () => {
    const { hits } = await index.search(request({ vector: Float32Array.of(1, 1), k: 2 }))
    const [first, second] = hits
    expect(first).toMatchObject({ id: 'middle', distance: 0, score: -0, ranks: { semantic: 1, lexical: null }, terms: [] })
    expect(second).toMatchObject({ id: 'near', distance: 1, score: -1, ranks: { semantic: 2, lexical: null } })
    const { hits: words, counts } = await index.search(request({ mode: 'lexical', query: 'soils' }))
    expect(counts).toEqual({ withSomeWords: 2, withAllWords: 2, found: null, isMore: false })
    expect(words.map(({ id }) => id).sort()).toEqual(['middle', 'near'])
    expect(words[0]).toMatchObject({ distance: null, ranks: { semantic: null, lexical: 1 }, terms: ['soils'] })
    expect(words[0]!.score).toBeGreaterThan(words[1]!.score)
  })

  test('by words wait until all papers are read, or answer as far as they are', async () => {
    await index.put(Array.from({ length: 300 }, (_, at) => paper(`p${at}`)))
    let release = () => {}
    const released = new Promise<void>((resolve) => {
      release = resolve
    })
    const read = store.papersInRange.bind(store)
    store.papersInRange = async (from, to) => {
      if (from > 0) await released
      return read(from, to)
    }
    const reopened = await open()
    const asked = request({ mode: 'lexical', query: 'title', k: 400 })
    const whole = reopened.search(asked)
    const soFar = () => reopened.search({ ...asked, soFar: true })
    await expect.poll(async () => (await soFar()).unread, { interval: 1 }).toBe(47)
    expect((await soFar()).hits.length).toBe(253)
    release()
    const { hits, unread: left } = await whole
    expect([hits.length, left]).toEqual([300, 0])
  })

  test('by words find labels, notes and years as they are now', async () => {
    const byWords = (query: string) => found({ mode: 'lexical', query })
    expect(await byWords('label:later')).toEqual([])
    await index.put([paper('far', 'Graph networks', { labels: ['later'], year: 1999 })])
    expect(await byWords('label:later')).toEqual(['far'])
    expect(await byWords('1999')).toEqual(['far'])
    await index.put([paper('far', 'Graph networks', { note: 'a thought' })])
    expect(await byWords('label:later')).toEqual([])
    expect(await byWords('thought graph')).toEqual(['far'])
  })

  test('end where likeness ends, by vectors too, and keep to the fields of the query', async () => {
    const scale = { floor: 0.5, ceiling: 1, expected: 2, metric: 'euclidean' as const }
    const { hits, counts } = await index.search(request({ vector: Float32Array.of(0, 1), scale, minLikeness: 0.5 }))
    expect(hits.map(({ id, likeness }) => [id, likeness])).toEqual([
      ['near', 1],
      ['middle', 0.5],
    ])
    expect(counts).toMatchObject({ found: 2, isMore: false })
    expect(await found({ query: 'any "graph networks"' })).toEqual(['far'])
  })

  test('by both return the ranks of either side', async () => {
    const { hits } = await index.search(request({ mode: 'hybrid', query: 'floods', vector: Float32Array.of(2, 1) }))
    expect(hits).toHaveLength(3)
    const middle = hits.find(({ id }) => id === 'middle')!
    expect(middle).toMatchObject({ distance: 1, ranks: { lexical: 1 }, terms: ['floods'] })
    expect(hits.map(({ score }) => score)).toEqual(hits.map(({ score }) => score).toSorted((a, b) => b - a))
  })

  test('are filtered by rows, ids and excluded ids before papers are ranked', async () => {
    const scope = (fields: object) => ({ scope: { rows: null, ids: null, except: [], ...fields } })
    expect(await found({ k: 1, ...scope({ ids: ['far', 'nope'] }) })).toEqual(['far'])
    expect(await found({ k: 2, ...scope({ except: ['near'] }) })).toEqual(['middle', 'far'])
    expect(await found(scope({ rows: Uint32Array.of(0b110), ids: ['near', 'far'] }))).toEqual(['far'])
    expect(await found({ mode: 'lexical', query: 'soil', ...scope({ except: ['near'] }) })).toEqual(['middle'])
  })

  test('return later pages by offset', async () => {
    expect(await found({ k: 1, offset: 1 })).toEqual(['middle'])
    expect(await found({ mode: 'hybrid', query: 'soil', k: 2, offset: 2 })).toHaveLength(1)
    expect(await found({ offset: 3 })).toEqual([])
  })
})

describe('two tabs', () => {
  test('see what the other one has added, changed and removed', async () => {
    const second = await open()
    await index.put([paper('a'), paper('b')])
    await embed()
    await second.changedElsewhere()
    expect(await found({}, second)).toEqual(['a', 'b'])
    await second.put([paper('a', 'Changed'), paper('c')])
    await second.remove(['b'])
    await embed(model, second)
    await index.changedElsewhere()
    expect(await found({})).toEqual(['a', 'c'])
    expect(await found({ mode: 'lexical', query: 'changed' })).toEqual(['a'])
    expect(await found({ mode: 'lexical', query: 'title' })).toEqual(['c'])
  })

  test('that write at the same time without a lock lose nothing and agree', async () => {
    const tabs = [index, await open(), await open()]
    await Promise.all(
      tabs.flatMap((tab, number) => [
        ...Array.from({ length: 8 }, (_, position) => tab.put([paper(`${number}-${position}`), paper('shared', `By ${number}`)])),
        tab.remove([`${number}-0`]),
      ]),
    )
    for (const tab of tabs) await tab.changedElsewhere()
    await embed()
    for (const tab of tabs) await tab.changedElsewhere()
    const states = await Promise.all(tabs.map((tab) => tab.state()))
    expect(states[0]).toMatchObject({ papers: 22, vectors: 22, pending: 0 })
    expect(states[1]).toEqual({ ...states[0], damaged: 0 })
    const hits = await Promise.all(tabs.map((tab) => found({ k: 100 }, tab)))
    expect(hits[0]).toHaveLength(22)
    expect(hits[1]).toEqual(hits[0])
    expect(hits[2]).toEqual(hits[0])
  })

  test('see the new vectors after the other one has changed the model', async () => {
    await index.put([paper('a')])
    await embed()
    const second = await open()
    await embed(other, second)
    await second.adopt(other)
    await index.changedElsewhere()
    expect(await index.state()).toMatchObject({ model: other, vectors: 1, pending: 0 })
    expect(await found({ vector: Float32Array.of(0, 1, 0), model: other })).toEqual(['a'])
  })
})

test('an index of a later version is rejected', async () => {
  const meta = { formatVersion: 2, sequence: 1 } as unknown as IndexMeta
  await store.commit({ meta })
  await expect(open()).rejects.toMatchObject({ code: 'UNSUPPORTED', details: { expected: 1, actual: 2 } })
})
