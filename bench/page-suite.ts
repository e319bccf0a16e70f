import { join } from 'node:path'
import { chromium, type Page } from '@playwright/test'
import { build } from 'vite'
import { chromiumArguments, findChromium } from '../e2e/browser.mjs'
import type { Row } from '../src/cli/report.js'
import { startServer } from '../src/cli/verify/static-server.js'
import { type AclVectors, aclIndexFile, aclVectors } from './acl-vectors.js'
import type { BenchOptions } from './bench-options.js'
import { root } from './browser-page.js'
import { type MainThreadTrace, mainThreadShare, traceMainThread } from './main-thread.js'
import { painted } from './painted.js'
import { RendererMemory } from './peak-memory.js'
import { quantile } from './statistics.js'

const QUERIES = 60
const REPEATS = 20
/** Number of papers that are embedded while the page is traced. */
const EMBEDDED = 300
const MAP_MOVES = 120
/** Generous, since waiting on a busy machine is not a failure. */
const TIMEOUT_MS = 900_000

/**
 * The built page with the papers of the ACL Anthology, imported with their vectors from a library file: memory, time from a
 * keystroke to painted hits, idle and while papers are embedded, and from other inputs to what they paint, the longest task of the main
 * thread in each step, and the load of map frames and of embedding on it. With more `--papers` than there are, they are repeated.
 */
export async function pageSuite(options: BenchOptions): Promise<Row[]> {
  const acl = repeated(await aclVectors({ ...options, papers: undefined }), options.papers)
  await build({ configFile: join(root, 'vite.config.ts'), logLevel: 'warn' })
  const server = await startServer({ roots: { '/': join(root, 'dist-demo') } })
  const browser = await chromium.launch({ executablePath: findChromium(), args: [...chromiumArguments] })
  try {
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
    page.setDefaultTimeout(TIMEOUT_MS)
    page.on('pageerror', (error) => console.error(error))
    await page.goto(server.url)
    const memory = await RendererMemory.of(browser)
    // This includes the browser's own code and heap.
    const emptyBytes = memory.now()
    const rows: Row[] = []
    const add = (row: Row) => {
      console.error(row)
      rows.push({ ...row, name: `ours, ${row.name}`, papers: acl.papers.length })
    }
    const step = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
      const longest = await watchTasks(page)
      const result = await work()
      add({ name: `longest task, ${name}`, longestTaskMs: await longest() })
      return result
    }
    await step('library file opened', () => openLibrary(page, acl))
    await step('page reloaded', async () => {
      await page.reload()
      await opened(page, acl)
    })
    const idle = await step('typing', () => searches(page, acl))
    add({ name: 'keystroke to painted hits', ...spread(idle) })
    const times = await step('papers opened, selected, filtered; map and list shown', () => inputs(page))
    for (const [name, each] of Object.entries(times)) add({ name: `${name}, painted`, ...spread(each) })
    await step('duplicates shown', () => showDuplicates(page))
    await step('screening opened, a decision', () => decide(page))
    add({ name: 'main thread a frame of the map', ...(await mapFrames(page, browser)) })
    add({ name: 'memory of the page’s processes', emptyBytes, residentBytes: memory.now(), peakBytes: memory.takePeak() })
    memory.stop()
    add({ name: 'main thread while papers are embedded', embedded: EMBEDDED, ...(await embedding(page, browser, acl)) })
    const busy = await step('typing while papers are embedded', () => searchesAtWork(page, acl))
    add({ name: 'keystroke to painted hits while papers are embedded', ...spread(busy) })
    return rows
  } finally {
    await browser.close()
    server.close()
  }
}

/** Imports the library from its file, then loads the model by the link that searches by meaning. */
async function openLibrary(page: Page, acl: AclVectors): Promise<void> {
  await addFile(page, 'acl.papers', await aclIndexFile(acl))
  await statusOf(page, acl).waitFor()
  await page.getByRole('searchbox').fill('a question to be answered')
  await page.getByRole('button', { name: 'search by meaning, too' }).click()
  await page.locator('#summary').getByText(/ ms$/).waitFor()
}

const statusOf = (page: Page, { papers }: AclVectors, state = '') =>
  page.getByRole('status', { name: 'Status' }).getByText(`${papers.length.toLocaleString('en')} papers${state}`)

/** Waits until the library is open and its model is loaded. */
async function opened(page: Page, acl: AclVectors): Promise<void> {
  await statusOf(page, acl, ' · ready').waitFor()
}

/** Copies with titles of their own and vectors that differ a little. @param count Default: those that there are. */
function repeated({ papers, vectors, model }: AclVectors, count = papers.length): AclVectors {
  const { dimension } = model
  const all = new Float32Array(count * dimension)
  const more = Array.from({ length: count }, (_, row) => {
    const [from, copy] = [row % papers.length, Math.floor(row / papers.length)]
    for (let k = 0; k < dimension; k++)
      all[row * dimension + k] = vectors[from * dimension + k]! + 0.002 * copy * Math.sin(row + k)
    const paper = papers[from]!
    return copy === 0 ? paper : { ...paper, id: `${paper.id}-${copy}`, title: `${paper.title} (part ${copy})` }
  })
  return { papers: more, vectors: all, model }
}

/** Watches the page's main thread. @returns Ends it, and gives the milliseconds of the longest task; 0 if none took over 50. */
async function watchTasks(page: Page): Promise<() => Promise<number>> {
  const install = () => {
    const watched = window as unknown as { longest?: number }
    if (watched.longest !== undefined) return
    watched.longest = 0
    const observer = new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) watched.longest = Math.max(watched.longest ?? 0, duration)
    })
    observer.observe({ type: 'longtask' })
  }
  // After a reload, too.
  await page.addInitScript(install)
  await page.evaluate(install)
  await page.evaluate(() => Object.assign(window, { longest: 0 }))
  return async () => {
    await page.waitForTimeout(300)
    return page.evaluate(() => (window as unknown as { longest: number }).longest)
  }
}

async function showDuplicates(page: Page): Promise<void> {
  await page.keyboard.press('3')
  await page.getByRole('button', { name: 'Merge in this library' }).waitFor()
}

async function decide(page: Page): Promise<void> {
  await page.keyboard.press('4')
  await page.getByLabel('Question or eligibility criteria').fill('Which parsers learn from few annotated sentences?')
  await page.getByRole('button', { name: 'Start screening' }).click()
  await page.locator('#screening-title').waitFor()
  for (const key of ['i', 'e', 'i', 'e', 'u']) {
    const before = await page.locator('#screening-title').textContent()
    await page.keyboard.press(key)
    await page.waitForFunction((title) => document.querySelector('#screening-title')?.textContent !== title, before)
  }
  await page.keyboard.press('2')
}

async function addFile(page: Page, name: string, buffer: Buffer): Promise<void> {
  const chooser = page.waitForEvent('filechooser')
  await page.getByRole('button', { name: 'Add files' }).click()
  await (await chooser).setFiles([{ name, mimeType: 'application/octet-stream', buffer }])
}

/** Times of typing the last letter of a title's first words. */
async function searches(page: Page, { papers }: Pick<AclVectors, 'papers'>): Promise<number[]> {
  const titles = papers.filter((_, index) => index % Math.ceil(papers.length / QUERIES) === 0).map(({ title }) => title)
  const times: number[] = []
  for (const title of titles) {
    const query = title.split(' ').slice(0, 5).join(' ')
    await page.getByRole('searchbox').fill(query.slice(0, -1))
    await settled(page)
    times.push(await painted(page, '#summary', () => page.keyboard.type(query.at(-1)!)))
    await settled(page)
  }
  return times
}

/** Waits until the hits by words and by vectors are complete. */
async function settled(page: Page): Promise<void> {
  await page.waitForTimeout(300)
  await page.locator('#summary').getByText(/ ms$/).waitFor()
}

/** Milliseconds from an input to what it paints, by kind of input. */
async function inputs(page: Page): Promise<Record<string, number[]>> {
  const times: Record<string, number[]> = {}
  const take = async (name: string, selector: string, act: () => Promise<unknown>) => {
    times[name] = [...(times[name] ?? []), await painted(page, selector, act)]
    await page.waitForTimeout(100)
  }
  await page.getByRole('searchbox').fill('')
  await page
    .locator('#summary')
    .getByText(/papers$/)
    .waitFor()
  const from = page.getByRole('textbox', { name: 'From year' })
  for (let round = 0; round < REPEATS; round++) {
    const title = page.locator('.row .title').nth(round % 10)
    await take('a paper opened', '#pane', () => title.click())
    await take('the next paper opened', '#pane', () => page.keyboard.press('j'))
    await page.keyboard.press('Escape')
    await take('a paper selected', '#selection', () => page.keyboard.press('x'))
    await page.keyboard.press('Escape')
    await take('a filter set', '#summary', () => from.fill(String(2000 + round)))
  }
  await page.getByRole('button', { name: 'Clear filters' }).click()
  // The map is drawn once before, so that only switching is measured.
  await showMap(page)
  for (let round = 0; round < REPEATS; round++) {
    await take('the list shown', '#view-papers', () => page.keyboard.press('1'))
    await take('the map shown', '#view-map', () => page.keyboard.press('2'))
  }
  return times
}

async function showMap(page: Page): Promise<void> {
  await page.getByRole('searchbox').blur()
  await page.keyboard.press('2')
  await page.locator('.map-cluster').first().waitFor()
}

/** Moves the map with the pointer and zooms it with the wheel. */
async function mapFrames(page: Page, browser: Parameters<typeof traceMainThread>[0]['browser']): Promise<Row> {
  const box = (await page.locator('.map canvas').first().boundingBox())!
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2]
  const trace = await traceMainThread({ page, browser }, async () => {
    await page.mouse.move(x, y)
    await page.mouse.down()
    for (let move = 0; move < MAP_MOVES; move++) await page.mouse.move(x + 100 * Math.sin(move / 9), y + 60 * Math.cos(move / 7))
    await page.mouse.up()
    for (let turn = 0; turn < MAP_MOVES; turn++) await page.mouse.wheel(0, turn % 40 < 20 ? -60 : 60)
  })
  return spread(frameTimes(trace))
}

/** Main-thread time from each drawn frame to the next: its drawing, and the inputs until the next. */
function frameTimes({ tasks, framesMs }: MainThreadTrace): number[] {
  return framesMs.slice(1).map((end, index) => {
    const inside = tasks.filter(({ startMs, wallMs }) => startMs + wallMs > framesMs[index]! && startMs + wallMs <= end)
    return inside.reduce((sum, { cpuMs }) => sum + cpuMs, 0)
  })
}

/** Adds papers with new texts while the list is shown, and waits until they are being embedded. */
async function startEmbedding(page: Page, papers: AclVectors['papers'], ending: string): Promise<void> {
  await page.keyboard.press('1')
  const records = papers.map((paper) =>
    JSON.stringify({ ...paper, id: `${paper.id} ${ending}`, title: `${paper.title} ${ending}` }),
  )
  await addFile(page, `${ending}.jsonl`, Buffer.from(records.join('\n')))
  await page.getByRole('button', { name: /^Add [\d,]+ papers/ }).click()
  await page
    .locator('#work-text')
    .getByText(/^Embedding [1-9]/)
    .waitFor()
}

/** Types while papers are embedded, then stops that. */
async function searchesAtWork(page: Page, { papers }: AclVectors): Promise<number[]> {
  await startEmbedding(page, papers.slice(0, 3000), 'anew')
  const times = await searches(page, { papers: papers.slice(0, QUERIES) })
  await page.getByRole('searchbox').fill('')
  await page.getByRole('button', { name: 'Cancel embedding' }).click()
  return times
}

/** Adds papers, and traces their embedding. */
async function embedding(
  page: Page,
  browser: Parameters<typeof traceMainThread>[0]['browser'],
  { papers }: AclVectors,
): Promise<Row> {
  await startEmbedding(page, papers.slice(0, EMBEDDED), 'again')
  // A locator polls in every frame, and so would cause the frames that are counted.
  const done = () =>
    page.locator('#work').evaluate(
      (work: HTMLElement) =>
        new Promise<void>((resolve) => {
          new MutationObserver(() => work.hidden && resolve()).observe(work, { attributeFilter: ['hidden'] })
        }),
    )
  const trace = await traceMainThread({ page, browser }, done)
  return mainThreadShare(trace)
}

function spread(values: readonly number[]): Row {
  return { count: values.length, p50Ms: quantile(values, 0.5), p95Ms: quantile(values, 0.95), maxMs: quantile(values, 1) }
}
