/** Apps without a bundler: an import map, other folders, routes, origins and hosts. `npm run strangers` has the bundlers. */
import { createHash } from 'node:crypto'
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type BrowserContext, chromium, expect, test } from '@playwright/test'
import { type StaticServerOptions, startServer } from '../src/cli/verify/static-server.js'
import { chromiumArguments, findChromium } from './browser.mjs'
import { workFolder } from './global-setup.js'
import { type Options, printRow, resultOf, visitApp } from './strangers/visit.js'

const stranger = join(workFolder, 'stranger')
const installed = join(stranger, 'node_modules')
const assets = join(stranger, 'public/specter2-web')
const app = join(workFolder, 'any-app')

/** The app's page: modules by an import map, relative to `root`; scripts that are files, as a strict policy wants them. */
function html(root: string, packages = `${root}node_modules/`): string {
  const paths: Record<string, string> = {
    'specter2-web': 'specter2-web/dist/index.js',
    'specter2-web/duplicates': 'specter2-web/dist/core/duplicates/index.js',
  }
  for (const name of ['comlink', 'idb-keyval', 'fastest-levenshtein', 'entities']) {
    const { module, exports } = JSON.parse(readFileSync(join(installed, name, 'package.json'), 'utf8'))
    paths[name] = `${name}/${module ?? exports['.'].import ?? exports['.'].default}`
  }
  const imports = Object.fromEntries(Object.entries(paths).map(([name, path]) => [name, `${packages}${path}`]))
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>An app</title><link rel="icon" href="data:,">
<script type="importmap">${JSON.stringify({ imports })}</script><script type="module" src="${root}main.js"></script></html>`
}

test.beforeAll(() => {
  rmSync(app, { recursive: true, force: true })
  mkdirSync(app, { recursive: true })
  for (const file of ['main.js', 'try-package.js'])
    cpSync(fileURLToPath(new URL(`strangers/apps/${file}`, import.meta.url)), join(app, file))
})

/** Serves the app in a folder; every route of it is the same page. */
async function serve(folder: string, { page, ...options }: Partial<StaticServerOptions> & { page?: string } = {}) {
  return startServer({
    roots: { [folder]: app, [`${folder}node_modules`]: installed, [`${folder}specter2-web`]: assets },
    isolated: false,
    intercept(request, response) {
      if (request.headers['sec-fetch-dest'] !== 'document') return false
      response.setHeader('content-type', 'text/html; charset=utf-8')
      response.end(page ?? html(folder))
      return true
    },
    ...options,
  })
}

async function visit(name: string, context: BrowserContext, url: string, options?: Options) {
  const row = await visitApp(context, url, options)
  printRow(name, row)
  return row
}

for (const [name, folder, route] of [
  ['an import map', '/', ''],
  ['a folder of the host', '/~me/app/', ''],
  ['a deep route of a router', '/app/', 'library/42/papers'],
] as const) {
  test(`an app works without a bundler: ${name}`, async ({ context }) => {
    const { url, close } = await serve(folder)
    const { threads } = await visit(name, context, `${url}${folder}${route}`)
    // Not isolated.
    expect(threads).toBe(1)
    close()
  })
}

test('an app works with package, workers and assets on another origin', async ({ context }) => {
  const headers = { 'access-control-allow-origin': '*', 'cross-origin-resource-policy': 'cross-origin' }
  const cdn = await serve('/', {
    intercept: (_, response) => {
      for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
      return false
    },
  })
  for (const isolated of [false, true]) {
    const { url, close } = await serve('/', { page: html('/', `${cdn.url}/node_modules/`), isolated })
    await visit(`another origin${isolated ? ', isolated' : ''}`, context, url, {
      embedder: { assets: `${cdn.url}/specter2-web/` },
    })
    await context.clearCookies()
    close()
  }
  cdn.close()
})

test('an extension page of manifest version 3 works', async () => {
  const extension = join(workFolder, 'extension')
  cpSync(join(stranger, 'dist'), extension, { recursive: true })
  const policy = { extension_pages: "script-src 'self' 'wasm-unsafe-eval'; object-src 'self'" }
  const manifest = { manifest_version: 3, name: 'Papers', version: '1', content_security_policy: policy }
  writeFileSync(join(extension, 'manifest.json'), JSON.stringify(manifest))
  const context = await chromium.launchPersistentContext('', {
    executablePath: findChromium(),
    headless: true,
    args: [...chromiumArguments, `--disable-extensions-except=${extension}`, `--load-extension=${extension}`],
    ignoreDefaultArgs: ['--disable-extensions'],
  })
  const page = await context.newPage()
  await page.goto(`chrome-extension://${extensionId(extension)}/index.html`)
  await page.waitForFunction(() => window.specter2)
  const found = await page.evaluate(async () => {
    const embedder = await window.specter2.createEmbedder()
    const { vectors } = await embedder.embed(['Tides of the Atlantic'])
    const index = await window.specter2.PaperIndex.open('library', { embedder })
    await index.add([{ id: 'a', title: 'Tides of the Atlantic' }])
    const { hits } = await index.search('tides')
    return { finite: vectors.every(Number.isFinite), first: hits[0]?.id }
  })
  expect(found).toEqual({ finite: true, first: 'a' })
  await context.close()
})

/** Chromium derives it from the folder of an extension that is not packed. */
function extensionId(folder: string): string {
  const hex = createHash('sha256').update(folder).digest('hex').slice(0, 32)
  return [...hex].map((digit) => String.fromCharCode(97 + Number.parseInt(digit, 16))).join('')
}

test('two embedders and two tabs download the model once at a first visit', async ({ context }) => {
  const requested: string[] = []
  const { url, close } = await serve('/', {
    intercept(request, response) {
      if (/\/models\/.*\.(onnx|safetensors)/.test(request.url ?? '')) requested.push(request.url!)
      if (request.headers['sec-fetch-dest'] !== 'document') return false
      response.setHeader('content-type', 'text/html').end(html('/').replace('main.js', 'two.js'))
      return true
    },
  })
  writeFileSync(
    join(app, 'two.js'),
    "import { createEmbedder } from 'specter2-web'\nwindow.result = Promise.all([createEmbedder(), createEmbedder()]).then(([a, b]) => ({ from: [a.info.from, b.info.from].sort() }))",
  )
  const pages = await Promise.all([context.newPage(), context.newPage()])
  await Promise.all(pages.map((page) => page.goto(url)))
  await Promise.all(pages.map(resultOf))
  expect(requested.sort()).toEqual([...new Set(requested)])
  expect(requested).toHaveLength(1)
  close()
})

test.describe('assets of another version are refused', () => {
  const stale: Record<string, { change: (code: string) => string; file: string; options?: object }> = {
    'a worker': { file: '/specter2-web/workers/embed.js', change: (code) => code.replace(/(["'`])0\.1\.0\1/, '"0.0.9"') },
    'transformers.js': {
      file: '/specter2-web/ort/transformers.js',
      change: (code) => code.replace(/(["'`])[0-9a-f]{64}\1(?=[^"'`]*export)/, '"other"'),
      options: { engine: 'transformers' },
    },
    'the .wasm file': {
      file: '/specter2-web/ort/ort-wasm-simd-threaded.wasm',
      change: (code) => `${code}\0`,
      options: { engine: 'transformers' },
    },
  }
  for (const [name, { change, file, options = {} }] of Object.entries(stale)) {
    test(name, async ({ page }) => {
      const changed = change(readFileSync(join(stranger, 'public', file), 'latin1'))
      expect(changed).not.toBe(readFileSync(join(stranger, 'public', file), 'latin1'))
      const { url, close } = await startServer({
        roots: { '/': join(stranger, 'dist') },
        intercept(request, response) {
          if (new URL(request.url!, 'http://localhost').pathname !== file) return false
          const type = file.endsWith('.js') ? 'text/javascript' : 'application/wasm'
          response.setHeader('content-type', type).end(Buffer.from(changed, 'latin1'))
          return true
        },
      })
      await page.goto(url)
      await page.waitForFunction(() => window.specter2)
      const rejection = await page.evaluate(
        (options) => window.rejection(window.specter2.createEmbedder({ worker: '/specter2-web/workers/embed.js', ...options })),
        options,
      )
      expect(rejection).toMatchObject({ kind: 'Specter2Error', code: 'ASSETS_OUTDATED' })
      expect(rejection?.message).toContain('npx specter2-web assets')
      close()
    })
  }
})

test('a wrong base and a host that answers everything with its page name the assets', async ({ page }) => {
  for (const fallback of [false, true]) {
    const { url, close } = await serve('/', { roots: { '/': app, '/node_modules': installed } })
    await page.route(/specter2-web\/models/, (route) =>
      fallback ? route.fulfill({ contentType: 'text/html', body: html('/') }) : route.fulfill({ status: 404 }),
    )
    await page.goto(url)
    const { error } = (await resultOf(page)) as unknown as { error: string }
    expect(error).toContain(`npx specter2-web assets`)
    expect(error).toContain(`${url}/specter2-web/`)
    close()
  }
})
