import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Browser, chromium, type Page } from '@playwright/test'
import { chromiumArguments, findChromium } from '../e2e/browser.mjs'
import { type StaticServerOptions, startServer } from '../src/cli/verify/static-server.js'

/** The repository; this runs as `dist-bench/main.js`. */
export const root = fileURLToPath(new URL('..', import.meta.url))
export const workFolder = join(root, 'dist-bench/work')

export interface OpenPage {
  page: Page
  browser: Browser
  url: string
  close(): Promise<void>
}

/** Opens the benchmark page in a new browser, isolated by default. `roots` are served beside it. */
export async function openPage(
  roots: Readonly<Record<string, string>>,
  options: Pick<StaticServerOptions, 'isolated' | 'intercept'> = {},
): Promise<OpenPage> {
  const runtime = dirname(createRequire(import.meta.url).resolve('onnxruntime-web'))
  const server = await startServer({
    roots: { '/': join(root, 'dist-bench/page'), '/peer-ort': runtime, ...roots },
    ...options,
  })
  const browser = await chromium.launch({ executablePath: findChromium(), args: [...chromiumArguments] })
  const page = await browser.newPage()
  page.on('pageerror', (error) => console.error(error))
  await loadPage(page, server.url)
  return {
    page,
    browser,
    url: server.url,
    async close() {
      await browser.close()
      server.close()
    },
  }
}

/** Loads the benchmark page, or reloads it. */
export async function loadPage(page: Page, url: string): Promise<void> {
  await page.goto(url)
  await page.waitForFunction(() => window.bench)
}

/** Runs `work` on the benchmark page in a new context, which has its own storage and its own process. */
export async function inFreshContext<T>(
  { browser, url }: Pick<OpenPage, 'browser' | 'url'>,
  work: (page: Page) => Promise<T>,
): Promise<T> {
  const context = await browser.newContext()
  try {
    const page = await context.newPage()
    await loadPage(page, url)
    return await work(page)
  } finally {
    await context.close()
  }
}
