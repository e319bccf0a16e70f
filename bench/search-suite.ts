import type { Row } from '../src/cli/report.js'
import type { BenchOptions } from './bench-options.js'
import { inFreshContext, loadPage, type OpenPage, openPage } from './browser-page.js'
import type { RaceResult } from './page/search-race.js'
import { RendererMemory } from './peak-memory.js'
import { quantile } from './statistics.js'

const DIMENSION = 768
const QUERIES = 200
const SIZES = [10_000, 100_000, 300_000]
const LIMIT_MS = 5 * 60_000
/** Contenders with their names in the table and their largest library. The plain scan comes first, since recall is measured by it. */
const CONTENDERS: readonly { name: string; label: string; upTo?: number }[] = [
  { name: 'plain', label: 'plain JS scan', upTo: 100_000 },
  { name: 'ours', label: 'ours' },
  { name: 'threads', label: 'ours, all threads' },
  { name: 'hnsw', label: 'hnswlib-wasm (M 16, efConstruction 200, ef 100)', upTo: 100_000 },
  { name: 'orama', label: 'Orama', upTo: 100_000 },
]

/** Up to this size, ours is also stored and opened again. */
const STORED_UP_TO = 100_000

/**
 * Searches for the 10 nearest vectors by cosine among seeded, clustered vectors of 768 dimensions, each library in its own worker
 * in one Chromium. Recall is measured against the plain scan, or against ours if that did not run. `openMs` is the time from
 * opening a stored index in a fresh page to the hits of its first search.
 */
export async function searchSuite({ papers: only }: BenchOptions): Promise<Row[]> {
  const opened = await openPage({})
  const rows: Row[] = []
  try {
    for (const papers of only === undefined ? SIZES : [only]) {
      let exact: number[][] | undefined
      for (const { name, label } of CONTENDERS.filter(({ upTo = Number.POSITIVE_INFINITY }) => papers <= upTo)) {
        const result = await runContender(opened, name, papers)
        const row = { name: label, papers, dimension: DIMENSION }
        if (result) {
          const { ms } = result
          exact ??= result.rows
          rows.push({
            ...row,
            queries: ms.length,
            p50Ms: quantile(ms, 0.5),
            p95Ms: quantile(ms, 0.95),
            buildMs: result.buildMs,
            bytes: result.bytes,
            recallAt10: recall(result.rows, exact),
            ...(name === 'ours' && papers <= STORED_UP_TO && { openMs: await openTime(opened, papers) }),
          })
        } else rows.push({ ...row, outcome: 'cut off after 5 minutes, or failed' })
        console.error(rows.at(-1))
      }
    }
  } finally {
    await opened.close()
  }
  return rows
}

/** Runs a contender in a fresh process, so that the memory held after the queries is the contender's. */
function runContender(opened: OpenPage, name: string, papers: number): Promise<(RaceResult & { bytes: number }) | null> {
  return inFreshContext(opened, async (page) => {
    const memory = await RendererMemory.of(opened.browser)
    const idle = memory.now()
    const args = [name, DIMENSION, papers, QUERIES, LIMIT_MS] as const
    const result = await page.evaluate((args) => window.bench.searchRace(...args), args)
    memory.stop()
    return result && { ...result, bytes: memory.now() - idle }
  })
}

function openTime(opened: OpenPage, papers: number): Promise<number> {
  const stored = { papers, dimension: DIMENSION }
  return inFreshContext(opened, async (page) => {
    await page.evaluate((stored) => window.indexBench.buildLarge(stored), stored)
    await loadPage(page, opened.url)
    return (await page.evaluate((stored) => window.indexBench.openLarge(stored), stored)).firstHitsMs
  })
}

/** The mean share of the exact rows that were found, over the queries that both answered. */
function recall(found: readonly number[][], exact: readonly number[][]): number {
  const shares = exact
    .slice(0, found.length)
    .map((rows, query) => rows.filter((row) => found[query]?.includes(row)).length / rows.length)
  return shares.reduce((sum, share) => sum + share, 0) / shares.length
}
