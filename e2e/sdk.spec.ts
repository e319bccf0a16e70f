/** Vectors compared with references, whatever the form and order of the inputs. */
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from '@playwright/test'
import type { EmbedderInfo, PaperText } from 'specter2-web'
import { workFolder } from './global-setup.js'
import { expect, fileBytes, models, open, type PlainOptions, type Reference, type Site, startSite, test } from './site.js'
import { ADAPTERS, cosine, largestDifference, minilm, tiny } from './vectors.js'

interface Embedded {
  info: EmbedderInfo
  /** Vectors of papers and queries by adapter. */
  vectors: Record<string, { papers: number[][]; queries: number[][] }>
  tokenCounts: number[]
  truncated: number[]
}

/** Embeds papers and queries with each adapter on the page. */
function embedAll(
  page: Page,
  options: PlainOptions,
  adapters: readonly string[],
  { papers, queries }: Reference,
): Promise<Embedded> {
  return page.evaluate(
    async ({ options, adapters, papers, queries }) => {
      const embedder = await window.specter2.createEmbedder(options)
      const vectors: Embedded['vectors'] = {}
      let last: Pick<Embedded, 'truncated'> & { tokenCounts: Uint32Array } = { tokenCounts: new Uint32Array(), truncated: [] }
      for (const adapter of adapters) {
        const result = await embedder.embed(papers, { adapter })
        const { dimension } = result
        const rows = Array.from(papers, (_, row) => [...result.vectors.subarray(row * dimension, (row + 1) * dimension)])
        const queryVectors = await Promise.all(queries.map((query) => embedder.embedQuery(query, { adapter })))
        vectors[adapter] = { papers: rows, queries: queryVectors.map((vector) => [...vector]) }
        last = result
      }
      const { info } = embedder
      await embedder.dispose()
      return { info, vectors, tokenCounts: [...last.tokenCounts], truncated: last.truncated }
    },
    { options, adapters: [...adapters], papers, queries },
  )
}

const cosines = (a: number[][], b: number[][]) => a.map((row, index) => cosine(row, b[index]!))
const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length

test.describe('the fixture, whose vectors are from the adapters library', () => {
  test('fp32 gives them to 2e-5, for the base and four adapters, papers and queries', async ({ page }) => {
    const { vectors } = await embedAll(page, { model: '/models/tiny/', dtype: 'fp32' }, ADAPTERS, tiny)
    const largest = ADAPTERS.map((adapter) =>
      Math.max(
        largestDifference(vectors[adapter]!.papers, tiny.vectors.papers[adapter]),
        largestDifference(vectors[adapter]!.queries, tiny.vectors.queries[adapter]),
      ),
    )
    console.log('fp32, largest differences:', Object.fromEntries(ADAPTERS.map((adapter, index) => [adapter, largest[index]])))
    expect(Math.max(...largest)).toBeLessThanOrEqual(2e-5)
    // Vectors of different adapters differ by more than the tolerance.
    for (const adapter of ADAPTERS.slice(1)) {
      expect(largestDifference(vectors[adapter]!.papers, vectors.base!.papers)).toBeGreaterThan(1e-2)
    }
  })

  test('q8 on transformers.js has a cosine of at least 0.99 to each of them', async ({ page }) => {
    const options = { model: '/models/tiny/', engine: 'transformers' } as const
    const { vectors, info } = await embedAll(page, options, ADAPTERS, tiny)
    expect(info).toMatchObject({ dtype: 'q8', engine: 'transformers', tier: null })
    const smallest = ADAPTERS.map((adapter) =>
      Math.min(
        ...cosines(vectors[adapter]!.papers, tiny.vectors.papers[adapter]),
        ...cosines(vectors[adapter]!.queries, tiny.vectors.queries[adapter]),
      ),
    )
    console.log('q8, smallest cosines:', Object.fromEntries(ADAPTERS.map((adapter, index) => [adapter, smallest[index]])))
    expect(Math.min(...smallest)).toBeGreaterThanOrEqual(0.99)
  })

  test('a checkpoint in either format of weights is converted to the same folder, byte for byte', () => {
    const files = (name: string) => readdirSync(join(models, name), { recursive: true, withFileTypes: true })
    const listed = (name: string) =>
      files(name)
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name).slice(join(models, name).length))
        .sort()
    expect(listed('tiny')).toContain('/onnx/model_quantized.onnx')
    expect(listed('tiny-safetensors')).toEqual(listed('tiny'))
    for (const path of listed('tiny')) {
      expect(readFileSync(join(models, 'tiny-safetensors', path)).equals(readFileSync(join(models, 'tiny', path))), path).toBe(
        true,
      )
    }
  })

  test('tokens are counted as in the reference, and texts over the limit are reported', async ({ page }) => {
    const { tokenCounts, truncated } = await embedAll(page, { model: '/models/tiny/' }, ['proximity'], tiny)
    expect(tokenCounts).toEqual(tiny.inputIds.papers.map((ids) => ids.length))
    expect(truncated).toEqual([6, 7, 8])
  })

  test('a text that ends exactly at the limit is not cut; one more token is cut and does not change the vector', async ({
    page,
  }) => {
    const { tokenCounts, truncated, rows } = await page.evaluate(async () => {
      const embedder = await window.specter2.createEmbedder({ model: '/models/tiny/' })
      const words = embedder.info.maxTokens - 2
      const { tokenCounts, truncated, vectors, dimension } = await embedder.embed([
        'the '.repeat(words),
        'the '.repeat(words + 1),
        'the '.repeat(words - 1),
      ])
      const rows = [0, 1, 2].map((row) => [...vectors.subarray(row * dimension, (row + 1) * dimension)])
      return { tokenCounts: [...tokenCounts], truncated, rows }
    })
    expect(tokenCounts).toEqual([512, 512, 511])
    expect(truncated).toEqual([1])
    expect(rows[1]).toEqual(rows[0])
    expect(rows[2]).not.toEqual(rows[0])
  })
})

test.describe('the default model, whose fp32 vectors are from sentence-transformers', () => {
  test('q8 on transformers.js has a mean cosine of at least 0.998 and a smallest of 0.994, for the base and for the adapter', async ({
    page,
  }) => {
    const { vectors, tokenCounts, truncated } = await embedAll(page, { engine: 'transformers' }, ['base', 'adhoc_query'], minilm)
    const all = {
      'papers, base': cosines(vectors.base!.papers, minilm.vectors.papers),
      'queries, adhoc_query': cosines(vectors.adhoc_query!.queries, minilm.adapterVectors.adhoc_query.queries),
      'queries, base': cosines(vectors.base!.queries, minilm.vectors.queries),
      'papers, adhoc_query': cosines(vectors.adhoc_query!.papers, minilm.adapterVectors.adhoc_query.papers),
    }
    for (const [name, values] of Object.entries(all)) {
      console.log(`q8, ${name}: mean ${mean(values)}, smallest ${Math.min(...values)}`)
      expect(mean(values)).toBeGreaterThanOrEqual(0.998)
      expect(Math.min(...values)).toBeGreaterThanOrEqual(0.994)
    }
    for (const row of [...vectors.base!.papers, ...vectors.adhoc_query!.queries]) expect(Math.hypot(...row)).toBeCloseTo(1, 6)
    expect(tokenCounts).toEqual(minilm.inputIds.papers.map((ids) => ids.length))
    expect(truncated).toEqual([6, 7, 8])
  })

  test('info describes the model, the device and the download', async ({ page }) => {
    const { info } = await embedAll(page, {}, [], { ...minilm, queries: [] })
    const cores = await page.evaluate(() => navigator.hardwareConcurrency)
    const useful = cores <= 4 ? cores : Math.min(8, Math.ceil(cores / 2))
    const folder = '/specter2-web/models/minilm'
    const files = ['config.json', 'tokenizer.json', 'tokenizer_config.json', 'onnx/model_quantized.onnx']
    const bytes = files.reduce((sum, file) => sum + fileBytes(`${folder}/${file}`).length, 0)
    const { revision } = JSON.parse(fileBytes(`${folder}/manifest.json`).toString())
    const { likeness, ...rest } = info
    expect(likeness!.adapters).toEqual({ paper: 'base', query: 'adhoc_query' })
    expect(rest).toEqual({
      model: { id: 'sentence-transformers/all-MiniLM-L6-v2', revision, license: 'Apache-2.0' },
      dimension: 384,
      metric: 'cosine',
      normalized: true,
      maxTokens: 256,
      device: 'wasm',
      dtype: 'q8',
      // This browser has no GPU.
      deviceReason: expect.any(String),
      demoted: null,
      engine: 'own',
      engineReason: expect.any(String),
      tier: expect.any(String),
      threads: useful,
      workers: useful,
      adapters: ['base', 'adhoc_query'],
      defaultAdapter: 'base',
      queryAdapter: 'adhoc_query',
      from: 'network',
      storage: { cached: true },
      bytes,
      bytesDownloaded: bytes,
    })
  })
})

for (const { name, options, papers } of [
  { name: 'the fixture in fp32', options: { model: '/models/tiny/', dtype: 'fp32' }, papers: tiny.papers },
  { name: 'the default model in q8', options: {}, papers: minilm.papers },
  { name: 'the default model in q8 on transformers.js', options: { engine: 'transformers' }, papers: minilm.papers },
] satisfies { name: string; options: PlainOptions; papers: PaperText[] }[]) {
  test(`a paper has the same vector alone, among others and in any order, bit for bit: ${name}`, async ({ page }) => {
    const different = await page.evaluate(
      async ({ options, papers }) => {
        const embedder = await window.specter2.createEmbedder(options)
        const { dimension } = embedder.info
        const bits = (vectors: Float32Array<ArrayBuffer>, row: number) =>
          String(new Uint32Array(vectors.buffer, row * dimension * 4, dimension))
        const among = await embedder.embed(papers)
        const backwards = await embedder.embed([...papers].reverse())
        const different: string[] = []
        for (const [row, paper] of papers.entries()) {
          const alone = bits((await embedder.embed([paper])).vectors, 0)
          if (bits(among.vectors, row) !== alone) different.push(`${row} among others`)
          if (bits(backwards.vectors, papers.length - 1 - row) !== alone) different.push(`${row} in another order`)
        }
        // The comparison is void if all vectors are equal.
        if (bits(among.vectors, 0) === bits(among.vectors, 4)) different.push('nothing: all vectors are the same')
        await embedder.dispose()
        return different
      },
      { options, papers },
    )
    expect(different).toEqual([])
  })
}

test('a query uses the adapter for queries, a string is embedded as it is, a paper by the template', async ({ page }) => {
  const { query, byAdapter, byDefault, string, paper } = await page.evaluate(async () => {
    const embedder = await window.specter2.createEmbedder({ model: '/models/tiny/' })
    const one = async (input: string | { title: string; abstract: string }, adapter?: string) => [
      ...(await embedder.embed([input], { adapter })).vectors,
    ]
    return {
      query: [...(await embedder.embedQuery('neural attention'))],
      byAdapter: await one('neural attention', 'adhoc_query'),
      byDefault: await one('neural attention'),
      string: await one('neural[SEP]attention'),
      paper: await one({ title: 'neural', abstract: 'attention' }, 'proximity'),
    }
  })
  expect(query).toEqual(byAdapter)
  expect(query).not.toEqual(byDefault)
  expect(paper).toEqual(string)
})

test('transformers.js in a page that is not cross-origin isolated gets one thread and the same vectors', async ({
  page,
  site,
}) => {
  const onThreads = await embedAll(page, { engine: 'transformers' }, ['base'], minilm)
  expect(onThreads.info.threads).toBeGreaterThan(1)
  expect(threadsStarted(site)).toBe(onThreads.info.threads - 1)
  expect(site.requests.filter(({ path }) => path.endsWith('/transformers.js'))).toHaveLength(1)

  const plain = await startSite({ isolated: false })
  await open(page, plain)
  expect(await page.evaluate(() => crossOriginIsolated)).toBe(false)
  const onOne = await embedAll(page, { engine: 'transformers', threads: 2 }, ['base'], minilm)
  plain.close()
  expect(onOne.info.threads).toBe(1)
  expect(threadsStarted(plain)).toBe(0)
  expect(onOne.vectors).toEqual(onThreads.vectors)
})

/** The runtime's script is loaded once per additional thread. */
function threadsStarted({ requests }: Site): number {
  return requests.filter(({ destination, path }) => destination === 'worker' && path.includes('/ort/')).length
}

test('the package can be imported on a server: it does not touch the globals of a page', () => {
  const script = `
    for (const name of ['window', 'document', 'self', 'location', 'Worker', 'indexedDB', 'localStorage', 'navigator']) {
      Object.defineProperty(globalThis, name, { get() { throw new Error('The import touches ' + name) } })
    }
    const { createEmbedder, ...rest } = await import('specter2-web')
    console.log(typeof createEmbedder, Object.keys(rest).sort().join(' '))`
  const output = execFileSync(process.execPath, ['--input-type=module', '-e', script], {
    cwd: join(workFolder, 'stranger'),
    encoding: 'utf8',
  })
  expect(output.trim()).toBe(
    'function InvalidArgumentError PaperIndex RemoteIndex Specter2Error clearCachedModels deleteCachedModel droppedFiles fitClassifierInWorker fitMultiLabelClassifierInWorker fitRegressorInWorker listCachedModels nearest npyHeader readPapersInWorker similarity streamPapersInWorker writePapersInWorker',
  )
})
