/** A review: 200 papers screened by keys, resumed, and by touch; two reviewers compared; what is exported. */
import { readFileSync } from 'node:fs'
import type { Locator, Page } from '@playwright/test'
import { addFiles, axe, bibliography, embedded, expect, rows, searchField, test } from './demo-page.js'

const COUNT = 200
const isIncluded = (title: string) => title.includes('honey bees')

const title = (page: Page) => page.locator('#screening-title')
const screened = (page: Page) => page.locator('.screening-counts div').first().locator('dd')

async function importPapers(page: Page): Promise<void> {
  await addFiles(page, [{ name: 'review.bib', text: bibliography(COUNT) }])
  await page.getByRole('button', { name: `Add ${COUNT} papers` }).click()
  // Nothing here needs the model.
  await page.getByRole('button', { name: 'Cancel embedding' }).click()
  await expect(rows(page).first()).toBeVisible()
}

/** Decides about papers as they come. @returns Their titles. */
async function screen(page: Page, count: number, decide: (title: string) => Promise<void>): Promise<string[]> {
  const titles: string[] = []
  const before = Number((await screened(page).textContent())!.split(' ')[0])
  for (let at = 1; at <= count; at++) {
    const shown = (await title(page).textContent())!
    titles.push(shown)
    await decide(shown)
    await expect(screened(page)).toHaveText(`${before + at} of ${COUNT}`)
  }
  return titles
}

async function saved(page: Page, press: Locator): Promise<Buffer> {
  const waiting = page.waitForEvent('download')
  await press.click()
  return readFileSync(await (await waiting).path())
}

test('200 papers are screened by keys and by touch, two reviewers compared, and all of it exported', async ({
  page,
  browser,
  demo,
}) => {
  test.setTimeout(300_000)
  await page.goto(demo.url)
  await importPapers(page)
  const dialog = page.getByRole('dialog')

  await test.step('it is set up', async () => {
    await page.keyboard.press('4')
    await page.getByLabel('Question or eligibility criteria').fill('Winter losses of honey bees')
    await page.getByLabel('Reasons for exclusion').fill('Not about bees\nNo original data')
    await page.getByLabel('Mark words that speak for a paper').fill('bee, varro*')
    await page.getByLabel('Your name').fill('Ada')
    expect(await axe(page)).toEqual([])
    await page.getByRole('button', { name: 'Start screening' }).click()
    await expect(title(page)).toBeFocused()
    await expect(title(page).locator('mark').first()).toHaveText(/bees|varroa/i)
    expect(await axe(page)).toEqual([])
  })

  const key = (shown: string) => (isIncluded(shown) ? 'i' : shown.includes('part 1') ? '1' : 'e')
  const byKey = (shown: string) => page.keyboard.press(key(shown))
  await test.step('by keys, the most likely first, with undo, maybe and skip', async () => {
    const first = await screen(page, 50, byKey)
    expect(first.slice(0, 10).filter(isIncluded).length).toBeGreaterThan(7)
    expect(first.filter(isIncluded).length).toBe(40)
    const last = first.at(-1)!
    await page.keyboard.press('u')
    await expect(title(page)).toHaveText(last)
    await expect(screened(page)).toHaveText('49 of 200')
    await page.keyboard.press('m')
    await expect(screened(page)).toHaveText('50 of 200')
    await expect(page.getByRole('status').filter({ hasText: 'Maybe. 50 of 200 screened.' })).toBeVisible()
    await page.keyboard.press('Control+z')
    await expect(title(page)).toHaveText(last)
    await page.keyboard.press('s')
    await expect(title(page)).not.toHaveText(last)
    await expect(page.locator('.screening-stopping')).toContainText(/That at least 95 % are found has a confidence of [\d.]+ %/)
  })

  await test.step('it is resumed after a reload', async () => {
    const shown = await title(page).textContent()
    await page.reload()
    await expect(rows(page).first()).toBeVisible()
    await page.keyboard.press('4')
    await expect(screened(page)).toHaveText('49 of 200')
    await expect(title(page)).toHaveText(shown!)
    const rest = await screen(page, 151, byKey)
    expect(new Set(rest).size).toBe(151)
    await expect(page.getByRole('heading', { name: 'Every paper is screened' })).toBeVisible()
    await expect(page.getByRole('img', { name: 'Curve of inclusions: 40 after 200 papers of 200' })).toBeVisible()
  })

  const records = bibliography(COUNT).match(/title = \{.*\}/g)!
  const forReason = records.filter((record) => !isIncluded(record) && record.includes('part 1')).length
  await test.step('decisions and reasons are in exports and in the flow diagram', async () => {
    await page.keyboard.press('e')
    const csv = (await saved(page, dialog.getByRole('button', { name: 'CSV' }))).toString()
    expect(csv.split('\n')[0]).toMatch(/decision,reason,included|decision,included,reason/)
    expect(csv.match(/excluded,/g)).toHaveLength(160)
    expect(csv.match(/Not about bees/g)).toHaveLength(forReason)
    await dialog.getByRole('radio', { name: 'Included: 40 papers' }).check()
    const ris = (await saved(page, dialog.getByRole('button', { name: 'RIS' }))).toString()
    expect(ris.match(/^C4 {2}- included/gm)).toHaveLength(40)
    await dialog.getByRole('radio', { name: 'Excluded: 160 papers' }).check()
    expect((await saved(page, dialog.getByRole('button', { name: 'RIS' }))).toString()).toMatch(
      /C4 {2}- excluded\r\nC5 {2}- Not about bees/,
    )
    expect((await saved(page, dialog.getByRole('button', { name: 'Excel' }))).subarray(0, 2).toString()).toBe('PK')
    await dialog.getByRole('button', { name: 'Close' }).click()
    await page.keyboard.press('h')
    const svg = (await saved(page, dialog.getByRole('button', { name: 'Save as SVG' }))).toString()
    for (const text of [
      'Records screened (n = 200)',
      'Records excluded (n = 160)',
      `Not about bees (n = ${forReason})`,
      'Records to be read in full (n = 40)',
    ])
      expect(svg).toContain(text)
    await dialog.getByRole('button', { name: 'Close' }).click()
  })

  const copy = await test.step('a copy for the second reviewer has no decisions', async () => {
    await page.getByRole('button', { name: 'Second reviewer' }).click()
    return saved(page, dialog.getByRole('button', { name: 'Save a copy for the second reviewer' }))
  })

  const other = await test.step('who screens 30 of them on a phone, by touch', async () => {
    const context = await browser.newContext({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true })
    const phone = await context.newPage()
    await phone.goto(demo.url)
    const chooser = phone.waitForEvent('filechooser')
    await phone.getByRole('button', { name: 'Open files' }).tap()
    await (await chooser).setFiles([{ name: 'copy.papers', mimeType: '', buffer: copy }])
    await expect(rows(phone).first()).toBeVisible()
    await phone.locator('#tabs [data-page="screening"]').tap()
    await expect(screened(phone)).toHaveText('0 of 200')
    expect(await phone.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390)
    expect(await axe(phone)).toEqual([])
    let at = 0
    // As Ada decided, but for the first two that she included.
    const titles = await screen(phone, 30, async (shown) => {
      const isOther = isIncluded(shown) ? at++ < 2 : false
      await phone.getByRole('button', { name: isIncluded(shown) && !isOther ? 'Include' : 'Exclude', exact: true }).tap()
    })
    const bees = titles.filter(isIncluded).length
    await phone.locator('#tabs [data-page="libraries"]').tap()
    await phone.getByRole('button', { name: 'Export', exact: true }).tap()
    const file = await saved(phone, phone.getByRole('button', { name: 'The library as one file' }))
    await context.close()
    return { file, bees }
  })

  await test.step('both are compared, and the conflicts settled', async () => {
    const chooser = page.waitForEvent('filechooser')
    await dialog.getByRole('button', { name: 'Compare with the file that came back' }).click()
    await (await chooser).setFiles([{ name: 'ben.papers', mimeType: '', buffer: other.file }])
    const conflicts = dialog.getByRole('list', { name: 'Conflicts' }).getByRole('listitem')
    await expect(conflicts).toHaveCount(2)
    // Cohen's kappa: Ada keeps `bees` of 30, the other one two fewer.
    const [ada, ben] = [other.bees / 30, (other.bees - 2) / 30]
    const chance = ada * ben + (1 - ada) * (1 - ben)
    const kappa = other.bees === 30 ? 0 : (28 / 30 - chance) / (1 - chance)
    await expect(dialog.locator('.screening-counts')).toContainText(`Cohen’s kappa${kappa.toFixed(2)}`)
    expect(await axe(page)).toEqual([])
    await conflicts.first().getByRole('button', { name: 'As the second reviewer' }).click()
    await expect(conflicts).toHaveCount(1)
    await conflicts.first().getByRole('button', { name: 'As you' }).click()
    await expect(dialog.getByText('No conflict is left')).toBeVisible()
    await expect(dialog.locator('.screening-counts')).toContainText(`Cohen’s kappa${kappa.toFixed(2)}`)
    await dialog.getByRole('button', { name: 'Close' }).click()
    await expect(page.locator('.screening-counts').getByText('Included').locator('..')).toContainText('39')
    await page.keyboard.press('h')
    await expect(dialog).toContainText('2 conflicts, Cohen’s kappa')
  })
})

test('labels are suggested for papers without, accepted at once, and taken back after a reload', async ({ page, demo }) => {
  const topics = ['honey bees', 'coral reefs', 'bread prices']
  await page.goto(demo.url)
  const papers = bibliography(100)
    .split('\n\n')
    .filter((record) => topics.some((topic) => record.includes(`and ${topic}:`)))
  await addFiles(page, [{ name: 'review.bib', text: papers.join('\n\n') }])
  await page.getByRole('button', { name: `Add ${papers.length} papers` }).click()
  await embedded(page, papers.length)
  for (const topic of topics) {
    await searchField(page).fill(`title:"${topic}"`)
    await expect(rows(page)).toHaveCount(20)
    await expect(rows(page).first()).toContainText(topic)
    // Hits by vectors may still come, in another order.
    const titles = async () => (await rows(page).locator('.title').allTextContents()).join()
    await expect
      .poll(async () => {
        const before = await titles()
        await page.waitForTimeout(500)
        return (await titles()) === before
      })
      .toBe(true)
    for (const row of [0, 1, 2, 3, 4]) await rows(page).nth(row).getByRole('checkbox').check()
    await page.getByRole('textbox', { name: 'Label for the selected papers' }).fill(topic)
    await page.keyboard.press('Enter')
    await expect(page.locator('#toast')).toContainText(`5 papers labelled “${topic}”.`)
    await page.getByRole('button', { name: 'Clear', exact: true }).click()
  }
  await page.getByRole('button', { name: 'Suggest labels' }).click()
  const dialog = page.getByRole('dialog', { name: 'Suggest labels' })
  await expect(dialog).toContainText('45 papers without a label; 45 suggestions from 3 labels.')
  expect(await axe(page)).toEqual([])
  const slider = dialog.getByRole('slider', { name: 'With a confidence of at least' })
  await slider.fill('60')
  const accept = dialog.getByRole('button', { name: /^Accept \d+ labels$/ })
  const count = Number((await accept.textContent())!.match(/\d+/)![0])
  expect(count).toBeGreaterThan(35)
  await dialog.getByRole('checkbox').first().uncheck()
  await dialog.getByRole('button', { name: `Accept ${count - 1} labels` }).click()
  await expect(page.locator('#toast')).toContainText(`${count - 1} labels given.`)
  await searchField(page).fill('label:"coral reefs" -title:"coral reefs"')
  await expect(page.locator('#summary')).toContainText(/nothing|none|^0/i)
  await searchField(page).fill('')
  await expect(rows(page)).not.toHaveCount(0)
  await page.reload()
  await expect(rows(page).first()).toBeVisible()
  await page.keyboard.press('Control+z')
  await expect(page.locator('#toast')).toContainText(/The labels of \d+ papers are as they were before/)
  await searchField(page).fill('label:"coral reefs"')
  await expect(rows(page)).toHaveCount(5)
})
