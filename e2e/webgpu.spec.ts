/** WebGPU: the same vectors, and the fallback if it is wrong or fails. On SwiftShader, which is correct but slow. */
import type { EmbedderInfo, EmbedderOptions, LoadProgress } from 'specter2-web'
import { chromiumArguments, findChromium, softwareWebGpuArguments } from './browser.mjs'
import { expect, type Site, test } from './site.js'
import { ADAPTERS, cosine, largestDifference, minilm, tiny } from './vectors.js'

test.use({
  launchOptions: { executablePath: findChromium(), args: [...chromiumArguments, ...softwareWebGpuArguments] },
})
test.setTimeout(300_000)

/** The short papers of the fixture: SwiftShader takes seconds for 512 tokens. */
const short = tiny.papers.map((_, index) => index).filter((index) => tiny.inputIds.papers[index]!.length < 100)
const papers = short.map((index) => tiny.papers[index]!)
const expected = (adapter: (typeof ADAPTERS)[number]) => short.map((index) => tiny.vectors.papers[adapter][index]!)

/** Builds of the runtime that were loaded; the largest is in parts. */
function runtimeBuilds({ requests }: Site): string[] {
  const builds = requests.flatMap(({ path }) => {
    const file = /simd-threaded(?:\.(jspi|asyncify))?(?:\.\dof\d)?\.wasm$/.exec(path)
    return file ? [file[1] ?? ''] : []
  })
  return [...new Set(builds)]
}

const isBetween = (value: number, min: number, max: number) => value >= min && value <= max

for (const { build, worker, adapters } of [
  { build: 'jspi', worker: '/gpu-worker.js', adapters: ADAPTERS },
  // The same shaders from the other build: one adapter shows it.
  { build: 'asyncify', worker: '/gpu-worker.js?fault=no-jspi', adapters: ['proximity'] as const },
]) {
  test(`fp32 gives the reference's vectors to 1e-3 for ${adapters.join(', ')}, padded and alone: ${build}`, async ({
    page,
    site,
  }) => {
    const { info, together, alone } = await page.evaluate(
      async ({ worker, papers, adapters }) => {
        const embedder = await window.specter2.createEmbedder({ model: '/models/tiny-fp32/', worker })
        const rows = ({ vectors, dimension, count }: { vectors: Float32Array; dimension: number; count: number }) =>
          Array.from({ length: count }, (_, row) => [...vectors.subarray(row * dimension, (row + 1) * dimension)])
        const together: Record<string, number[][]> = {}
        const alone: Record<string, number[][]> = {}
        for (const adapter of adapters) {
          together[adapter] = rows(await embedder.embed(papers, { adapter }))
          alone[adapter] = []
          for (const paper of papers.slice(0, 3)) alone[adapter].push(...rows(await embedder.embed([paper], { adapter })))
        }
        return { info: embedder.info, together, alone }
      },
      { worker, papers, adapters: [...adapters] },
    )
    expect(info).toMatchObject({ device: 'webgpu', dtype: 'fp32', threads: 1, workers: 1, deviceReason: null, demoted: null })
    const differences = adapters.map((adapter) => ({
      adapter,
      padded: largestDifference(together[adapter]!, expected(adapter)),
      alone: largestDifference(alone[adapter]!, expected(adapter).slice(0, 3)),
    }))
    console.log(`WebGPU fp32 (${build}), largest differences:`, differences)
    for (const { padded, alone } of differences) expect(Math.max(padded, alone)).toBeLessThanOrEqual(1e-3)
    // Only texts of several lengths are padded.
    expect(new Set(short.map((index) => tiny.inputIds.papers[index]!.length)).size).toBeGreaterThan(3)
    expect(runtimeBuilds(site)).toEqual([build])
  })
}

test('the default model in 4 bits stays within its tolerance of fp32, for the base and for the adapter', async ({
  page,
  site,
}) => {
  // Long enough for the tolerance, short enough for SwiftShader.
  const chosen = minilm.papers
    .map((_, index) => index)
    .filter((index) => isBetween(minilm.inputIds.papers[index]!.length, 20, 100))
    .slice(0, 3)
  const { info, base, query } = await page.evaluate(
    async (papers) => {
      const embedder = await window.specter2.createEmbedder({ worker: '/gpu-worker.js' })
      const embed = async (adapter: string) => {
        const { vectors, dimension } = await embedder.embed(papers, { adapter })
        return papers.map((_, row) => [...vectors.subarray(row * dimension, (row + 1) * dimension)])
      }
      return { info: embedder.info, base: await embed('base'), query: await embed('adhoc_query') }
    },
    chosen.map((index) => minilm.papers[index]!),
  )
  expect(chosen.length).toBeGreaterThan(2)
  expect(info).toMatchObject({ device: 'webgpu', dtype: 'q4', demoted: null })
  const { vectors, adapterVectors } = minilm
  const cosines = chosen.flatMap((index, row) => [
    cosine(base[row]!, vectors.papers[index]!),
    cosine(query[row]!, adapterVectors.adhoc_query.papers[index]!),
  ])
  console.log('WebGPU q4, cosines:', cosines)
  expect(Math.min(...cosines)).toBeGreaterThanOrEqual(0.95)
  expect(cosines.reduce((sum, value) => sum + value, 0) / cosines.length).toBeGreaterThanOrEqual(0.97)
  // The graph for WebGPU and the weights, not the graph for CPUs.
  const graphs = site.requests.map(({ path }) => /onnx\/(.*)$/.exec(path)?.[1]).filter((name) => name !== undefined)
  expect([...new Set(graphs)].sort()).toEqual(['model_q4.onnx', 'model_q4.onnx_data'])
})

test('the weights of an adapter are uploaded to the GPU once, not at each switch', async ({ page }) => {
  const { prepared, changed } = await page.evaluate(async () => {
    const worker = new Worker('/gpu-worker.js', { type: 'module' })
    const uploads = () =>
      new Promise<number>((resolve) => {
        const listen = ({ data }: MessageEvent) => {
          if (data?.uploads === undefined) return
          worker.removeEventListener('message', listen)
          resolve(data.uploads)
        }
        worker.addEventListener('message', listen)
        worker.postMessage('uploads')
      })
    const embedder = await window.specter2.createEmbedder({ model: '/models/tiny-fp32/', worker })
    const start = await uploads()
    // The first use of each runs its self-test.
    for (const adapter of ['adhoc_query', 'base']) await embedder.embed(['a text'], { adapter })
    const prepared = await uploads()
    for (const adapter of ['proximity', 'adhoc_query', 'base', 'proximity']) await embedder.embed(['a text'], { adapter })
    return { prepared: prepared - start, changed: (await uploads()) - prepared }
  })
  expect(prepared).toBeGreaterThan(0)
  expect(changed).toBe(0)
})

test('the weights of a replaced adapter are released, and the new ones are used', async ({ page }) => {
  const { replaced, fresh } = await page.evaluate(async (papers) => {
    const embedder = await window.specter2.createEmbedder({ model: '/models/tiny-fp32/', worker: '/gpu-worker.js' })
    await embedder.loadAdapter('/fixture/adapters/regression/', { as: 'mine' })
    const bulk = embedder.embed(papers, { adapter: 'mine' })
    await embedder.loadAdapter('/fixture/adapters/classification/', { as: 'mine' })
    await bulk
    const vectors = async (adapter: string) => [...(await embedder.embed(papers.slice(0, 2), { adapter })).vectors]
    return { replaced: await vectors('mine'), fresh: await vectors('classification') }
  }, papers)
  expect(largestDifference([replaced], [fresh])).toBeLessThanOrEqual(1e-5)
})

test.describe('device: auto', () => {
  test('does not use a software GPU, says why, and does not load the WebGPU runtime', async ({ page, site }) => {
    const info = await page.evaluate(async () => {
      const embedder = await window.specter2.createEmbedder({ model: '/models/tiny-fp32/' })
      return embedder.info
    })
    expect(info).toMatchObject({ device: 'wasm', deviceReason: expect.stringMatching(/software/), demoted: null })
    expect(runtimeBuilds(site)).toEqual([''])
  })

  test('takes WASM if there is no GPU adapter', async ({ page }) => {
    const info = await page.evaluate(async () => {
      const worker = '/gpu-worker.js?fault=no-adapter'
      const embedder = await window.specter2.createEmbedder({ model: '/models/tiny/', worker })
      return embedder.info
    })
    expect(info).toMatchObject({ device: 'wasm', dtype: 'q8', deviceReason: expect.stringMatching(/adapter/) })
  })

  for (const { fault, reason } of [
    { fault: 'wrong', reason: /self-test.* webgpu .*proximity/ },
    { fault: 'compile', reason: /broken|shader|compil|parsing/i },
  ]) {
    test(`falls back to WASM if WebGPU fails at the start (${fault}), says why, and computes correctly`, async ({ page }) => {
      const { info, progress, vectors } = await page.evaluate(
        async ({ fault, papers }) => {
          const progress: Pick<LoadProgress, 'stage' | 'demoted'>[] = []
          const embedder = await window.specter2.createEmbedder({
            model: '/models/tiny-fp32/',
            worker: `/gpu-worker.js?fault=${fault}`,
            onProgress: ({ stage, demoted }) => progress.push({ stage, ...(demoted && { demoted }) }),
          })
          const { vectors, dimension } = await embedder.embed(papers)
          const rows = papers.map((_, row) => [...vectors.subarray(row * dimension, (row + 1) * dimension)])
          return { info: embedder.info, progress, vectors: rows }
        },
        { fault, papers },
      )
      expect(info).toMatchObject({ device: 'wasm', demoted: { from: 'webgpu', reason: expect.stringMatching(reason) } })
      expect(progress[0]).toEqual({ stage: 'download' })
      expect(progress.at(-1)).toEqual({ stage: 'ready', demoted: info.demoted })
      expect(progress.filter(({ stage }) => stage === 'ready')).toHaveLength(1)
      expect(largestDifference(vectors, expected('proximity'))).toBeLessThanOrEqual(2e-5)
    })
  }

  for (const { fault, reason } of [
    { fault: 'lose', reason: /destroyed/ },
    { fault: 'out of memory', reason: /no buffer/ },
    // The weights of another adapter arrive damaged, so its self-test fails during the bulk work.
    { fault: 'corrupt', reason: /self-test.* webgpu .*adhoc_query/ },
  ]) {
    test(`falls back to WASM if WebGPU fails during the work (${fault}), which is completed once and correctly`, async ({
      page,
    }) => {
      const result = await page.evaluate(
        async ({ fault, papers, query }) => {
          const workers: Worker[] = []
          const worker = () => {
            workers.push(new Worker('/gpu-worker.js', { type: 'module' }))
            return workers.at(-1)!
          }
          const stages: string[] = []
          const embedder = await window.specter2.createEmbedder({
            model: '/models/tiny/',
            worker,
            onProgress: ({ stage, demoted }) => demoted && stages.push(stage),
          })
          const before = embedder.info
          const many = Array.from({ length: 10 }, () => papers).flat()
          let queried: Promise<Float32Array> | null = null
          let done: number[] = []
          const onProgress = (progress: { done: number }) => {
            done.push(progress.done)
            if (queried) return
            workers[0]!.postMessage(fault)
            queried = embedder.embedQuery(query)
          }
          const { vectors, dimension, tokenCounts } = await embedder.embed(many, { onProgress })
          done = done.slice(-1)
          const rows = many.map((_, row) => [...vectors.subarray(row * dimension, (row + 1) * dimension)])
          const counts = [...tokenCounts]
          return { before, info: embedder.info, made: workers.length, stages, done, rows, counts, query: [...(await queried!)] }
        },
        { fault, papers, query: tiny.queries[0]! },
      )
      expect(result.before).toMatchObject({ device: 'webgpu', dtype: 'fp32', demoted: null })
      expect(result.info).toMatchObject({ device: 'wasm', dtype: 'q8' } satisfies Partial<EmbedderInfo>)
      expect(result.info.demoted).toEqual({ from: 'webgpu', reason: expect.stringMatching(reason) })
      expect(result.made).toBe(2)
      expect(result.stages.at(-1)).toBe('ready')
      expect(result.done).toEqual([10 * papers.length])
      expect(result.counts).toEqual(Array.from({ length: 10 }, () => short.map((i) => tiny.inputIds.papers[i]!.length)).flat())
      // The first batches are from WebGPU in fp32, the rest from WASM in q8.
      const cosines = result.rows.map((row, index) => cosine(row, expected('proximity')[index % papers.length]!))
      expect(Math.min(...cosines)).toBeGreaterThanOrEqual(0.995)
      expect(cosine(result.query, tiny.vectors.queries.adhoc_query[0]!)).toBeGreaterThanOrEqual(0.995)
    })
  }
})

test.describe('device: webgpu', () => {
  test('uses a software GPU', async ({ page }) => {
    const info = await page.evaluate(async () => {
      const embedder = await window.specter2.createEmbedder({ model: '/models/tiny-fp32/', device: 'webgpu' })
      return embedder.info
    })
    expect(info).toMatchObject({ device: 'webgpu', dtype: 'fp32', demoted: null })
  })

  test('rejects instead of falling back to another device', async ({ page }) => {
    const rejections = await page.evaluate(async () => {
      const create = (options: EmbedderOptions) =>
        window.rejection(window.specter2.createEmbedder({ model: '/models/tiny/', device: 'webgpu', ...options }))
      return {
        wrong: await create({ worker: '/gpu-worker.js?fault=wrong' }),
        none: await create({ worker: '/gpu-worker.js?fault=no-adapter' }),
        int8: await create({ dtype: 'q8' }),
      }
    })
    expect(rejections).toMatchObject({
      wrong: { code: 'SELF_TEST_FAILED', details: { device: 'webgpu', dtype: 'fp32', adapter: 'proximity', bar: 0.9999 } },
      none: { code: 'UNSUPPORTED', message: expect.stringMatching(/WebGPU adapter/) },
      int8: { code: 'UNSUPPORTED', message: expect.stringMatching(/q8/) },
    })
  })
})
