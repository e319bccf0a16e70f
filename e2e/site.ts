import { existsSync, readFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { test as base, expect, type Page } from '@playwright/test'
import type { EmbedderOptions } from 'specter2-web'
import { requestPath, startServer } from '../src/cli/verify/static-server.js'
import { workFolder } from './global-setup.js'

export { expect }

export interface SeenRequest {
  path: string
  range: string | null
  /** The browser's `Sec-Fetch-Dest`: `worker`, `script`, `empty` for fetch … */
  destination: string
}

/** Returns `true` if it has answered the request itself. */
export type Answer = (path: string, response: ServerResponse, request: IncomingMessage) => boolean

/** The app on a new server, so that storage and caches are empty when a test begins. */
export interface Site {
  url: string
  /** Every request so far, in order. */
  requests: SeenRequest[]
  /** Makes the server misbehave; `null`: it does not. */
  answer: Answer | null
  close: () => void
}

export const models = join(workFolder, 'models')
const app = join(workFolder, 'stranger/dist')
/** Published files, as a hub serves them. */
const fixture = fileURLToPath(new URL('../testing/fixtures/specter2-tiny', import.meta.url))

/** No other origins, nothing inline, no eval. Sent with every file, so that it applies in workers, too. */
const POLICY = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; img-src data:; connect-src 'self'"

/** @param options `connects`: other origins from which the app may read. */
export async function startSite({
  isolated = true,
  connects = [],
}: {
  isolated?: boolean
  connects?: readonly string[]
} = {}): Promise<Site> {
  const site: Site = { url: '', requests: [], answer: null, close: () => {} }
  const { url, close } = await startServer({
    roots: { '/': app, '/models': models, '/fixture': fixture },
    isolated,
    policy: [POLICY, ...connects].join(' '),
    intercept(request, response) {
      const path = requestPath(request) ?? ''
      const { range, 'sec-fetch-dest': destination } = request.headers
      site.requests.push({ path, range: range ?? null, destination: String(destination) })
      return site.answer?.(path, response, request) ?? false
    },
  })
  return Object.assign(site, { url, close })
}

/** `site` serves the app, `page` shows it. An uncaught error on the page fails a test. */
export const test = base.extend<{ site: Site }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads from it which fixtures are asked for.
  site: async ({}, use) => {
    const site = await startSite()
    await use(site)
    site.close()
  },

  page: async ({ page, site }, use) => {
    const errors: Error[] = []
    page.on('pageerror', (error) => errors.push(error))
    await open(page, site)
    await use(page)
    expect(errors).toEqual([])
  },
})

/** Loads the app, or reloads it. */
export async function open(page: Page, { url }: Pick<Site, 'url'>): Promise<void> {
  await page.goto(url)
  await page.waitForFunction(() => window.specter2)
  // `ENGINE=transformers npx playwright test …` runs the tests on the other engine.
  await page.evaluate(
    (engine) => {
      const { createEmbedder } = window.specter2
      if (engine !== undefined)
        window.specter2 = { ...window.specter2, createEmbedder: (options) => createEmbedder({ engine, ...options }) }
    },
    process.env.ENGINE as EmbedderOptions['engine'],
  )
}

/** Waits until the page has no workers and holds no locks. */
export async function expectNoWorker(page: Page): Promise<void> {
  await expect.poll(() => page.workers().length).toBe(0)
  await expect.poll(() => page.evaluate(async () => (await navigator.locks.query()).held)).toEqual([])
}

/** All keys in this origin's database. */
export function databaseKeys(page: Page): Promise<string[]> {
  return page.evaluate(async () => {
    const { request } = window
    const database = await request(indexedDB.open('specter2-web'))
    const keys = await request(database.transaction('models').objectStore('models').getAllKeys())
    database.close()
    return keys.map(String)
  })
}

/** The bytes of a file of the site. */
export function fileBytes(path: string): Buffer {
  const model = path.startsWith('/models/') ? join(workFolder, path) : join(app, path)
  if (!existsSync(model)) throw new Error(`No file for ${path}`)
  return readFileSync(model)
}

/** Options that a test can pass to the page. */
export type PlainOptions = Pick<EmbedderOptions, 'dtype' | 'threads' | 'adapter' | 'engine' | 'tier'> & {
  model?: string
  worker?: string
}

export interface Reference {
  papers: { title: string; abstract: string | null }[]
  queries: string[]
  inputIds: Record<'papers' | 'queries', number[][]>
}

export function readReference<T extends Reference>(path: string): T {
  return JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8'))
}
