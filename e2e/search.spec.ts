import { addFiles, axe, embedded, expect, openSample, rows, searchField, status, test } from './demo-page.js'

const summary = '#summary'
const RECORDS = [
  {
    id: 'a',
    title: 'Quality uncertainty and the market',
    authors: ['George Akerlof'],
    venue: 'Economics',
    year: 1970,
    doi: '10.2307/1879431',
  },
  {
    id: 'b',
    title: 'A theory of mind',
    authors: ['David Premack'],
    venue: 'Behaviour',
    year: 1978,
  },
  {
    id: 'c',
    title: 'The mind of a market',
    authors: ['Ada Lovelace'],
    venue: 'Economics',
    year: 2012,
    keywords: ['lemons'],
    type: 'preprint',
  },
]

test('every field is searched by words, alone and by name, and a query says what it was understood as', async ({
  page,
  demo,
}) => {
  await page.goto(demo.url)
  await addFiles(page, [{ name: 'three.jsonl', text: RECORDS.map((record) => JSON.stringify(record)).join('\n') }])
  await page.getByRole('button', { name: 'Add 3 papers' }).click()
  await embedded(page, 3)
  await page.getByRole('radio', { name: 'Words' }).check()
  const titles = { a: RECORDS[0]!.title, b: RECORDS[1]!.title, c: RECORDS[2]!.title }
  for (const [query, ids] of [
    ['akerlof', 'a'],
    ['lemons', 'c'],
    ['"mind of a market"', 'c'],
    ['market -quality', 'c'],
    ['author:premack', 'b'],
    ['venue:economics year:2000-2015', 'c'],
    ['https://doi.org/10.2307/1879431', 'a'],
  ] as const) {
    await searchField(page).fill(query)
    await expect(rows(page)).toHaveCount(1)
    await expect(rows(page).first()).toContainText(titles[ids])
  }
  await searchField(page).fill('market author:lovelace year:2010-')
  await expect(page.locator(summary)).toContainText('Understood as: about market · by the author lovelace · since 2010')
  await expect(rows(page)).toHaveCount(1)
  await searchField(page).fill('10.1000/not-here')
  await expect(page.locator('#empty')).toHaveText('No paper here has the identifier 10.1000/not-here.')
  await searchField(page).fill('"unclosed author: -')
  await expect(rows(page)).toHaveCount(0)
  // Fields hold for a search by meaning, too, and one of fields alone needs no model.
  await page.getByRole('radio', { name: 'Both' }).check()
  await searchField(page).fill('market -author:akerlof')
  await expect(rows(page)).toHaveCount(2)
  await searchField(page).fill('year:1970')
  await expect(rows(page)).toHaveCount(1)
})

test('a ranking ends where likeness ends, and can be put in another order', async ({ page, demo }) => {
  await openSample(page, demo)
  await searchField(page).fill('qqqq zzzz')
  await expect(page.locator(summary)).toContainText('Nothing of 72 papers is really like this, none has the words')
  await expect(rows(page).first().locator('.line')).toHaveText('Below: only loosely alike')
  await searchField(page).fill('how do vaccines made of messenger RNA work')
  await expect(page.locator(summary)).toContainText(/^[1-9]\d? found of 72 papers/)
  const found = Number(/^(\d+)/.exec((await page.locator(summary).textContent())!)![1])
  expect(found).toBeLessThan(36)
  await expect(rows(page).nth(0).locator('.place')).toHaveAttribute('title', /^Likeness \d+ %/)
  const widths = await rows(page)
    .locator('.place-fill')
    .evaluateAll((fills) => fills.slice(0, 6).map((fill) => Number.parseFloat((fill as HTMLElement).style.inlineSize)))
  expect(widths[0]).toBeGreaterThan(50)
  await page.locator('#papers').evaluate((list, found) => list.scrollTo(0, Math.max(0, (found - 3) * 44)), found)
  await expect(page.locator('.line')).toHaveCount(1)
  await expect(page.locator('li:has(> .line)')).toHaveAttribute('data-index', String(found))
  // By year, only what is found is listed.
  await page.locator('#sort').selectOption('oldest')
  await expect(rows(page)).toHaveCount(found)
  const years = await rows(page).locator('.year').allTextContents()
  expect(years.map(Number)).toEqual(years.map(Number).toSorted((a, b) => a - b))
})

test('search, order and filters are in the address, and survive a reload', async ({ page, demo }) => {
  await openSample(page, demo)
  await searchField(page).fill('networks')
  await page.getByRole('radio', { name: 'Words' }).check()
  await page.locator('#sort').selectOption('newest')
  await page.getByRole('textbox', { name: 'From year' }).fill('1990')
  // A part of a value is completed when the field is left.
  await page.getByRole('combobox', { name: 'Filter by venue' }).fill('scien')
  await page.getByRole('combobox', { name: 'Filter by venue' }).blur()
  await expect(page.getByRole('combobox', { name: 'Filter by venue' })).toHaveValue('Science')
  const listed = await rows(page).locator('.title').allTextContents()
  expect(listed.length).toBeGreaterThan(0)
  expect(page.url()).toContain('q=networks')
  await page.reload()
  await expect(searchField(page)).toHaveValue('networks')
  await expect(rows(page).locator('.title')).toHaveText(listed)
  await expect(page.getByRole('combobox', { name: 'Filter by venue' })).toHaveValue('Science')
  await expect(page.locator('#sort')).toHaveValue('newest')
  await page.getByRole('button', { name: 'Clear filters' }).click()
  await searchField(page).fill('')
  await expect(rows(page).first()).toBeVisible()
  // Opening a paper and going back leaves the query as it is.
  await searchField(page).fill('genes')
  await rows(page).first().click()
  await page.goBack()
  await expect(searchField(page)).toHaveValue('genes')
  expect(page.url()).toContain('q=genes')
})

test('the sample offers questions, with what words alone would have found; the status is plain', async ({ page, demo }) => {
  await openSample(page, demo)
  await expect(status(page)).toHaveText('72 papers · ready')
  await expect(page.locator('#status-details')).toBeHidden()
  await page.getByRole('button', { name: 'Details' }).click()
  await expect(page.locator('#status-details')).toContainText('all-MiniLM-L6-v2')
  const questions = page.getByRole('region', { name: 'Questions to try' })
  await expect(questions.getByRole('link')).toHaveCount(3)
  await expect(questions.getByText(/^by words alone: /)).toHaveCount(3)
  expect(await axe(page)).toEqual([])
  const question = (await questions.getByRole('link').first().textContent())!
  await questions.getByRole('link').first().click()
  await expect(searchField(page)).toHaveValue(question)
  await expect(page.locator(summary)).toContainText(/found of 72 papers/)
  await expect(questions).toBeHidden()
  await page.reload()
  await expect(searchField(page)).toHaveValue(question)
})

test('typing on the map lights its hits, and filters work there', async ({ page, demo }) => {
  await openSample(page, demo)
  await page.getByRole('button', { name: 'Map' }).first().click()
  const map = page.getByRole('region', { name: 'Map' }).last()
  await expect(map.getByRole('status')).toHaveText('72 papers', { timeout: 60_000 })
  await searchField(page).fill('vaccine')
  await expect(map.getByRole('status')).toHaveText(/^[1-9]\d? of 72 papers found$/)
  await expect(page.locator('#view-map')).toBeVisible()
  await searchField(page).fill('')
  await expect(map.getByRole('status')).toHaveText('72 papers')
  await page.getByRole('textbox', { name: 'From year' }).fill('2015')
  await expect(map.getByRole('status')).toHaveText(/^\d+ of 72 papers found$/)
  await page.getByRole('button', { name: 'Clear filters' }).click()
  await page.getByLabel('Colour by').selectOption('label')
  await map
    .getByRole('list', { name: 'Colours' })
    .getByRole('button', { name: /^Biology/ })
    .click()
  await expect(map.getByRole('status')).toHaveText(/^\d+ of 72 papers selected$/)
})
