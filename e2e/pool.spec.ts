/** If the page is not cross-origin isolated, WASM has no threads: several workers share the work. */
import type { Page } from '@playwright/test'
import type { EngineName } from 'specter2-web'
import { expect, open, readReference, type Site, startSite, test } from './site.js'

const { papers } = readReference('../testing/fixtures/specter2-tiny/reference.json')
const many = Array.from({ length: 60 }, (_, index) => ({ ...papers[index % 6]!, title: `${papers[index % 6]!.title} ${index}` }))

/** Opens the app without isolation. */
async function openPlain(page: Page): Promise<Site> {
  const site = await startSite({ isolated: false })
  await open(page, site)
  expect(await page.evaluate(() => crossOriginIsolated)).toBe(false)
  return site
}

/** The bits of the vectors that the page computes. */
const embedBits = (page: Page, threads: number, engine: EngineName) =>
  page.evaluate(
    async ({ threads, engine, many }) => {
      const embedder = await window.specter2.createEmbedder({ model: '/models/tiny/', threads, engine })
      // The first call starts the second worker, which joins when it is ready.
      const calls = [await embedder.embed(many)]
      const { workers, threads: onThreads } = embedder.info
      while ((await navigator.locks.query()).held!.length < workers) await new Promise((resolve) => setTimeout(resolve, 20))
      for (let call = 0; call < 10; call++) calls.push(await embedder.embed(call % 2 === 0 ? many : [...many].reverse()))
      const held = (await navigator.locks.query()).held!.length
      await embedder.dispose()
      return { workers, threads: onThreads, held, bits: calls.map(({ vectors }) => [...new Uint32Array(vectors.buffer)]) }
    },
    { threads, engine, many },
  )

test('two workers give the same bits as two threads, in the order of the inputs, and end with the embedder', async ({ page }) => {
  const onThreads = await embedBits(page, 2, 'transformers')
  expect(onThreads).toMatchObject({ workers: 1, threads: 2, held: 1 })
  const site = await openPlain(page)
  const onWorkers = await embedBits(page, 2, 'transformers')
  expect(onWorkers).toMatchObject({ workers: 2, threads: 1, held: 2 })
  expect(onWorkers.bits).toEqual(onThreads.bits)
  await expect.poll(() => page.evaluate(async () => (await navigator.locks.query()).held)).toEqual([])
  // The second worker found the model in the cache.
  expect(site.requests.filter(({ path }) => path.endsWith('model_quantized.onnx'))).toHaveLength(1)
  site.close()
})

test('the own encoder has two workers with the bits of one, on one memory if the page is isolated', async ({ page }) => {
  const one = await embedBits(page, 1, 'own')
  expect(one).toMatchObject({ workers: 1, threads: 1, held: 1 })
  const two = await embedBits(page, 2, 'own')
  expect(two).toMatchObject({ workers: 2, threads: 2, held: 2 })
  expect(two.bits).toEqual(one.bits)
  const site = await openPlain(page)
  const copied = await embedBits(page, 2, 'own')
  expect(copied).toMatchObject({ workers: 2, threads: 1, held: 2 })
  expect(copied.bits).toEqual(one.bits)
  expect(site.requests.filter(({ path }) => path.endsWith('model_quantized.onnx'))).toHaveLength(1)
  site.close()
})

test('a long query has the bits of one thread when another one helps', async ({ page }) => {
  const bits = await page.evaluate(async () => {
    const query = 'coral reefs in warming seas and what is known about their recovery '.repeat(40)
    const bits: string[] = []
    for (const threads of [1, 2]) {
      const embedder = await window.specter2.createEmbedder({ threads, engine: 'own' })
      // The first one starts the helper, which may join the next ones.
      for (let run = 0; run < 12; run++) bits.push(String(new Uint32Array((await embedder.embedQuery(query)).buffer)))
      await embedder.dispose()
    }
    return bits
  })
  expect(bits).toHaveLength(24)
  expect(new Set(bits).size).toBe(1)
})

test('by default there is a worker per useful core, but only one until there is bulk work', async ({ page }) => {
  const site = await openPlain(page)
  const { cores, workers, before } = await page.evaluate(async (many) => {
    const embedder = await window.specter2.createEmbedder({ model: '/models/tiny/' })
    await embedder.embed(many.slice(0, 3))
    await embedder.embedQuery('a query')
    const before = (await navigator.locks.query()).held!.length
    await embedder.embed(many)
    return { cores: navigator.hardwareConcurrency, workers: embedder.info.workers, before }
  }, many)
  expect(before).toBe(1)
  expect(workers).toBe(cores <= 4 ? cores : Math.min(8, Math.ceil(cores / 2)))
  await expect.poll(() => page.evaluate(async () => (await navigator.locks.query()).held!.length)).toBe(workers)
  site.close()
})

test('a loaded adapter reaches all workers, also when it is replaced', async ({ page }) => {
  const site = await openPlain(page)
  const different = await page.evaluate(async (many) => {
    const embedder = await window.specter2.createEmbedder({ model: '/models/tiny/', dtype: 'fp32', threads: 2 })
    const vectors = async (adapter: string) => String((await embedder.embed(many, { adapter })).vectors)
    await embedder.loadAdapter('/fixture/adapters/regression/', { as: 'mine' })
    const different: string[] = []
    // While the second worker starts, and when it runs.
    if ((await vectors('mine')) !== (await vectors('regression'))) different.push('before it started')
    await embedder.loadAdapter('/fixture/adapters/classification/', { as: 'mine' })
    if ((await vectors('mine')) !== (await vectors('classification'))) different.push('replaced')
    if ((await vectors('regression')) === (await vectors('classification'))) different.push('nothing')
    await embedder.dispose()
    return different
  }, many)
  expect(different).toEqual([])
  site.close()
})

for (const dead of [0, 1]) {
  test(`when worker ${dead} of two dies, the other takes over its part; the next bulk work starts a new one`, async ({
    page,
  }) => {
    const site = await openPlain(page)
    const result = await page.evaluate(
      async ({ dead, many }) => {
        const workers: Worker[] = []
        let answers = 0
        const worker = () => {
          const made = new Worker('/mortal-worker.js', { type: 'module' })
          made.addEventListener('message', () => {
            if (made === workers[1]) answers++
          })
          workers.push(made)
          return made
        }
        const embedder = await window.specter2.createEmbedder({ model: '/models/tiny/', worker, threads: 2 })
        const expected = String((await embedder.embed(many)).vectors)
        // Life lock, model, and a slice: the second worker takes part.
        while (answers < 3) await embedder.embed(many)
        const inputs = Array.from({ length: 10 }, () => many).flat()
        const done: number[] = []
        const bulk = await embedder.embed(inputs, {
          onProgress: (progress) => {
            if (done.length === 2) workers[dead]!.terminate()
            done.push(progress.done)
          },
        })
        const parts = bulk.vectors.length / 10
        const same = Array.from({ length: 10 }, (_, part) => String(bulk.vectors.subarray(part * parts, (part + 1) * parts)))
        const made = workers.length
        const query = (await embedder.embedQuery('a query')).length
        await embedder.embed(many)
        const isRight = same.every((vectors) => vectors === expected)
        return {
          isRight,
          done: done.at(-1),
          rising: done.every((value, i) => i === 0 || value > done[i - 1]!),
          made,
          query,
          madeAfter: workers.length,
        }
      },
      { dead, many },
    )
    expect(result).toEqual({ isRight: true, done: 600, rising: true, made: 2, query: 64, madeAfter: 3 })
    site.close()
  })
}

test('a worker passed by the caller is the only one', async ({ page }) => {
  const site = await openPlain(page)
  const { workers, held } = await page.evaluate(async (many) => {
    const worker = new Worker('/specter2-web/workers/embed.js', { type: 'module' })
    const embedder = await window.specter2.createEmbedder({ model: '/models/tiny/', worker, threads: 2 })
    await embedder.embed(many)
    return { workers: embedder.info.workers, held: (await navigator.locks.query()).held!.length }
  }, many)
  expect({ workers, held }).toEqual({ workers: 1, held: 1 })
  site.close()
})

test('an abort ends the work of both workers, and later calls work', async ({ page }) => {
  const site = await openPlain(page)
  const { rejection, doneAfter, count } = await page.evaluate(async (many) => {
    const embedder = await window.specter2.createEmbedder({ model: '/models/tiny/', threads: 2 })
    await embedder.embed(many)
    const controller = new AbortController()
    let done = 0
    let atAbort = 0
    const bulk = embedder.embed(Array.from({ length: 20 }, () => many).flat(), {
      signal: controller.signal,
      onProgress: (progress) => {
        done = progress.done
        if (done > 20 && !controller.signal.aborted) {
          atAbort = done
          controller.abort(new RangeError('Enough.'))
        }
      },
    })
    const rejection = await window.rejection(bulk)
    const { count } = await embedder.embed(many)
    return { rejection, doneAfter: done - atAbort, count }
  }, many)
  expect(rejection).toMatchObject({ name: 'RangeError', message: 'Enough.' })
  expect(doneAfter).toBe(0)
  expect(count).toBe(60)
  site.close()
})

test('a device that runs out of memory gets one more try with fewer threads, then an error', async ({ page }) => {
  const { once, always } = await page.evaluate(async () => {
    let made = 0
    const worker = (failing: number) => {
      made = 0
      return () => new Worker(`/gpu-worker.js${made++ < failing ? '?fault=memory' : ''}`, { type: 'module' })
    }
    const embedder = await window.specter2.createEmbedder({ worker: worker(1), threads: 2, engine: 'transformers' })
    const once = { threads: embedder.info.threads, made, count: (await embedder.embed(['a text'])).count }
    await embedder.dispose()
    const always = await window.rejection(
      window.specter2.createEmbedder({ worker: worker(9), threads: 2, engine: 'transformers' }),
    )
    return { once, always: { ...always, made } }
  })
  expect(once).toEqual({ threads: 1, made: 2, count: 1 })
  expect(always).toMatchObject({ code: 'RUNTIME_FAILED', details: { device: 'wasm', outOfMemory: true }, made: 2 })
})
