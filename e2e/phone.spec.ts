/** The page on a phone, by touch alone. */
import type { Locator, Page } from '@playwright/test'
import { axe, bibliography, expect, rows, test } from './demo-page.js'

test.use({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true })

const tab = (page: Page, name: string) => page.locator(`#tabs [data-page="${name}"]`)

/** Buttons, fields and links that something else covers, as a finger would find them. */
async function covered(scope: Locator): Promise<string[]> {
  return scope.locator(':is(button, input, select, a:not(.skip), textarea):visible').evaluateAll((found) =>
    found.flatMap((control) => {
      control.scrollIntoView({ block: 'center', inline: 'center' })
      const { left, top, width, height } = control.getBoundingClientRect()
      const hit = document.elementFromPoint(left + width / 2, top + height / 2)
      const label = control.closest('label')
      const isHit = hit !== null && (control.contains(hit) || hit.contains(control) || label?.contains(hit))
      return isHit && hit !== document.body && hit.localName !== 'main'
        ? []
        : [`${control.outerHTML.slice(0, 120)} under ${hit?.outerHTML.slice(0, 80)}`]
    }),
  )
}

async function load(page: Page, url: string): Promise<void> {
  await page.goto(url)
  const chooser = page.waitForEvent('filechooser')
  await page.getByRole('button', { name: 'Open files' }).tap()
  await (await chooser).setFiles([{ name: 'review.bib', mimeType: 'text/plain', buffer: Buffer.from(bibliography(80)) }])
  await page.getByRole('button', { name: 'Add 80 papers' }).tap()
  await page.getByRole('button', { name: 'Cancel embedding' }).tap()
  await expect(rows(page).first()).toBeVisible()
}

test('every button of every page answers to touch', async ({ page, demo }) => {
  await load(page, demo.url)
  for (const name of ['papers', 'map', 'duplicates', 'libraries']) {
    await tab(page, name).tap()
    if (name === 'duplicates') await expect(page.getByRole('button', { name: 'Merge in this library' })).toBeVisible()
    await expect.poll(() => covered(page.locator('body')), name).toEqual([])
  }

  await test.step('the libraries page adds, exports, shows the history, renames and deletes', async () => {
    const chooser = page.waitForEvent('filechooser')
    await page.getByRole('button', { name: 'Add files' }).tap()
    await chooser
    for (const [button, dialog] of [
      ['Paste papers', 'Paste papers'],
      ['Export', 'Export'],
      ['History', 'History of this library'],
      ['Keys and help', 'Keys and help'],
      ['Model', 'Model'],
    ] as const) {
      await page.getByRole('button', { name: button, exact: true }).tap()
      await expect(page.getByRole('dialog', { name: dialog })).toBeVisible()
      await expect.poll(() => covered(page.getByRole('dialog')), dialog).toEqual([])
      expect(await axe(page), dialog).toEqual([])
      await page.getByRole('button', { name: 'Close' }).tap()
    }
    await page.getByRole('button', { name: 'Rename' }).tap()
    await page.getByRole('textbox', { name: 'Name of the library' }).fill('Thesis')
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: 'Delete the library Thesis' }).tap()
    await page.getByRole('button', { name: 'Undo' }).tap()
    await tab(page, 'libraries').tap()
    await expect(page.getByRole('button', { name: 'Thesis 80' })).toBeVisible()
  })
})

test('most of the screen is papers, with a selection, too', async ({ page, demo }) => {
  await load(page, demo.url)
  await rows(page).first().getByRole('checkbox').tap()
  await expect(page.getByText('1 paper selected').first()).toBeVisible()
  const share = () => page.locator('#papers').evaluate((list) => list.clientHeight / innerHeight)
  expect(await share()).toBeGreaterThan(0.6)
  expect(await axe(page)).toEqual([])
})
