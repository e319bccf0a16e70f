import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Row } from '../src/cli/report.js'
import type { PaperText } from '../src/core/types.js'
import { type OpenPage, workFolder } from './browser-page.js'

interface TraceEvent {
  name: string
  ph: string
  pid: number
  tid: number
  /** Microseconds, as are the durations. */
  ts: number
  dur?: number
  tdur?: number
  args: { name?: string }
}

/** What a page's main thread did during some work. */
export interface MainThreadTrace {
  ms: number
  /** Sorted by start. */
  tasks: readonly { startMs: number; wallMs: number; cpuMs: number }[]
  /** Start of each frame drawn by a script, sorted. */
  framesMs: readonly number[]
}

/** Traces the page's main thread while `work` runs. */
export async function traceMainThread(
  { page, browser }: Pick<OpenPage, 'page' | 'browser'>,
  work: () => Promise<unknown>,
): Promise<MainThreadTrace> {
  const path = join(workFolder, 'trace.json')
  await browser.startTracing(page, {
    path,
    categories: ['toplevel', 'disabled-by-default-devtools.timeline', 'devtools.timeline'],
  })
  const startedAt = performance.now()
  await work()
  const ms = performance.now() - startedAt
  await browser.stopTracing()
  const { traceEvents } = JSON.parse(readFileSync(path, 'utf8')) as { traceEvents: TraceEvent[] }
  rmSync(path)
  const isMain = mainThread(traceEvents)
  const events = traceEvents.filter((event) => event.ph === 'X' && isMain(event)).sort((a, b) => a.ts - b.ts)
  return {
    ms,
    tasks: events
      .filter(({ name }) => name === 'RunTask')
      .map(({ ts, dur = 0, tdur }) => ({ startMs: ts / 1000, wallMs: dur / 1000, cpuMs: (tdur ?? dur) / 1000 })),
    framesMs: events.filter(({ name }) => name === 'FireAnimationFrame').map(({ ts }) => ts / 1000),
  }
}

/** Figures of a row: how much of the main thread was in use. */
export function mainThreadShare({ ms, tasks }: MainThreadTrace): Row {
  return {
    seconds: ms / 1000,
    mainThreadPercent: (100 * tasks.reduce((sum, { cpuMs }) => sum + cpuMs, 0)) / ms,
    longestTaskMs: Math.max(0, ...tasks.map(({ wallMs }) => wallMs)),
    tasks: tasks.length,
  }
}

/** The load of embedding on the page's main thread, from a trace of the browser. */
export async function mainThreadUse(opened: OpenPage, papers: PaperText[]): Promise<Row> {
  // The first long task is the driver's: it passes the papers to the page.
  const trace = await traceMainThread(opened, () => opened.page.evaluate((list) => window.bench.pass('ours', list), papers))
  return { name: 'ours, main thread of the page', model: 'minilm', papers: papers.length, ...mainThreadShare(trace) }
}

/** Tells events of the page's main thread: the renderer's main thread with the most tasks. */
function mainThread(events: readonly TraceEvent[]): (event: TraceEvent) => boolean {
  const mains = events.filter(({ name, args }) => name === 'thread_name' && args.name === 'CrRendererMain')
  const count = ({ pid, tid }: TraceEvent) =>
    events.filter((event) => event.name === 'RunTask' && event.pid === pid && event.tid === tid).length
  const [page] = mains.sort((a, b) => count(b) - count(a))
  return ({ pid, tid }) => pid === page?.pid && tid === page?.tid
}
