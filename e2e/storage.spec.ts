/** What the page says and offers when the browser's storage is cleared under it, or full. */
import { addFiles, bibliography, expect, rows, status, test } from './demo-page.js'

test('cleared storage and a full one are said, with a way on, and nothing is lost that could be kept', async ({ page, demo }) => {
  const { origin } = new URL(demo.url)
  const session = await page.context().newCDPSession(page)
  const notice = page.locator('#notice')
  const add = async (count: number, name = 'review') => {
    await addFiles(page, [{ name: `${name}.bib`, text: bibliography(count).replaceAll('seed', name) }])
    await page.getByRole('button', { name: `Add ${count} papers` }).click()
  }
  const stopWork = () => page.getByRole('button', { name: 'Cancel embedding' }).click()
  await page.goto(demo.url)
  await add(40)
  await stopWork()
  await expect(status(page)).toContainText('0 of 40 papers embedded')

  await test.step('the site’s data is cleared while the library is open', async () => {
    await session.send('Storage.clearDataForOrigin', { origin, storageTypes: 'indexeddb' })
    await rows(page).first().getByRole('button').click()
    await page.keyboard.press('l')
    await page.keyboard.type('seen')
    await page.keyboard.press('Enter')
    await expect(notice).toContainText('The browser closed this library’s storage while it was open')
    await notice.getByRole('button', { name: 'Open the library again' }).click()
    await expect(notice).toContainText('40 papers are no longer in this browser')
    await expect(notice.getByRole('button', { name: 'Add files' })).toBeVisible()
    await expect(page.getByRole('button', { name: 'review 0' })).toBeVisible()
    await notice.getByRole('button', { name: 'Dismiss' }).click()
    await add(40)
    await stopWork()
    await expect(status(page)).toContainText('0 of 40 papers embedded')
    await page.reload()
    await expect(status(page)).toContainText('40 papers')
  })

  await test.step('there is no room for an import, and the library stays as it was', async () => {
    // What a browser says whose disk is full.
    await page.evaluate(() => {
      navigator.storage.estimate = async () => ({ quota: 9_000_000, usage: 9_000_000 })
    })
    await add(30, 'more')
    await expect(notice).toContainText(/About \d+ KB are needed, and the browser has 0 B left for this page\./)
    await notice.getByRole('button', { name: 'See what is stored' }).click()
    await expect(page.getByRole('dialog', { name: 'Storage' })).toBeVisible()
    await page.getByRole('button', { name: 'Close' }).click()
    await expect(status(page)).toContainText('40 papers')
    await expect(rows(page)).not.toHaveCount(0)
  })
})
