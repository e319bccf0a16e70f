import { Worker } from 'node:worker_threads'
import type { Row } from '../src/cli/report.js'
import type { BenchOptions } from './bench-options.js'
import { DIMENSION } from './seeded-library.js'

const SIZES = [10_000, 50_000]
/** Peers are cut off here. */
const LIMIT_MS = 300_000

/** What a worker is to do. */
export interface DuplicatesTask {
  method: 'ours' | 'bare' | 'added' | 'loop' | 'hnsw'
  papers: number
  limitMs: number
}

/** What a worker tells when it is done. */
export interface DuplicatesFigures {
  seconds: number
  /** Of the processor, all threads: what stays the same on a busy machine. */
  cpuSeconds: number
  bytes: number
  /** Share of the work that was done. */
  done: number
  found: number
}

/**
 * Duplicates of seeded libraries with vectors given, each in a worker of its own: ours, all pairs in a plain loop, and an HNSW index's
 * neighbours. Seconds without making the library; bytes the worker's heap and buffers at their most.
 */
export async function duplicatesSuite({ papers: only }: BenchOptions): Promise<Row[]> {
  const rows: Row[] = []
  for (const papers of only === undefined ? SIZES : [only])
    for (const [name, method] of [
      ['ours', 'ours'],
      ['ours, without vectors', 'bare'],
      ['ours, the last 100 added', 'added'],
      ['plain loop over all pairs', 'loop'],
      ['hnsw (npm), 10 neighbours', 'hnsw'],
    ] as const) {
      const { seconds, cpuSeconds, bytes, done, found } = await inWorker({ method, papers, limitMs: LIMIT_MS })
      rows.push({ name, papers, seconds, cpuSeconds, bytes, ...(done < 1 && { doneInLimit: done }), found, dimension: DIMENSION })
      console.error(rows.at(-1))
    }
  return rows
}

function inWorker(workerData: DuplicatesTask): Promise<DuplicatesFigures> {
  return new Promise((resolve, reject) => {
    // The bench is one file, which knows by its thread what it is to do.
    const worker = new Worker(new URL(import.meta.url), {
      workerData,
      resourceLimits: { maxOldGenerationSizeMb: 6000 },
    })
    worker.once('message', (figures: DuplicatesFigures) => {
      resolve(figures)
      void worker.terminate()
    })
    worker.once('error', reject)
    worker.once('exit', (code) => reject(new Error(`The worker ended with ${code}.`)))
  })
}
