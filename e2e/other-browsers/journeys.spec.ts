/** The same journeys in each browser, with Chromium's vectors. A browser that is not installed is skipped. */
import { createHash } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { expect, test } from '@playwright/test'
import { type StaticServerOptions, startServer } from '../../src/cli/verify/static-server.js'
import { manyPapers } from '../index-page.js'
import { fileBytes, type Site, startSite } from '../site.js'
import { browsers, type Driver } from './drivers.js'

const built = fileURLToPath(new URL('../../dist-demo', import.meta.url))

for (const name of Object.keys(browsers))
  test.describe(name, () => {
    test.describe.configure({ mode: 'serial' })
    let driver: Driver
    let site: Site

    test.beforeAll(async () => {
      const started = await browsers[name]!()
      test.skip(started === null, `${name} is not installed`)
      driver = started!
    })
    test.afterAll(() => driver?.close())
    test.beforeEach(async () => {
      site = await startSite()
      await driver.open(site.url)
      await waitFor('the app', driver, () => Boolean(window.specter2))
    })
    test.afterEach(() => site.close())

    test('vectors of every tier that the browser can run, and of transformers.js', async () => {
      for (const engine of ['auto', 'transformers'] as const) {
        const { info, vectors } = await driver.run(
          async ({ engine, papers }) => {
            const embedder = await window.specter2.createEmbedder({ model: '/models/tiny/', threads: 1, engine })
            const { vectors } = await embedder.embed(papers)
            const { tier, engineReason, engine: ran } = embedder.info
            await embedder.dispose()
            return { info: { engine: ran, tier, engineReason }, vectors: [...vectors] }
          },
          { engine, papers: manyPapers(12) },
        )
        note(name, engine, { ...info, sha256: digest(vectors) })
        const portable = await expected(site, 'simd')
        const least = Math.min(...cosines(vectors, portable.vectors, portable.dimension))
        expect(least).toBeGreaterThan(engine === 'auto' ? 0.999 : 0.99)
        if (info.tier === 'simd') expect(vectors).toEqual(portable.vectors)
      }
    })

    test('papers per second of the default model, on both engines in turn', async () => {
      const papers = manyPapers(48)
      const rates = await driver.run(async (papers) => {
        const rates: Record<string, number[]> = { auto: [], transformers: [] }
        const embedders = {
          auto: await window.specter2.createEmbedder({ engine: 'auto' }),
          transformers: await window.specter2.createEmbedder({ engine: 'transformers' }),
        }
        for (const embedder of Object.values(embedders)) await embedder.embed(papers.slice(0, 8))
        for (let round = 0; round < 3; round++)
          for (const [engine, embedder] of Object.entries(embedders)) {
            const start = performance.now()
            await embedder.embed(papers)
            rates[engine]!.push((1000 * papers.length) / (performance.now() - start))
          }
        const { tier } = embedders.auto.info
        for (const embedder of Object.values(embedders)) await embedder.dispose()
        return { tier, ...rates }
      }, papers)
      note(name, 'papers per second', rates)
    })

    test('an index: add, search, reload, search, export, import, remove', async () => {
      await openIndex(driver)
      await driver.run(async (papers) => void (await window.index.add(papers)), manyPapers(40))
      const find = () =>
        driver.run(async () => {
          const found = []
          for (const mode of ['lexical', 'semantic', 'hybrid'] as const)
            found.push((await window.index.search('floods and wet soil', { mode, k: 5 })).hits.map(({ id }) => id))
          return found
        }, null)
      const before = await find()
      await driver.open(site.url)
      await waitFor('the app', driver, () => Boolean(window.specter2))
      await openIndex(driver)
      expect(await driver.run(() => window.index.info, null)).toMatchObject({
        papers: 40,
        vectors: 40,
        pending: 0,
        storage: { persistent: true },
      })
      expect(await find()).toEqual(before)
      const after = await driver.run(async () => {
        const file = await window.index.export()
        await window.index.remove(['paper-1', 'paper-2'])
        const { papers } = window.index.info
        return { papers, ...(await window.index.import(file)) }
      }, null)
      expect(after).toMatchObject({ papers: 38, added: 2, unchanged: 38 })
      expect(await find()).toEqual(before)
    })

    test('faults: a cut download, wrong bytes, dead workers, a deleted database', async () => {
      const create = () =>
        driver.run(
          async () =>
            window.rejection(
              window.specter2.createEmbedder({ model: '/models/tiny/', threads: 1 }).then((embedder) => embedder.dispose()),
            ),
          null,
        )
      const graph = '/models/tiny/onnx/model_quantized.onnx'
      site.answer = (path, response) => {
        if (path !== graph) return false
        const wrong = Buffer.from(fileBytes(path))
        wrong[1000]! ^= 1
        response.end(wrong)
        return true
      }
      expect(await create()).toMatchObject({ code: 'HASH_MISMATCH' })
      let cuts = 0
      site.answer = (path, response) => {
        if (path !== graph || cuts++ > 0) return false
        response.writeHead(200, { 'content-length': fileBytes(path).length })
        response.write(fileBytes(path).subarray(0, 50_000), () => response.destroy())
        return true
      }
      expect(await create()).toBeNull()
      site.answer = null
      const died = await driver.run(async (papers) => {
        const workers: Record<'embed' | 'library', Worker | null> = { embed: null, library: null }
        const make = (kind: 'embed' | 'library') => () => {
          workers[kind] = new Worker(`/specter2-web/workers/${kind}.js`, { type: 'module' })
          return workers[kind]
        }
        const embedder = await window.specter2.createEmbedder({ model: '/models/tiny/', worker: make('embed'), threads: 1 })
        const index = await window.specter2.PaperIndex.open('mortal', { embedder, worker: make('library') })
        await index.add(papers)
        const codes = []
        for (const kind of ['library', 'embed'] as const) {
          const call =
            kind === 'library'
              ? index.search('floods', { mode: 'lexical' })
              : embedder.embed(Array.from({ length: 30 }, () => papers).flat())
          const pending = window.rejection(call)
          await new Promise((resolve) => setTimeout(resolve, 20))
          workers[kind]!.terminate()
          codes.push((await pending)?.code ?? null)
          await window.rejection(kind === 'library' ? index.search('floods', { mode: 'lexical' }) : embedder.embed(['again']))
        }
        const { hits } = await index.search('floods', { mode: 'semantic', k: 3 })
        const { papers: count } = index.info
        await window.specter2.PaperIndex.delete('mortal')
        const deleted = await window.rejection(index.search('floods', { mode: 'lexical' }))
        await index.close()
        return { codes, hits: hits.length, count, deleted: deleted?.code }
      }, manyPapers(20))
      for (const code of died.codes) expect([null, 'WORKER_FAILED']).toContain(code)
      expect(died).toMatchObject({ hits: 3, count: 20, deleted: 'STORAGE_FAILED' })
    })

    test('bibliographies are read and written in workers', async () => {
      const counts = await driver.run(async () => {
        const text = Array.from(
          { length: 3000 },
          (_, index) => `@article{a${index}, title = {Kites ${index}}, year = 2001}`,
        ).join('\n')
        const { papers } = await window.specter2.readPapersInWorker([new File([text], 'a.bib')])
        const written = await window.specter2.writePapersInWorker(papers, 'xlsx')
        const again = await window.specter2.readPapersInWorker([new File([written], 'a.xlsx')])
        return [papers.length, again.papers.length]
      }, null)
      expect(counts).toEqual([3000, 3000])
    })

    test('the page: sample library, search, map, duplicates, history, reload', async () => {
      const options: StaticServerOptions = { roots: { '/papers': built } }
      const { url, close } = await startServer(options)
      await driver.open(`${url}/papers/`)
      const status = () => document.querySelector('[aria-label=Status]')?.textContent ?? ''
      const press = (label: string) =>
        driver.run((label) => {
          const button = [...document.querySelectorAll<HTMLElement>('button')].find(({ textContent }) =>
            textContent!.startsWith(label),
          )
          button!.click()
        }, label)
      await waitFor('the page', driver, () => document.body.innerText.includes('Try the sample library'))
      await press('Try the sample library')
      await waitFor('72 papers embedded', driver, () => {
        const text = document.querySelector('[aria-label=Status]')?.textContent ?? ''
        return text.includes('72 papers') && document.querySelector<HTMLElement>('#work')!.hidden === true
      })
      await driver.run(() => {
        const field = document.querySelector<HTMLInputElement>('input[type=search]')!
        field.value = 'shape of the molecule of heredity'
        field.dispatchEvent(new InputEvent('input', { bubbles: true }))
      }, null)
      await waitFor('the wanted paper, first', driver, () =>
        Boolean(document.querySelector('.row .title')?.textContent?.includes('Nucleic Acids')),
      )
      await press('Map')
      await waitFor('the map', driver, () => document.querySelector('.map-cluster') !== null)
      await press('Duplicates')
      await waitFor('the duplicates', driver, () => document.body.innerText.includes('0 duplicates in 72 papers'))
      await press('History')
      await waitFor('the history', driver, () => document.querySelector('dialog[open]') !== null)
      await driver.open(`${url}/papers/`)
      await waitFor('the library after a reload', driver, () => /72 papers/.test(document.body.innerText))
      note(name, 'page', await driver.run(status, null))
      close()
    })
  })

/** Vectors of a tier of Chromium's, which every browser that runs the tier must have bit for bit. */
let reference: Promise<{ vectors: number[]; dimension: number }> | undefined
function expected(site: Site, tier: 'simd'): Promise<{ vectors: number[]; dimension: number }> {
  reference ??= (async () => {
    const chromium = (await browsers.chromium!())!
    await chromium.open(site.url)
    await waitFor('the app', chromium, () => Boolean(window.specter2))
    const found = await chromium.run(
      async ({ tier, papers }) => {
        const embedder = await window.specter2.createEmbedder({ model: '/models/tiny/', threads: 1, tier })
        const { vectors, dimension } = await embedder.embed(papers)
        return { vectors: [...vectors], dimension }
      },
      { tier, papers: manyPapers(12) },
    )
    await chromium.close()
    return found
  })()
  return reference
}

async function openIndex(driver: Driver): Promise<void> {
  await driver.run(async () => {
    const embedder = await window.specter2.createEmbedder({ model: '/models/tiny/', threads: 1 })
    window.index = await window.specter2.PaperIndex.open('library', { embedder })
  }, null)
}

async function waitFor(what: string, driver: Driver, isTrue: () => boolean): Promise<void> {
  const state = async () => ({ what, isTrue: await driver.run(isTrue, null).catch(() => false) })
  await expect.poll(state, { timeout: 180_000, intervals: [200] }).toEqual({ what, isTrue: true })
}

function cosines(a: readonly number[], b: readonly number[], dimension: number): number[] {
  return Array.from({ length: a.length / dimension }, (_, row) => {
    const [x, y] = [a, b].map((all) => all.slice(row * dimension, (row + 1) * dimension)) as [number[], number[]]
    const dot = (p: number[], q: number[]) => p.reduce((sum, value, index) => sum + value * q[index]!, 0)
    return dot(x, y) / Math.sqrt(dot(x, x) * dot(y, y))
  })
}

const digest = (vectors: readonly number[]) => createHash('sha256').update(Float32Array.from(vectors)).digest('hex').slice(0, 16)
const note = (...parts: unknown[]) =>
  console.log(parts.map((part) => (typeof part === 'string' ? part : JSON.stringify(part))).join(' · '))
