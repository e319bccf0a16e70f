import { wrap } from 'comlink'
import type { Race } from './search-worker.js'

export interface RaceResult {
  buildMs: number
  /** Milliseconds of each query. */
  ms: number[]
  rows: number[][]
}

/** Runs a contender in a new worker, which stays alive with its index. `null` if it took too long or failed. */
export async function searchRace(
  name: string,
  dimension: number,
  count: number,
  queries: number,
  limitMs: number,
): Promise<RaceResult | null> {
  const worker = new Worker(new URL('./search-worker.ts', import.meta.url), { type: 'module' })
  const race = wrap<Race>(worker)
  const run = async () => {
    const buildMs = await race.build(name, dimension, count)
    return { buildMs, ...(await race.search(dimension, queries, 10, limitMs / 5)) }
  }
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(resolve, limitMs, null)
    worker.onerror = () => resolve(null)
  })
  const result = await Promise.race([run().catch(() => null), late]).finally(() => clearTimeout(timer))
  if (!result) worker.terminate()
  return result
}
