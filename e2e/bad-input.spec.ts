/** Whatever is wrong gets an error by which a program can tell what it is, and a reader what to do. */
import { createHash } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import type { Page } from '@playwright/test'
import type { PaperText } from 'specter2-web'
import { type Answer, expect, fileBytes, type PlainOptions, test } from './site.js'
import type { Rejection } from './stranger/main.js'

const GRAPH = 'onnx/model_quantized.onnx'
const html = '<!doctype html><title>App</title><div id="root"></div>'

/** How `createEmbedder` is rejected; `null` where it is not. */
function creation(page: Page, options: object): Promise<Rejection | null> {
  return page.evaluate((options) => window.rejection(window.specter2.createEmbedder(options)), options)
}

/** Answers for one file of `/models/tiny/` with a changed one. */
function changed(file: string, change: (content: Buffer) => Buffer) {
  return (path: string, response: ServerResponse): boolean => {
    if (path !== `/models/tiny/${file}`) return false
    response.end(change(fileBytes(path)))
    return true
  }
}

const manifestWith = (fields: object) =>
  changed('manifest.json', (content) => Buffer.from(JSON.stringify({ ...JSON.parse(content.toString()), ...fields })))

interface Case {
  options?: PlainOptions & { assets?: string; worker?: string }
  answer?: Answer
  /** With the URL of the site for `SITE`. */
  expected: Pick<Rejection, 'code'> & Partial<Rejection>
  says: RegExp
}

const tiny = { model: '/models/tiny/' }

const models: Record<string, Case> = {
  'a folder that is not there': {
    options: { model: '/models/missing/' },
    expected: {
      code: 'MODEL_NOT_FOUND',
      retryable: false,
      details: { url: 'SITE/models/missing/manifest.json', status: 404, retryAfterMs: null },
    },
    says: /does not exist \(404\).*Check the model's URL/,
  },
  'a file of the folder that is not there': {
    options: tiny,
    answer: (path, response) => path.endsWith('tokenizer.json') && Boolean(response.writeHead(404).end()),
    expected: { code: 'MODEL_NOT_FOUND', retryable: false },
    says: /tokenizer\.json does not exist \(404\).*incomplete/,
  },
  'a web page for every URL, as single-page apps have it': {
    options: { model: '/app/models/tiny/' },
    answer: (path, response) => path.startsWith('/app/') && Boolean(response.setHeader('content-type', 'text/html').end(html)),
    expected: { code: 'INVALID_MODEL', retryable: false, details: { url: 'SITE/app/models/tiny/manifest.json' } },
    says: /is a web page.*Check the URL/,
  },
  'a web page in place of the graph': {
    options: tiny,
    answer: changed(GRAPH, () => Buffer.from(html)),
    expected: { code: 'INVALID_MODEL', retryable: false, details: { url: `SITE/models/tiny/${GRAPH}`, file: GRAPH } },
    says: /is a web page.*Check what the server sends/,
  },
  'a Git LFS pointer in place of the graph': {
    options: tiny,
    answer: changed(GRAPH, () => Buffer.from('version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n')),
    expected: { code: 'INVALID_MODEL' },
    says: /Git LFS pointer/,
  },
  'a file that is longer than it should be': {
    options: tiny,
    answer: changed(GRAPH, (content) => Buffer.concat([content, Buffer.alloc(1)])),
    expected: { code: 'INVALID_MODEL' },
    says: /sends more than the requested \d+ bytes/,
  },
  'a manifest that is cut off': {
    options: tiny,
    answer: changed('manifest.json', (content) => content.subarray(0, 500)),
    expected: { code: 'INVALID_MODEL', retryable: false },
    says: /not JSON.*Check the URL/,
  },
  'a manifest with a path out of its folder': {
    options: tiny,
    answer: manifestWith({ files: { '../secret': { bytes: 0, chunks: [] } } }),
    expected: { code: 'INVALID_MODEL' },
    says: /"\.\.\/secret"/,
  },
  'a manifest of a later version': {
    options: tiny,
    answer: manifestWith({ formatVersion: 2 }),
    expected: {
      code: 'UNSUPPORTED',
      retryable: false,
      details: { url: 'SITE/models/tiny/manifest.json', expected: 1, actual: 2 },
    },
    says: /format version 2.*Update the package/,
  },
  'a server that asks for a login': {
    options: tiny,
    answer: (path, response) => path.startsWith('/models/') && Boolean(response.writeHead(401).end()),
    expected: { code: 'DOWNLOAD_FAILED', retryable: false },
    says: /401.*login/,
  },
  'an adapter that the model lacks': {
    options: { adapter: 'proximity' },
    expected: { code: 'UNKNOWN_ADAPTER', retryable: false, details: { adapter: 'proximity', has: ['base', 'adhoc_query'] } },
    says: /no adapter "proximity"; it has base, adhoc_query\..*SPECTER2.*loadAdapter/,
  },
  'an adapter with the name of a method of all objects': {
    options: { ...tiny, adapter: 'constructor' },
    expected: { code: 'UNKNOWN_ADAPTER' },
    says: /no adapter "constructor"/,
  },
  'a dtype that the folder lacks': {
    options: { dtype: 'fp32' },
    expected: { code: 'UNSUPPORTED', retryable: false, details: { dtype: 'fp32', has: ['q8', 'q4'] } },
    says: /no weights of dtype fp32; it has q8, q4\..*--dtype/,
  },
  'the default model where its assets are not': {
    options: { assets: '/nowhere/' },
    expected: { code: 'MODEL_NOT_FOUND' },
    says: /nowhere\/models\/minilm.*specter2-web assets/,
  },
  'a runtime whose wasm is a web page': {
    options: tiny,
    answer: (path, response) => path.endsWith('.wasm') && Boolean(response.setHeader('content-type', 'text/html').end(html)),
    expected: { code: 'RUNTIME_FAILED' },
    says: /specter2-web\/ort\/.*specter2-web assets/,
  },
  'a graph that the runtime cannot read': {
    options: tiny,
    answer: (path, response) => {
      // As its manifest says, and yet no graph.
      if (path === `/models/tiny/${GRAPH}`) return Boolean(response.end(Buffer.alloc(100)))
      const files = { ...JSON.parse(fileBytes('/models/tiny/manifest.json').toString()).files }
      const chunks = [createHash('sha256').update(Buffer.alloc(100)).digest('hex')]
      return manifestWith({ files: { ...files, [GRAPH]: { bytes: 100, chunks } } })(path, response)
    },
    expected: { code: 'RUNTIME_FAILED' },
    says: /could not load the model.*Convert the model again/,
  },
  'a runtime that is not there': {
    options: { ...tiny, assets: '/nowhere/' },
    expected: { code: 'RUNTIME_FAILED' },
    says: /nowhere\/ort\/.*specter2-web assets/,
  },
}

test.describe('a model is refused for what is wrong with it', () => {
  for (const [name, { options = {}, answer = null, expected, says }] of Object.entries(models)) {
    test(name, async ({ page, site }) => {
      site.answer = answer
      const rejection = await creation(page, options)
      const filled = JSON.parse(JSON.stringify(expected).replaceAll('SITE', site.url))
      expect(rejection).toMatchObject({ kind: 'Specter2Error', name: 'Specter2Error', ...filled })
      expect(rejection!.message).toMatch(says)
      await expect.poll(() => page.workers()).toEqual([])
      // Nothing large is fetched for what is known to be wrong by the manifest.
      if (['UNKNOWN_ADAPTER', 'UNSUPPORTED'].includes(expected.code!)) {
        expect(site.requests.filter(({ path }) => path.endsWith('.onnx'))).toEqual([])
      }
    })
  }

  test('a server that is down or ends too early is asked again, and then the error says that it may pass', async ({
    page,
    site,
  }) => {
    const tries = { down: 0, short: 0, broken: 0 }
    site.answer = (path, response) => {
      const [, model, file] = /^\/models\/(down|short|broken)\/(.+)$/.exec(path) ?? []
      if (!model) return false
      const isTry = file === (model === 'down' ? 'manifest.json' : GRAPH)
      if (isTry) tries[model as keyof typeof tries]++
      const content = fileBytes(`/models/tiny/${file}`)
      if (model === 'down') response.writeHead(503).end()
      else if (!isTry) response.end(content)
      else if (model === 'short') response.end(content.subarray(0, 1000))
      else {
        response.writeHead(200, { 'content-length': content.length })
        response.write(content.subarray(0, 1000), () => response.destroy())
      }
      return true
    }
    const [down, short, broken] = await Promise.all(
      ['down', 'short', 'broken'].map((model) => creation(page, { model: `/models/${model}/` })),
    )
    const expected = fileBytes(`/models/tiny/${GRAPH}`).length
    expect(down).toMatchObject({ code: 'DOWNLOAD_FAILED', retryable: true, details: { status: 503 } })
    expect(short).toMatchObject({ code: 'DOWNLOAD_TRUNCATED', retryable: true, details: { expected, actual: 1000 } })
    expect(short!.message).toMatch(new RegExp(`ended after 1000 of ${expected} bytes\\. Try again`))
    expect(broken).toMatchObject({ code: 'DOWNLOAD_TRUNCATED', retryable: true })
    expect(tries).toEqual({ down: 5, short: 5, broken: 5 })
  })
})

test('an option that is wrong is named with what it may be', async ({ page, site }) => {
  const rejections = await page.evaluate(async () => {
    const create = (options: object) => window.rejection(window.specter2.createEmbedder(options))
    return [
      await create({ dtype: 'int8' }),
      await create({ device: 'gpu' }),
      await create({ threads: 0 }),
      await create({ threads: 1.5 }),
      await create({ threads: '2' }),
      await create({ adapter: '' }),
      await create({ adapter: 5 }),
      await create({ model: 'minilmm' }),
      await create({ model: '' }),
      await create({ model: 'http://[' }),
      await create({ model: 5 }),
      await create({ model: {} }),
      await create({ model: ['a path'] }),
      await create({ assets: 'http://[' }),
      await create({ worker: 5 }),
    ]
  })
  const wrong = (field: string, message: RegExp) => ({
    kind: 'InvalidArgumentError',
    code: 'INVALID_ARGUMENT',
    field,
    message: expect.stringMatching(message),
  })
  expect(rejections).toMatchObject([
    wrong('dtype', /^dtype must be one of auto, fp32, fp16, q8, q4, q4f16, but is "int8"\.$/),
    wrong('device', /one of auto, wasm, webgpu, but is "gpu"/),
    wrong('threads', /a whole number from 1 to 64, but is 0\./),
    wrong('threads', /but is 1\.5/),
    wrong('threads', /but is "2"/),
    wrong('adapter', /the name of an adapter, but is ""/),
    wrong('adapter', /but is 5/),
    wrong('model', /\.\/minilmm\/ for a folder beside the page\) or one of minilm, specter2, .*, but is "minilmm"/),
    wrong('model', /but is ""/),
    wrong('model', /a URL, but is "http:\/\/\["/),
    wrong('model', /a URL, an array of File, or a Map of paths to Blobs, but is 5/),
    wrong('model', /but is an object \(Object\)/),
    wrong('model', /but is an array of 1/),
    wrong('assets', /a URL, but is "http:\/\/\["/),
    wrong('worker', /a Worker, its URL or a function that makes it, but is 5/),
  ])
  expect(site.requests.filter(({ destination }) => destination === 'worker')).toEqual([])

  const empty = await page.evaluate(() => window.rejection(window.specter2.createEmbedder({ model: new Map() })))
  expect(empty).toMatchObject({ code: 'MODEL_NOT_FOUND', message: expect.stringMatching(/hold no base model: .* found nothing/) })
  expect(await creation(page, { device: 'webgpu' })).toMatchObject({
    code: 'UNSUPPORTED',
    message: expect.stringMatching(/"wasm"/),
  })
})

test('an input that is wrong is named by its place, and nothing is embedded', async ({ page }) => {
  const rejections = await page.evaluate(async () => {
    const embedder = await window.specter2.createEmbedder({ model: '/models/tiny/' })
    const papers = (...papers: unknown[]) => window.rejection(embedder.embed(papers as never))
    const rejections = [
      await papers('fine', { title: null }),
      await papers({ title: 'fine' }, { title: 'fine' }, { abstract: 'no title' }),
      await papers({ title: 'fine', abstract: 2024 }),
      await papers(5),
      await papers(null),
      await window.rejection(embedder.embed('a string' as never)),
      await window.rejection(embedder.embed(undefined as never)),
      await window.rejection(embedder.embedQuery(5 as never)),
      await window.rejection(embedder.embedQuery(null as never)),
      await window.rejection(embedder.embed(['a text'], { adapter: '' })),
      await window.rejection(embedder.preload('proximity' as never)),
      await window.rejection(embedder.preload(['proximity', 5] as never)),
      await window.rejection(embedder.embed(['a text'], { adapter: 'nope' })),
      await window.rejection(embedder.embedQuery('a query', { adapter: 'nope' })),
      await window.rejection(embedder.preload(['nope'])),
    ]
    // None of this was a reason to give up.
    await embedder.embed(['fine'])
    return rejections
  })
  const wrong = (field: string, message: RegExp) => ({
    kind: 'InvalidArgumentError',
    field,
    message: expect.stringMatching(message),
  })
  const unknown = {
    code: 'UNKNOWN_ADAPTER',
    message: expect.stringMatching(/"nope"; it has base, proximity, adhoc_query, classification, regression/),
  }
  expect(rejections).toMatchObject([
    wrong('inputs[1].title', /a string \(an unknown title is ""\), but is null/),
    wrong('inputs[2].title', /but is undefined/),
    wrong('inputs[0].abstract', /a string, null or left out, but is 2024/),
    wrong('inputs[0]', /a paper \{ title, abstract \} or a string, but is 5/),
    wrong('inputs[0]', /but is null/),
    wrong('inputs', /an array of papers or strings, but is "a string"/),
    wrong('inputs', /but is undefined/),
    wrong('query', /a string, but is 5/),
    wrong('query', /but is null/),
    wrong('options.adapter', /the name of an adapter, but is ""/),
    wrong('adapters', /an array of names, but is "proximity"/),
    wrong('adapters[1]', /but is 5/),
    unknown,
    unknown,
    unknown,
  ])
})

test.describe('an input that is odd but right is embedded', () => {
  /** Embeds each input alone: its vector, tokens and whether it was cut. */
  const embedded = (page: Page, inputs: (PaperText | string)[]) =>
    page.evaluate(async (inputs) => {
      const embedder = await window.specter2.createEmbedder({ model: '/models/tiny/' })
      const { vectors, dimension, tokenCounts, truncated } = await embedder.embed(inputs)
      await embedder.dispose()
      return inputs.map((_, row) => ({
        vector: [...vectors.subarray(row * dimension, (row + 1) * dimension)],
        tokens: tokenCounts[row],
        truncated: truncated.includes(row),
      }))
    }, inputs)

  test('an empty list: an empty result', async ({ page }) => {
    const result = await page.evaluate(async () => {
      const embedder = await window.specter2.createEmbedder({ model: '/models/tiny/' })
      const progress: unknown[] = []
      const { vectors, tokenCounts, ...rest } = await embedder.embed([], { onProgress: (event) => progress.push(event) })
      for await (const part of embedder.embedStream([])) progress.push(part)
      return { ...rest, vectors: [...vectors], tokenCounts: [...tokenCounts], progress }
    })
    expect(result).toEqual({
      vectors: [],
      tokenCounts: [],
      count: 0,
      dimension: 64,
      adapter: 'proximity',
      truncated: [],
      progress: [],
    })
  })

  test('an abstract that is missing, null or empty: the same', async ({ page }) => {
    const [missing, ...others] = await embedded(page, [
      { title: 'neural' },
      { title: 'neural', abstract: null },
      { title: 'neural', abstract: '' },
    ])
    expect(others).toEqual([missing, missing])
  })

  test('an empty string: the two tokens around it', async ({ page }) => {
    const [empty, paper] = await embedded(page, ['', { title: '', abstract: null }])
    expect(empty).toMatchObject({ tokens: 2, truncated: false })
    expect(paper).toMatchObject({ tokens: 3, truncated: false })
    for (const { vector } of [empty!, paper!]) expect(vector.every(Number.isFinite)).toBe(true)
  })

  test('a megabyte: cut at the limit, whatever it is made of', async ({ page }) => {
    const beginning = 'soil moisture and the timing of floods '
    const words = beginning.repeat(1e6 / beginning.length)
    const [whole, start, oneWord, chinese, spaces] = await embedded(page, [
      { title: 'neural', abstract: words },
      { title: 'neural', abstract: words.slice(0, 10_000) },
      { title: 'neural', abstract: 'x'.repeat(1e6) },
      { title: 'neural', abstract: '研究'.repeat(5e5) },
      { title: 'neural', abstract: ' '.repeat(1e6) },
    ])
    expect(whole).toMatchObject({ tokens: 512, truncated: true })
    expect(start).toEqual(whole)
    // One word of so many letters is an unknown one.
    expect(oneWord).toMatchObject({ truncated: false })
    expect(oneWord!.tokens).toBeLessThan(10)
    expect(chinese).toMatchObject({ tokens: 512, truncated: true })
    expect(spaces).toMatchObject({ truncated: false })
  })

  test('a lone surrogate, which is half a character: as if it were not there', async ({ page }) => {
    const [with1, without1, with2, without2] = await embedded(page, [
      { title: 'neural \ud83d attention', abstract: '\udc00' },
      { title: 'neural  attention', abstract: '' },
      'neural\ud83d',
      'neural',
    ])
    expect(with1).toEqual(without1)
    expect(with2).toEqual(without2)
  })
})

test.describe('an abort', () => {
  test('before the load: nothing is started', async ({ page, site }) => {
    site.requests = []
    const rejection = await page.evaluate(() =>
      window.rejection(window.specter2.createEmbedder({ signal: AbortSignal.abort(new RangeError('Never mind.')) })),
    )
    expect(rejection).toMatchObject({ kind: 'other', name: 'RangeError', message: 'Never mind.' })
    expect(site.requests).toEqual([])
  })

  for (const [when, file] of [
    ['the manifest', 'manifest.json'],
    ['the graph', GRAPH],
  ]) {
    test(`while ${when} is awaited: rejects with its reason at once, and the worker ends`, async ({ page, site }) => {
      const asked = new Promise<void>((resolve) => {
        site.answer = (path) => {
          if (path !== `/models/tiny/${file}`) return false
          resolve()
          return true
        }
      })
      const load = await page.evaluateHandle(() => {
        const controller = new AbortController()
        const { signal } = controller
        return { controller, rejection: window.rejection(window.specter2.createEmbedder({ model: '/models/tiny/', signal })) }
      })
      await asked
      const rejection = await load.evaluate(({ controller, rejection }) => {
        controller.abort()
        return rejection
      })
      expect(rejection).toMatchObject({ kind: 'other', name: 'AbortError' })
      await expect.poll(() => page.workers().length).toBe(0)

      site.answer = null
      const count = await page.evaluate(async () => {
        const embedder = await window.specter2.createEmbedder({ model: '/models/tiny/' })
        return (await embedder.embed(['a text'])).count
      })
      expect(count).toBe(1)
    })
  }
})
