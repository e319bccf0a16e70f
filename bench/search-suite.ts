import type { Browser } from '@playwright/test'
import type { Row } from '../src/cli/report.js'
import { openPage } from './browser-page.js'
import type { RaceResult } from './page/search-race.js'
import { RendererMemory } from './peak-memory.js'

const DIMENSION = 768
const QUERIES = 200
const SIZES = [10_000, 100_000, 300_000]
const LIMIT_MS = 5 * 60_000
/** Names as the table has them, and the numbers of papers; the plain scan goes first, as its hits are what recall is measured by. */
const CONTENDERS: readonly { name: string; label: string; sizes: readonly number[] }[] = [
  { name: 'plain', label: 'plain JS scan', sizes: [10_000, 100_000] },
  { name: 'ours', label: 'ours', sizes: [10_000, 100_000, 300_000] },
  { name: 'threads', label: 'ours, all threads', sizes: [10_000, 100_000, 300_000] },
  { name: 'hnsw', label: 'hnswlib-wasm (M 16, efConstruction 200, ef 100)', sizes: [10_000, 100_000] },
  { name: 'orama', label: 'Orama', sizes: [10_000, 100_000] },
]

/** Sizes at which ours is stored and opened again, too. */
const STORED_UP_TO = 100_000

/**
 * Searches by vector in one Chromium, each library in a worker of its own: 768 dimensions, clustered, from a seed; 10 nearest
 * by cosine. Recall is measured against the plain scan, so it is 1 where that was not run. `openMs` is from opening a stored index in
 * a fresh page to the hits of its first search.
 */
export async function searchSuite(): Promise<Row[]> {
  const { browser, url, close } = await openPage({})
  const rows: Row[] = []
  try {
    for (const papers of SIZES) {
      let exact: number[][] | undefined
      for (const { name, label } of CONTENDERS.filter(({ sizes }) => sizes.includes(papers))) {
        const result = await inFreshPage(browser, url, name, papers)
        const row = { name: label, papers, dimension: DIMENSION }
        if (result) {
          const ms = result.ms.toSorted((a, b) => a - b)
          const at = (share: number) => ms[Math.min(ms.length - 1, Math.floor(share * ms.length))]!
          exact ??= result.rows
          rows.push({
            ...row,
            queries: ms.length,
            p50Ms: at(0.5),
            p95Ms: at(0.95),
            buildMs: result.buildMs,
            bytes: result.bytes,
            recallAt10: recall(result.rows, exact),
            ...(name === 'ours' && papers <= STORED_UP_TO && { openMs: await openTime(browser, url, papers) }),
          })
        } else rows.push({ ...row, outcome: 'cut off after 5 minutes, or failed' })
        console.error(rows.at(-1))
      }
    }
  } finally {
    await close()
  }
  return rows
}

/** A page of a context of its own has a process of its own: what it holds after the queries is the library's. */
async function inFreshPage(
  browser: Browser,
  url: string,
  name: string,
  papers: number,
): Promise<(RaceResult & { bytes: number }) | null> {
  const context = await browser.newContext()
  const page = await context.newPage()
  await page.goto(url)
  await page.waitForFunction(() => window.bench)
  const memory = await RendererMemory.of(browser)
  try {
    const idle = memory.now()
    const args = [name, DIMENSION, papers, QUERIES, LIMIT_MS] as const
    const result = await page.evaluate((args) => window.bench.searchRace(...args), args)
    return result && { ...result, bytes: memory.now() - idle }
  } finally {
    memory.stop()
    await context.close()
  }
}

async function openTime(browser: Browser, url: string, papers: number): Promise<number> {
  const context = await browser.newContext()
  const page = await context.newPage()
  const stored = { papers, dimension: DIMENSION }
  const ready = async () => {
    await page.goto(url)
    await page.waitForFunction(() => window.indexBench)
  }
  try {
    await ready()
    await page.evaluate((stored) => window.indexBench.buildLarge(stored), stored)
    await ready()
    return (await page.evaluate((stored) => window.indexBench.openLarge(stored), stored)).firstHitsMs
  } finally {
    await context.close()
  }
}

/** The share of the exact rows that were found, over the queries of both. */
function recall(found: readonly number[][], exact: readonly number[][]): number {
  const shares = exact
    .slice(0, found.length)
    .map((rows, query) => rows.filter((row) => found[query]?.includes(row)).length / rows.length)
  return shares.reduce((sum, share) => sum + share, 0) / shares.length
}
