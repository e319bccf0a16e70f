/** A paper index survives killed tabs, full disks, other tabs, damage and deletion. `npm run faults` runs more rounds. */
import type { BrowserContext, Page } from '@playwright/test'
import type { PaperIndexInfo } from 'specter2-web'
import { manyPapers, openIndex } from '../index-page.js'
import { expect, open, type Site, test } from '../site.js'
import { outcome, randomNumbers } from './cases.js'
import { expectRightVectors } from './right-vectors.js'

/** How often a tab is killed. */
const ROUNDS = Number(process.env.FAULT_ROUNDS ?? 8)
const SEED = Number(process.env.FAULT_SEED ?? 1)

const infoOf = (page: Page): Promise<PaperIndexInfo> => page.evaluate(() => window.index.info)

/** Opens the index in another tab of the same browser. */
async function newTab(context: BrowserContext, site: Site, name?: string): Promise<Page> {
  const tab = await context.newPage()
  await open(tab, site)
  await openIndex(tab, name === undefined ? {} : { name })
  return tab
}

test('a tab that is killed while it adds papers loses nothing that it reported as stored', async ({ context, site }) => {
  test.setTimeout(60_000 + ROUNDS * 30_000)
  const random = randomNumbers(SEED)
  const perRound = 300
  let reported = { papers: 0, vectors: 0 }
  let [kills, tries] = [0, 0]
  let tab = await newTab(context, site)
  while (kills < ROUNDS) {
    // A round proves nothing if the work ended before the tab died.
    expect(tries++).toBeLessThan(4 * ROUNDS)
    const seen = { ...reported, ended: false }
    // First the papers are stored, then their vectors.
    const moment = Math.floor((random() - 0.15) * perRound)
    const before = reported.vectors
    let reach = () => {}
    const reached = new Promise<void>((resolve) => {
      reach = resolve
    })
    if (moment <= 0) reach()
    await tab.exposeFunction('reportStored', (papers: number, vectors: number) => {
      Object.assign(seen, { papers, vectors })
      if (vectors - before >= moment) reach()
    })
    await tab.exposeFunction('reportEnd', () => {
      seen.ended = true
    })
    const session = await context.newCDPSession(tab)
    const crashed = tab.waitForEvent('crash')
    await tab.evaluate(
      (papers) => {
        const page = window as unknown as { reportStored: (papers: number, vectors: number) => void; reportEnd: () => void }
        // What the page may tell the user: it is awaited.
        const report = () => page.reportStored(window.index.info.papers, window.index.info.vectors)
        window.index.add(papers, { onProgress: report }).then(() => {
          report()
          page.reportEnd()
        })
      },
      manyPapers(perRound, `round${tries}`),
    )
    await reached
    await new Promise((resolve) => setTimeout(resolve, random() * 20))
    session.send('Page.crash').catch(() => {})
    await crashed
    if (!seen.ended) kills++
    await tab.close()

    tab = await newTab(context, site)
    const info = await infoOf(tab)
    // Nothing that was reported is missing, and nothing is incomplete.
    expect(info.papers).toBeGreaterThanOrEqual(seen.papers)
    expect(info.vectors).toBeGreaterThanOrEqual(seen.vectors)
    expect(info).toMatchObject({ damaged: 0, pending: info.papers - info.vectors, storage: { persistent: true } })
    await tab.evaluate(() => window.index.resume())
    reported = await infoOf(tab)
    expect(reported).toMatchObject({ papers: info.papers, vectors: info.papers, pending: 0 })
  }
  await expectRightVectors(tab)
  outcome(`${kills} kills in the middle (of ${tries}); ${reported.papers} papers, none lost, every vector right`)
})

test('a full disk is reported, loses nothing that was stored, and later papers can be added', async ({ page, site }) => {
  const session = await page.context().newCDPSession(page)
  // From the start: Chromium remembers for a while how much space there was.
  await session.send('Storage.overrideQuotaForOrigin', { origin: site.url, quotaSize: 6_000_000 })
  await openIndex(page)
  await page.evaluate((papers) => window.index.add(papers), manyPapers(100, 'before'))
  const before = await infoOf(page)
  expect(before).toMatchObject({ papers: 100, vectors: 100, storage: { persistent: true } })
  const rejection = await page.evaluate(
    (papers) => {
      // Random text, since Chromium compresses what it stores.
      const notes = () => String.fromCharCode(...crypto.getRandomValues(new Uint16Array(8000)).map((code) => code & 0x3fff))
      const large = papers.map((paper) => ({ ...paper, notes: notes() }))
      return window.rejection(window.index.add(large))
    },
    manyPapers(600, 'more'),
  )
  expect(rejection).toMatchObject({ code: 'STORAGE_FAILED', details: { reason: 'QuotaExceededError' } })

  await open(page, site)
  await openIndex(page)
  const during = await infoOf(page)
  expect(during.papers).toBeGreaterThanOrEqual(before.papers)
  expect(during.vectors).toBeGreaterThanOrEqual(before.vectors)
  expect(during.damaged).toBe(0)
  const hits = await page.evaluate(() => window.index.search('before 7', { mode: 'lexical' }))
  expect(hits.hits.length).toBeGreaterThan(0)

  await session.send('Storage.overrideQuotaForOrigin', { origin: site.url })
  await open(page, site)
  await openIndex(page)
  const added = await page.evaluate((papers) => window.index.add(papers), manyPapers(50, 'after'))
  expect(added).toMatchObject({ added: 50, pending: 0 })
  await expectRightVectors(page)
  outcome(`STORAGE_FAILED (QuotaExceededError); ${before.papers} papers from before are there, later ones can be added`)
})

test('two tabs that add papers at the same time end with the same papers, each embedded once', async ({
  page,
  site,
  context,
}) => {
  await openIndex(page)
  const other = await newTab(context, site)
  const add = (tab: Page, prefix: string) =>
    tab.evaluate((papers) => window.index.add(papers), [...manyPapers(60, prefix), ...manyPapers(40, 'shared')])
  await Promise.all([add(page, 'left'), add(other, 'right')])
  for (const tab of [page, other])
    await expect.poll(async () => await infoOf(tab)).toMatchObject({ papers: 160, vectors: 160, pending: 0, damaged: 0 })
  const search = (tab: Page) => tab.evaluate(() => window.index.search('left right shared', { k: 200, mode: 'lexical' }))
  const [left, right] = [await search(page), await search(other)]
  expect(left.hits).toHaveLength(160)
  expect(right.hits.map(({ id }) => id).sort()).toEqual(left.hits.map(({ id }) => id).sort())
  await page.evaluate(() => window.index.remove(['left-0', 'shared-1']))
  await expect.poll(async () => (await infoOf(other)).papers).toBe(158)
  expect((await search(other)).hits.map(({ id }) => id)).not.toContain('shared-1')
  await expectRightVectors(other)
  outcome('160 papers of two tabs, seen by both; removals cross; every vector right')
})

/** Closes the index and flips a bit in the first chunk of a store. @returns The number of rows in the chunk. */
function damage(page: Page, store: 'segments' | 'codes', field: 'vectors' | 'data'): Promise<number> {
  return page.evaluate(
    async ([store, field]) => {
      await window.index.close()
      const { request } = window
      const database = await request(indexedDB.open('specter2-web-index:library'))
      const chunks = database.transaction(store, 'readwrite').objectStore(store)
      const [key] = await request(chunks.getAllKeys())
      const chunk = await request(chunks.get(key!))
      new Uint8Array(chunk[field])[300]! ^= 4
      await request(chunks.put(chunk, key))
      database.close()
      return chunk.rows.byteLength / 4
    },
    [store, field] as const,
  )
}

async function addTwice(page: Page): Promise<void> {
  await openIndex(page)
  await page.evaluate((papers) => window.index.add(papers), manyPapers(30, 'first'))
  await page.evaluate((papers) => window.index.add(papers), manyPapers(30, 'second'))
}

test('a damaged chunk of vectors is detected; its papers are embedded again, the others stay as they were', async ({
  page,
  site,
}) => {
  await addTwice(page)
  const lost = await damage(page, 'segments', 'vectors')
  await open(page, site)
  await openIndex(page)
  const { hits } = await page.evaluate(() => window.index.search('floods', { mode: 'semantic', k: 100 }))
  expect(hits).toHaveLength(60 - lost)
  await expect.poll(() => infoOf(page)).toMatchObject({ papers: 60, vectors: 60 - lost, pending: lost, damaged: 1 })
  await page.evaluate(() => window.index.resume())
  expect(await infoOf(page)).toMatchObject({ papers: 60, vectors: 60, pending: 0 })
  await expectRightVectors(page)
  await open(page, site)
  await openIndex(page)
  expect((await page.evaluate(() => window.index.search('floods', { mode: 'semantic', k: 100 }))).hits).toHaveLength(60)
  expect(await infoOf(page)).toMatchObject({ vectors: 60, damaged: 0 })
  outcome(`${lost} vectors dropped and made again; the index opened`)
})

test('a damaged chunk of codes is computed again from its vectors, and nothing is lost', async ({ page, site }) => {
  await addTwice(page)
  const search = () => page.evaluate(() => window.index.search('floods', { mode: 'semantic', k: 100 }))
  const before = await search()
  const rows = await damage(page, 'codes', 'data')
  for (let visit = 0; visit < 2; visit++) {
    await open(page, site)
    await openIndex(page)
    expect(await search()).toEqual(before)
    expect(await infoOf(page)).toMatchObject({ papers: 60, vectors: 60, pending: 0, damaged: 0 })
  }
  await expectRightVectors(page)
  outcome(`the codes of ${rows} vectors made again; all hits as before`)
})

test('an index that is deleted while it is open rejects, and a new one can be created', async ({ page, site, context }) => {
  await openIndex(page)
  await page.evaluate((papers) => window.index.add(papers), manyPapers(5))
  const other = await context.newPage()
  await open(other, site)
  expect(await other.evaluate(() => window.specter2.PaperIndex.list())).toEqual(['library'])
  await other.evaluate(() => window.specter2.PaperIndex.delete('library'))
  const rejections = await page.evaluate(
    async (papers) => {
      return [
        await window.rejection(window.index.add(papers)),
        await window.rejection(window.index.search('a paper', { mode: 'lexical' })),
        await window.rejection(window.index.remove(['paper-0'])),
      ]
    },
    manyPapers(3, 'late'),
  )
  for (const rejection of rejections) expect(rejection).toMatchObject({ code: 'STORAGE_FAILED', details: { reason: 'Deleted' } })
  await open(page, site)
  await openIndex(page)
  expect(await infoOf(page)).toMatchObject({ papers: 0, storage: { persistent: true } })
  expect(await other.evaluate(() => window.specter2.PaperIndex.list())).toEqual(['library'])
  outcome('calls reject with STORAGE_FAILED (Deleted); opened again, it is new')
})

test('where the browser blocks storage the index lives in memory, and says so', async ({ page, site }) => {
  const run = async () => {
    await openIndex(page, { worker: '/no-storage-library.js' })
    const before = await infoOf(page)
    await page.evaluate((papers) => window.index.add(papers), manyPapers(10))
    const { hits } = await page.evaluate(() => window.index.search('floods', { mode: 'semantic' }))
    return { before, hits, after: await infoOf(page) }
  }
  for (let visit = 0; visit < 2; visit++) {
    const { before, hits, after } = await run()
    expect(before).toMatchObject({ papers: 0, storage: { persistent: false } })
    expect(before.storage.reason).toMatch(/SecurityError.*private window/)
    expect(hits).toHaveLength(10)
    expect(after).toMatchObject({ papers: 10, vectors: 10, pending: 0 })
    await open(page, site)
  }
  outcome('in memory; info.storage gives the reason')
})

test('a library worker that dies is started again, with all that was stored', async ({ page }) => {
  const result = await page.evaluate(async (papers) => {
    let worker: Worker | null = null
    const embedder = await window.specter2.createEmbedder({ model: '/models/tiny/', threads: 1 })
    const index = await window.specter2.PaperIndex.open('mortal', {
      embedder,
      worker: () => {
        worker = new Worker('/specter2-web/workers/library.js', { type: 'module' })
        return worker
      },
    })
    await index.add(papers)
    worker!.terminate()
    const first = await window.rejection(index.search('floods', { mode: 'lexical' }))
    const { hits } = await index.search('floods', { mode: 'semantic', k: 3 })
    return { first, hits: hits.length, info: index.info }
  }, manyPapers(10))
  expect(result.first === null || result.first.code === 'WORKER_FAILED').toBe(true)
  expect(result.hits).toBe(3)
  expect(result.info).toMatchObject({ papers: 10, vectors: 10 })
  outcome('restarted by the next call')
})
