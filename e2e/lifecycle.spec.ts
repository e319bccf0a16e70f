/** Concurrent calls, aborted calls, and the worker's death. */
import { expect, expectNoWorker, fileBytes, readReference, test } from './site.js'

const { papers } = readReference('../testing/fixtures/specter2-tiny/reference.json')

/** A text as long as the default model reads, which takes it a while. */
const LONG_TEXT = 'Soil moisture and the timing of spring floods in nine river basins. '.repeat(30)

/** So many texts take longer than {@link LONG_WORK_LIMIT_MS}, unless they are cancelled. */
const LONG_WORK = 600
const LONG_WORK_LIMIT_MS = 30_000

test.describe('embedStream', () => {
  test('yields every input once, with the vectors of embed and the inputs that were cut', async ({ page }) => {
    const { indices, same, lengths, cut, expectedCut } = await page.evaluate(async (papers) => {
      const embedder = await window.specter2.createEmbedder({ model: '/models/tiny/' })
      // Enough for several calls of the worker; every seventh text is longer than the model reads.
      const inputs = Array.from({ length: 600 }, (_, index) => {
        const { title, abstract } = papers[index % 7]!
        return { title: `${title} ${index}`, abstract }
      })
      const { vectors: expected, dimension, truncated: expectedCut } = await embedder.embed(inputs)
      const indices: number[] = []
      const lengths: boolean[] = []
      const cut: number[] = []
      let same = true
      for await (const part of embedder.embedStream(inputs)) {
        lengths.push(part.vectors.length === part.indices.length * dimension)
        cut.push(...part.truncated)
        for (const [row, index] of part.indices.entries()) {
          indices.push(index)
          for (let column = 0; column < dimension; column++)
            same &&= part.vectors[row * dimension + column] === expected[index * dimension + column]
        }
      }
      return { indices, same, lengths, cut, expectedCut }
    }, papers)
    const all = Array.from({ length: 600 }, (_, index) => index)
    expect(indices.toSorted((a, b) => a - b)).toEqual(all)
    expect(same).toBe(true)
    expect(lengths.every(Boolean)).toBe(true)
    expect(lengths.length).toBeGreaterThan(1)
    expect(expectedCut).toEqual(all.filter((index) => index % 7 === 6))
    expect(cut.toSorted((a, b) => a - b)).toEqual(expectedCut)
  })

  test('cancels the rest when the loop is left, and the embedder still works', async ({ page }) => {
    test.setTimeout(LONG_WORK_LIMIT_MS)
    const { parts, tokens, next } = await page.evaluate(
      async ({ text, count }) => {
        const embedder = await window.specter2.createEmbedder({ threads: 1 })
        let done = 0
        let parts = 0
        const onProgress = (progress: { done: number }) => {
          done = progress.done
        }
        for await (const _ of embedder.embedStream(Array(count).fill(text), { onProgress })) {
          parts++
          break
        }
        const doneWhenLeft = done
        // If the rest were not cancelled, this would wait for it.
        const { tokenCounts } = await embedder.embed(['next'])
        return { parts, tokens: [...tokenCounts], next: done - doneWhenLeft }
      },
      { text: LONG_TEXT, count: LONG_WORK },
    )
    expect(parts).toBe(1)
    expect(next).toBe(0)
    expect(tokens).toEqual([3])
  })

  test('throws errors in the loop', async ({ page }) => {
    const rejections = await page.evaluate(async () => {
      const embedder = await window.specter2.createEmbedder({ model: '/models/tiny/' })
      const all = async (stream: AsyncIterable<unknown>) => {
        for await (const _ of stream);
      }
      return [
        await window.rejection(all(embedder.embedStream(['a text'], { adapter: 'nope' }))),
        await window.rejection(all(embedder.embedStream([null as never]))),
        await window.rejection(all(embedder.embedStream(['a text'], { signal: AbortSignal.abort(new RangeError('Enough.')) }))),
      ]
    })
    expect(rejections).toMatchObject([
      { code: 'UNKNOWN_ADAPTER' },
      { field: 'inputs[0]' },
      { name: 'RangeError', message: 'Enough.' },
    ])
  })
})

test.describe('the queue', () => {
  test('a query during bulk work is answered after at most two more papers: the one that runs, and one already sent', async ({
    page,
  }) => {
    const { count, sentAt, answeredAt, order } = await page.evaluate(async (text) => {
      const embedder = await window.specter2.createEmbedder({ threads: 1, adapter: 'base' })
      await embedder.preload(['adhoc_query'])
      let done = 0
      let sentAt = -1
      let query: Promise<void> | undefined
      let answeredAt = -1
      const order: string[] = []
      const { count } = await embedder.embed(Array(20).fill(text), {
        onProgress(progress) {
          done = progress.done
          if (query || done < 3) return
          sentAt = done
          query = embedder.embedQuery('do floods depend on wet soil').then(() => {
            answeredAt = done
            order.push('query')
          })
        },
      })
      order.push('bulk')
      await query
      return { count, sentAt, answeredAt, order }
    }, LONG_TEXT)
    expect(count).toBe(20)
    expect(sentAt).toBeGreaterThanOrEqual(3)
    expect(sentAt).toBeLessThan(15)
    expect(answeredAt - sentAt).toBeLessThanOrEqual(2)
    expect(order).toEqual(['query', 'bulk'])
  })

  test('two concurrent calls both finish, each with its own complete progress', async ({ page }) => {
    const results = await page.evaluate(async (papers) => {
      const embedder = await window.specter2.createEmbedder({ model: '/models/tiny/' })
      const run = async (inputs: typeof papers, adapter: string) => {
        const seen: { done: number; total: number; tokens: number }[] = []
        const { vectors, tokenCounts } = await embedder.embed(inputs, { adapter, onProgress: (progress) => seen.push(progress) })
        return { vectors: [...vectors], tokens: tokenCounts.reduce((sum, tokens) => sum + tokens, 0), seen }
      }
      const many = Array.from({ length: 8 }, () => papers).flat()
      const [a, b] = await Promise.all([run(many, 'proximity'), run(papers, 'regression')])
      return [
        { ...a, alone: (await run(many, 'proximity')).vectors, count: many.length },
        { ...b, alone: (await run(papers, 'regression')).vectors, count: papers.length },
      ]
    }, papers)
    for (const { vectors, alone, seen, count, tokens } of results) {
      expect(vectors).toEqual(alone)
      expect(seen.at(-1)).toEqual({ done: count, total: count, tokens })
      const done = seen.map((progress) => progress.done)
      expect(done).toEqual(done.toSorted((a, b) => a - b))
    }
  })

  test('a signal aborted before or during the work rejects with its reason; later calls work', async ({ page }) => {
    test.setTimeout(LONG_WORK_LIMIT_MS)
    const { before, during, query, doneAfter, later } = await page.evaluate(
      async ({ text, count }) => {
        const embedder = await window.specter2.createEmbedder({ threads: 1, adapter: 'base' })
        const reason = new RangeError('No longer wanted.')
        const before = await window.rejection(embedder.embed(['a text'], { signal: AbortSignal.abort(reason) }))

        const controller = new AbortController()
        let done = 0
        const bulk = embedder.embed(Array(count).fill(text), {
          signal: controller.signal,
          onProgress(progress) {
            done = progress.done
            if (done >= 2) controller.abort(reason)
          },
        })
        const during = await window.rejection(bulk)
        const doneAtAbort = done
        const query = await window.rejection(embedder.embedQuery('a query', { signal: AbortSignal.abort() }))
        const { tokenCounts } = await embedder.embed(['later'])
        return { before, during, query, doneAfter: done - doneAtAbort, later: [...tokenCounts] }
      },
      { text: LONG_TEXT, count: LONG_WORK },
    )
    expect(before).toMatchObject({ name: 'RangeError', message: 'No longer wanted.' })
    expect(during).toMatchObject({ name: 'RangeError', message: 'No longer wanted.' })
    expect(query).toMatchObject({ name: 'AbortError' })
    expect(doneAfter).toBe(0)
    expect(later).toEqual([3])
  })

  test('aborting a call does not affect another one that waits for the same adapter', async ({ page, site }) => {
    const asked = new Promise<() => void>((resolve) => {
      site.answer = (path, response) => {
        if (!path.endsWith('classification.f16.safetensors')) return false
        resolve(() => response.end(fileBytes(path)))
        return true
      }
    })
    const calls = await page.evaluateHandle(async () => {
      const embedder = await window.specter2.createEmbedder({ model: '/models/tiny/' })
      const controller = new AbortController()
      const embed = (signal?: AbortSignal) => embedder.embed(['a text'], { adapter: 'classification', signal })
      return { controller, first: window.rejection(embed(controller.signal)), second: embed() }
    })
    const answer = await asked
    const first = await calls.evaluate(({ controller, first }) => {
      controller.abort(new RangeError('Only I leave.'))
      return first
    })
    expect(first).toMatchObject({ name: 'RangeError', message: 'Only I leave.' })
    answer()
    expect(await calls.evaluate(async ({ second }) => (await second).count)).toBe(1)
  })

  test('an error thrown by a progress listener is reported as uncaught, and the work continues', async ({ page }) => {
    const { count, uncaught } = await page.evaluate(async () => {
      const uncaught: string[] = []
      addEventListener('error', (event) => {
        event.preventDefault()
        uncaught.push(event.error.message)
      })
      const onProgress = () => {
        throw new Error("The listener's own fault.")
      }
      const embedder = await window.specter2.createEmbedder({ model: '/models/tiny/', onProgress })
      const { count } = await embedder.embed(['a text'], { onProgress })
      return { count, uncaught: [...new Set(uncaught)] }
    })
    expect(count).toBe(1)
    expect(uncaught).toEqual(["The listener's own fault."])
  })
})

test.describe('a dead worker', () => {
  for (const death of ['is terminated', 'closes itself', 'throws']) {
    test(`that ${death} rejects every pending call with WORKER_FAILED, and the next calls share a new one`, async ({ page }) => {
      const { pending, before, after, made } = await page.evaluate(
        async ({ death, papers }) => {
          const workers: Worker[] = []
          const worker = () => {
            workers.push(new Worker('/mortal-worker.js', { type: 'module' }))
            return workers.at(-1)!
          }
          const embedder = await window.specter2.createEmbedder({ model: '/models/tiny/', worker, threads: 1 })
          await embedder.loadAdapter('/fixture/adapters/classification/', { as: 'mine' })
          const embed = async (adapter: string) => [...(await embedder.embed(papers, { adapter })).vectors]
          const both = () => Promise.all([embed('proximity'), embed('mine')])
          const before = await both()

          // It dies during the bulk work, for which the other calls wait.
          const many = Array.from({ length: 200 }, () => papers).flat()
          const kill = () => {
            if (death === 'is terminated') workers[0]!.terminate()
            else workers[0]!.postMessage(death === 'throws' ? 'throw' : 'close')
          }
          const stream = async () => {
            for await (const _ of embedder.embedStream(many));
          }
          const pending = [embedder.embed(many, { onProgress: kill }), embedder.embed(many), stream()]
          return {
            pending: await Promise.all(pending.map(window.rejection)),
            before,
            after: await both(),
            made: workers.length,
          }
        },
        { death, papers },
      )
      expect(pending).toMatchObject(Array(3).fill({ kind: 'Specter2Error', code: 'WORKER_FAILED', retryable: true }))
      expect(after).toEqual(before)
      expect(made).toBe(2)
    })
  }

  test('is restarted; a call that waits for that can be aborted, and other calls are not affected', async ({ page, site }) => {
    const embedder = await page.evaluateHandle(async (papers) => {
      const workers: Worker[] = []
      const worker = () => {
        workers.push(new Worker('/mortal-worker.js', { type: 'module' }))
        return workers.at(-1)!
      }
      const embedder = await window.specter2.createEmbedder({ model: '/models/tiny/', worker, threads: 1 })
      const many = Array.from({ length: 200 }, () => papers).flat()
      await window.rejection(embedder.embed(many, { onProgress: () => workers[0]!.terminate() }))
      return embedder
    }, papers)
    const asked = new Promise<() => void>((resolve) => {
      site.answer = (path, response) => {
        if (path !== '/models/tiny/manifest.json') return false
        resolve(() => response.end(fileBytes(path)))
        return true
      }
    })
    const calls = await embedder.evaluateHandle((embedder) => {
      const controller = new AbortController()
      const aborted = window.rejection(embedder.embed(['a text'], { signal: controller.signal }))
      return { controller, aborted, other: embedder.embed(['a text']) }
    })
    const answer = await asked
    const aborted = await calls.evaluate(({ controller, aborted }) => {
      controller.abort(new RangeError('Too long.'))
      return aborted
    })
    expect(aborted).toMatchObject({ name: 'RangeError', message: 'Too long.' })
    answer()
    expect(await calls.evaluate(async ({ other }) => (await other).count)).toBe(1)
  })

  test('that the caller passed cannot be restarted: later calls are not retryable', async ({ page }) => {
    const { pending, later } = await page.evaluate(async (papers) => {
      const worker = new Worker('/specter2-web/workers/embed.js', { type: 'module' })
      const embedder = await window.specter2.createEmbedder({ model: '/models/tiny/', worker })
      const pending = embedder.embed(Array.from({ length: 200 }, () => papers).flat(), { onProgress: () => worker.terminate() })
      return { pending: await window.rejection(pending), later: await window.rejection(embedder.embedQuery('a query')) }
    }, papers)
    expect(pending).toMatchObject({ code: 'WORKER_FAILED' })
    expect(later).toMatchObject({ code: 'WORKER_FAILED', retryable: false })
  })

  test('that cannot start is WORKER_FAILED at once: a missing script, or a web page instead', async ({ page }) => {
    // Much less than the timeout for silent workers.
    test.setTimeout(20_000)
    const rejections = await page.evaluate(() => {
      const urls = ['/missing.js', '/index.html']
      return Promise.all(
        urls.map((worker) => window.rejection(window.specter2.createEmbedder({ model: '/models/tiny/', worker }))),
      )
    })
    expect(rejections).toMatchObject(Array(2).fill({ kind: 'Specter2Error', code: 'WORKER_FAILED', retryable: true }))
    for (const rejection of rejections) expect(rejection!.message).toContain('specter2-web assets')
  })
})

test('a worker passed by the caller may have started long before', async ({ page }) => {
  const count = await page.evaluate(async () => {
    const worker = new Worker('/mortal-worker.js', { type: 'module' })
    await new Promise((resolve) => {
      worker.addEventListener('message', ({ data }) => data === 'pong' && resolve(data))
      worker.postMessage('ping')
    })
    const embedder = await window.specter2.createEmbedder({ model: '/models/tiny/', worker })
    return (await embedder.embed(['a text'])).count
  })
  expect(count).toBe(1)
})

test.describe('dispose', () => {
  test('rejects pending and later calls with DISPOSED and ends the worker; a second call does nothing', async ({ page }) => {
    const { pending, later } = await page.evaluate(async (papers) => {
      const embedder = await window.specter2.createEmbedder({ model: '/models/tiny/' })
      const controller = new AbortController()
      const stream = async () => {
        for await (const _ of embedder.embedStream(papers));
      }
      let onStarted = () => {}
      const started = new Promise<void>((resolve) => {
        onStarted = resolve
      })
      const many = Array.from({ length: 200 }, () => papers).flat()
      const calls: Promise<unknown>[] = [embedder.embed(many, { signal: controller.signal, onProgress: onStarted })]
      await started
      calls.push(embedder.embedQuery('a query'), embedder.preload(['regression']), stream())
      const pending = Promise.all(calls.map(window.rejection))
      const end = embedder.dispose()
      // Like a component that is removed; this must have no effect.
      controller.abort()
      await end
      await embedder.dispose()
      const later = [
        embedder.embed(papers),
        embedder.embed([]),
        embedder.embedQuery('a query'),
        embedder.preload(['regression']),
        embedder.loadAdapter('/fixture/adapters/classification/'),
        stream(),
        (async () => embedder.info)(),
      ]
      return { pending: await pending, later: await Promise.all(later.map(window.rejection)) }
    }, papers)
    const disposed = { kind: 'Specter2Error', code: 'DISPOSED', retryable: false }
    expect(pending).toMatchObject(Array(4).fill(disposed))
    expect(later).toMatchObject(Array(7).fill(disposed))
    await expectNoWorker(page)
  })

  test('is what `await using` calls', async ({ page }) => {
    const rejection = await page.evaluate(async () => {
      const embedder = await window.specter2.createEmbedder({ model: '/models/tiny/' })
      await embedder[Symbol.asyncDispose]()
      return window.rejection(embedder.embedQuery('a query'))
    })
    expect(rejection).toMatchObject({ code: 'DISPOSED' })
    await expectNoWorker(page)
  })
})

test('embedding 60 papers does not block the main thread: no task over 50 ms', async ({ page }) => {
  const { tasks, count } = await page.evaluate(
    async ({ papers, text }) => {
      const embedder = await window.specter2.createEmbedder()
      await embedder.embed(['warm'])
      const inputs = Array.from({ length: 60 }, (_, index) => ({
        title: `${index} ${papers[index % papers.length]!.title}`,
        abstract: text.slice(0, 500 + index * 10),
      }))
      const observer = new PerformanceObserver(() => {})
      observer.observe({ type: 'longtask' })
      const { count } = await embedder.embed(inputs, { onProgress: () => {} })
      return { tasks: observer.takeRecords().map(({ duration }) => duration), count }
    },
    { papers, text: LONG_TEXT },
  )
  expect(count).toBe(60)
  expect(tasks).toEqual([])
})
