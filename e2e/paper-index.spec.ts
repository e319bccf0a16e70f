/** An index of papers in the page: storing, searching, changing, exporting and importing. */
import { writeFileSync } from 'node:fs'
import type { PaperRecord } from 'specter2-web'
import { encodeIndexFile } from '../src/core/index-file/index-file.js'
import { manyPapers, openIndex, papers } from './index-page.js'
import { expect, fileBytes, open, test } from './site.js'
import { tiny } from './vectors.js'

test('an index stores papers unchanged, and still has them with their vectors after a reload', async ({ page, site }) => {
  await openIndex(page)
  const result = await page.evaluate((papers) => window.index.add(papers), papers)
  expect(result).toEqual({ added: papers.length, updated: 0, unchanged: 0, reused: 0, pending: 0 })
  const before = await page.evaluate(() => window.index.search('gene', { mode: 'semantic', k: 3 }))
  await open(page, site)
  await openIndex(page)
  const after = await page.evaluate(async () => ({
    info: window.index.info,
    found: await window.index.search('gene', { mode: 'semantic', k: 3 }),
    papers: await window.index.get(['p3', 'nope', 'p0']),
    again: await window.index.add((await window.index.get(['p1'])) as PaperRecord[]),
  }))
  expect(after.info).toMatchObject({ papers: papers.length, vectors: papers.length, pending: 0, stale: false, damaged: 0 })
  expect(after.info.storage).toEqual({ persistent: true, reason: null })
  expect(after.found).toEqual(before)
  expect(after.papers).toEqual([papers[3], null, papers[0]])
  expect(after.again).toMatchObject({ unchanged: 1, added: 0, updated: 0 })
})

test('an index of the first version, without codes of its vectors, opens unchanged', async ({ page, site }) => {
  await openIndex(page)
  await page.evaluate((papers) => window.index.add(papers), papers)
  const search = () => page.evaluate(() => window.index.search('gene', { mode: 'semantic', k: 20 }))
  const before = await search()
  await page.evaluate(async () => {
    await window.index.close()
    const name = 'specter2-web-index:library'
    const { request } = window
    const now = await request(indexedDB.open(name))
    const contents = await Promise.all(
      ['meta', 'papers', 'abstracts', 'segments'].map(async (store) => {
        const values = now.transaction(store).objectStore(store)
        return { store, keys: await request(values.getAllKeys()), values: await request(values.getAll()) }
      }),
    )
    now.close()
    await request(indexedDB.deleteDatabase(name))
    const opening = indexedDB.open(name, 1)
    opening.onupgradeneeded = () => {
      for (const { store, keys, values } of contents) {
        const made = opening.result.createObjectStore(store)
        if (store === 'papers') made.createIndex('row', 'row', { unique: true })
        for (const [index, key] of keys.entries()) made.put(values[index], key)
      }
    }
    const first = await request(opening)
    first.close()
  })
  for (let visit = 0; visit < 2; visit++) {
    await open(page, site)
    await openIndex(page)
    expect(await search()).toEqual(before)
    expect(await page.evaluate(() => window.index.info)).toMatchObject({
      papers: papers.length,
      vectors: papers.length,
      damaged: 0,
    })
  }
})

test('papers and vectors are read completely or by id, as they are after changes', async ({ page }) => {
  await openIndex(page)
  const result = await page.evaluate(async (papers) => {
    await window.index.add(papers)
    await window.index.remove('p1')
    await window.index.update('p2', { note: 'read again' })
    const listed = await window.index.papers()
    const all = await window.index.vectors()
    const some = await window.index.vectors(['p3', 'nope', 'p0'])
    const { dimension } = all
    const of = (id: string) => all.vectors.slice(all.ids.indexOf(id) * dimension, (all.ids.indexOf(id) + 1) * dimension)
    return {
      listed: listed.map(({ id, note, abstract }) => [id, note, abstract]),
      ids: all.ids,
      length: all.vectors.length === all.ids.length * dimension,
      some: some.ids,
      same: some.vectors.every((value, index) => value === [...of('p3'), ...of('p0')][index]),
      metric: all.metric,
    }
  }, papers)
  const left = papers.filter(({ id }) => id !== 'p1')
  // Abstracts are left out; an empty one is none.
  const listed = left.map(({ id, abstract }) => [id, id === 'p2' ? 'read again' : undefined, abstract === '' ? '' : undefined])
  expect(result.listed).toEqual(listed)
  expect(result).toMatchObject({
    ids: left.map(({ id }) => id),
    length: true,
    some: ['p3', 'p0'],
    same: true,
    metric: 'euclidean',
  })
})

test('an embedder can be added later, and removed before the index is closed', async ({ page }) => {
  const result = await page.evaluate(async (papers) => {
    const { createEmbedder, PaperIndex } = window.specter2
    const index = await PaperIndex.open('later')
    await index.add(papers)
    const before = { pending: index.info.pending, stamp: index.info.embedder }
    const embedder = await createEmbedder({ model: '/models/tiny' })
    index.useEmbedder(embedder)
    await index.resume()
    const { hits, mode } = await index.search('gene', { mode: 'semantic', k: 1 })
    const after = { pending: index.info.pending, stamp: index.info.embedder?.id, hits: hits.length, mode }
    index.useEmbedder(null)
    await embedder.dispose()
    const byWords = await index.search('gene', { k: 1 })
    const without = { stamp: index.info.embedder, mode: byWords.mode, hits: byWords.hits.length }
    await index.close()
    return { before, after, without }
  }, papers)
  expect(result.without).toEqual({ stamp: null, mode: 'lexical', hits: 1 })
  expect(result.before).toEqual({ pending: papers.length, stamp: null })
  expect(result.after).toEqual({ pending: 0, stamp: expect.any(String), hits: 1, mode: 'semantic' })
})

test('concurrent updates of a paper are all applied', async ({ page }) => {
  await openIndex(page)
  const paper = await page.evaluate(async (papers) => {
    await window.index.add(papers)
    await Promise.all([window.index.update('p2', { note: 'read again' }), window.index.update('p2', { labels: ['kept'] })])
    return (await window.index.get(['p2']))[0]
  }, papers)
  expect(paper).toEqual({ ...papers[2], note: 'read again', labels: ['kept'] })
})

test('papers are stored without embedding if the caller asks for that', async ({ page }) => {
  await openIndex(page)
  const result = await page.evaluate(async (papers) => {
    const added = await window.index.add(papers, { embed: false })
    const waiting = window.index.info.pending
    await window.index.resume()
    return { added, waiting, pending: window.index.info.pending }
  }, papers)
  expect(result).toEqual({
    added: { added: papers.length, updated: 0, unchanged: 0, reused: 0, pending: papers.length },
    waiting: papers.length,
    pending: 0,
  })
})

test('a semantic search finds the same as a scan of the reference vectors, by the metric of the model', async ({ page }) => {
  await openIndex(page, { model: '/models/tiny-fp32/' })
  const queries = tiny.queries.flatMap((query, index) => (query.trim() === '' ? [] : [{ query, index }]))
  const found = await page.evaluate(
    async ({ papers, queries }) => {
      await window.index.add(papers)
      const found: [string, number | null][][] = []
      for (const { query } of queries) {
        const { hits } = await window.index.search(query, { mode: 'semantic', k: papers.length })
        found.push(hits.map(({ id, distance }) => [id, distance]))
      }
      return found
    },
    { papers, queries },
  )
  for (const [position, { index }] of queries.entries()) {
    const query = tiny.vectors.queries.adhoc_query[index]!
    const distances = tiny.vectors.papers.proximity.map((vector, row) => {
      const squares = vector.map((value, column) => (value - query[column]!) ** 2)
      return [papers[row]!.id, Math.sqrt(squares.reduce((sum, square) => sum + square, 0))] as const
    })
    const expected = new Map(distances)
    expect(found[position]!.map(([id]) => id)).toEqual(distances.toSorted((a, b) => a[1] - b[1]).map(([id]) => id))
    for (const [id, distance] of found[position]!) expect(Math.abs(distance! - expected.get(id)!)).toBeLessThan(1e-3)
  }
})

test('while the model loads, papers are stored and found by words, and by vectors as soon as it is loaded', async ({
  page,
  site,
}) => {
  let answer = () => {}
  const asked = new Promise<void>((resolve) => {
    site.answer = (path, response) => {
      if (path !== '/models/tiny/manifest.json') return false
      answer = () => response.end(fileBytes(path))
      resolve()
      return true
    }
  })
  const calls = await page.evaluateHandle(async (papers) => {
    const embedder = window.specter2.createEmbedder({ model: '/models/tiny/' })
    const index = await window.specter2.PaperIndex.open('library', { embedder })
    const added = index.add(papers)
    const updates: { mode: string; complete: boolean; hits: number }[] = []
    const search = async () => {
      const shown = (result: { mode: string; complete: boolean; hits: unknown[] }) =>
        updates.push({ mode: result.mode, complete: result.complete, hits: result.hits.length })
      shown(await index.search('floods soil structure', { onUpdate: shown }))
    }
    while (index.info.papers < papers.length) await new Promise((resolve) => setTimeout(resolve, 10))
    const searched = search()
    while (updates.length === 0) await new Promise((resolve) => setTimeout(resolve, 10))
    return { added, searched, updates, before: [...updates] }
  }, manyPapers(20))
  await asked
  expect(await calls.evaluate(({ before }) => before)).toMatchObject([{ mode: 'lexical', complete: false }])
  answer()
  site.answer = null
  const { added, updates } = await calls.evaluate(async ({ added, searched, updates }) => {
    await searched
    return { added: await added, updates }
  })
  expect(added).toMatchObject({ added: 20, pending: 0 })
  expect(updates.at(-1)).toMatchObject({ complete: true })
})

test('while the words of an opened index are read, papers are found by vectors, and by both afterwards', async ({
  page,
  site,
}) => {
  await openIndex(page)
  await page.evaluate(async (papers) => {
    // Unique words take the longest.
    const abstract = (paper: number) => Array.from({ length: 3000 }, (_, word) => `w${paper}x${word.toString(36)}`).join(' ')
    await window.index.add(papers.map((paper, position) => ({ ...paper, abstract: abstract(position) })))
  }, manyPapers(100))
  await open(page, site)
  await openIndex(page)
  const { updates, last } = await page.evaluate(async () => {
    const updates: { mode: string; complete: boolean; ids: string[] }[] = []
    const last = await window.index.search('paper 7 w7x0', {
      onUpdate: ({ mode, complete, hits }) => updates.push({ mode, complete, ids: hits.map(({ id }) => id) }),
    })
    return { updates, last }
  })
  expect(updates).toMatchObject([{ mode: 'semantic', complete: false }])
  expect(updates[0]!.ids).toHaveLength(10)
  expect(last).toMatchObject({ mode: 'hybrid', complete: true, unavailable: null })
  expect(last.hits[0]!.terms).toContain('w7x0')
})

test('the latest query wins, an aborted one rejects with its reason, concurrent ones all resolve', async ({ page }) => {
  await openIndex(page)
  const result = await page.evaluate(async (papers) => {
    await window.index.add(papers)
    const first = window.rejection(window.index.search('one'))
    const second = window.rejection(window.index.search('two'))
    const third = await window.index.search('three', { k: 2 })
    const controller = new AbortController()
    const aborted = window.rejection(window.index.search('four', { signal: controller.signal }))
    controller.abort(new RangeError('No more.'))
    const concurrent = await Promise.all(['a', 'b', 'c'].map((query) => window.index.search(query, { concurrent: true, k: 1 })))
    return {
      first: await first,
      second: await second,
      aborted: await aborted,
      third: third.hits.length,
      concurrent: concurrent.map(({ hits }) => hits.length),
      empty: await window.index.search('  '),
    }
  }, papers)
  expect(result.first).toMatchObject({ name: 'AbortError' })
  expect(result.second).toMatchObject({ name: 'AbortError' })
  expect(result.aborted).toMatchObject({ name: 'RangeError', message: 'No more.' })
  expect(result.third).toBe(2)
  expect(result.concurrent).toEqual([1, 1, 1])
  expect(result.empty).toMatchObject({ hits: [], mode: 'hybrid', complete: true, unavailable: null })
})

test('filters see the current papers, and apply before ranking', async ({ page }) => {
  await openIndex(page)
  const found = await page.evaluate(async (papers) => {
    await window.index.add(papers)
    const ids = async (options: object) =>
      (await window.index.search('structure', { mode: 'semantic', k: 3, ...options })).hits.map(({ id }) => id)
    const late = (paper: PaperRecord) => Number(paper.year) >= 2009
    const first = await ids({ filter: late })
    await window.index.update('p0', { year: 2050 })
    await window.index.remove('p11')
    await window.index.add([{ id: 'new', title: 'A new structure', year: 2051 }])
    const second = await ids({ filter: late, k: 10 })
    return {
      first,
      second,
      both: await ids({ filter: late, ids: ['p0', 'p1', 'new'] }),
      none: await ids({ filter: () => false }),
    }
  }, papers)
  expect(found.first.toSorted()).toEqual(['p10', 'p11', 'p9'])
  expect(found.second.toSorted()).toEqual(['new', 'p0', 'p10', 'p9'])
  expect(found.both.toSorted()).toEqual(['new', 'p0'])
  expect(found.none).toEqual([])
})

test('similar papers are found by id, by text, by vector, and by liked and disliked papers', async ({ page }) => {
  await openIndex(page)
  const result = await page.evaluate(async (papers) => {
    await window.index.add(papers)
    const ids = async (target: Parameters<typeof window.index.similar>[0]) =>
      (await window.index.similar(target, { k: 20 })).map(({ id }) => id)
    const [self] = await window.index.similar(papers[7]!, { k: 1 })
    return {
      self,
      byId: await ids('p7'),
      byText: await ids(papers[7]!),
      byExamples: await ids({ liked: ['p7', 'p3'], disliked: ['p4'] }),
      unknown: await window.rejection(window.index.similar('nope')),
      wrong: await window.rejection(window.index.similar(new Float32Array(3))),
    }
  }, papers)
  expect(result.self).toMatchObject({ id: 'p7', distance: 0 })
  expect(result.byText[0]).toBe('p7')
  expect(result.byId).toEqual(result.byText.slice(1))
  expect(result.byExamples.toSorted()).toEqual(
    papers
      .map(({ id }) => id)
      .filter((id) => !['p7', 'p3', 'p4'].includes(id))
      .toSorted(),
  )
  expect(result.unknown).toMatchObject({ kind: 'InvalidArgumentError', field: 'target' })
  expect(result.wrong).toMatchObject({ kind: 'InvalidArgumentError', field: 'target.length' })
})

test('another model makes the index stale: it is searched by words only until it is embedded again', async ({ page, site }) => {
  await openIndex(page)
  await page.evaluate((papers) => window.index.add(papers), papers)
  await open(page, site)
  await openIndex(page, { model: '/models/tiny-b/' })
  const stale = await page.evaluate(async () => ({
    info: window.index.info,
    semantic: await window.rejection(window.index.search('structure', { mode: 'semantic' })),
    hybrid: await window.index.search('structure'),
    added: await window.index.add([{ id: 'late', title: 'A late paper' }]),
    resumed: await window.rejection(window.index.resume()),
  }))
  expect(stale.info).toMatchObject({
    stale: true,
    model: { revision: expect.not.stringMatching(/^b$/) },
    embedder: { revision: 'b' },
  })
  expect(stale.semantic).toMatchObject({ code: 'INDEX_STALE' })
  expect(stale.hybrid).toMatchObject({ mode: 'lexical', complete: true })
  expect(stale.added).toMatchObject({ added: 1, pending: 1 })
  expect(stale.resumed).toMatchObject({ code: 'INDEX_STALE' })
  const after = await page.evaluate(async () => {
    const seen: number[] = []
    await window.index.reembed({ onProgress: ({ done }) => seen.push(done) })
    const { hits } = await window.index.search('structure', { mode: 'semantic', k: 100 })
    return { info: window.index.info, hits: hits.length, last: seen.at(-1) }
  })
  expect(after.info).toMatchObject({ stale: false, model: { revision: 'b' }, vectors: 13, pending: 0 })
  expect(after).toMatchObject({ hits: 13, last: 13 })
})

test('an exported file is imported with papers and vectors, from a URL only if it has changed; damaged and foreign files are refused', async ({
  page,
  site,
}) => {
  await openIndex(page)
  const bytes = await page.evaluate(async (papers) => {
    await window.index.add(papers)
    const read = async (format: 'index' | 'index-int8') => [
      ...new Uint8Array(await (await window.index.export(format)).arrayBuffer()),
    ]
    return { exact: await read('index'), small: await read('index-int8') }
  }, papers)
  expect(bytes.small.length).toBeLessThan(bytes.exact.length)
  let file = Buffer.from(bytes.exact)
  site.answer = (path, response) => path === '/papers.index' && Boolean(response.end(file))
  const openFrom = (name: string) =>
    page.evaluate(async (name) => {
      const index = await window.specter2.PaperIndex.open(name, { from: '/papers.index' })
      const hits = await index.similar('p2', { k: 3 })
      const { info } = index
      await index.close()
      return { papers: info.papers, vectors: info.vectors, hits: hits.map(({ id, distance }) => [id, distance]) }
    }, name)
  const first = await openFrom('copy')
  expect(first).toMatchObject({ papers: papers.length, vectors: papers.length })
  expect(await openFrom('copy')).toEqual(first)
  site.answer = (path, response) => path === '/papers.index' && Boolean(response.writeHead(503).end())
  expect(await openFrom('copy')).toEqual(first)

  file = Buffer.from(bytes.small)
  site.answer = (path, response) => path === '/papers.index' && Boolean(response.end(file))
  const small = await openFrom('small')
  expect(small.vectors).toBe(papers.length)
  file = Buffer.from(bytes.exact)
  file[file.length - 200]! ^= 1
  const refused = await page.evaluate(async () => {
    const openFrom = (from: string) => window.rejection(window.specter2.PaperIndex.open('refused', { from }))
    return [await openFrom('/papers.index'), await openFrom('/index.html'), await openFrom('/nowhere.index')]
  })
  expect(refused).toMatchObject([{ code: 'DAMAGED_FILE' }, { code: 'INVALID_INDEX' }, { code: 'DOWNLOAD_FAILED' }])
})

test('a large index is searched on several threads in an isolated page, with the hits of a plain scan', async ({
  page,
  site,
}) => {
  const [count, dimension] = [20_000, 32]
  let state = 1
  const random = () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32
    return state / 2 ** 32
  }
  const vectors = Array.from({ length: count }, () => Float32Array.from({ length: dimension }, random))
  async function* parts() {
    for (let first = 0; first < count; first += 1000)
      yield vectors
        .slice(first, first + 1000)
        .map((vector, row) => ({ paper: { id: String(first + row), title: `Paper ${first + row}` }, vector }))
  }
  const model = { id: 'made-up', revision: '1', dtype: 'fp32', adapter: 'base', dimension, metric: 'euclidean' } as const
  const blocks: Uint8Array[] = []
  for await (const block of encodeIndexFile({ id: 'large', model, vectors: 'float32', papers: count }, parts()))
    blocks.push(block)
  site.answer = (path, response) => path === '/large.index' && Boolean(response.end(Buffer.concat(blocks)))

  await page.evaluate(async () => {
    window.index = await window.specter2.PaperIndex.open('large', { from: '/large.index' })
  })
  const cdp = await page.context().browser()!.newBrowserCDPSession()
  const threads = async () => {
    const { targetInfos } = await cdp.send('Target.getTargets', { filter: [{ type: 'worker' }] })
    return targetInfos.filter(({ title }) => title === 'specter2-web scan').length
  }
  const distance = (a: Float32Array, b: Float32Array) => Math.hypot(...a.map((value, column) => value - b[column]!))
  const search = async (row: number) => {
    const hits = await page.evaluate((id) => window.index.similar(id, { k: 5 }), String(row))
    const expected = vectors
      .map((vector, other) => [other, distance(vector, vectors[row]!)] as const)
      .filter(([other]) => other !== row)
      .toSorted(([, a], [, b]) => a - b)
      .slice(0, 5)
    expect(hits.map(({ id }) => Number(id))).toEqual(expected.map(([other]) => other))
  }
  await search(0)
  await expect.poll(threads).toBeGreaterThan(0)
  for (let row = 1; row < 60; row++) await search(row * 300)
})

test('papers and vectors are exported as JSON Lines, .npy and Parquet', async ({ page }) => {
  await openIndex(page)
  const files = await page.evaluate(async (papers) => {
    await window.index.add(papers)
    const read = async (format: 'npy' | 'parquet' | 'jsonl') => [
      ...new Uint8Array(await (await window.index.export(format)).arrayBuffer()),
    ]
    return { npy: await read('npy'), parquet: await read('parquet'), jsonl: await read('jsonl') }
  }, papers)
  for (const [format, bytes] of Object.entries(files))
    writeFileSync(test.info().outputPath(`papers.${format}`), Buffer.from(bytes))
  const lines = Buffer.from(files.jsonl).toString().trimEnd().split('\n')
  expect(lines.map((line) => JSON.parse(line))).toEqual(papers)
  const text = Buffer.from(files.npy).toString('latin1')
  expect(text).toContain(`'shape': (${papers.length}, 64)`)
  const magic = Buffer.from(files.parquet)
  expect([magic.subarray(0, 4).toString(), magic.subarray(-4).toString()]).toEqual(['PAR1', 'PAR1'])
})

test('wrong arguments are named', async ({ page }) => {
  await openIndex(page)
  const rejections = await page.evaluate(async () => {
    const { index } = window
    const any = (value: unknown) => value as never
    return [
      await window.rejection(window.specter2.PaperIndex.open('')),
      await window.rejection(
        index.add(
          any([
            { id: 'a', title: 'A' },
            { id: '', title: 'B' },
          ]),
        ),
      ),
      await window.rejection(
        index.add([
          { id: 'a', title: 'A' },
          { id: 'a', title: 'B' },
        ]),
      ),
      await window.rejection(index.add(any([{ id: 'a', title: 'A', abstract: 5 }]))),
      await window.rejection(index.add(any([{ id: 'a', title: 'A', run: () => {} }]))),
      await window.rejection(index.search(any(3))),
      await window.rejection(index.search('x', { k: 0 })),
      await window.rejection(index.search('x', { mode: any('other') })),
      await window.rejection(index.export(any('pdf'))),
      await window.rejection(index.update('nope', {})),
    ].map((rejection) => rejection?.field)
  })
  expect(rejections).toEqual([
    'name',
    'papers[1].id',
    'papers[1].id',
    'papers[0].abstract',
    'papers[0…0]',
    'query',
    'k',
    'mode',
    'format',
    'id',
  ])
})
