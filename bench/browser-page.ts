import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Browser, chromium, type Page } from '@playwright/test'
import { chromiumArguments, findChromium } from '../e2e/browser.mjs'
import { type StaticServerOptions, startServer } from '../src/cli/verify/static-server.js'

/** From `dist-bench/main.js`, where this runs. */
export const root = fileURLToPath(new URL('..', import.meta.url))
export const workFolder = join(root, 'dist-bench/work')

export interface OpenPage {
  page: Page
  browser: Browser
  url: string
  close(): Promise<void>
}

/** The benchmark page in a browser of its own, isolated unless it is said. `roots` are served beside it. */
export async function openPage(
  roots: Readonly<Record<string, string>>,
  options: Pick<StaticServerOptions, 'isolated' | 'intercept'> = {},
): Promise<OpenPage> {
  const runtime = dirname(createRequire(import.meta.url).resolve('onnxruntime-web'))
  const server = await startServer({
    roots: { '/': join(root, 'dist-bench/page'), '/ort': runtime, '/peer-ort': runtime, ...roots },
    ...options,
  })
  const browser = await chromium.launch({ executablePath: findChromium(), args: [...chromiumArguments] })
  const page = await browser.newPage()
  page.on('pageerror', (error) => console.error(error))
  await page.goto(server.url)
  await page.waitForFunction(() => window.bench)
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
