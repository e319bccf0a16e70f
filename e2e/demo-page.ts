import { fileURLToPath } from 'node:url'
import { AxeBuilder } from '@axe-core/playwright'
import { type Browser, test as base, expect, type Page } from '@playwright/test'
import { type StaticServerOptions, startServer } from '../src/cli/verify/static-server.js'

export { expect }

const built = fileURLToPath(new URL('../dist-demo', import.meta.url))

export interface DemoSite {
  /** The page's URL, in a folder, as on GitHub Pages. */
  url: string
  /** Requests to other sites. */
  elsewhere: string[]
  /** Errors in the pages' consoles. */
  complaints: string[]
  close: () => void
}

/** The built demo on a static host. */
async function hostDemo(options: Omit<StaticServerOptions, 'roots'> = {}): Promise<DemoSite> {
  const { url, close } = await startServer({ roots: { '/papers': built }, ...options })
  return { url: `${url}/papers/`, elsewhere: [], complaints: [], close }
}

/** `demo` is a new site for each test. Console errors and requests to other sites fail the test. */
export const test = base.extend<{ demo: DemoSite }>({
  demo: async ({ context }, use) => {
    const demo = await hostDemo()
    context.on('page', (page) => watch(page, demo))
    await use(demo)
    demo.close()
    expect(demo.complaints).toEqual([])
    expect(demo.elsewhere).toEqual([])
  },
})

function watch(page: Page, demo: DemoSite): void {
  const origin = new URL(demo.url).origin
  page.on('console', (message) => message.type() === 'error' && demo.complaints.push(message.text()))
  page.on('pageerror', (error) => demo.complaints.push(error.message))
  page.on('request', (request) => {
    if (!request.url().startsWith(origin) && !/^(data|blob):/.test(request.url())) demo.elsewhere.push(request.url())
  })
}

export const rows = (page: Page) => page.getByRole('list', { name: 'Results' }).getByRole('listitem')
export const status = (page: Page) => page.getByRole('status', { name: 'Status' })
/** The technical part of the status line, which is shown on a click. */
export const details = (page: Page) => page.locator('#status-details')
export const searchField = (page: Page) => page.getByRole('searchbox', { name: 'Search the papers' })
export const paperPane = (page: Page) => page.getByRole('complementary', { name: 'Paper' })

/** Opens the sample library and waits until it is embedded. */
export async function openSample(page: Page, { url }: DemoSite): Promise<void> {
  await page.goto(url)
  await page.getByRole('button', { name: 'Try the sample library' }).click()
  await embedded(page, 72)
}

/** Waits until `count` papers are embedded and no work is left. */
export async function embedded(page: Page, count: number): Promise<void> {
  // Read at one moment: work may begin between two reads.
  const state = () =>
    page.evaluate(() => {
      const isAtWork = document.querySelector('#work')!.checkVisibility()
      return isAtWork ? 'at work' : document.querySelector('#status [role="status"]')!.textContent
    })
  await expect.poll(state, { timeout: 110_000 }).toMatch(new RegExp(`(?<!of )\\b${count} papers`))
}

/** Adds files with the page's file picker. */
export async function addFiles(page: Page, files: { name: string; text: string | Buffer }[]): Promise<void> {
  const chooser = page.waitForEvent('filechooser')
  await page.getByRole('button', { name: 'Add files' }).click()
  const payload = files.map(({ name, text }) => ({ name, mimeType: 'text/plain', buffer: Buffer.from(text) }))
  await (await chooser).setFiles(payload)
}

/** What axe finds on the page by WCAG 2.2 AA. */
export async function axe(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page })
    .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'])
    .setLegacyMode(true)
    .analyze()
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`)
}

/** A page in a new browser context, as another reader has it. */
export async function otherReader(browser: Browser, demo: DemoSite): Promise<Page> {
  const page = await (await browser.newContext()).newPage()
  watch(page, demo)
  return page
}

const TOPICS = [
  ['honey bees', 'winter losses', 'pollination of apple orchards', 'varroa mites'],
  ['coral reefs', 'bleaching in warm water', 'larval settlement', 'reef fish'],
  ['bread prices', 'harvest failures', 'grain markets in early modern towns', 'wages'],
  ['protein folding', 'energy landscapes', 'chaperones', 'misfolded states'],
  ['word sense disambiguation', 'context vectors', 'dictionary glosses', 'annotated corpora'],
] as const
const METHODS = ['a field study', 'a model', 'a survey', 'an experiment', 'a meta-analysis'] as const
const VENUES = ['Journal of Seeded Results', 'Annals of Repeatability', 'Transactions on Fixtures'] as const

/** A bibliography in BibTeX, the same for the same seed. */
export function bibliography(count: number, seed = 1): string {
  let state = seed
  const pick = <T>(from: readonly T[]): T => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return from[Math.floor((state / 2 ** 32) * from.length)]!
  }
  const records = Array.from({ length: count }, (_, index) => {
    const topic = TOPICS[index % TOPICS.length]!
    const [subject, ...aspects] = topic
    const [aspect, other] = [pick(aspects), pick(aspects)]
    return `@article{seed${index},
  title = {${aspect[0]!.toUpperCase()}${aspect.slice(1)} and ${subject}: ${pick(METHODS)}, part ${index}},
  author = {Bell, Ada and Okafor, Chidi},
  year = {${1980 + (index % 45)}},
  journal = {${pick(VENUES)}},
  doi = {10.5555/seed.${index}},
  abstract = {We examine ${aspect} of ${subject} by ${pick(METHODS)} and compare it with ${other}.}
}`
  })
  return records.join('\n\n')
}
