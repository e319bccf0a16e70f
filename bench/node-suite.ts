import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { createInterface, type Interface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import type { Row } from '../src/cli/report.js'
import type { BenchOptions } from './bench-options.js'
import { dataFolder, scifactPapers } from './benchmark-data.js'
import { cpuSeconds } from './cpu-time.js'
import { median } from './statistics.js'

const cli = fileURLToPath(new URL('../dist/cli.js', import.meta.url))
const THREADS = 2

/** The filter of the command line on each of its engines, on two threads: papers a second, and CPU seconds of a round. */
export async function nodeSuite(options: BenchOptions): Promise<Row[]> {
  const papers = scifactPapers(dataFolder(options), options.papers ?? 300)
  const args = ['embed', '-', '--out', '-', '--threads', String(THREADS), '--vectors-only']
  if (options.model !== undefined) args.push('--model', options.model)
  const engines = ['own', 'native'].map((engine) => {
    const child = spawn(process.execPath, [cli, ...args, '--engine', engine], { stdio: ['pipe', 'pipe', 'inherit'] })
    return { engine, filter: new Filter(child), seconds: [] as number[], cpu: [] as number[] }
  })
  for (const { filter } of engines) await filter.embed(papers.slice(0, 64))
  for (let round = 0; round < options.rounds; round++)
    for (const { filter, seconds, cpu } of engines) {
      const [startedAt, cpuBefore] = [performance.now(), cpuSeconds()]
      await filter.embed(papers)
      seconds.push((performance.now() - startedAt) / 1000)
      cpu.push(cpuSeconds() - cpuBefore)
    }
  for (const { filter } of engines) filter.end()
  return engines.map(({ engine, seconds, cpu }) => ({
    name: `ours in Node ${process.versions.node}, ${engine}`,
    papers: papers.length,
    threads: THREADS,
    papersPerSecond: papers.length / median(seconds),
    cpuSeconds: median(cpu),
  }))
}

class Filter {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>
  readonly #lines: Interface
  #left = 0
  #done = () => {}

  constructor(child: ChildProcessByStdio<Writable, Readable, null>) {
    this.#child = child
    this.#lines = createInterface({ input: child.stdout })
    this.#lines.on('line', () => {
      if (--this.#left === 0) this.#done()
    })
  }

  embed(papers: readonly object[]): Promise<void> {
    this.#left = papers.length
    this.#child.stdin.write(papers.map((paper) => `${JSON.stringify(paper)}\n`).join(''))
    return new Promise((resolve, reject) => {
      this.#done = resolve
      this.#child.once('exit', (code) => reject(new Error(`The filter ended with ${code}.`)))
    })
  }

  end(): void {
    this.#child.removeAllListeners('exit')
    this.#child.stdin.end()
  }
}
