import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Row } from '../src/cli/report.js'
import type { PaperText } from '../src/core/types.js'
import type { BenchOptions } from './bench-options.js'
import { aclTexts, dataFolder } from './benchmark-data.js'
import { openPage, root } from './browser-page.js'
import type { OpenOptions } from './page/main.js'
import { median } from './statistics.js'

const PAPERS = 200
/** Variants take turns after so many papers, so that other load on the machine affects them alike. */
const SLICE = 40

/**
 * Throughput on a CPU: the dtypes on the threads of an isolated page, and one worker and two in a page that is not isolated.
 * The variants of each pair alternate in one page.
 */
export async function coresSuite({ data, model, rounds, papers: count = PAPERS }: BenchOptions): Promise<Row[]> {
  const folder = resolve(model ?? join(root, 'public/models/minilm'))
  if (!existsSync(join(folder, 'manifest.json'))) throw new Error(`${folder} is not a converted model. Give one with --model.`)
  const papers = aclTexts(dataFolder({ data }), count)
  const compare = async (isolated: boolean, variants: readonly OpenOptions[]): Promise<Row[]> => {
    const opened = await openPage({ '/model': folder }, { isolated })
    const { page } = opened
    try {
      const runs = []
      for (const options of variants) {
        // The first start fills the browser's cache.
        await page.evaluate((variant) => window.bench.open(variant), options)
        const starts: number[] = []
        for (let round = 0; round < rounds; round++)
          starts.push((await page.evaluate((variant) => window.bench.open(variant), options)).startMs)
        const passes: { ms: number; tokens: number }[] = []
        runs.push({ options, starts, passes })
      }
      const pass = (name: string, list: PaperText[]) =>
        page.evaluate(([variant, some]) => window.bench.pass(variant, some), [name, list] as const)
      // A pool starts its second worker on the first bulk work.
      for (const { options } of runs) for (let warm = 0; warm < 2; warm++) await pass(options.name, papers.slice(0, SLICE))
      for (let round = 0; round < rounds; round++) {
        for (const { passes } of runs) passes.push({ ms: 0, tokens: 0 })
        for (let start = 0; start < papers.length; start += SLICE)
          for (const turn of runs.keys()) {
            const { options, passes } = runs[(turn + round + start / SLICE) % runs.length]!
            const { ms, tokens } = await pass(options.name, papers.slice(start, start + SLICE))
            passes[round]!.ms += ms
            passes[round]!.tokens += tokens
          }
        for (const { options, passes } of runs)
          console.error(`round ${round + 1}: ${options.name} ${(passes[round]!.ms / 1000).toFixed(1)} s`)
      }
      const infos = await page.evaluate(() => window.bench.infos())
      return runs.map(({ options, starts, passes }) => {
        const { dtype, device, threads, workers } = infos[options.name]!
        const seconds = median(passes.map(({ ms }) => ms)) / 1000
        return {
          name: options.name,
          papers: papers.length,
          tokens: passes[0]!.tokens,
          papersPerSecond: papers.length / seconds,
          tokensPerSecond: passes[0]!.tokens / seconds,
          startMs: median(starts),
          dtype,
          device,
          threads,
          workers,
        }
      })
    } finally {
      await opened.close()
    }
  }
  return [
    ...(await compare(true, [
      { name: 'ours, q8', dtype: 'q8', threads: 2 },
      { name: 'ours, q4', dtype: 'q4', threads: 2 },
    ])),
    ...(await compare(false, [
      { name: 'ours, one worker, not isolated', dtype: 'q8', threads: 1 },
      { name: 'ours, two workers, not isolated', dtype: 'q8', threads: 2 },
    ])),
  ]
}
