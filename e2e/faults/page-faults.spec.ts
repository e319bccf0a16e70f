/** The page is killed or updated in the middle of its work: what it showed as stored is there at the next visit. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { BrowserContext, Page } from '@playwright/test'
import { addFiles, bibliography, type DemoSite, expect, status, test } from '../demo-page.js'
import { cases, outcome, randomNumbers } from './cases.js'

const random = randomNumbers(Number(process.env.FAULT_SEED ?? 1))
/** Milliseconds after a click. */
const MOMENTS = Array.from({ length: 5 }, () => Math.floor(random() * 1500))

async function kill(context: BrowserContext, tab: Page): Promise<void> {
  const session = await context.newCDPSession(tab)
  const crashed = tab.waitForEvent('crash')
  session.send('Page.crash').catch(() => {})
  await crashed
  await tab.close()
}

async function openPage(context: BrowserContext, { url }: DemoSite): Promise<Page> {
  const page = await context.newPage()
  await page.goto(url)
  return page
}

/** How many papers the status says are there. */
async function shownPapers(page: Page): Promise<number> {
  const text = await page.locator('#status [role="status"]').textContent()
  return Number(/([\d,]+) papers/.exec(text ?? '')?.[1]?.replace(',', '') ?? 0)
}

/** Ids of the papers that are stored, and of those that the bin holds. */
function storedIds(page: Page): Promise<{ papers: string[]; binned: string[]; removed: string[] }> {
  return page.evaluate(async () => {
    const request = <T>(from: IDBRequest<T>) =>
      new Promise<T>((resolve, reject) => {
        from.onsuccess = () => resolve(from.result)
        from.onerror = () => reject(from.error)
      })
    const { name } = (await indexedDB.databases()).find((each) => each.name?.startsWith('specter2-web-index:'))!
    const database = await request(indexedDB.open(name!))
    const transaction = database.transaction(['papers', 'meta'])
    const papers = (await request(transaction.objectStore('papers').getAllKeys())) as string[]
    const meta = transaction.objectStore('meta')
    const values = await request(meta.getAll(IDBKeyRange.bound('data:', 'data;')))
    database.close()
    const bins = values.filter((value) => Array.isArray(value?.before)) as { before: { id: string }[] }[]
    const merges = values.filter((value) => value?.kind === 'merge') as { removed: { id: string }[] }[]
    return {
      papers,
      binned: bins.flatMap(({ before }) => before.map(({ id }) => id)),
      removed: merges.flatMap(({ removed }) => removed.map(({ id }) => id)),
    }
  })
}

const records = bibliography(900)
const twice = [
  { name: 'a.bib', text: records },
  { name: 'b.bib', text: records.replaceAll('{seed', '{again').replaceAll('doi = ', 'note = ') },
]

async function importBoth(page: Page): Promise<void> {
  await addFiles(page, twice)
  await page
    .getByRole('dialog', { name: 'Add papers' })
    .getByRole('button', { name: /^(Add|Update) [\d,]+ papers?$/ })
    .click()
}

for (const ms of cases(MOMENTS, () => false))
  test(`the page is killed ${ms} ms after an import of 1,800 papers began: none that it showed is lost`, async ({
    context,
    demo,
  }) => {
    test.setTimeout(240_000)
    const page = await openPage(context, demo)
    await importBoth(page)
    await page.waitForTimeout(ms)
    const shown = await shownPapers(page)
    await kill(context, page)
    const again = await openPage(context, demo)
    await expect(again.locator('#status [role="status"]')).toContainText(/papers/)
    await expect.poll(() => shownPapers(again)).toBeGreaterThanOrEqual(shown)
    await addFiles(again, twice)
    const dialog = again.getByRole('dialog', { name: 'Add papers' })
    await dialog.getByRole('button', { name: /^(Add|Update) [\d,]+ papers?$/ }).click()
    await expect.poll(() => shownPapers(again), { timeout: 60_000 }).toBe(1800)
    const { papers } = await storedIds(again)
    expect(papers).toHaveLength(1800)
    outcome(`${shown} papers were shown; the same files again complete the library to 1,800`)
  })

for (const ms of cases(MOMENTS, () => false))
  test(`the page is killed ${ms} ms after a merge of 900 duplicates began: each paper is there or in the bin`, async ({
    context,
    demo,
  }) => {
    test.setTimeout(240_000)
    const page = await openPage(context, demo)
    await importBoth(page)
    const cancel = page.getByRole('button', { name: 'Cancel embedding' })
    await cancel.click({ timeout: 60_000 })
    await expect(page.locator('#work')).toBeHidden()
    await page.locator('#views [data-page="duplicates"]').click()
    await page.getByRole('button', { name: 'Merge in this library' }).click({ timeout: 60_000 })
    await page.getByRole('button', { name: 'Merge', exact: true }).click()
    await page.waitForTimeout(ms)
    await kill(context, page)
    const again = await openPage(context, demo)
    await expect(again.locator('#status [role="status"]')).toContainText(/papers/)
    // The history is settled with what is there.
    await again.waitForTimeout(1000)
    const { papers, binned, removed } = await storedIds(again)
    const known = new Set([...papers, ...binned])
    const ids = [...new Set(records.match(/seed\d+/g))]
    const lost = [...ids, ...ids.map((id) => id.replace('seed', 'again'))].filter((id) => !known.has(id))
    expect(lost).toEqual([])
    expect(papers.length).toBeGreaterThanOrEqual(900)
    outcome(`${papers.length} papers, ${removed.length} named as merged; all others in the bin`)
  })

test('a new version of the page takes over while papers are embedded: all are there, and the rest is embedded', async ({
  context,
  demo,
}) => {
  test.skip(cases([1], () => false).length === 0, 'only in the campaign')
  test.setTimeout(240_000)
  const page = await openPage(context, demo)
  const script = readFileSync(fileURLToPath(new URL('../../dist-demo/service-worker.js', import.meta.url)), 'utf8')
  await page.evaluate(() => navigator.serviceWorker.ready)
  await addFiles(page, [{ name: 'a.bib', text: bibliography(300) }])
  await expect.poll(() => shownPapers(page), { timeout: 60_000 }).toBe(300)
  await context.route(/service-worker\.js/, (route) =>
    route.fulfill({ contentType: 'text/javascript', body: script.replace(/"[0-9a-f]{12}"/, '"ffffffffffff"') }),
  )
  await page.evaluate(async () => void (await (await navigator.serviceWorker.ready).update()))
  const update = page.getByRole('button', { name: 'Update to the new version of this page' })
  await update.click({ timeout: 60_000 })
  await expect(status(page)).toContainText('300 papers', { timeout: 110_000 })
  expect((await storedIds(page)).papers).toHaveLength(300)
  outcome('reloaded, 300 papers')
})
