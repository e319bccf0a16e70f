/** Downloading and caching of models: broken downloads, second visits, other revisions, full disks. */
import type { ServerResponse } from 'node:http'
import { join } from 'node:path'
import type { Page } from '@playwright/test'
import type { LoadProgress } from 'specter2-web'
import type { Manifest } from '../src/core/model-folder/manifest.js'
import { type Answer, databaseKeys, expect, fileBytes, models, open, type PlainOptions, type Site, test } from './site.js'
import { largestDifference, tiny } from './vectors.js'

const CHUNK_BYTES = 4 * 1024 * 1024
const MINILM = '/specter2-web/models/minilm'
const MINILM_GRAPH = `${MINILM}/onnx/model_quantized.onnx`
const graphBytes = () => fileBytes(MINILM_GRAPH).length

/** Loads a model on the page, embeds a text and disposes the embedder. */
function visit(page: Page, options: PlainOptions = {}) {
  return page.evaluate(async (options) => {
    const progress: LoadProgress[] = []
    const begin = performance.now()
    const embedder = await window.specter2.createEmbedder({ ...options, onProgress: (event) => progress.push(event) })
    const { vectors } = await embedder.embed(['Do floods depend on wet soil?'])
    const firstVectorMs = performance.now() - begin
    const { info } = embedder
    await embedder.dispose()
    return { info, progress, vector: [...vectors], firstVectorMs }
  }, options)
}

const cachedModels = (page: Page) => page.evaluate(() => window.specter2.listCachedModels())

/** Hashes of all chunks in the database, of whichever model. */
async function storedChunks(page: Page): Promise<string[]> {
  const keys = await databaseKeys(page)
  return keys.flatMap((key) => (key.startsWith('chunk:') ? key.slice('chunk:'.length) : []))
}

/** Requests for files below a path, in order. */
function requested({ requests }: Site, folder: string): string[] {
  return requests.filter(({ path }) => path.startsWith(folder)).map(({ path }) => path.slice(folder.length + 1))
}

function rangesOf({ requests }: Site, file: string): (string | null)[] {
  return requests.filter(({ path }) => path === file).map(({ range }) => range)
}

/** Breaks connections at once, as without network. */
function offline(folder: string): Answer {
  return (path, response) => {
    if (!path.startsWith(folder)) return false
    response.destroy()
    return true
  }
}

/** Sends the beginning of a file, but the headers of the whole; then calls `then`. */
function sendBeginning(response: ServerResponse, file: string, bytes: number, then: () => void): void {
  const content = fileBytes(file)
  response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': content.length })
  response.write(content.subarray(0, bytes), then)
}

test.describe('a second visit', () => {
  test('works while every request to the folder of the model fails', async ({ page, site }) => {
    const first = await visit(page)
    site.answer = offline(MINILM)
    site.requests = []
    await open(page, site)
    const second = await visit(page)

    console.log(
      `first vector: ${first.firstVectorMs.toFixed()} ms with the download, ${second.firstVectorMs.toFixed()} ms without network`,
    )
    expect(second.info).toEqual({ ...first.info, from: 'cache', bytesDownloaded: 0 })
    expect(second.vector).toEqual(first.vector)
    expect(second.progress.at(-1)).toMatchObject({ stage: 'ready', fromCache: first.info.bytes, total: first.info.bytes })
    // The browser itself retries broken connections.
    expect(new Set(requested(site, MINILM))).toEqual(new Set(['manifest.json']))
  })

  test('does not wait for a silent server', async ({ page, site }) => {
    await visit(page, { model: '/models/tiny/' })
    site.answer = (path) => path.startsWith('/models/')
    const { info } = await visit(page, { model: '/models/tiny/' })
    expect(info).toMatchObject({ from: 'cache', bytesDownloaded: 0 })
  })

  test('with network only requests the manifest', async ({ page, site }) => {
    const first = await visit(page, { model: '/models/tiny/' })
    site.requests = []
    const second = await visit(page, { model: '/models/tiny/' })
    expect(requested(site, '/models')).toEqual(['tiny/manifest.json'])
    expect(second.info).toEqual({ ...first.info, from: 'cache', bytesDownloaded: 0 })
    expect(second.vector).toEqual(first.vector)
  })
})

test.describe('a download', () => {
  test('reports its size before the first byte, then its progress until the end', async ({ page }) => {
    const { info, progress } = await visit(page)
    const { bytes } = info
    expect(progress[0]).toMatchObject({ stage: 'download', loaded: 0, total: bytes, fromCache: 0 })
    expect(progress.every(({ total }) => total === bytes)).toBe(true)
    const loaded = progress.map((event) => event.loaded)
    expect(loaded).toEqual(loaded.toSorted((a, b) => a - b))
    expect(loaded.some((value) => value > 0 && value < bytes)).toBe(true)
    expect(progress.at(-1)).toMatchObject({ stage: 'ready', loaded: bytes, total: bytes, fromCache: 0 })
    for (const { loaded, total, files } of progress) {
      expect(files.reduce((sum, file) => sum + file.loaded, 0)).toBe(loaded)
      expect(files.reduce((sum, file) => sum + file.total, 0)).toBe(total)
    }
    const stages = progress.map(({ stage }) => stage)
    expect(stages.filter((stage, index) => stage !== stages[index - 1])).toEqual(['download', 'start', 'ready'])
  })

  test('whose connection breaks is resumed after the last verified chunk', async ({ page, site }) => {
    let broken = false
    site.answer = (path, response) => {
      if (path !== MINILM_GRAPH || broken) return false
      broken = true
      sendBeginning(response, path, 2.5 * CHUNK_BYTES, () => response.destroy())
      return true
    }
    const { info, progress } = await visit(page)
    const [first, second, ...more] = rangesOf(site, MINILM_GRAPH)
    expect(first).toBeNull()
    expect([1, 2].map((chunk) => `bytes=${chunk * CHUNK_BYTES}-${graphBytes() - 1}`)).toContain(second)
    expect(more).toEqual([])
    const loaded = progress.map((event) => event.loaded)
    expect(loaded).toEqual(loaded.toSorted((a, b) => a - b))
    expect(loaded.at(-1)).toBe(info.bytes)
    expect(info).toMatchObject({ from: 'network', bytesDownloaded: info.bytes })
  })

  test('that a reload interrupts does not look complete, and is resumed', async ({ page, site }) => {
    // Sends two and a half chunks, then nothing.
    site.answer = (path, response) => {
      if (path !== MINILM_GRAPH) return false
      sendBeginning(response, path, 2.5 * CHUNK_BYTES, () => {})
      return true
    }
    await page.evaluate(() => void window.specter2.createEmbedder())
    await expect.poll(async () => (await cachedModels(page))[0]?.bytes ?? 0).toBeGreaterThan(2 * CHUNK_BYTES)
    await open(page, site)

    const [partial] = await cachedModels(page)
    expect(partial!.complete).not.toContain('onnx/model_quantized.onnx')
    expect(partial!.bytes).toBeLessThan(graphBytes())
    site.answer = offline(MINILM)
    const rejection = await page.evaluate(() => window.rejection(window.specter2.createEmbedder()))
    expect(rejection).toMatchObject({ code: 'DOWNLOAD_FAILED', retryable: true })

    site.answer = null
    site.requests = []
    const { info, progress } = await visit(page)
    expect(rangesOf(site, MINILM_GRAPH)).toEqual([`bytes=${2 * CHUNK_BYTES}-${graphBytes() - 1}`])
    expect(progress.at(-1)!.fromCache).toBe(partial!.bytes)
    expect(info).toMatchObject({ from: 'network', bytesDownloaded: info.bytes - partial!.bytes })
    expect((await cachedModels(page))[0]!.complete).toContain('onnx/model_quantized.onnx')
  })

  test('with wrong content is repeated once without the HTTP cache, then refused', async ({ page, site }) => {
    const graph = '/models/tiny/onnx/model_quantized.onnx'
    let wrong = 1
    const cacheControl: (string | undefined)[] = []
    site.answer = (path, response, request) => {
      if (path !== graph) return false
      const content = fileBytes(path)
      if (wrong-- > 0) content[1000]! ^= 1
      cacheControl.push(request.headers['cache-control'])
      response.end(content)
      return true
    }
    await visit(page, { model: '/models/tiny/' })
    expect(cacheControl).toEqual([undefined, 'no-cache'])

    await page.evaluate(() => window.specter2.clearCachedModels())
    wrong = 2
    const rejection = await page.evaluate(() => window.rejection(window.specter2.createEmbedder({ model: '/models/tiny/' })))
    expect(rejection).toMatchObject({
      kind: 'Specter2Error',
      code: 'HASH_MISMATCH',
      retryable: false,
      details: { url: site.url + graph, file: 'onnx/model_quantized.onnx', chunk: 0 },
    })
    expect((await cachedModels(page))[0]!.complete).not.toContain('onnx/model_quantized.onnx')
  })
})

test('another revision replaces the old one, and unchanged files are not downloaded again', async ({ page, site }) => {
  const fp32 = { model: '/models/tiny/', dtype: 'fp32' } as const
  const first = await visit(page, fp32)
  site.answer = (path, response) => {
    if (!path.startsWith('/models/tiny/')) return false
    response.end(fileBytes(path.replace('/tiny/', '/tiny-b/')))
    return true
  }
  site.requests = []
  const second = await visit(page, fp32)
  expect(second.info.model.revision).toBe('b')
  expect(second.info.model.revision).not.toBe(first.info.model.revision)
  expect(requested(site, '/models/tiny').sort()).toEqual(['adapters/proximity.safetensors', 'manifest.json'])
  const adapterBytes = fileBytes('/models/tiny-b/adapters/proximity.safetensors').length
  expect(second.info).toMatchObject({ from: 'network', bytesDownloaded: adapterBytes })

  const manifest: Pick<Manifest, 'files'> = JSON.parse(fileBytes('/models/tiny-b/manifest.json').toString())
  const [model, ...others] = await cachedModels(page)
  expect(others).toEqual([])
  expect(model).toMatchObject({ url: `${site.url}/models/tiny`, id: 'specter2-tiny', revision: 'b' })
  // No chunk of the old revision remains. (`proximity` and `classification` have the same bytes now, which are stored once.)
  const stored = new Map(model!.complete.map((path) => [manifest.files[path]!.chunks[0]!, manifest.files[path]!.bytes]))
  expect(model!.bytes).toBe([...stored.values()].reduce((sum, bytes) => sum + bytes, 0))
  expect(await storedChunks(page)).toEqual([...stored.keys()].sort())

  const vectors = await page.evaluate(
    async ({ fp32, papers }) => [...(await (await window.specter2.createEmbedder(fp32)).embed(papers)).vectors],
    { fp32, papers: tiny.papers },
  )
  const expected = tiny.vectors.papers.classification.flat()
  expect(largestDifference([vectors], [expected])).toBeLessThanOrEqual(2e-5)
})

test.describe('the cache', () => {
  test('lists models with their sizes, deletes one and clears all, while an embedder still works', async ({ page, site }) => {
    const { info } = await visit(page, { model: '/models/tiny/' })
    const [listed, ...others] = await cachedModels(page)
    expect(others).toEqual([])
    expect(listed).toMatchObject({ url: `${site.url}/models/tiny`, id: 'specter2-tiny', bytes: info.bytes })
    expect(listed!.complete.toSorted()).toEqual([
      'adapters/proximity.f16.safetensors',
      'config.json',
      'onnx/model_quantized.onnx',
      'tokenizer.json',
      'tokenizer_config.json',
    ])
    await visit(page, { model: '/models/tiny-fp32/' })
    expect((await cachedModels(page)).map(({ url }) => url).sort()).toEqual([listed!.url, `${listed!.url}-fp32`])

    const afterwards = await page.evaluate(async (url) => {
      const embedder = await window.specter2.createEmbedder({ model: '/models/tiny/' })
      await window.specter2.deleteCachedModel(url)
      await window.specter2.deleteCachedModel(url)
      const afterDelete = await window.specter2.listCachedModels()
      const { count } = await embedder.embed(['still works'])
      await embedder.dispose()
      return { afterDelete: afterDelete.map(({ url }) => url), count }
    }, listed!.url)
    expect(afterwards).toEqual({ afterDelete: [`${listed!.url}-fp32`], count: 1 })
    // The files that both models shared remain.
    site.answer = offline('/models')
    expect((await visit(page, { model: '/models/tiny-fp32/' })).info.from).toBe('cache')
    site.answer = null

    await page.evaluate(() => window.specter2.clearCachedModels())
    expect(await cachedModels(page)).toEqual([])
    expect(await storedChunks(page)).toEqual([])

    site.requests = []
    const again = await visit(page, { model: '/models/tiny/' })
    expect(again.info).toEqual(info)
  })

  test('may be full: the model runs, and info says that it is not cached', async ({ page, site }) => {
    const session = await page.context().newCDPSession(page)
    await session.send('Storage.overrideQuotaForOrigin', { origin: site.url, quotaSize: 10_000_000 })
    const { info, vector } = await visit(page)
    expect(info).toMatchObject({ from: 'network', bytesDownloaded: info.bytes, storage: { cached: false } })
    expect(JSON.stringify(info.storage)).toContain('QuotaExceededError')
    expect(vector).toHaveLength(384)
  })

  test('is shared by tabs that load the same model at the same time', async ({ page, site, context }) => {
    const other = await context.newPage()
    await open(other, site)
    const [a, b] = await Promise.all([page, other].map((tab) => visit(tab, { model: '/models/tiny/' })))
    expect(a!.vector).toEqual(b!.vector)
    expect(await cachedModels(page)).toHaveLength(1)
    site.answer = offline('/models')
    expect((await visit(page, { model: '/models/tiny/' })).info.from).toBe('cache')
  })
})

test('a converted model that the user picks works without network, and is not cached', async ({ page, site }) => {
  const { vector, info } = await visit(page, { model: '/models/tiny/' })
  await page.evaluate(() => {
    document.body.append(Object.assign(document.createElement('input'), { type: 'file', webkitdirectory: true }))
    return window.specter2.clearCachedModels()
  })
  await page.setInputFiles('input', join(models, 'tiny'))
  site.requests = []
  const picked = await page.evaluate(async () => {
    const files = [...document.querySelector('input')!.files!]
    const embedder = await window.specter2.createEmbedder({ model: files })
    const { vectors } = await embedder.embed(['Do floods depend on wet soil?'])
    return { info: embedder.info, vector: [...vectors], path: files[0]!.webkitRelativePath }
  })
  expect(picked.path).toMatch(/^tiny\//)
  expect(picked.vector).toEqual(vector)
  expect(picked.info).toMatchObject({ from: 'files', bytes: info.bytes, bytesDownloaded: 0, storage: { cached: false } })
  expect(requested(site, '/models')).toEqual([])
  expect(await cachedModels(page)).toEqual([])
})
