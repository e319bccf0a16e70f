import { wrap } from 'comlink'
import type { DuplicatesFigures, DuplicatesRace, Method } from './duplicates-worker.js'

/** One method in a worker of its own, and the milliseconds of the longest task that the page's main thread had meanwhile, from 50 on. */
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
