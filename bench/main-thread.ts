import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Row } from '../src/cli/report.js'
import type { PaperText } from '../src/types.js'
import { type OpenPage, workFolder } from './browser-page.js'

interface TraceEvent {
  name: string
  ph: string
  pid: number
  tid: number
  dur?: number
  tdur?: number
  args: { name?: string }
}

/** What embedding costs the page's main thread, from a trace of the browser. */
export async function mainThreadUse({ page, browser }: OpenPage, papers: PaperText[]): Promise<Row> {
  const path = join(workFolder, 'trace.json')
  await browser.startTracing(page, {
    path,
    categories: ['toplevel', 'disabled-by-default-devtools.timeline', 'devtools.timeline'],
  })
  const { ms } = await page.evaluate((list) => window.bench.ours(list), papers)
  await browser.stopTracing()
  const { traceEvents } = JSON.parse(readFileSync(path, 'utf8')) as { traceEvents: TraceEvent[] }
  rmSync(path)
  const isMain = mainThread(traceEvents)
  const tasks = traceEvents.filter((event) => event.ph === 'X' && event.name === 'RunTask' && isMain(event))
  // The first long task is the driver's own: it hands the papers to the page.
  const durations = tasks.map(({ dur = 0 }) => dur / 1000)
  const cpu = tasks.reduce((sum, { tdur, dur = 0 }) => sum + (tdur ?? dur) / 1000, 0)
  return {
    name: 'ours, main thread of the page',
    model: 'minilm',
    papers: papers.length,
    seconds: ms / 1000,
    mainThreadPercent: (100 * cpu) / ms,
    longestTaskMs: Math.max(0, ...durations),
    tasks: tasks.length,
  }
}

/** The renderer's main thread with the most tasks: the page's. */
function mainThread(events: readonly TraceEvent[]): (event: TraceEvent) => boolean {
  const mains = events.filter(({ name, args }) => name === 'thread_name' && args.name === 'CrRendererMain')
  const count = ({ pid, tid }: TraceEvent) =>
    events.filter((event) => event.name === 'RunTask' && event.pid === pid && event.tid === tid).length
  const [page] = mains.sort((a, b) => count(b) - count(a))
  return ({ pid, tid }) => pid === page?.pid && tid === page?.tid
}
