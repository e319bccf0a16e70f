/** `npm run soak`: hours of work in minutes, on one page. Memory must return to where it was. Never part of the tests. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { CDPSession, Page } from '@playwright/test'
import { build } from 'vite'
import { manyPapers, openIndex } from '../index-page.js'
import { expect, test } from '../site.js'
import { outcome } from './cases.js'

test.skip(process.env.SOAK === undefined, 'takes too long')

const [PAPERS, SEARCHES, SWITCHES, CYCLES, DUPLICATES] = [20_000, 2_000, 200, 100, 500]
const MEGABYTE = 2 ** 20

interface Sample {
  step: string
  count: number
  /** Memory of the page's process, workers included, in MiB. */
  process: number
  /** What the browser counts as objects of page and workers, in MiB. */
  objects: number
  seconds: number
}

test('20,000 papers, 2,000 searches, 200 adapter switches, 100 openings, 500 searches for duplicates', async ({
  page,
  site,
  browser,
}) => {
  test.setTimeout(3 * 3_600_000)
  const duplicates = await duplicatesScript()
  site.answer = (path, response) =>
    path === '/duplicates.js' && Boolean(response.setHeader('content-type', 'text/javascript').end(duplicates))
  const session = await browser.newBrowserCDPSession()
  const samples: Sample[] = []
  const begin = performance.now()
  const sample = async (step: string, count: number) => {
    samples.push({ step, count, ...(await memoryOf(page, session)), seconds: (performance.now() - begin) / 1000 })
    console.log(JSON.stringify(samples.at(-1)))
    return samples.at(-1)!
  }
  await openIndex(page)
  await sample('opened', 0)

  for (let first = 0; first < PAPERS; first += 1000) {
    await page.evaluate((papers) => window.index.add(papers), manyPapers(1000, `part${first}`))
    if (first % 5000 === 4000) await sample('papers', first + 1000)
  }
  const afterPapers = samples.at(-1)!

  for (let first = 0; first < SEARCHES; first += 500) {
    await page.evaluate(async (first) => {
      for (let query = first; query < first + 500; query++)
        await window.index.search(`floods ${query} and soil`, { mode: query % 3 === 0 ? 'lexical' : 'hybrid' })
    }, first)
    await sample('searches', first + 500)
  }
  const afterSearches = samples.at(-1)!

  await page.evaluate(async (count) => {
    const embedder = await window.specter2.createEmbedder({ model: '/models/tiny/', threads: 1 })
    const adapters = embedder.info.adapters
    for (let turn = 0; turn < count; turn++)
      await embedder.embed([`Paper ${turn}`], { adapter: adapters[turn % adapters.length]! })
    await embedder.dispose()
  }, SWITCHES)
  const afterSwitches = await sample('adapter switches', SWITCHES)

  for (let first = 0; first < CYCLES; first += 25) {
    await page.evaluate(async () => {
      for (let cycle = 0; cycle < 25; cycle++) {
        const embedder = await window.specter2.createEmbedder({ model: '/models/tiny/', threads: 1 })
        const index = await window.specter2.PaperIndex.open('library', { embedder })
        await index.search('floods', { mode: 'semantic', k: 3 })
        await index.close()
        await embedder.dispose()
      }
    })
    await sample('openings', first + 25)
  }
  const [firstCycles, lastCycles] = [samples.at(-4)!, samples.at(-1)!]

  for (let first = 0; first < DUPLICATES; first += 125) {
    await page.evaluate(
      async (papers) => {
        const script = '/duplicates.js'
        const { findDuplicates } = (await import(script)) as typeof import('../../src/core/duplicates/index.js')
        for (let run = 0; run < 125; run++) await findDuplicates(papers)
      },
      manyPapers(200, 'pair'),
    )
    await sample('searches for duplicates', first + 125)
  }
  const [firstRuns, lastRuns] = [samples.at(-4)!, samples.at(-1)!]

  await page.evaluate(() => window.index.close())
  await page.waitForTimeout(2000)
  const end = await sample('closed', 0)
  console.table(samples)

  // Of each kind of work, what the first part has taken is enough for the rest.
  expect(afterSearches.objects - afterPapers.objects).toBeLessThan(20)
  expect(afterSwitches.objects - afterSearches.objects).toBeLessThan(5)
  expect(lastCycles.objects - firstCycles.objects).toBeLessThan(5)
  expect(lastCycles.process - firstCycles.process).toBeLessThan(40)
  expect(lastRuns.objects - firstRuns.objects).toBeLessThan(5)
  expect(end.objects - samples[0]!.objects).toBeLessThan(10)
  outcome(
    `objects: ${samples[0]!.objects} MiB at the start, at most ${Math.max(...samples.map(({ objects }) => objects))}, ${end.objects} at the end`,
  )
})

/** The package's entry for duplicates in one file. */
async function duplicatesScript(): Promise<string> {
  const entry = fileURLToPath(new URL('../../dist/core/duplicates/index.js', import.meta.url))
  const result = await build({
    configFile: false,
    logLevel: 'error',
    build: { write: false, lib: { entry, formats: ['es'] }, rolldownOptions: { output: { codeSplitting: false } } },
  })
  const [output] = [result].flat().flatMap((part) => ('output' in part ? part.output : []))
  if (output?.type !== 'chunk') throw new Error('no script')
  return output.code
}

/** After a garbage collection, which the measurement does itself. */
async function memoryOf(page: Page, session: CDPSession): Promise<Pick<Sample, 'process' | 'objects'>> {
  const objects = await page.evaluate(async () => {
    const { measureUserAgentSpecificMemory } = performance as unknown as {
      measureUserAgentSpecificMemory: () => Promise<{ bytes: number }>
    }
    return (await measureUserAgentSpecificMemory.call(performance)).bytes
  })
  const { processInfo } = await session.send('SystemInfo.getProcessInfo')
  const resident = processInfo
    .filter(({ type }) => type === 'renderer')
    .map(({ id }) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${id}/status`, 'utf8'))?.[1] ?? 0) * 1024)
  const rounded = (bytes: number) => Math.round((10 * bytes) / MEGABYTE) / 10
  return { process: rounded(Math.max(...resident)), objects: rounded(objects) }
}
