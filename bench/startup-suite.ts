import { existsSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import { join, resolve } from 'node:path'
import type { Row } from '../src/cli/report.js'
import type { EngineChoice } from '../src/core/types.js'
import type { BenchOptions } from './bench-options.js'
import { loadPage, openPage, root } from './browser-page.js'
import { RendererMemory } from './peak-memory.js'
import { median } from './statistics.js'

type Visit = 'first' | 'second'

/**
 * Both engines on WASM, in one thread and in two: time to the first vector of a model on first visits, and on second ones, when every
 * request to its folder fails; bytes over the network, the runtime's included; short and long queries; memory.
 */
export async function startupSuite({ rounds, model = join(root, 'public/models/minilm') }: BenchOptions): Promise<Row[]> {
  const folder = resolve(model)
  if (!existsSync(join(folder, 'manifest.json'))) throw new Error(`${folder} is not a converted model. Give one with --model.`)
  const rows: Row[] = []
  for (const engine of ['own', 'transformers'] as const)
    for (const threads of [1, 2]) rows.push(...(await startups(folder, engine, threads, rounds)))
  return rows
}

async function startups(folder: string, engine: EngineChoice, threads: number, rounds: number): Promise<Row[]> {
  let fails = false
  let fetched = 0
  const opened = await openPage(
    { '/model': folder },
    {
      intercept: (request, response) => {
        count(response, (bytes) => {
          fetched += bytes
        })
        if (!fails || !request.url?.startsWith('/model')) return false
        response.writeHead(503).end()
        return true
      },
    },
  )
  const { page, url, browser } = opened
  const measure = async (visit: Visit) => {
    fails = visit === 'second'
    await loadPage(page, url)
    const memory = await RendererMemory.of(browser)
    const empty = memory.takePeak()
    // Without the page itself, which is the benchmark's.
    fetched = 0
    const found = await page.evaluate((options) => window.bench.start(options), { model: '/model/', engine, threads })
    memory.stop()
    return { ...found, fetched, peak: memory.takePeak() - empty }
  }
  const visits: Record<Visit, Awaited<ReturnType<typeof measure>>[]> = { first: [], second: [] }
  try {
    for (let round = 0; round < rounds; round++) {
      for (const visit of ['first', 'second'] as const) visits[visit].push(await measure(visit))
      await page.evaluate(() => indexedDB.deleteDatabase('specter2-web'))
    }
  } finally {
    await opened.close()
  }
  return (['first', 'second'] as const).map((visit) => {
    const of = (pick: (found: (typeof visits)[Visit][number]) => number) => median(visits[visit].map(pick))
    return {
      name: `${engine}, ${threads} threads, ${visit} visit${visit === 'second' ? ', model folder unreachable' : ''}`,
      engine,
      threads,
      cached: visit === 'second',
      firstVectorMs: of(({ firstVectorMs }) => firstVectorMs),
      adapterSwitchMs: of(({ adapterSwitchMs }) => adapterSwitchMs),
      shortQueryMs: of(({ shortQueryMs }) => shortQueryMs),
      longQueryMs: of(({ longQueryMs }) => longQueryMs),
      megabytesFetched: of(({ fetched: bytes }) => bytes) / 1e6,
      peakMegabytes: of(({ peak }) => peak) / 1e6,
    }
  })
}

/** Reports the bytes of a response's body. */
function count(response: ServerResponse, onBytes: (bytes: number) => void): void {
  for (const name of ['write', 'end'] as const) {
    const send = response[name].bind(response) as (...args: unknown[]) => unknown
    const counted = (...args: unknown[]) => {
      const [chunk] = args
      if (typeof chunk === 'string' || chunk instanceof Uint8Array) onBytes(Buffer.byteLength(chunk))
      return send(...args)
    }
    Object.assign(response, { [name]: counted })
  }
}
