/** Storage that fails in the workers: every call ends with a result or a code, and what was reported as stored is still there. */
import type { Page } from '@playwright/test'
import type { PaperIndexInfo } from 'specter2-web'
import { manyPapers, openIndex } from '../index-page.js'
import { expect, open, test } from '../site.js'
import type { Rejection } from '../stranger/main.js'
import { cases, outcome, randomNumbers } from './cases.js'
import { expectRightVectors } from './right-vectors.js'

const infoOf = (page: Page): Promise<PaperIndexInfo> => page.evaluate(() => window.index.info)

interface Attempt {
  rejections: (Rejection | null)[]
  /** The largest counts that were reported as stored. */
  reported: { papers: number; vectors: number }
  seconds: number
}

/** Adds, searches, updates and removes papers; notes what is reported after each call. */
function attempt(page: Page): Promise<Attempt> {
  return page.evaluate(
    async (papers) => {
      const { index, rejection } = window
      const start = performance.now()
      const rejections: (Rejection | null)[] = []
      const reported = { papers: 0, vectors: 0 }
      const note = () => {
        reported.papers = Math.max(reported.papers, index.info.papers)
        reported.vectors = Math.max(reported.vectors, index.info.vectors)
      }
      const run = async (call: () => Promise<unknown>) => {
        rejections.push(await rejection(call()))
        note()
      }
      await run(() => index.add(papers.slice(0, 20), { onProgress: note }))
      await run(() => index.search('floods', { mode: 'lexical' }))
      await run(() => index.add(papers.slice(20), { onProgress: note }))
      await run(() => index.data.set({ note: 'kept' }))
      await run(() => index.search('floods', { mode: 'semantic' }))
      await run(() => index.resume())
      return { rejections, reported, seconds: (performance.now() - start) / 1000 }
    },
    manyPapers(40, 'new'),
  )
}

const POINTS = [1, 2, 3, 5, 8, 13, 34, 89]
const FAULTS = ['quota', 'aborted', 'unreadable', 'closed'].flatMap((fault) => POINTS.map((at) => ({ fault, at })))
const LASTING = ['quota-always', 'unreadable-always', 'aborted-always'].map((fault) => ({ fault, at: 3 }))

for (const { fault, at } of cases([...FAULTS, ...LASTING], ({ fault, at }) => at === 5 && fault === 'quota'))
  test(`the library's storage fails (${fault}) at operation ${at}: nothing that was reported is lost`, async ({ page, site }) => {
    await openIndex(page)
    await page.evaluate((papers) => window.index.add(papers), manyPapers(30, 'old'))
    await page.evaluate(() => window.index.close())
    const opening = await page.evaluate(async (worker) => {
      const embedder = await window.specter2.createEmbedder({ model: '/models/tiny/', threads: 1 })
      return window.rejection(
        window.specter2.PaperIndex.open('library', { embedder, worker }).then((index) => {
          window.index = index
        }),
      )
    }, `/faulty-library.js?fault=${fault}&at=${at}`)
    const codes = ['STORAGE_FAILED', 'WORKER_FAILED']
    let reported = { papers: 30, vectors: 30 }
    let ended = 'open: STORAGE_FAILED'
    if (opening) expect(codes).toContain(opening.code)
    else if ((await infoOf(page)).storage.persistent) {
      const { rejections, seconds, ...rest } = await attempt(page)
      expect(seconds).toBeLessThan(90)
      for (const rejection of rejections) if (rejection) expect(codes).toContain(rejection.code)
      // A search finds the embedder's vectors or fails; counts of a worker in memory are no promise.
      reported = rest.reported
      ended = `${rejections.filter(Boolean).length} of ${rejections.length} calls: ${[...new Set(rejections.flatMap((rejection) => rejection?.code ?? []))].join(', ') || 'all right'}`
    } else ended = 'in memory, and says so'

    await open(page, site)
    await openIndex(page)
    const info = await infoOf(page)
    expect(info.papers).toBeGreaterThanOrEqual(reported.papers)
    expect(info.vectors + info.damaged).toBeGreaterThanOrEqual(reported.vectors)
    await page.evaluate(() => window.index.resume())
    expect(await infoOf(page)).toMatchObject({ pending: 0, damaged: 0, storage: { persistent: true } })
    await expectRightVectors(page)
    outcome(`${ended}; ${info.papers} papers after ${reported.papers} reported; vectors right`)
  })

const MODEL_FAULTS = ['quota', 'aborted', 'unreadable', 'closed'].flatMap((fault) => [1, 2, 4, 6].map((at) => ({ fault, at })))
for (const { fault, at } of cases(MODEL_FAULTS, ({ fault, at }) => fault === 'aborted' && at === 2))
  test(`the model's storage fails (${fault}) at operation ${at}: it runs, and at the next visit, too`, async ({ page, site }) => {
    const visit = (worker?: string) =>
      page.evaluate(async (worker) => {
        const embedder = await window.specter2.createEmbedder({ model: '/models/tiny/', threads: 1, ...(worker && { worker }) })
        const vector = [...(await embedder.embed(['Floods'])).vectors]
        const { storage } = embedder.info
        await embedder.dispose()
        return { vector, storage }
      }, worker)
    const faulty = await visit(`/faulty-embed.js?fault=${fault}&at=${at}`)
    await open(page, site)
    const { vector, storage } = await visit()
    expect(faulty.vector).toEqual(vector)
    expect(storage).toMatchObject({ cached: true })
    outcome(`right vectors; ${faulty.storage.cached ? 'cached' : 'info.storage says why not'}`)
  })

const SIZES = [0.5, 1, 2, 3, 4, 6].map((megabytes) => megabytes * 1e6)
for (const quotaSize of cases(SIZES, () => false))
  test(`a disk with ${quotaSize / 1e6} MB left: what was reported is there, and later papers can be added`, async ({
    page,
    site,
  }) => {
    const session = await page.context().newCDPSession(page)
    await session.send('Storage.overrideQuotaForOrigin', { origin: site.url, quotaSize })
    await openIndex(page)
    const { rejections, reported } = await page.evaluate(
      async (papers) => {
        const rejections: (Rejection | null)[] = []
        const reported = { papers: 0, vectors: 0 }
        const notes = () => String.fromCharCode(...crypto.getRandomValues(new Uint16Array(8000)).map((code) => code & 0x3fff))
        for (let first = 0; first < papers.length; first += 50) {
          const part = papers.slice(first, first + 50).map((paper) => ({ ...paper, notes: notes() }))
          rejections.push(await window.rejection(window.index.add(part)))
          Object.assign(reported, { papers: window.index.info.papers, vectors: window.index.info.vectors })
          if (rejections.at(-1)) break
        }
        return { rejections, reported, persistent: window.index.info.storage.persistent }
      },
      manyPapers(600, 'large'),
    )
    for (const rejection of rejections) if (rejection) expect(rejection).toMatchObject({ code: 'STORAGE_FAILED' })
    const { storage } = await infoOf(page)
    await session.send('Storage.overrideQuotaForOrigin', { origin: site.url })
    await open(page, site)
    await openIndex(page)
    const info = await infoOf(page)
    if (storage.persistent) {
      expect(info.papers).toBeGreaterThanOrEqual(reported.papers)
      expect(info.vectors).toBeGreaterThanOrEqual(reported.vectors)
    }
    await page.evaluate((papers) => window.index.add(papers), manyPapers(10, 'later'))
    expect(await infoOf(page)).toMatchObject({ papers: info.papers + 10, pending: 0, damaged: 0 })
    await expectRightVectors(page)
    outcome(`${reported.papers} papers reported, ${info.papers} there; ten more added`)
  })

/** What is deleted or blocked under an open index, and when: by a random number of milliseconds. */
const random = randomNumbers(Number(process.env.FAULT_SEED ?? 1))
const MOMENTS = Array.from({ length: 8 }, () => Math.floor(random() * 400))
for (const ms of cases(MOMENTS, () => false))
  test(`all databases are deleted ${ms} ms after papers are added: calls end, and a new index can be made`, async ({
    page,
    site,
  }) => {
    await openIndex(page)
    const { rejection, seconds } = await page.evaluate(
      async ({ papers, ms }) => {
        const start = performance.now()
        const adding = window.rejection(window.index.add(papers))
        await new Promise((resolve) => setTimeout(resolve, ms))
        for (const { name } of await indexedDB.databases()) indexedDB.deleteDatabase(name!)
        return { rejection: await adding, seconds: (performance.now() - start) / 1000 }
      },
      { papers: manyPapers(300), ms },
    )
    if (rejection) expect(rejection).toMatchObject({ code: 'STORAGE_FAILED' })
    expect(seconds).toBeLessThan(60)
    await open(page, site)
    await openIndex(page)
    await page.evaluate((papers) => window.index.add(papers), manyPapers(20, 'later'))
    expect((await infoOf(page)).pending).toBe(0)
    await expectRightVectors(page)
    outcome(`${rejection?.code ?? 'done before'} after ${seconds.toFixed(1)} s; a new index works`)
  })
