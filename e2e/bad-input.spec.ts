/** Whatever is wrong, the error has a code for programs and names what was found for people. */
import { createHash } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import type { Page } from '@playwright/test'
import type { PaperText } from 'specter2-web'
import { type Answer, expect, fileBytes, type PlainOptions, test } from './site.js'
import type { Rejection } from './stranger/main.js'

const GRAPH = 'onnx/model_quantized.onnx'
const TRANSFORMERS = 'SITE/specter2-web/ort/transformers.js'
const html = '<!doctype html><title>App</title><div id="root"></div>'

/** How `createEmbedder` is rejected; `null` if it is not. */
function creation(page: Page, options: object): Promise<Rejection | null> {
  return page.evaluate((options) => window.rejection(window.specter2.createEmbedder(options)), options)
}

/** Serves a changed version of one file of `/models/tiny/`. */
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
  /** `SITE` stands for the URL of the site. */
  expected: Pick<Rejection, 'code'> & Partial<Rejection>
  /** What the message must name that code and details do not have. */
  names?: RegExp
}

const tiny = { model: '/models/tiny/' }
const onTransformers = { ...tiny, engine: 'transformers' } as const

const models: Record<string, Case> = {
  'a missing folder': {
    options: { model: '/models/missing/' },
    expected: {
      code: 'MODEL_NOT_FOUND',
      retryable: false,
      details: { url: 'SITE/models/missing/manifest.json', status: 404, retryAfterMs: null },
    },
  },
  'a missing file of the folder': {
    options: tiny,
    answer: (path, response) => path.endsWith('tokenizer.json') && Boolean(response.writeHead(404).end()),
    expected: { code: 'MODEL_NOT_FOUND', retryable: false },
    names: /tokenizer\.json/,
  },
  'a web page for every URL, as single-page apps have it': {
    options: { model: '/app/models/tiny/' },
    answer: (path, response) => path.startsWith('/app/') && Boolean(response.setHeader('content-type', 'text/html').end(html)),
    expected: { code: 'INVALID_MODEL', retryable: false, details: { url: 'SITE/app/models/tiny/manifest.json' } },
  },
  'a web page instead of the graph': {
    options: tiny,
    answer: changed(GRAPH, () => Buffer.from(html)),
    expected: { code: 'INVALID_MODEL', retryable: false, details: { url: `SITE/models/tiny/${GRAPH}`, file: GRAPH } },
  },
  'a Git LFS pointer instead of the graph': {
    options: tiny,
    answer: changed(GRAPH, () => Buffer.from('version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n')),
    expected: { code: 'INVALID_MODEL' },
    names: /Git LFS/,
  },
  'a file that is longer than it should be': {
    options: tiny,
    answer: changed(GRAPH, (content) => Buffer.concat([content, Buffer.alloc(1)])),
    expected: { code: 'INVALID_MODEL' },
    names: /model_quantized\.onnx.* \d+ bytes/,
  },
  'a manifest that is cut off': {
    options: tiny,
    answer: changed('manifest.json', (content) => content.subarray(0, 500)),
    expected: { code: 'INVALID_MODEL', retryable: false },
    names: /manifest\.json.*JSON/,
  },
  'a manifest with a path out of its folder': {
    options: tiny,
    answer: manifestWith({ files: { '../secret': { bytes: 0, chunks: [] } } }),
    expected: { code: 'INVALID_MODEL' },
    names: /"\.\.\/secret"/,
  },
  'a manifest of a later version': {
    options: tiny,
    answer: manifestWith({ formatVersion: 2 }),
    expected: {
      code: 'UNSUPPORTED',
      retryable: false,
      details: { url: 'SITE/models/tiny/manifest.json', expected: 1, actual: 2 },
    },
  },
  'a server that asks for a login': {
    options: tiny,
    answer: (path, response) => path.startsWith('/models/') && Boolean(response.writeHead(401).end()),
    expected: { code: 'DOWNLOAD_FAILED', retryable: false },
    names: /401/,
  },
  'an adapter that the model lacks': {
    options: { adapter: 'proximity' },
    expected: { code: 'UNKNOWN_ADAPTER', retryable: false, details: { adapter: 'proximity', has: ['base', 'adhoc_query'] } },
  },
  'an adapter with the name of a method of all objects': {
    options: { ...tiny, adapter: 'constructor' },
    expected: { code: 'UNKNOWN_ADAPTER' },
    names: /"constructor"/,
  },
  'a dtype that the folder lacks': {
    options: { dtype: 'fp32' },
    expected: { code: 'UNSUPPORTED', retryable: false, details: { dtype: 'fp32', has: ['q8', 'q4'] } },
  },
  'the default model without its assets': {
    options: { assets: '/nowhere/' },
    expected: { code: 'MODEL_NOT_FOUND' },
    names: /nowhere\/models\/minilm.*specter2-web assets/,
  },
  'a runtime whose wasm is a web page': {
    options: onTransformers,
    answer: (path, response) => path.endsWith('.wasm') && Boolean(response.setHeader('content-type', 'text/html').end(html)),
    expected: { code: 'RUNTIME_FAILED' },
    names: /specter2-web\/ort\/.*specter2-web assets/,
  },
  'a runtime without transformers.js': {
    options: onTransformers,
    answer: (path, response) => path.endsWith('transformers.js') && Boolean(response.writeHead(404).end()),
    expected: { code: 'RUNTIME_FAILED', retryable: false, details: { url: TRANSFORMERS, device: 'wasm' } },
    names: /specter2-web assets/,
  },
  'a web page instead of transformers.js': {
    options: onTransformers,
    answer: (path, response) =>
      path.endsWith('transformers.js') && Boolean(response.setHeader('content-type', 'text/html').end(html)),
    expected: { code: 'RUNTIME_FAILED', retryable: false, details: { url: TRANSFORMERS, device: 'wasm' } },
    names: /specter2-web assets/,
  },
  'a policy that blocks the runtime': {
    options: { ...onTransformers, assets: 'https://blocked.test/' },
    expected: {
      code: 'RUNTIME_FAILED',
      retryable: false,
      details: { url: 'https://blocked.test/ort/transformers.js', device: 'wasm' },
    },
  },
  'a graph that the runtime cannot read': {
    options: tiny,
    answer: (path, response) => {
      // Matches its manifest, but is not a graph.
      if (path === `/models/tiny/${GRAPH}`) return Boolean(response.end(Buffer.alloc(100)))
      const files = { ...JSON.parse(fileBytes('/models/tiny/manifest.json').toString()).files }
      const chunks = [createHash('sha256').update(Buffer.alloc(100)).digest('hex')]
      return manifestWith({ files: { ...files, [GRAPH]: { bytes: 100, chunks } } })(path, response)
    },
    expected: { code: 'RUNTIME_FAILED' },
  },
  'a missing runtime': {
    options: { ...onTransformers, assets: '/nowhere/' },
    expected: { code: 'RUNTIME_FAILED' },
    names: /nowhere\/ort\/.*specter2-web assets/,
  },
}

test.describe('a wrong model is refused', () => {
  for (const [name, { options = {}, answer = null, expected, names }] of Object.entries(models)) {
    test(name, async ({ page, site }) => {
      site.answer = answer
      const rejection = await creation(page, options)
      const filled = JSON.parse(JSON.stringify(expected).replaceAll('SITE', site.url))
      expect(rejection).toMatchObject({ kind: 'Specter2Error', name: 'Specter2Error', ...filled })
      if (names) expect(rejection!.message).toMatch(names)
      await expect.poll(() => page.workers()).toEqual([])
      // If the manifest shows what is wrong, nothing large is fetched.
      if (['UNKNOWN_ADAPTER', 'UNSUPPORTED'].includes(expected.code!)) {
        expect(site.requests.filter(({ path }) => path.endsWith('.onnx'))).toEqual([])
      }
    })
  }

  test('a server that is down or ends too early is retried, then the error is retryable', async ({ page, site }) => {
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
    expect(broken).toMatchObject({ code: 'DOWNLOAD_TRUNCATED', retryable: true })
    expect(tries).toEqual({ down: 5, short: 5, broken: 5 })
  })
})

test('a wrong option is named', async ({ page, site }) => {
  const rejections = await page.evaluate(async () => {
    const create = (options: object) => window.rejection(window.specter2.createEmbedder(options))
    return [
      await create({ dtype: 'int8' }),
      await create({ device: 'gpu' }),
      await create({ engine: 'onnx' }),
      await create({ engine: 'own', device: 'webgpu' }),
      await create({ tier: 'avx' }),
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
  const wrong = (field: string) => ({ kind: 'InvalidArgumentError', code: 'INVALID_ARGUMENT', field })
  expect(rejections).toMatchObject([
    { ...wrong('dtype'), message: expect.stringMatching(/auto, fp32, fp16, q8, q4, q4f16, .*"int8"/) },
    wrong('device'),
    wrong('engine'),
    wrong('engine'),
    wrong('tier'),
    wrong('threads'),
    wrong('threads'),
    wrong('threads'),
    wrong('adapter'),
    wrong('adapter'),
    wrong('model'),
    wrong('model'),
    wrong('model'),
    wrong('model'),
    wrong('model'),
    wrong('model'),
    wrong('assets'),
    wrong('worker'),
  ])
  expect(site.requests.filter(({ destination }) => destination === 'worker')).toEqual([])

  const empty = await page.evaluate(() => window.rejection(window.specter2.createEmbedder({ model: new Map() })))
  expect(empty).toMatchObject({ code: 'MODEL_NOT_FOUND' })
  expect(await creation(page, { device: 'webgpu' })).toMatchObject({ code: 'UNSUPPORTED' })
})

test('a wrong input is named by its index, and nothing is embedded', async ({ page }) => {
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
    // The embedder still works.
    await embedder.embed(['fine'])
    return rejections
  })
  const wrong = (field: string) => ({ kind: 'InvalidArgumentError', field })
  const unknown = {
    code: 'UNKNOWN_ADAPTER',
    details: { adapter: 'nope', has: ['base', 'proximity', 'adhoc_query', 'classification', 'regression'] },
  }
  expect(rejections).toMatchObject([
    wrong('inputs[1].title'),
    wrong('inputs[2].title'),
    wrong('inputs[0].abstract'),
    wrong('inputs[0]'),
    wrong('inputs[0]'),
    wrong('inputs'),
    wrong('inputs'),
    wrong('query'),
    wrong('query'),
    wrong('options.adapter'),
    wrong('adapters'),
    wrong('adapters[1]'),
    unknown,
    unknown,
    unknown,
  ])
})

test.describe('an unusual but valid input is embedded', () => {
  /** The vector and number of tokens of each input, and whether it was cut. */
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

  test('an empty list gives an empty result', async ({ page }) => {
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

  test('a missing, null or empty abstract makes no difference', async ({ page }) => {
    const [missing, ...others] = await embedded(page, [
      { title: 'neural' },
      { title: 'neural', abstract: null },
      { title: 'neural', abstract: '' },
    ])
    expect(others).toEqual([missing, missing])
  })

  test('an empty string has the two special tokens', async ({ page }) => {
    const [empty, paper] = await embedded(page, ['', { title: '', abstract: null }])
    expect(empty).toMatchObject({ tokens: 2, truncated: false })
    expect(paper).toMatchObject({ tokens: 3, truncated: false })
    for (const { vector } of [empty!, paper!]) expect(vector.every(Number.isFinite)).toBe(true)
  })

  test('a megabyte is cut at the limit, whatever its content', async ({ page }) => {
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
    // A word of so many letters is unknown, so one token.
    expect(oneWord).toMatchObject({ truncated: false })
    expect(oneWord!.tokens).toBeLessThan(10)
    expect(chinese).toMatchObject({ tokens: 512, truncated: true })
    expect(spaces).toMatchObject({ truncated: false })
  })

  test('a lone surrogate, half a character, is ignored', async ({ page }) => {
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
  test('before loading starts nothing', async ({ page, site }) => {
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
    test(`while ${when} is awaited rejects with its reason at once, and the worker ends`, async ({ page, site }) => {
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
