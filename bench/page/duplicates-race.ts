import { wrap } from 'comlink'
import type { DuplicatesFigures, DuplicatesRace, Method } from './duplicates-worker.js'

/** Runs a method in a new worker. `longestTaskMs` is the longest task of the page's main thread meanwhile, if it took 50 ms or more. */
export async function duplicatesRace(
  method: Method,
  papers: number,
  limitMs: number,
): Promise<DuplicatesFigures & { longestTaskMs: number }> {
  let longestTaskMs = 0
  const observer = new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) longestTaskMs = Math.max(longestTaskMs, duration)
  })
  observer.observe({ type: 'longtask' })
  const worker = new Worker(new URL('./duplicates-worker.ts', import.meta.url), { type: 'module' })
  const failed = new Promise<never>((_, reject) => {
    worker.onerror = ({ message }) => reject(new Error(message))
  })
  try {
    const figures = await Promise.race([wrap<DuplicatesRace>(worker).run(method, papers, limitMs), failed])
    return { ...figures, longestTaskMs }
  } finally {
    observer.disconnect()
    worker.terminate()
  }
}
