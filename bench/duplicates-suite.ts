import type { Row } from '../src/cli/report.js'
import type { BenchOptions } from './bench-options.js'
import { inFreshContext, openPage } from './browser-page.js'
import type { Method } from './page/duplicates-worker.js'
import { RendererMemory } from './peak-memory.js'
import { DIMENSION } from './seeded-library.js'

const SIZES = [10_000, 50_000]
/** Slower methods are cut off. */
const LIMIT_MS = 300_000
const METHODS: readonly (readonly [name: string, method: Method])[] = [
  ['ours', 'ours'],
  ['ours, without vectors', 'bare'],
  ['ours, the last 100 added', 'added'],
  ['plain loop over all pairs', 'loop'],
  ['hnsw (npm), 10 neighbours', 'hnsw'],
]

/**
 * Finds duplicates in seeded libraries with given vectors, each time in a new worker: ours, a plain loop over all pairs, and the
 * neighbours in an HNSW index. Seconds do not include generating the library; bytes are the peak of the page's process,
 * including the library.
 */
export async function duplicatesSuite({ papers: only }: BenchOptions): Promise<Row[]> {
  const opened = await openPage({})
  const rows: Row[] = []
  try {
    for (const papers of only === undefined ? SIZES : [only])
      for (const [name, method] of METHODS) {
        const { done, bytes, ...figures } = await inFreshContext(opened, async (page) => {
          const memory = await RendererMemory.of(opened.browser)
          const idle = memory.takePeak()
          const args = [method, papers, LIMIT_MS] as const
          const race = await page.evaluate((args) => window.bench.duplicatesRace(...args), args)
          const bytes = memory.takePeak() - idle
          memory.stop()
          return { ...race, bytes }
        })
        rows.push({ name, papers, ...figures, bytes, ...(done < 1 && { doneInLimit: done }), dimension: DIMENSION })
        console.error(rows.at(-1))
      }
  } finally {
    await opened.close()
  }
  return rows
}
