/** Models on a hub, by their names: downloaded, converted in the page, cached. */
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { EmbedderOptions, LoadProgress } from 'specter2-web'
import { type HubRepo, specter2Repos, startHub, type TestHub } from '../testing/hub-server.js'
import { workFolder } from './global-setup.js'
import { test as base, databaseKeys, expect, open, startSite } from './site.js'
import { ADAPTERS, largestDifference, rowsOf, tiny } from './vectors.js'

const CHUNK_BYTES = 4 * 1024 * 1024

/** A tiny SPECTER2 with a large unused tensor: its weights have more than three chunks, so that downloads can break in between. */
function largeRepos(): Record<string, HubRepo> {
  const repos = specter2Repos()
  const { 'model.safetensors': weights, 'pytorch_model.bin': _, ...files } = repos['allenai/specter2_base']!.files
  const headerBytes = Number(new DataView(weights!.buffer, weights!.byteOffset).getBigUint64(0, true))
  const header = JSON.parse(new TextDecoder().decode(weights!.subarray(8, 8 + headerBytes)))
  const data = weights!.subarray(8 + headerBytes)
  const padding = 3 * CHUNK_BYTES
  header.padding = { dtype: 'U8', shape: [padding], data_offsets: [data.length, data.length + padding] }
  const text = new TextEncoder().encode(JSON.stringify(header))
  const large = new Uint8Array(8 + text.length + data.length + padding)
  new DataView(large.buffer).setBigUint64(0, BigInt(text.length), true)
  large.set(text, 8)
  large.set(data, 8 + text.length)
  return { ...repos, 'allenai/specter2_base': { license: 'apache-2.0', files: { ...files, 'model.safetensors': large } } }
}

const repos = largeRepos()
const weights = repos['allenai/specter2_base']!.files['model.safetensors']!

const test = base.extend<{ hub: TestHub }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads from it which fixtures are asked for.
  hub: async ({}, use) => {
    const gated: HubRepo = { ...repos['allenai/specter2_base']!, access: 'gated' }
    const config = JSON.parse(new TextDecoder().decode(repos['allenai/specter2_base']!.files['config.json']))
    const roberta = new TextEncoder().encode(JSON.stringify({ ...config, model_type: 'roberta' }))
    const hub = await startHub({
      ...repos,
      'malteos/scincl': gated,
      'allenai/specter': { files: { ...repos['allenai/specter2_base']!.files, 'config.json': roberta } },
    })
    await use(hub)
    hub.close()
  },
  site: async ({ hub }, use) => {
    const site = await startSite({ connects: ['http://127.0.0.1:*', hub.url] })
    await use(site)
    site.close()
  },
})

type Page = Parameters<typeof open>[0]
type Options = Pick<EmbedderOptions, 'dtype' | 'hub'> & { model?: string }

function visit(page: Page, options: Options) {
  return page.evaluate(
    async ({ options, papers, adapters }) => {
      const progress: LoadProgress[] = []
      const embedder = await window.specter2.createEmbedder({ ...options, onProgress: (event) => progress.push(event) })
      const vectors: Record<string, number[]> = {}
      for (const adapter of adapters) vectors[adapter] = [...(await embedder.embed(papers, { adapter })).vectors]
      const { info } = embedder
      await embedder.dispose()
      return { info, vectors, progress }
    },
    { options, papers: tiny.papers, adapters: [...ADAPTERS] },
  )
}

const rejectionOf = (page: Page, options: Options) =>
  page.evaluate((options) => window.rejection(window.specter2.createEmbedder(options)), options)

const cachedModels = (page: Page) => page.evaluate(() => window.specter2.listCachedModels())

/** All keys in the database, without the hashes of chunks. */
async function storedKeys(page: Page): Promise<string[]> {
  const keys = await databaseKeys(page)
  return [...new Set(keys.map((key) => key.replace(/^(chunk|draft):[0-9a-f]{64}/, '$1')))]
}

/** Sends the beginning of the weights, but the headers of the whole; then calls `then`. Answers the first request only. */
function breakWeights(hub: TestHub, bytes: number, then: (destroy: () => void) => void): void {
  let broken = false
  hub.answer = ({ server, range }, response) => {
    if (server !== 'network' || broken || range) return false
    broken = true
    response.writeHead(200, { 'content-length': weights.length })
    response.write(weights.subarray(0, bytes), () => then(() => response.destroy()))
    return true
  }
}

const weightRanges = ({ requests }: TestHub) => requests.filter(({ server }) => server === 'network').map(({ range }) => range)

test('SPECTER2 by its name gives the reference vectors, and needs no network afterwards', async ({ page, site, hub }) => {
  const first = await visit(page, { model: 'specter2', dtype: 'fp32', hub: { endpoint: hub.url } })
  for (const adapter of ADAPTERS) {
    const rows = rowsOf(first.vectors[adapter]!, first.info.dimension)
    expect(largestDifference(rows, tiny.vectors.papers[adapter])).toBeLessThanOrEqual(2e-5)
  }
  const commit = hub.commit('allenai/specter2_base')
  expect(first.info).toMatchObject({
    model: { id: 'allenai/specter2_base', revision: commit, license: 'Apache-2.0' },
    adapters: [...ADAPTERS],
    from: 'network',
    storage: { cached: true },
  })
  expect(first.info.bytesDownloaded).toBeGreaterThan(weights.length)

  const stages = first.progress.map(({ stage }) => stage)
  expect(stages.filter((stage, index) => stage !== stages[index - 1])).toEqual(['download', 'convert', 'start', 'ready'])
  const downloads = first.progress.filter(({ stage }) => stage === 'download')
  expect(new Set(downloads.map(({ total }) => total))).toEqual(new Set([first.info.bytesDownloaded]))
  expect(downloads.at(-1)!.loaded).toBe(first.info.bytesDownloaded)
  expect(downloads.map(({ loaded }) => loaded)).toEqual(downloads.map(({ loaded }) => loaded).toSorted((a, b) => a - b))

  const [model, ...others] = await cachedModels(page)
  expect(others).toEqual([])
  expect(model).toMatchObject({ id: 'allenai/specter2_base', revision: commit })
  expect(model!.url).toMatch(/^converted:specter2@main\/fp32\/base\+proximity\+/)
  expect(await storedKeys(page)).toEqual(['chunk', `model:${model!.url}`])

  hub.requests.length = 0
  await open(page, site)
  const second = await visit(page, { model: 'specter2', dtype: 'fp32', hub: { endpoint: hub.url } })
  expect(hub.requests).toEqual([])
  expect(second.info).toEqual({ ...first.info, from: 'cache', bytesDownloaded: 0 })
  expect(second.vectors).toEqual(first.vectors)

  // With `update`, only the hub's API is asked whether there is a newer revision.
  const asked = await visit(page, { model: 'specter2', dtype: 'fp32', hub: { endpoint: hub.url, update: true } })
  expect(hub.requests.length).toBeGreaterThan(0)
  expect(hub.requests.filter(({ path }) => !path.startsWith('/api/'))).toEqual([])
  expect(asked.info).toEqual(second.info)
})

test('the cached files are byte for byte those that specter2-web get writes', async ({ page, hub }) => {
  await page.evaluate(
    async (endpoint) => (await window.specter2.createEmbedder({ model: 'specter2', hub: { endpoint } })).dispose(),
    hub.url,
  )
  const stored = await page.evaluate(async () => {
    const { request } = window
    const database = await request(indexedDB.open('specter2-web'))
    const [model] = await request(
      database.transaction('models').objectStore('models').getAll(IDBKeyRange.bound('model:', 'model;')),
    )
    database.close()
    return model.manifest
  })
  const out = join(workFolder, 'models/from-hub')
  const cli = join(workFolder, 'stranger/node_modules/.bin/specter2-web')
  const env = { ...process.env, HF_ENDPOINT: hub.url, SPECTER2_WEB_CACHE: join(workFolder, 'hub-cache') }
  await promisify(execFile)(cli, ['get', 'specter2', '--dtype', 'q8', '--error-feedback', 'no', '--out', out], { env })
  // The manifest has the size and hashes of every file. In a page, the first search measures likeness.
  const { likeness: _, ...manifest } = JSON.parse(readFileSync(join(out, 'manifest.json'), 'utf8'))
  expect(stored).toEqual(manifest)
})

test('a download whose connection breaks is resumed', async ({ page, hub }) => {
  breakWeights(hub, 2.5 * CHUNK_BYTES, (destroy) => destroy())
  const { info } = await visit(page, { model: 'specter2', hub: { endpoint: hub.url } })
  const [whole, rest] = weightRanges(hub)
  expect(whole).toBeNull()
  const begin = Number(/^bytes=(\d+)-/.exec(rest ?? '')?.[1])
  // A broken connection may lose bytes that were sent but not read yet.
  expect(begin).toBeGreaterThan(0)
  expect(begin).toBeLessThanOrEqual(2.5 * CHUNK_BYTES)
  expect(info).toMatchObject({ from: 'network', dtype: 'q8', storage: { cached: true } })
})

test('a download that a reload interrupts is listed, resumed, and deleted after the conversion', async ({ page, site, hub }) => {
  breakWeights(hub, 2.5 * CHUNK_BYTES, () => {})
  await page.evaluate((endpoint) => void window.specter2.createEmbedder({ model: 'specter2', hub: { endpoint } }), hub.url)
  const address = `download:allenai/specter2_base@${hub.commit('allenai/specter2_base')}`
  const storedBytes = async () => (await cachedModels(page)).find(({ url }) => url === address)?.bytes ?? 0
  await expect.poll(storedBytes).toBeGreaterThan(2 * CHUNK_BYTES)
  await open(page, site)
  const before = await cachedModels(page)
  expect(before.map(({ url }) => url)).toEqual([address])
  expect(before[0]!.complete).not.toContain('model.safetensors')

  hub.requests.length = 0
  const { info, progress } = await visit(page, { model: 'specter2', hub: { endpoint: hub.url } })
  expect(weightRanges(hub)[0]).toBe(`bytes=${2 * CHUNK_BYTES}-${weights.length - 1}`)
  expect(info.bytesDownloaded).toBeLessThan(weights.length - CHUNK_BYTES)
  expect(progress.findLast(({ stage }) => stage === 'download')!.fromCache).toBeGreaterThan(2 * CHUNK_BYTES)
  expect((await cachedModels(page)).map(({ url }) => url)).toEqual([expect.stringMatching(/^converted:specter2@main\/q8\//)])
  expect((await storedKeys(page)).filter((key) => !/^(chunk|model:converted:.*)$/.test(key))).toEqual([])
})

test('an aborted download is listed and can be deleted', async ({ page, hub }) => {
  breakWeights(hub, 2.5 * CHUNK_BYTES, () => {})
  await page.evaluate((endpoint) => {
    const controller = new AbortController()
    const options = { model: 'specter2', hub: { endpoint }, signal: controller.signal }
    Object.assign(window, { controller, created: window.specter2.createEmbedder(options).catch((reason) => reason) })
  }, hub.url)
  await expect.poll(async () => (await cachedModels(page))[0]?.bytes ?? 0).toBeGreaterThan(CHUNK_BYTES)
  const abort = await page.evaluate(async () => {
    const { controller, created } = window as unknown as { controller: AbortController; created: Promise<unknown> }
    const begin = performance.now()
    controller.abort('The reader left.')
    return { reason: await created, ms: performance.now() - begin }
  })
  expect(abort.reason).toBe('The reader left.')
  expect(abort.ms).toBeLessThan(200)
  await expect.poll(() => page.workers().length).toBe(0)

  const [waiting, ...others] = await cachedModels(page)
  expect(others).toEqual([])
  expect(waiting!.url).toMatch(/^download:allenai\/specter2_base@/)
  await page.evaluate((url) => window.specter2.deleteCachedModel(url), waiting!.url)
  expect(await storedKeys(page)).toEqual([])
})

test('a refusal of the hub rejects with its reason', async ({ page, hub }) => {
  const endpoint = hub.url
  expect(await rejectionOf(page, { model: 'scincl', hub: { endpoint } })).toMatchObject({
    kind: 'Specter2Error',
    code: 'DOWNLOAD_FAILED',
    retryable: false,
    details: { status: 401 },
    message: expect.stringContaining('malteos/scincl'),
  })
  expect(await rejectionOf(page, { model: 'specter2', hub: { endpoint, revision: 'v9' } })).toMatchObject({
    code: 'MODEL_NOT_FOUND',
    message: expect.stringContaining('v9'),
  })
  expect(await rejectionOf(page, { model: 'specter2-aug2023refresh', hub: { endpoint } })).toMatchObject({
    code: 'MODEL_NOT_FOUND',
    message: expect.stringContaining('allenai/specter2_aug2023refresh_base'),
  })
  expect(await rejectionOf(page, { model: 'specter', hub: { endpoint } })).toMatchObject({
    code: 'UNSUPPORTED',
    message: expect.stringContaining('"roberta"'),
  })
  const { info } = await page.evaluate(async (endpoint) => {
    const embedder = await window.specter2.createEmbedder({ model: 'scincl', hub: { endpoint, token: 'hf_test' } })
    return { info: embedder.info }
  }, endpoint)
  expect(info.model).toMatchObject({ id: 'malteos/scincl', license: 'MIT' })
  // The token is only sent to the hub, not to its storage.
  expect(hub.requests.filter(({ server, authorization }) => server === 'network' && authorization !== null)).toEqual([])
})

test('weights that differ from the hash on the hub are refused', async ({ page, hub }) => {
  const wrong = weights.with(weights.length - 1, 77)
  hub.answer = ({ server }, response) => server === 'network' && Boolean(response.end(wrong))
  expect(await rejectionOf(page, { model: 'specter2', hub: { endpoint: hub.url } })).toMatchObject({
    code: 'HASH_MISMATCH',
    details: { file: 'model.safetensors' },
  })
  expect((await cachedModels(page)).flatMap(({ complete }) => complete)).not.toContain('model.safetensors')
})

test('an unreachable hub is a retryable error', async ({ page, hub }) => {
  const endpoint = hub.url
  hub.close()
  expect(await rejectionOf(page, { model: 'specter2', hub: { endpoint } })).toMatchObject({
    code: 'DOWNLOAD_FAILED',
    retryable: true,
  })
})

test('without storage, the model works in memory and says so', async ({ page, site, hub }) => {
  const session = await page.context().newCDPSession(page)
  await session.send('Storage.overrideQuotaForOrigin', { origin: site.url, quotaSize: 1 })
  const { info, vectors } = await visit(page, { model: 'specter2', dtype: 'fp32', hub: { endpoint: hub.url } })
  expect(info).toMatchObject({ from: 'network', storage: { cached: false } })
  expect(JSON.stringify(info.storage)).toMatch(/QuotaExceededError/)
  const rows = rowsOf(vectors.proximity!, info.dimension)
  expect(largestDifference(rows, tiny.vectors.papers.proximity)).toBeLessThanOrEqual(2e-5)
  expect(await cachedModels(page)).toEqual([])
})

test('tabs that load the same model at the same time download and convert it once', async ({ page, site, hub, context }) => {
  const other = await context.newPage()
  await open(other, site)
  const options = { model: 'specter2', hub: { endpoint: hub.url } }
  const [a, b] = await Promise.all([page, other].map((tab) => visit(tab, options)))
  expect(a!.vectors).toEqual(b!.vectors)
  expect([a!.info.from, b!.info.from].sort()).toEqual(['cache', 'network'])
  expect(hub.requests.filter(({ server, path }) => server === 'network' && path.includes('signature'))).toHaveLength(5)
})
