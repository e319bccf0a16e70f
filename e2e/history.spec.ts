/** What was done to a library: counts, report, bin and undo, as the journey of a review takes them. */
import { readFileSync } from 'node:fs'
import type { Page } from '@playwright/test'
import { addFiles, axe, bibliography, expect, otherReader, paperPane, rows, searchField, status, test } from './demo-page.js'

const records = bibliography(60).split('\n\n')
const part = (from: number, to: number) => records.slice(from, to).join('\n\n')
/** 85 records of 60 works. */
const EXPORTS = [
  { name: 'pubmed.bib', source: 'PubMed, 12 Nov 2026', text: part(0, 40) },
  { name: 'embase.bib', source: 'Embase, 12 Nov 2026', text: part(30, 60) },
  { name: 'scopus.bib', source: 'Scopus, 13 Nov 2026', text: part(35, 50) },
]

async function importAll(page: Page, files: readonly { name: string; source: string; text: string }[]): Promise<void> {
  await addFiles(
    page,
    files.map(({ name, text }) => ({ name, text })),
  )
  const dialog = page.getByRole('dialog', { name: 'Add papers' })
  for (const { name, source } of files) await dialog.getByRole('combobox', { name: `Source of ${name}` }).fill(source)
  await dialog.getByRole('button', { name: /^(Add|Update) \d+ papers?$/ }).click()
  await stopWork(page)
}

/** Nothing here needs the model. */
async function stopWork(page: Page): Promise<void> {
  const cancel = page.getByRole('button', { name: 'Cancel embedding' })
  await cancel.waitFor({ state: 'visible' })
  await cancel.click()
  await expect(page.locator('#work')).toBeHidden()
}

/** The counts that the report shows. */
async function counts(page: Page): Promise<Record<string, string>> {
  const cells = page.getByRole('region', { name: 'Counts' }).locator('.duplicates-counts').first().locator('tr')
  await expect(cells.first()).toBeVisible({ timeout: 60_000 })
  const lines = await cells.evaluateAll((found) =>
    found.map((row) => [row.children[0]!.textContent!, row.children[1]!.textContent!]),
  )
  return Object.fromEntries(lines)
}

const COUNTS = {
  'Records of PubMed, 12 Nov 2026': '40',
  'Records of Embase, 12 Nov 2026': '30',
  'Records of Scopus, 13 Nov 2026': '15',
  'Records identified': '85',
  'Duplicates removed before screening': '25',
  'of these, by your decisions': '0',
  'Records to be screened': '60',
}

const history = (page: Page) => page.getByRole('dialog', { name: 'History of this library' })

async function openHistory(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'History', exact: true }).click()
  await expect(history(page)).toBeVisible()
}

async function merge(page: Page): Promise<void> {
  await page.locator('#views [data-page="duplicates"]').click()
  await page.getByRole('button', { name: 'Merge in this library' }).click({ timeout: 60_000 })
  await page.getByRole('button', { name: 'Merge', exact: true }).click()
  await expect(page.locator('#toast')).toContainText('25 duplicates merged')
}

test('a review: three exports, duplicates, merge, reload, an exported library, and the merge undone', async ({
  page,
  browser,
  demo,
}) => {
  test.setTimeout(300_000)
  await page.goto(demo.url)
  await importAll(page, EXPORTS)
  await expect(status(page)).toContainText('85 papers')
  await page.locator('#views [data-page="papers"]').click()
  await searchField(page).fill('part 36')
  await rows(page).first().getByRole('button').click()
  await paperPane(page).getByRole('textbox', { name: 'Note' }).fill('Before the merge.')
  await page.getByRole('button', { name: 'Back to the list' }).click()

  await test.step('the counts are the same before and after the merge', async () => {
    await page.locator('#views [data-page="duplicates"]').click()
    expect(await counts(page)).toEqual(COUNTS)
    await merge(page)
    await expect(status(page)).toContainText('60 papers')
    expect(await counts(page)).toEqual(COUNTS)
    await expect(page.locator('.duplicates-methods')).toContainText('We identified 85 records from PubMed, 12 Nov 2026 (40)')
    await expect(page.locator('.duplicates-methods')).toContainText(/removed 25 records as duplicates, and 60 records remained/)
  })

  const file = await test.step('and after a reload, with the paragraph, the diagram and the sources', async () => {
    await page.reload()
    await expect(status(page)).toContainText('60 papers')
    await openHistory(page)
    expect(await counts(page)).toEqual(COUNTS)
    await expect(history(page)).toContainText(/specter2-web \d+\.\d+\.\d+ \(preset "balanced"\)/)
    await expect(history(page).getByRole('region', { name: 'Sources' }).getByRole('row')).toHaveCount(4)
    await expect(history(page)).toContainText('PubMed, 12 Nov 2026 and Scopus, 13 Nov 2026')
    expect(await axe(page)).toEqual([])
    const svg = page.waitForEvent('download')
    await history(page).getByRole('button', { name: 'Save as SVG' }).click()
    const diagram = readFileSync(await (await svg).path(), 'utf8')
    for (const text of ['Records identified (n = 85)', 'Duplicate records removed (n = 25)', 'Records screened (n = 60)'])
      expect(diagram).toContain(text)
    const png = page.waitForEvent('download')
    await history(page).getByRole('button', { name: 'Save as PNG' }).click()
    expect(
      readFileSync(await (await png).path())
        .subarray(1, 4)
        .toString(),
    ).toBe('PNG')
    await history(page).getByRole('button', { name: 'Close' }).click()
    await page.getByRole('button', { name: 'Export' }).click()
    const saved = page.waitForEvent('download')
    await page.getByRole('button', { name: 'The library as one file' }).click()
    return readFileSync(await (await saved).path())
  })

  const back = async (reader: Page) => {
    await openHistory(reader)
    expect(await counts(reader)).toEqual(COUNTS)
    await history(reader)
      .getByRole('button', { name: /^Undo: Merge of 25 duplicates/ })
      .click()
    await expect
      .poll(() => counts(reader))
      .toMatchObject({ 'Duplicates removed before screening': '0', 'Records to be screened': '85' })
    await history(reader).getByRole('button', { name: 'Close' }).click()
    await expect(status(reader)).toContainText('85 papers')
    await searchField(reader).fill('part 36')
    const noted = rows(reader).filter({ has: reader.locator('.meta span', { hasText: /^note$/ }) })
    await noted.first().getByRole('button').click()
    await expect(paperPane(reader).getByRole('textbox', { name: 'Note' })).toHaveValue('Before the merge.')
  }

  await test.step('another reader opens the exported library, and can undo the merge', async () => {
    const other = await otherReader(browser, demo)
    await other.goto(demo.url)
    await addFiles(other, [{ name: 'review.papers', text: file }])
    await expect(status(other)).toContainText('60 papers')
    await back(other)
    await other.context().close()
  })

  await test.step('so can this one', async () => {
    await page.getByRole('button', { name: 'Close' }).click()
    await back(page)
  })
})

test('the same file again brings nothing back unless asked, one by one as together', async ({ page, demo }) => {
  test.setTimeout(240_000)
  await page.goto(demo.url)
  for (const file of EXPORTS) await importAll(page, [file])
  await merge(page)
  expect(await counts(page)).toEqual(COUNTS)
  await page.locator('#views [data-page="papers"]').click()

  await test.step('under another name it is the same source', async () => {
    await addFiles(page, [{ name: 'embase (1).bib', text: EXPORTS[1]!.text }])
    const dialog = page.getByRole('dialog', { name: 'Add papers' })
    await expect(dialog.getByRole('combobox', { name: 'Source of embase (1).bib' })).toHaveValue('Embase, 12 Nov 2026')
    await expect(dialog.getByRole('status')).toContainText('20 here already, 10 were merged before and will not come back.')
    await dialog.getByRole('button', { name: 'Update 20 papers' }).click()
    await stopWork(page)
    await expect(status(page)).toContainText('60 papers')
    await page.locator('#views [data-page="duplicates"]').click()
    expect(await counts(page)).toEqual(COUNTS)
  })

  await test.step('brought back, they are duplicates to be merged again', async () => {
    await addFiles(page, [{ name: 'embase.bib', text: EXPORTS[1]!.text }])
    const dialog = page.getByRole('dialog', { name: 'Add papers' })
    await dialog.getByRole('checkbox', { name: 'Bring back the 10 that left this library' }).check()
    await dialog.getByRole('button', { name: 'Add 10 papers' }).click()
    await stopWork(page)
    await expect(status(page)).toContainText('70 papers')
    await page.locator('#views [data-page="duplicates"]').click()
    expect(await counts(page)).toEqual(COUNTS)
  })

  await test.step('removed papers count apart, and Ctrl+Z brings them back, also after a reload', async () => {
    await page.locator('#views [data-page="papers"]').click()
    await rows(page).first().getByRole('checkbox').check()
    await page.keyboard.press('Delete')
    await expect(status(page)).toContainText('69 papers')
    await page.reload()
    await expect(status(page)).toContainText('69 papers')
    await openHistory(page)
    expect(await counts(page)).toMatchObject({ 'Records identified': '85', 'Removed for other reasons': '1' })
    await history(page).getByRole('button', { name: 'Close' }).click()
    await page.keyboard.press('Control+z')
    await expect(status(page)).toContainText('70 papers')
  })
})

test('a deleted library stays in the bin, after a reload too, and can be restored or deleted for good', async ({
  page,
  demo,
}) => {
  await page.goto(demo.url)
  await importAll(page, [EXPORTS[0]!])
  await page.getByRole('button', { name: 'Delete the library pubmed' }).click()
  await expect(page.getByRole('button', { name: 'Try the sample library' })).toBeVisible()
  await page.reload()
  await page.getByRole('button', { name: / here$/ }).click()
  const dialog = page.getByRole('dialog', { name: 'Storage' })
  await expect(dialog.getByRole('list', { name: 'Bin' })).toContainText(/pubmed, \d+ KB, deleted/)
  await dialog.getByRole('button', { name: 'Restore the library pubmed' }).click()
  await expect(status(page)).toContainText('40 papers')
  await page.getByRole('button', { name: 'Delete the library pubmed' }).click()
  await page.keyboard.press('Control+z')
  await expect(status(page)).toContainText('40 papers')
  await page.getByRole('button', { name: 'Delete the library pubmed' }).click()
  await page.getByRole('button', { name: / here$/ }).click()
  await dialog.getByRole('button', { name: 'Empty the bin' }).click()
  await dialog.getByRole('button', { name: 'Empty the bin' }).click()
  await expect(dialog.getByRole('list', { name: 'Bin' })).toHaveCount(0)
})
