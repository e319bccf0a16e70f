import { fileURLToPath } from 'node:url'
import { expect, type Page, test } from '@playwright/test'
import { startServer } from '../src/cli/static-server.js'

const built = fileURLToPath(new URL('../dist-demo', import.meta.url))
let server: Awaited<ReturnType<typeof startServer>>

test.beforeAll(async () => {
  // Under a path, as on a project's page of a static host.
  server = await startServer({ roots: { '/papers': built } })
})
test.afterAll(() => server.close())

/** Opens the demo and embeds its sample; returns what the page complained about. */
async function embedSample(page: Page): Promise<string[]> {
  const complaints: string[] = []
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()))
  page.on('pageerror', (error) => complaints.push(error.message))
  await page.goto(`${server.url}/papers/`)
  await page.getByRole('button', { name: 'Embed the sample library' }).click()
  await expect(page.getByRole('progressbar')).toBeVisible()
  await expect(page.locator('#work')).toBeHidden({ timeout: 90_000 })
  return complaints
}

test('embeds the sample library and finds a paper by its meaning, with no request to anyone else', async ({ page }) => {
  const elsewhere: string[] = []
  page.on(
    'request',
    (request) => !request.url().startsWith(server.url) && !request.url().startsWith('data:') && elsewhere.push(request.url()),
  )
  const complaints = await embedSample(page)
  await expect(page.getByRole('status', { name: 'Status' })).toContainText('all-MiniLM-L6-v2')
  await page.keyboard.press('/')
  await page.keyboard.type('why people misjudge risk')
  const first = page.getByRole('list', { name: 'Results' }).getByRole('listitem').first()
  await expect(first).toContainText('Prospect Theory')
  await expect(page.locator('#summary')).toContainText('72 papers')
  expect(complaints).toEqual([])
  expect(elsewhere).toEqual([])
})

test('works by keyboard on a phone: a result opens, shows its summary and goes back', async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 })
  await embedSample(page)
  await page.getByRole('searchbox', { name: 'Search the papers' }).fill('molecule of heredity')
  await expect(page.getByRole('list', { name: 'Results' }).getByRole('listitem').first()).toContainText(/nucleic acid/i)
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('complementary', { name: 'Paper' })).toContainText(/helical/i)
  await page.keyboard.press('Escape')
  await expect(page.getByRole('complementary', { name: 'Paper' })).toBeHidden()
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
  expect(overflow).toBe(0)
})

test('embeds pasted papers', async ({ page }) => {
  await page.goto(`${server.url}/papers/`)
  await page.getByRole('button', { name: 'Paste papers' }).first().click()
  await page
    .getByRole('textbox', { name: 'Titles and abstracts' })
    .fill(
      'Sleep loss slows wound healing in mice\nWounds closed later in mice kept awake.\n\nBread prices in a city archive\nHarvest failure explains the spikes.',
    )
  await page.getByRole('button', { name: /^Embed 2 papers/ }).click()
  await expect(page.locator('#work')).toBeHidden({ timeout: 90_000 })
  await page.getByRole('searchbox', { name: 'Search the papers' }).fill('cost of food in history')
  await expect(page.getByRole('list', { name: 'Results' }).getByRole('listitem').first()).toContainText('Bread prices')
})
