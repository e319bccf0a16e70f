import type { Row } from '../src/cli/report.js'
import type { BenchOptions } from './bench-options.js'
import { openPage } from './browser-page.js'
import type { Method } from './page/duplicates-worker.js'
import { RendererMemory } from './peak-memory.js'
import { DIMENSION } from './seeded-library.js'

const SIZES = [10_000, 50_000]
/** Peers are cut off here. */
const LIMIT_MS = 300_000
const METHODS: readonly (readonly [name: string, method: Method])[] = [
  ['ours', 'ours'],
  ['ours, without vectors', 'bare'],
  ['ours, the last 100 added', 'added'],
  ['plain loop over all pairs', 'loop'],
  ['hnsw (npm), 10 neighbours', 'hnsw'],
]

/**
 * Duplicates of seeded libraries with vectors given, each in a worker of its own in one Chromium: ours, all pairs in a plain loop, and
 * an HNSW index's neighbours. Seconds without making the library; bytes of the page's process at their most, with the library.
 */
export async function duplicatesSuite({ papers: only }: BenchOptions): Promise<Row[]> {
  const { browser, url, close } = await openPage({})
  const rows: Row[] = []
  try {
    for (const papers of only === undefined ? SIZES : [only])
      for (const [name, method] of METHODS) {
        const context = await browser.newContext()
        const page = await context.newPage()
        await page.goto(url)
        await page.waitForFunction(() => window.bench)
        const memory = await RendererMemory.of(browser)
        const idle = memory.takePeak()
        const args = [method, papers, LIMIT_MS] as const
        const { done, ...figures } = await page.evaluate((args) => window.bench.duplicatesRace(...args), args)
        const bytes = memory.takePeak() - idle
        memory.stop()
        await context.close()
        rows.push({ name, papers, ...figures, bytes, ...(done < 1 && { doneInLimit: done }), dimension: DIMENSION })
        console.error(rows.at(-1))
      }
  } finally {
    await close()
  }
  return rows
}
