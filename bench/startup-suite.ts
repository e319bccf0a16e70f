import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Row } from '../src/cli/report.js'
import type { BenchOptions } from './bench-options.js'
import { loadPage, openPage, root } from './browser-page.js'
import { median } from './statistics.js'

/** Time to the first vector of the default model: on first visits, and on second ones, when every request to its folder fails. */
export async function startupSuite({ rounds }: BenchOptions): Promise<Row[]> {
  const model = join(root, 'public/models/minilm')
  if (!existsSync(model)) throw new Error(`${model} is missing.`)
  let fails = false
  const opened = await openPage(
    { '/model': model },
    {
      intercept: (request, response) => {
        if (!fails || !request.url?.startsWith('/model')) return false
        response.writeHead(503).end()
        return true
      },
    },
  )
  const { page, url } = opened
  const visits: Record<'first' | 'second', { firstVectorMs: number; adapterSwitchMs: number; bytesDownloaded: number }[]> = {
    first: [],
    second: [],
  }
  try {
    for (let round = 0; round < rounds; round++) {
      for (const visit of ['first', 'second'] as const) {
        fails = visit === 'second'
        await loadPage(page, url)
        visits[visit].push(await page.evaluate(() => window.bench.start('/model/')))
      }
      await page.evaluate(() => indexedDB.deleteDatabase('specter2-web'))
    }
  } finally {
    await opened.close()
  }
  return (['first', 'second'] as const).map((visit) => ({
    name: visit === 'first' ? 'ours, first visit' : 'ours, second visit, model folder unreachable',
    cached: visit === 'second',
    firstVectorMs: median(visits[visit].map(({ firstVectorMs }) => firstVectorMs)),
    adapterSwitchMs: median(visits[visit].map(({ adapterSwitchMs }) => adapterSwitchMs)),
    bytesDownloaded: visits[visit][0]!.bytesDownloaded,
  }))
}
