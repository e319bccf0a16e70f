/** WASM threads on hosts that do not send the headers for them: a service worker adds these. */
import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { test as base, expect, type Page } from '@playwright/test'
import { type StaticServerOptions, startServer } from '../src/cli/verify/static-server.js'
import { fileBytes, open, startSite } from './site.js'

const built = fileURLToPath(new URL('../dist-demo', import.meta.url))
const hasCores = availableParallelism() > 1

interface Demo {
  /** The page's URL, in a folder, as on the project pages of static hosts. */
  url: string
  /** Returns the script of the service worker; `null`: the built one is served. */
  worker: (() => string | Promise<string>) | null
}

/** The built demo on a static host that sends no isolation headers. */
const test = base.extend<{ demo: Demo }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads from it which fixtures are asked for.
  demo: async ({}, use) => {
    const demo: Demo = { url: '', worker: null }
    const server = await host({
      isolated: false,
      intercept(request, response) {
        if (!demo.worker || request.url !== '/papers/service-worker.js') return false
        void Promise.resolve(demo.worker()).then((script) =>
          response.writeHead(script === '' ? 404 : 200, { 'content-type': 'text/javascript' }).end(script),
        )
        return true
      },
    })
    demo.url = server.url
    await use(demo)
    server.close()
  },
})

async function host(options: Omit<StaticServerOptions, 'roots'>): Promise<{ url: string; close: () => void }> {
  const { url, close } = await startServer({ roots: { '/papers': built }, ...options })
  return { url: `${url}/papers/`, close }
}

/** Opens a page, and counts how often it is loaded. */
async function visit(page: Page, url: string): Promise<{ loads: number }> {
  const count = { loads: 0 }
  page.on('load', () => count.loads++)
  await page.goto(url)
  return count
}

/** Waits for the second load without running scripts in the page: they count as use of the page, which is not reloaded then. */
async function reloaded(page: Page, count: { loads: number }): Promise<void> {
  await expect.poll(() => count.loads, { timeout: 30_000 }).toBe(2)
  expect(await isIsolated(page)).toBe(true)
}

const isIsolated = (page: Page) => page.evaluate(() => crossOriginIsolated)
/** Waits long enough for another reload. */
const settled = (page: Page) => page.waitForTimeout(1_500)

test('the demo is isolated on its first visit after one reload, and runs on several threads', async ({ page, context, demo }) => {
  const complaints: string[] = []
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()))
  page.on('pageerror', (error) => complaints.push(error.message))
  const first = await visit(page, demo.url)
  await reloaded(page, first)
  await page.getByRole('button', { name: 'Try the sample library' }).click()
  await expect(page.locator('#status-details')).toContainText('all-MiniLM-L6-v2', { timeout: 90_000 })
  if (hasCores) await expect(page.locator('#status-details')).toContainText(/[2-8] workers/)
  expect(first.loads).toBe(2)
  expect(complaints).toEqual([])

  const again = await context.newPage()
  const second = await visit(again, demo.url)
  expect(await isIsolated(again)).toBe(true)
  await settled(again)
  expect(second.loads).toBe(1)
})

test('the demo is not reloaded if the host sends the headers; its service worker makes it available offline', async ({
  page,
}) => {
  const server = await host({ isolated: true })
  const count = await visit(page, server.url)
  expect(await isIsolated(page)).toBe(true)
  await page.evaluate(async () => void (await navigator.serviceWorker.ready))
  await settled(page)
  expect(count.loads).toBe(1)
  server.close()
  await page.reload()
  await expect(page.getByRole('button', { name: 'Try the sample library' })).toBeVisible()
  expect(await isIsolated(page)).toBe(true)
})

test('a page in use is not reloaded, but isolated at the next visit', async ({ page, demo }) => {
  const script = readFileSync(join(built, 'service-worker.js'), 'utf8')
  let release = () => {}
  const released = new Promise<void>((resolve) => {
    release = resolve
  })
  demo.worker = async () => {
    await released
    return script
  }
  const count = await visit(page, demo.url)
  await page.getByRole('button', { name: 'Paste papers' }).first().click()
  await page.getByRole('textbox', { name: 'Papers' }).fill('A title that took some time to type')
  release()
  await page.evaluate(async () => void (await navigator.serviceWorker.ready))
  await settled(page)
  expect(count.loads).toBe(1)
  expect(await isIsolated(page)).toBe(false)
  await page.reload()
  expect(await isIsolated(page)).toBe(true)
})

for (const [name, script, loads] of [
  ['is missing', '', 1],
  ['adds nothing', 'addEventListener("fetch", () => {})', 2],
] as const) {
  test(`a service worker that ${name} leaves the page as it is, without a reload loop`, async ({ page, demo }) => {
    demo.worker = () => script
    const count = await visit(page, demo.url)
    await settled(page)
    await settled(page)
    expect(count.loads).toBe(loads)
    expect(await isIsolated(page)).toBe(false)
    await page.getByRole('button', { name: 'Try the sample library' }).click()
    await expect(page.getByRole('status', { name: 'Status' })).toHaveText('72 papers · ready', { timeout: 90_000 })
    await expect(page.locator('#status-details')).toContainText('wasm')
  })
}

test('a new version of the page is activated when the reader asks for it', async ({ page, demo }) => {
  const script = readFileSync(join(built, 'service-worker.js'), 'utf8')
  demo.worker = () => script
  const count = await visit(page, demo.url)
  await reloaded(page, count)
  const runtimeScript = () => page.evaluate(async () => (await caches.match('ort/transformers.js'))?.status ?? null)
  expect(await runtimeScript()).toBeNull()
  // As if a model had been used.
  await page.evaluate(() => caches.open('runtime-1'))
  const update = page.getByRole('button', { name: 'Update to the new version of this page' })
  await expect(update).toBeHidden()
  demo.worker = () => `${script.replace(/"[0-9a-f]{12}"/, '"ffffffffffff"')}; globalThis.isNewer = true`
  await page.evaluate(async () => void (await (await navigator.serviceWorker.ready).update()))
  await expect(update).toBeVisible()
  await settled(page)
  expect(count.loads).toBe(2)
  await update.click()
  await expect.poll(() => count.loads, { timeout: 30_000 }).toBe(3)
  expect(await isIsolated(page)).toBe(true)
  await expect(update).toBeHidden()
  expect(await page.evaluate(() => caches.keys())).toContain('app-ffffffffffff')
  expect(await runtimeScript()).toBe(200)
})

for (const coep of ['require-corp', 'credentialless']) {
  test(`an app is isolated by the package's own worker, with ${coep}`, async ({ page }) => {
    const site = await startSite({ isolated: false })
    // Beside the page, as the README says.
    site.answer = (path, response) => {
      if (path !== '/isolation-worker.js') return false
      response.writeHead(200, { 'content-type': 'text/javascript' }).end(fileBytes('/specter2-web/isolation-worker.js'))
      return true
    }
    await open(page, site)
    expect(await isIsolated(page)).toBe(false)
    await page.evaluate(async (coep) => {
      await navigator.serviceWorker.register(`isolation-worker.js?coep=${coep}`)
      await navigator.serviceWorker.ready
    }, coep)
    const response = await page.reload()
    expect(response?.headers()).toMatchObject({
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-embedder-policy': coep,
    })
    await page.waitForFunction(() => window.specter2)
    const threads = await page.evaluate(async () => {
      const embedder = await window.specter2.createEmbedder({ model: '/models/tiny/', threads: 2, engine: 'transformers' })
      await embedder.embed(['a text'])
      return embedder.info.threads
    })
    expect(threads).toBe(2)
    expect(await isIsolated(page)).toBe(true)
    site.close()
  })
}
