import type { Page } from '@playwright/test'
import type { ReviewState } from '../src/core/duplicates/index.js'
import { barePapers, papers, showDuplicates } from './views/duplicates-harness.js'
import { expect, HOSTILE, test, violations } from './views/site.js'

const heading = (page: Page) => page.getByRole('heading', { level: 2 }).first()
const summary = (page: Page) => page.getByRole('status').first()
const steps = (page: Page) => page.evaluate(() => (window.duplicatesEvents.review as ReviewState | null)?.steps.length ?? 0)

test('keys decide, undo and move; each decision is saved and restored when the review is opened again', async ({ page }) => {
  await showDuplicates(page, papers)
  const count = Number((await heading(page).textContent())!.match(/of (\d+)/)![1])
  expect(count).toBeGreaterThan(1)
  await expect(heading(page)).toHaveText(`Pair 1 of ${count}`)
  await page.keyboard.press('j')
  await expect(heading(page)).toHaveText(`Pair 2 of ${count}`)
  await page.keyboard.press('k')
  await page.keyboard.press('s')
  await expect(heading(page)).toHaveText(`Pair 1 of ${count - 1}`)
  await expect.poll(() => steps(page)).toBe(1)
  await page.keyboard.press('u')
  await expect(heading(page)).toHaveText(`Pair 1 of ${count}`)
  await expect.poll(() => steps(page)).toBe(0)
  await page.keyboard.press('l')
  await page.keyboard.press('d')
  await expect(heading(page)).toHaveText(`Pair 1 of ${count - 1}`)
  await expect.poll(() => steps(page)).toBe(2)

  const review = await page.evaluate(() => window.duplicatesEvents.review)
  await showDuplicates(page, papers, review)
  await expect(heading(page)).toHaveText(`Pair 1 of ${count - 1}`)
  await expect(summary(page)).toContainText('1 decided')
  await page.getByLabel('Show', { exact: true }).selectOption('decided')
  await expect(page.getByText('You said: different.')).toBeVisible()
})

test('marks differing characters, shows what the merged record keeps, and takes a field from the other record', async ({
  page,
}) => {
  await showDuplicates(page, papers)
  await page.getByLabel('Show', { exact: true }).selectOption('joined')
  await expect(heading(page)).toHaveText('Pair 1 of 2')
  const title = page.getByRole('row', { name: /^title/ })
  await expect(title.locator('mark').first()).toBeVisible()
  const choices = title.getByRole('radio')
  const other = (await choices.first().isChecked()) ? choices.nth(1) : choices.first()
  await other.check()
  await expect(title.getByRole('radio', { checked: true })).toHaveCount(1)
  await expect(page.getByText(/stays, with title from the/)).toBeVisible()
  // The keys still work while a radio button has the focus.
  await page.keyboard.press('s')
  await expect.poll(() => steps(page)).toBe(2)

  await expect(page.getByText(/If they are the same, the (left|right) record stays, with/)).toBeVisible()
  const doi = page.getByRole('row', { name: /DOI/ })
  await expect(doi).toContainText('only in one')
  await expect(title).toHaveClass(/is-same/)
})

test('accepts many pairs at once, counts them, writes the files, and merges after confirmation', async ({ page }) => {
  await showDuplicates(page, barePapers)
  await page.getByLabel('Search', { exact: true }).selectOption({ label: 'cautious: join only what is certain' })
  const slider = page.getByRole('slider')
  await slider.fill('50')
  const accept = page.getByRole('button', { name: /^Accept \d+ pairs? as the same/ })
  const count = Number((await accept.textContent())!.match(/\d+/)![0])
  expect(count).toBeGreaterThan(0)
  await accept.click()
  await expect(summary(page)).toContainText(`${count} decided`)
  const row = page.getByRole('row', { name: /Duplicates removed before screening/ })
  const removed = Number((await row.getByRole('cell').textContent())!)
  expect(removed).toBe(4)
  await expect(page.getByText(new RegExp(`A person judged ${count} pair`))).toBeVisible()

  await page.getByRole('button', { name: 'Save the groups' }).click()
  await page.getByLabel('as', { exact: true }).selectOption('ris')
  await page.getByRole('button', { name: 'Save the merged library' }).click()
  await page.getByRole('button', { name: 'Save what to remove' }).click()
  await expect
    .poll(() => page.evaluate(() => Object.keys(window.duplicatesEvents.files).sort()))
    .toEqual(['duplicate-groups.csv', 'merged.ris', 'remove.txt'])
  const files = await page.evaluate(() => window.duplicatesEvents.files)
  expect(files['merged.ris']!.match(/^TY {2}- /gm)).toHaveLength(papers.length - removed)
  expect(files['remove.txt']!.trim().split('\n')).toHaveLength(removed)
  expect(files['duplicate-groups.csv']).toContain('same-title')

  await page.getByRole('button', { name: 'Merge in this library' }).click()
  const dialog = page.getByRole('dialog')
  await expect(dialog).toContainText(`${papers.length - removed} papers remain`)
  expect(await violations(page)).toEqual([])
  await dialog.getByRole('button', { name: 'Cancel' }).click()
  expect(await page.evaluate(() => window.duplicatesEvents.merged)).toBeNull()
  await page.getByRole('button', { name: 'Merge in this library' }).click()
  await dialog.getByRole('button', { name: 'Merge', exact: true }).click()
  const merged = await page.evaluate(() => window.duplicatesEvents.merged)
  expect(merged!.papers).toHaveLength(papers.length - removed)
  expect(merged!.removed).toHaveLength(removed)

  await page.keyboard.press('u')
  await expect(summary(page)).toContainText('0 decided')
})

test('shows every field as text, and axe finds nothing on wide and narrow screens', async ({ page }) => {
  const hostile = ['venue', 'volume', 'issue', 'pages', 'abstract', 'url', 'key'] as const
  const fields = Object.fromEntries(hostile.map((field) => [field, `${field} ${HOSTILE}`]))
  const pair = ['a', 'b'].map((id) => ({
    id: `${id}${HOSTILE}`,
    title: `The shape of ferns in wind ${HOSTILE}${id === 'a' ? '' : ' and rain'}`,
    authors: [{ family: `Okoro${HOSTILE}`, given: id }],
    keywords: [HOSTILE],
    source: { file: `${HOSTILE}.bib`, record: 1 },
    ...fields,
    ...(id === 'b' && { venue: `Venues ${HOSTILE}` }),
  }))
  await showDuplicates(page, pair)
  if (!(await page.locator('.pair').isVisible())) await page.getByLabel('Show', { exact: true }).selectOption('joined')
  for (const name of [/^title/, /^authors/, /^venue/, /^abstract/, /^keywords/, /^link/])
    await expect(page.getByRole('row', { name })).toContainText(HOSTILE)
  expect(await page.locator('#host img:not(.flow)').count()).toBe(0)
  expect(await page.evaluate(() => 'harmed' in window)).toBe(false)
  for (const width of [1280, 390]) {
    await page.setViewportSize({ width, height: 844 })
    expect(await violations(page)).toEqual([])
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
    expect(overflow).toBe(0)
  }
})

test('says what is missing if there is nothing to compare, and starts over if the saved review is damaged', async ({ page }) => {
  await showDuplicates(page, papers.slice(0, 1))
  await expect(page.getByText('Nothing to compare yet')).toBeVisible()
  await showDuplicates(page, papers, { format: 1, steps: ['nonsense'] })
  await expect(page.getByRole('alert')).toContainText('The review starts over')
  await expect(heading(page)).toContainText('Pair 1')
})
