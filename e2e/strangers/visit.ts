import { type BrowserContext, expect, type Page } from '@playwright/test'

/** What `tryPackage()` of the apps returns. */
export interface Result {
  firstVectorMs: number
  from: string
  threads: number
}

/** A first visit: what it downloads, and how long until the first vector. */
export interface Visit extends Result {
  requests: number
  bytes: number
}

/** What `tryPackage()` finds, in every app. */
const EXPECTED = { nearest: 'a', first: 'a', read: ['Tides of the Atlantic'], groups: 1 }

/** Options of the app, set before its scripts run. */
export type Options = { folder?: string; embedder?: { assets?: string } } | undefined

/**
 * Visits an app with empty storage, then reloads it while no model can be downloaded.
 *
 * @throws if the app finds anything else, or the page, its console or a response reports an error.
 */
export async function visitApp(context: BrowserContext, url: string, options?: Options): Promise<Visit> {
  const page = await context.newPage()
  const complaints: string[] = []
  const sizes: Promise<number>[] = []
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('console', (message) => ['error', 'warning'].includes(message.type()) && complaints.push(message.text()))
  page.on('requestfinished', (request) => {
    if (request.url().startsWith('http')) sizes.push(request.sizes().then(({ responseBodySize }) => responseBodySize))
  })
  await page.addInitScript((options) => Object.assign(window, { options }), options)
  await page.goto(url)
  const first = await resultOf(page)
  expect({ ...first, complaints }).toMatchObject({ ...EXPECTED, complaints: [] })
  const bodies = await Promise.all(sizes)
  const visit = { ...first, requests: bodies.length, bytes: bodies.reduce((sum, bytes) => sum + bytes, 0) }
  await context.route(/\/models\//, (route) => route.abort())
  await page.reload()
  // The manifest is asked for in vain; the model comes from the browser's storage.
  expect(await resultOf(page)).toMatchObject({ ...EXPECTED, from: 'cache' })
  await context.unroute(/\/models\//)
  await page.close()
  return visit
}

/** The app's result, once it is there. */
export async function resultOf(page: Page): Promise<Result> {
  await page.waitForFunction(() => 'result' in window, undefined, { timeout: 120_000 })
  return page.evaluate(() => (window as unknown as { result: Promise<Result> }).result)
}

/** Prints a row of the matrix. */
export function printRow(app: string, { requests, bytes, firstVectorMs, threads }: Visit): void {
  const megabytes = `${(bytes / 1e6).toFixed(1)} MB`
  console.log(
    `| ${app.padEnd(24)} | ${megabytes.padStart(8)} | ${requests} requests | first vector after ${firstVectorMs} ms | ${threads} threads |`,
  )
}
