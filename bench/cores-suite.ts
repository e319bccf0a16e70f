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

/** A variant, and what has been measured of it. */
interface Run {
  options: OpenOptions
  starts: number[]
  /** Of each round. */
  passes: { ms: number; tokens: number }[]
}

/**
 * Throughput on one core and on two, by both engines, and of 4 bits: in an isolated page, where workers share memory or
 * transformers.js has threads, and in one that is not isolated. The variants of a page alternate.
 */
export async function coresSuite({ data, model, rounds, papers: count = PAPERS }: BenchOptions): Promise<Row[]> {
  const folder = resolve(model ?? join(root, 'public/models/minilm'))
  if (!existsSync(join(folder, 'manifest.json'))) throw new Error(`${folder} is not a converted model. Give one with --model.`)
  const papers = aclTexts(dataFolder({ data }), count)
  const compare = async (isolated: boolean, variants: readonly OpenOptions[]): Promise<Row[]> => {
    const opened = await openPage({ '/model': folder }, { isolated })
    const { page } = opened
    try {
      const runs: Run[] = []
      for (const options of variants) {
        // The first start fills the browser's cache.
        await page.evaluate((variant) => window.bench.open(variant), options)
        const starts: number[] = []
        for (let round = 0; round < rounds; round++)
          starts.push((await page.evaluate((variant) => window.bench.open(variant), options)).startMs)
        runs.push({ options, starts, passes: [] })
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
        const { dtype, device, engine, tier, threads, workers } = infos[options.name]!
        const seconds = median(passes.map(({ ms }) => ms)) / 1000
        const one = runs.find(({ options: other }) => other.engine === options.engine && other.threads === 1)!
        return {
          name: options.name,
          papers: papers.length,
          tokens: passes[0]!.tokens,
          papersPerSecond: papers.length / seconds,
          tokensPerSecond: passes[0]!.tokens / seconds,
          timesOneCore: median(passes.map(({ ms }, round) => one.passes[round]!.ms / ms)),
          startMs: median(starts),
          engine,
          tier: tier ?? '',
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
  const variants = (where: string) =>
    (['own', 'transformers'] as const).flatMap((engine) =>
      [1, 2].map((threads) => ({ name: `${engine}, ${threads} of 2 cores, ${where}`, dtype: 'q8' as const, engine, threads })),
    )
  return [
    ...(await compare(true, [...variants('isolated'), { name: 'own, q4, isolated', dtype: 'q4', engine: 'own', threads: 2 }])),
    ...(await compare(false, variants('not isolated'))),
  ]
}
