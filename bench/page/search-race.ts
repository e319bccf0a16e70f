import { wrap } from 'comlink'
import type { Race } from './search-worker.js'

export interface RaceResult {
  buildMs: number
  /** Of each query. */
  ms: number[]
  rows: number[][]
}

let worker: Worker | undefined

/** One contender in a worker of its own, which stays, with its index, until the next. Null where it took too long or failed. */
export async function searchRace(
  name: string,
  dimension: number,
  count: number,
  queries: number,
  limitMs: number,
): Promise<RaceResult | null> {
  endSearchRace()
  const own = new Worker(new URL('./search-worker.ts', import.meta.url), { type: 'module' })
  worker = own
  const race = wrap<Race>(own)
  const run = async () => {
    const buildMs = await race.build(name, dimension, count)
    return { buildMs, ...(await race.search(dimension, queries, 10, limitMs / 5)) }
  }
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(resolve, limitMs, null)
    own.onerror = () => resolve(null)
  })
  const result = await Promise.race([run(), late]).finally(() => clearTimeout(timer))
  if (!result) endSearchRace()
  return result
}

export function endSearchRace(): void {
  worker?.terminate()
  worker = undefined
}
