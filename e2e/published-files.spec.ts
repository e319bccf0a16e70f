/** Published files that the user picks: converted in the page, cached, and refused if they are wrong. */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Page } from '@playwright/test'
import type { EmbedderOptions, LoadProgress } from 'specter2-web'
import type { Manifest } from '../src/core/model-folder/manifest.js'
import { workFolder } from './global-setup.js'
import { expect, models, open, test } from './site.js'
import { ADAPTERS, cosine, largestDifference, rowsOf, tiny } from './vectors.js'

const adapters = [...ADAPTERS]
const published = fileURLToPath(new URL('../testing/fixtures/specter2-tiny', import.meta.url))
/** The base with its weights only in this file, and the adapters below it; made by `global-setup`. */
const withWeights = (weights: string) => join(models, `../published/${weights}/specter2-tiny`)

/** Picks a folder in an `input` element of the page. */
async function pick(page: Page, folder: string): Promise<void> {
  await page.evaluate(() => {
    document.querySelector('input')?.remove()
    document.body.append(Object.assign(document.createElement('input'), { type: 'file', webkitdirectory: true }))
  })
  await page.setInputFiles('input', folder)
}

type Options = Pick<EmbedderOptions, 'dtype'> & { model?: string; oneWorker?: boolean }

/** Creates an embedder from the picked files, or from `model`, and embeds the reference's papers with every adapter. */
function embedAll(page: Page, { oneWorker, ...options }: Options = {}) {
  return page.evaluate(
    async ({ oneWorker, options, papers, adapters }) => {
      const progress: LoadProgress[] = []
      const worker = oneWorker ? new Worker('/specter2-web/workers/embed.js', { type: 'module' }) : undefined
      const embedder = await window.specter2.createEmbedder({
        model: [...(document.querySelector('input')?.files ?? [])],
        ...options,
        worker,
        onProgress: (event) => progress.push(event),
      })
      const vectors: Record<string, number[]> = {}
      for (const adapter of adapters) vectors[adapter] = [...(await embedder.embed(papers, { adapter })).vectors]
      const { info } = embedder
      await embedder.dispose()
      return { info, vectors, progress }
    },
    { oneWorker, options, papers: tiny.papers, adapters },
  )
}

type Vectors = Record<string, number[]>
const expected = adapters.flatMap((adapter) => tiny.vectors.papers[adapter])
const allRows = (vectors: Vectors) => adapters.flatMap((adapter) => rowsOf(vectors[adapter]!, 64))

/** The largest difference to the reference, over all adapters. */
const differenceToReference = (vectors: Vectors) => largestDifference(allRows(vectors), expected)

/** The smallest cosine to the reference, over all adapters. */
const smallestCosine = (vectors: Vectors) => Math.min(...allRows(vectors).map((row, index) => cosine(row, expected[index]!)))

/** The contents of the database: keys, manifests, and the actual SHA-256 of each chunk by the hash in its key. */
function database(page: Page): Promise<{ keys: string[]; manifests: Manifest[]; chunks: Record<string, string> }> {
  return page.evaluate(async () => {
    const { request } = window
    const database = await request(indexedDB.open('specter2-web'))
    const store = () => database.transaction('models').objectStore('models')
    const keys = (await request(store().getAllKeys())).map(String)
    const manifests: Manifest[] = []
    const chunks: Record<string, string> = {}
    for (const key of keys) {
      const value = await request(store().get(key))
      if (key.startsWith('model:')) manifests.push(value.manifest)
      if (!key.startsWith('chunk:')) continue
      const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', value))
      chunks[key.slice('chunk:'.length)] = [...digest].map((byte) => byte.toString(16).padStart(2, '0')).join('')
    }
    database.close()
    return { keys, manifests, chunks }
  })
}

const cachedModels = (page: Page) => page.evaluate(() => window.specter2.listCachedModels())
const stagesOf = (progress: readonly LoadProgress[]) =>
  progress.map(({ stage }) => stage).filter((stage, index, stages) => stage !== stages[index - 1])

for (const weights of ['pytorch_model.bin', 'model.safetensors']) {
  test(`a base as ${weights} and its four adapters give the reference's vectors`, async ({ page, site }) => {
    await pick(page, withWeights(weights))
    site.requests = []
    const q8 = await embedAll(page)
    expect(smallestCosine(q8.vectors)).toBeGreaterThan(0.99)
    expect(q8.info).toMatchObject({
      model: { id: 'specter2-tiny' },
      dtype: 'q8',
      adapters,
      defaultAdapter: 'proximity',
      queryAdapter: 'adhoc_query',
      from: 'files',
      bytesDownloaded: 0,
      storage: { cached: true },
    })
    expect(stagesOf(q8.progress)).toEqual(['convert', 'start', 'ready'])
    const converting = q8.progress.filter(({ stage }) => stage === 'convert')
    const loaded = converting.map((event) => event.loaded)
    expect(loaded).toEqual(loaded.toSorted((a, b) => a - b))
    expect(new Set(converting.map(({ total }) => total)).size).toBe(1)
    expect(loaded.at(-1)).toBeGreaterThan(0.9 * converting[0]!.total)
    expect(loaded.at(-1)).toBeLessThanOrEqual(converting[0]!.total)

    const fp32 = await embedAll(page, { dtype: 'fp32' })
    expect(differenceToReference(fp32.vectors)).toBeLessThanOrEqual(2e-5)
    expect(fp32.info).toMatchObject({ dtype: 'fp32', from: 'files', storage: { cached: true } })
    expect(site.requests.filter(({ path }) => !path.startsWith('/specter2-web') && !path.startsWith('/assets'))).toEqual([])
  })
}

for (const [dtype, errorFeedback] of [
  ['q8', false],
  ['fp32', false],
  ['q4', true],
] as const) {
  test(`${dtype}${errorFeedback ? ' with error feedback' : ''} is cached byte for byte as specter2-web convert writes it`, async ({
    page,
  }) => {
    const folder = withWeights('pytorch_model.bin')
    await pick(page, folder)
    await page.evaluate(
      async (options) => {
        const model = [...document.querySelector('input')!.files!]
        await (await window.specter2.createEmbedder({ model, ...options })).dispose()
      },
      { dtype, errorFeedback },
    )
    const { manifests, chunks, keys } = await database(page)

    const out = join(workFolder, `models/from-files-${dtype}-${errorFeedback}`)
    const cli = join(workFolder, 'stranger/node_modules/.bin/specter2-web')
    const args = adapters.slice(1).flatMap((name) => ['--adapter', `${name}=${join(folder, 'adapters', name)}`])
    const feedback = errorFeedback ? 'yes' : 'no'
    await promisify(execFile)(cli, ['convert', folder, ...args, '--dtype', dtype, '--error-feedback', feedback, '--out', out])
    // The manifest has the size and hashes of every file. In a page, the first search measures likeness.
    const { likeness, ...manifest } = JSON.parse(readFileSync(join(out, 'manifest.json'), 'utf8')) as Manifest
    expect(likeness).toBeDefined()
    expect(manifests).toEqual([manifest])
    const files = Object.entries(manifests[0]!.files)
    for (const [path, { chunks: hashes }] of files)
      expect(hashes).toEqual([
        createHash('sha256')
          .update(readFileSync(join(out, path)))
          .digest('hex'),
      ])
    // The chunks have the hashes in their keys, and nothing else is stored.
    expect(chunks).toEqual(Object.fromEntries(files.flatMap(([, { chunks }]) => chunks.map((hash) => [hash, hash]))))
    expect(keys.filter((key) => !/^(model:converted:|chunk:)/.test(key))).toEqual([])
  })
}

test('after a reload, the same files or the URL of the cached model open it without conversion or network', async ({
  page,
  site,
}) => {
  await pick(page, published)
  const first = await embedAll(page)
  const [model, ...others] = await cachedModels(page)
  expect(others).toEqual([])
  expect(model).toMatchObject({ id: 'specter2-tiny', revision: first.info.model.revision })
  expect(model!.url).toMatch(
    /^converted:specter2-tiny@files\/q8\/base\+proximity\+adhoc_query\+classification\+regression\/[0-9a-f]{16}\/\d+$/,
  )
  expect(model!.complete).toContain('onnx/model_quantized.onnx')

  await open(page, site)
  const byUrl = await embedAll(page, { model: model!.url })
  expect(byUrl.info).toEqual({ ...first.info, from: 'cache' })
  expect(byUrl.vectors).toEqual(first.vectors)
  expect(stagesOf(byUrl.progress)).toEqual(['download', 'start', 'ready'])
  expect(byUrl.progress.at(-1)!.fromCache).toBe(first.info.bytes)

  await pick(page, published)
  const byFiles = await embedAll(page)
  expect(byFiles.info).toEqual(byUrl.info)
  expect(stagesOf(byFiles.progress)).not.toContain('convert')

  await page.evaluate((url) => window.specter2.deleteCachedModel(url), model!.url)
  expect((await database(page)).keys).toEqual([])
  const rejection = await page.evaluate((model) => window.rejection(window.specter2.createEmbedder({ model })), model!.url)
  expect(rejection).toMatchObject({ code: 'MODEL_NOT_FOUND' })
})

test('a worker passed by the caller converts and then embeds', async ({ page }) => {
  await pick(page, published)
  const { vectors, info } = await embedAll(page, { oneWorker: true })
  expect(smallestCosine(vectors)).toBeGreaterThan(0.99)
  expect(info).toMatchObject({ from: 'files', storage: { cached: true } })
})

test('the worker that converts ends afterwards', async ({ page }) => {
  await pick(page, published)
  const started: string[] = []
  page.on('worker', (worker) => worker.url().includes('embed') && started.push(worker.url()))
  await page.evaluate(async () => {
    const model = [...document.querySelector('input')!.files!]
    Object.assign(window, { embedder: await window.specter2.createEmbedder({ model, threads: 1 }) })
  })
  // In addition to the threads of the runtime.
  expect(started.filter((url) => !url.includes('/ort/'))).toHaveLength(2)
  await expect.poll(() => page.workers().length).toBe(1)
})

test('folders that are dropped on a page are read completely', async ({ page }) => {
  await page.evaluate(() => {
    const target = Object.assign(document.createElement('div'), { style: 'position: fixed; inset: 0' })
    target.addEventListener('dragover', (event) => event.preventDefault())
    const dropped = new Promise((resolve) => {
      target.addEventListener('drop', (event) => {
        event.preventDefault()
        resolve(window.specter2.droppedFiles(event.dataTransfer!))
      })
    })
    document.body.append(target)
    Object.assign(window, { dropped })
  })
  const session = await page.context().newCDPSession(page)
  const data = { items: [], files: [withWeights('pytorch_model.bin')], dragOperationsMask: 1 }
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const)
    await session.send('Input.dispatchDragEvent', { type, x: 50, y: 50, data })
  const { paths, known } = await page.evaluate(async () => {
    const { dropped } = window as unknown as { dropped: Promise<Map<string, File>> }
    const files = await dropped
    const embedder = await window.specter2.createEmbedder({ model: files })
    return { paths: [...files.keys()], known: embedder.info.adapters }
  })
  expect(paths).toContain('specter2-tiny/config.json')
  expect(paths).toContain('specter2-tiny/adapters/regression/pytorch_adapter.bin')
  expect(known).toEqual(adapters)
})

test('a model converted from folders with their published names is found by the name of the model', async ({ page, site }) => {
  await pick(page, published)
  const { info, vector, rejection } = await page.evaluate(async () => {
    const named = (path: string) => path.replace('specter2-tiny/', 'specter2_base/')
    const files = new Map([...document.querySelector('input')!.files!].map((file) => [named(file.webkitRelativePath), file]))
    const given = await window.specter2.createEmbedder({ model: files })
    await given.dispose()
    const embedder = await window.specter2.createEmbedder({ model: 'specter2' })
    const { vectors } = await embedder.embed(['a text'])
    // SciNCL is not cached, and this page may not read the hub.
    const rejection = await window.rejection(
      window.specter2.createEmbedder({ model: 'scincl', signal: AbortSignal.timeout(1500) }),
    )
    return { info: embedder.info, vector: [...vectors], rejection }
  })
  expect(info).toMatchObject({ model: { id: 'specter2_base' }, from: 'cache', bytesDownloaded: 0, adapters })
  expect(vector).toHaveLength(64)
  expect(rejection).toMatchObject({ name: 'TimeoutError' })
  expect(site.requests.filter(({ destination, path }) => destination === 'empty' && !path.includes('/ort/'))).toEqual([])
})

test('a conversion that is aborted ends at once and stores nothing', async ({ page }) => {
  await pick(page, published)
  const { reason, ms } = await page.evaluate(async () => {
    const model = [...document.querySelector('input')!.files!]
    const controller = new AbortController()
    let abortedAt = 0
    const onProgress = ({ stage, files }: LoadProgress) => {
      if (stage !== 'convert' || !files.some(({ path }) => path.startsWith('onnx/'))) return
      abortedAt = performance.now()
      controller.abort('The reader left.')
    }
    const reason = await window.specter2.createEmbedder({ model, onProgress, signal: controller.signal }).catch((error) => error)
    return { reason, ms: performance.now() - abortedAt }
  })
  expect(reason).toBe('The reader left.')
  expect(ms).toBeLessThan(200)
  await expect.poll(() => page.workers().length).toBe(0)
  expect((await database(page)).keys).toEqual([])
})

test('the remains of an interrupted conversion are not listed as a model, and are deleted later', async ({ page, site }) => {
  await pick(page, published)
  await page.evaluate(
    () =>
      new Promise<void>((resolve) => {
        const model = [...document.querySelector('input')!.files!]
        const onProgress = ({ files }: LoadProgress) => files.some(({ path }) => path.startsWith('onnx/')) && resolve()
        void window.specter2.createEmbedder({ model, onProgress })
      }),
  )
  await open(page, site)
  expect((await database(page)).keys.some((key) => key.startsWith('draft:'))).toBe(true)
  expect(await cachedModels(page)).toEqual([])
  await page.evaluate(() => window.specter2.createEmbedder({ model: '/models/tiny-plain/' }))
  const { keys } = await database(page)
  expect(keys.filter((key) => !/^(model:http|chunk:)/.test(key))).toEqual([])
  expect(await cachedModels(page)).toHaveLength(1)
})

test('without storage, the model works in memory and says so', async ({ page, site }) => {
  const session = await page.context().newCDPSession(page)
  await session.send('Storage.overrideQuotaForOrigin', { origin: site.url, quotaSize: 1 })
  await pick(page, published)
  const { info, vectors } = await embedAll(page, { dtype: 'fp32' })
  expect(differenceToReference(vectors)).toBeLessThanOrEqual(2e-5)
  expect(info).toMatchObject({ from: 'files', storage: { cached: false } })
  expect(JSON.stringify(info.storage)).toContain('QuotaExceededError')
  expect(await cachedModels(page)).toEqual([])
})

test('files that are not a published model are refused with the code of their error', async ({ page }) => {
  await pick(page, published)
  const rejections = await page.evaluate(async () => {
    const all = [...document.querySelector('input')!.files!].map((file) => [file.webkitRelativePath, file] as const)
    const without = (pattern: RegExp) => new Map<string, Blob>(all.filter(([path]) => !pattern.test(path)))
    const changed = async (path: string, change: (text: string) => string) =>
      new Map<string, Blob>([
        ...without(/\.safetensors$/),
        ...(await Promise.all(
          all
            .filter(([name]) => name.endsWith(path))
            .map(async ([name, file]) => [name, new Blob([change(await file.text())])] as const),
        )),
      ])
    const create = (model: Map<string, Blob> | File[]) => window.rejection(window.specter2.createEmbedder({ model }))
    return {
      nothing: await create(new Map()),
      'adapters alone': await create(without(/tiny\/[^/]*$/)),
      'no tokenizer': await create(without(/(tokenizer\.json|vocab\.txt)$/)),
      'not a BERT': await create(await changed('tiny/config.json', (text) => text.replace('"bert"', '"t5"'))),
      'a web page': await create(await changed('pytorch_model.bin', () => '<!doctype html><p>Log in')),
      'cut off': await create(await changed('pytorch_model.bin', (text) => text.slice(0, 1000))),
      'an adapter of another base': await create(
        await changed('adapters/proximity/adapter_config.json', (text) =>
          text.replace('"hidden_size": 64', '"hidden_size": 768'),
        ),
      ),
      'files that lost their folders': await create(all.map(([path, file]) => new File([file], path.replace(/^.*\//, '')))),
    }
  })
  expect(rejections).toMatchObject({
    nothing: { code: 'MODEL_NOT_FOUND' },
    'adapters alone': { code: 'MODEL_NOT_FOUND', message: expect.stringContaining('specter2_base') },
    'no tokenizer': { code: 'MODEL_NOT_FOUND', message: expect.stringMatching(/tokenizer\.json.*vocab\.txt/) },
    'not a BERT': { code: 'UNSUPPORTED', message: expect.stringContaining('"t5"') },
    'a web page': { code: 'DAMAGED_FILE', message: expect.stringContaining('HTML') },
    'cut off': { code: 'DAMAGED_FILE', details: { file: 'pytorch_model.bin' } },
    'an adapter of another base': {
      code: 'UNSUPPORTED',
      message: expect.stringMatching(/proximity.*768/),
    },
    'files that lost their folders': {
      kind: 'InvalidArgumentError',
      field: expect.stringMatching(/^model\[\d+\]$/),
    },
  })
  expect((await database(page)).keys).toEqual([])
})
