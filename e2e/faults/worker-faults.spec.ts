/** Workers that die in the middle of each call, and several tabs on the same model and the same index. */
import type { Page } from '@playwright/test'
import { manyPapers, openIndex } from '../index-page.js'
import { expect, open, test } from '../site.js'
import { cases, outcome } from './cases.js'
import { expectRightVectors } from './right-vectors.js'

const CALLS = [
  'add',
  'search',
  'similar',
  'get',
  'update',
  'remove',
  'vectors',
  'records',
  'data',
  'export',
  'import',
  'resume',
] as const

for (const call of cases(CALLS, (name) => name === 'add'))
  for (const ms of cases([0, 3, 30], (value) => value === 3))
    test(`the library worker is killed ${ms} ms after ${call}(): it ends, and nothing is lost`, async ({ page, site }) => {
      const result = await page.evaluate(
        async ({ call, ms, papers, more }) => {
          let worker: Worker | null = null
          const embedder = await window.specter2.createEmbedder({ model: '/models/tiny/', threads: 1 })
          const index = await window.specter2.PaperIndex.open('library', {
            embedder,
            worker: () => {
              worker = new Worker('/specter2-web/workers/library.js', { type: 'module' })
              return worker
            },
          })
          window.index = index
          await index.add(papers)
          const file = await index.export()
          const start = performance.now()
          const ids = papers.map(({ id }) => id)
          const calls = {
            add: () => index.add(more),
            search: () => index.search('floods', { mode: 'hybrid' }),
            similar: () => index.similar('paper-1'),
            get: () => index.get(ids),
            update: () => index.update('paper-1', { note: 'read' }),
            remove: () => index.remove(['paper-0']),
            vectors: () => index.vectors(ids),
            records: () => index.search('floods', { filter: () => true }),
            data: () => index.data.set({ note: papers }),
            export: () => index.export('parquet'),
            import: () => index.import(file),
            resume: () => index.resume(),
          }
          const pending = window.rejection(calls[call]())
          if (ms > 0) await new Promise((resolve) => setTimeout(resolve, ms))
          worker!.terminate()
          const rejection = await pending
          const seconds = (performance.now() - start) / 1000
          // The next call may meet the death before the page knows of it; the one after it may not.
          await window.rejection(index.search('floods', { mode: 'lexical' }))
          const { hits } = await index.search('floods', { mode: 'semantic', k: 3 })
          await index.resume()
          return { rejection, seconds, hits: hits.length, info: index.info }
        },
        { call, ms, papers: manyPapers(30), more: manyPapers(60, 'more') },
      )
      if (result.rejection) expect(result.rejection).toMatchObject({ code: 'WORKER_FAILED' })
      expect(result.seconds).toBeLessThan(20)
      expect(result.hits).toBe(3)
      expect(result.info).toMatchObject({ pending: 0, damaged: 0 })
      expect(result.info.papers).toBeGreaterThanOrEqual(call === 'remove' ? 29 : 30)
      await expectRightVectors(page)
      await open(page, site)
      await openIndex(page)
      expect(await page.evaluate(() => window.index.info)).toMatchObject({ papers: result.info.papers, pending: 0, damaged: 0 })
      outcome(`${result.rejection?.code ?? 'done before'} after ${result.seconds.toFixed(1)} s; ${result.info.papers} papers`)
    })

const EMBED_CALLS = ['create', 'embed', 'embedQuery', 'loadAdapter'] as const
for (const call of cases(EMBED_CALLS, () => false))
  test(`the embed worker is killed in ${call}(): the call ends, and the next one has the same vector`, async ({ page }) => {
    const { rejection, same, seconds } = await page.evaluate(async (call) => {
      const workers: Worker[] = []
      const worker = () => {
        workers.push(new Worker('/specter2-web/workers/embed.js', { type: 'module' }))
        return workers.at(-1)!
      }
      const create = () => window.specter2.createEmbedder({ model: '/models/tiny/', worker, threads: 1 })
      const first = await create()
      const vector = async (embedder: Awaited<ReturnType<typeof create>>) => String((await embedder.embed(['Floods'])).vectors)
      const before = await vector(first)
      const calls = {
        create,
        embed: () => first.embed(Array.from({ length: 200 }, (_, index) => `Paper ${index} on floods`)),
        embedQuery: () => first.embedQuery('floods', { adapter: 'adhoc_query' }),
        loadAdapter: () => first.loadAdapter('/fixture/adapters/classification/', { as: 'mine' }),
      }
      const start = performance.now()
      const pending = window.rejection(calls[call]())
      await new Promise((resolve) => setTimeout(resolve, 5))
      workers.at(-1)!.terminate()
      const rejection = await pending
      const seconds = (performance.now() - start) / 1000
      await window.rejection(first.embed(['again']))
      return { rejection, seconds, same: (await vector(first)) === before }
    }, call)
    if (rejection) expect(rejection).toMatchObject({ code: 'WORKER_FAILED' })
    expect(seconds).toBeLessThan(40)
    expect(same).toBe(true)
    outcome(`${rejection?.code ?? 'done before'} after ${seconds.toFixed(1)} s; then the same vector`)
  })

for (const kind of cases(['read', 'write'] as const, () => false))
  test(`the papers worker is killed while it is to ${kind} 20,000 records: the call ends with a code`, async ({ page }) => {
    const { rejection, later } = await page.evaluate(async (kind) => {
      const text = Array.from(
        { length: 20_000 },
        (_, index) => `@article{a${index}, title = {Kites ${index}}, year = 2001}`,
      ).join('\n')
      const papers = Array.from({ length: 20_000 }, (_, index) => ({ id: `${index}`, title: `Kites ${index}` }))
      let made: Worker | null = null
      const worker = () => {
        made = new Worker('/specter2-web/workers/papers.js', { type: 'module' })
        return made
      }
      const { readPapersInWorker, writePapersInWorker } = window.specter2
      const call =
        kind === 'read'
          ? readPapersInWorker([new File([text], 'a.bib')], { worker })
          : writePapersInWorker(papers, 'ris', { worker })
      const pending = window.rejection(call)
      await new Promise((resolve) => setTimeout(resolve, 30))
      made!.terminate()
      const rejection = await pending
      const { papers: read } = await readPapersInWorker([new File([text], 'a.bib')])
      return { rejection, later: read.length }
    }, kind)
    if (rejection) expect(rejection).toMatchObject({ code: 'WORKER_FAILED' })
    expect(later).toBe(20_000)
    outcome(`${rejection?.code ?? 'done before'}; then all records`)
  })

for (const count of cases([2, 5], () => false))
  test(`${count} tabs open one model and one index at once, add, edit and remove: all end with the same papers`, async ({
    context,
    site,
  }) => {
    const tabs: Page[] = []
    for (let tab = 0; tab < count; tab++) tabs.push(await context.newPage())
    await Promise.all(tabs.map((tab) => open(tab, site)))
    await Promise.all(tabs.map((tab) => openIndex(tab)))
    await Promise.all(
      tabs.map((tab, index) =>
        tab.evaluate((papers) => window.index.add(papers), [...manyPapers(20, `tab${index}`), ...manyPapers(20, 'shared')]),
      ),
    )
    const counts = { papers: 20 * count + 20, vectors: 20 * count + 20, pending: 0, damaged: 0 }
    for (const tab of tabs) await expect.poll(() => tab.evaluate(() => window.index.info)).toMatchObject(counts)
    await Promise.all(
      tabs.map((tab, index) =>
        tab.evaluate(async (index) => {
          await window.index.update('shared-1', { [`tab${index}`]: true })
          await window.index.remove([`tab${index}-0`])
        }, index),
      ),
    )
    for (const tab of tabs) {
      await expect.poll(() => tab.evaluate(() => window.index.info.papers)).toBe(19 * count + 20)
      const [paper] = await tab.evaluate(() => window.index.get(['shared-1']))
      expect(Object.keys(paper!).filter((name) => name.startsWith('tab'))).toHaveLength(count)
    }
    await expectRightVectors(tabs[0]!)
    // One download for all of them, besides what each asks of the manifest.
    const graphs = site.requests.filter(({ path }) => path.startsWith('/models/') && path.endsWith('.onnx'))
    expect(graphs).toHaveLength(1)
    outcome(`${counts.papers} papers, every edit there, the model downloaded once`)
  })

for (const years of cases([-10, 10], () => false))
  test(`the clock jumps by ${years} years: model and index of before work, and new papers are added`, async ({ page, site }) => {
    await openIndex(page)
    await page.evaluate((papers) => window.index.add(papers), manyPapers(20))
    await page.addInitScript(
      (ms) => {
        const { now } = Date
        Date.now = () => now() + ms
      },
      years * 365 * 86_400_000,
    )
    site.answer = (path, response) => path.startsWith('/models/') && Boolean(response.destroy())
    await open(page, site)
    await openIndex(page)
    await page.evaluate((papers) => window.index.add(papers), manyPapers(20, 'later'))
    expect(await page.evaluate(() => window.index.info)).toMatchObject({ papers: 40, vectors: 40, pending: 0 })
    await expectRightVectors(page)
    outcome('the cached model runs, all papers are there')
  })
