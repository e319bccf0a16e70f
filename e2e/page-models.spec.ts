/** SPECTER2 on the page: downloaded from the hub at the reader's request or read from published files, converted, cached, used. */
import { cpSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { BrowserContext, Page } from '@playwright/test'
import { specter2Repos, startHub, type TestHub } from '../testing/hub-server.js'
import { addFiles, bibliography, details, embedded, expect, rows, searchField, test } from './demo-page.js'
import { workFolder } from './global-setup.js'

const HUB = 'https://huggingface.co'
const published = fileURLToPath(new URL('../testing/fixtures/specter2-tiny', import.meta.url))

/** The page's policy allows only the real hub, so its requests are answered by the test's hub. */
async function routeToTestHub(context: BrowserContext, hub: TestHub): Promise<void> {
  await context.route(`${HUB}/**`, async (route) => {
    const response = await route.fetch({ url: route.request().url().replace(HUB, hub.url) })
    const { link, ...headers } = response.headers()
    await route.fulfill({ response, headers: { ...headers, ...(link && { link: link.replace(hub.url, HUB) }) } })
  })
}

/** Everything that the hub page's status says from now on. */
async function collectStates(page: Page): Promise<() => Promise<string[]>> {
  await page.evaluate(() => {
    const states: string[] = []
    const state = document.querySelector('#state')!
    new MutationObserver(() => states.push(state.textContent ?? '')).observe(state, { childList: true })
    Object.assign(window, { states })
  })
  return () => page.evaluate(() => (window as unknown as { states: string[] }).states)
}

/** Chooses a model by its name in the dialog. */
async function useModel(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name: 'Model', exact: true }).click()
  const sheet = page.getByRole('dialog', { name: 'Model' })
  const offer = sheet.locator('.offer').filter({ hasText: name })
  await expect(offer).toContainText('stored in this browser')
  await offer.getByRole('radio').check()
  await sheet.getByRole('button', { name: 'Use this model' }).click()
}

async function addBibliography(page: Page, count: number): Promise<void> {
  await addFiles(page, [{ name: 'review.bib', text: bibliography(count) }])
  await page.getByRole('button', { name: `Add ${count} papers` }).click()
  await embedded(page, count)
}

test('SPECTER2 is downloaded from the hub, and errors of the hub say what to do', async ({ page, context, demo }) => {
  const hub = await startHub(specter2Repos())
  await routeToTestHub(context, hub)
  await page.goto(`${demo.url}hub.html`)
  const state = page.locator('#state')
  const download = page.getByRole('button', { name: 'Download and convert' })

  await test.step('a missing repository, and no network', async () => {
    hub.answer = (_request, response) => Boolean(response.writeHead(404, { 'x-error-code': 'RepoNotFound' }).end())
    await download.click()
    await expect(state).toContainText('404')
    await expect(state).toContainText('The next try continues with what was downloaded.')
    hub.answer = null
    await context.route(`${HUB}/**`, (route) => route.abort('internetdisconnected'))
    await download.click()
    await expect(state).toContainText(/network|connection/)
    await expect(download).toBeEnabled()
    await context.unrouteAll()
    await routeToTestHub(context, hub)
  })

  await test.step('downloaded and converted, with progress', async () => {
    const states = await collectStates(page)
    await download.click()
    await expect(state).toContainText(`allenai/specter2_base is ready, revision ${hub.commit('allenai/specter2_base')}`)
    const all = (await states()).join('\n')
    expect(all).toMatch(/Downloading: [\d.]+( [KM]?B)? of [\d.]+ [KM]?B/)
    expect(all).toMatch(/Converting/)
  })

  const requests = demo.elsewhere.length
  await test.step('chosen and used, without the hub', async () => {
    await page.getByRole('link', { name: 'Choose it under Model.' }).click()
    await useModel(page, 'specter2')
    await addBibliography(page, 12)
    await expect(details(page)).toContainText('specter2 proximity')
    await searchField(page).fill('honey bees')
    await expect(page.locator('#summary')).toContainText(/of 12 papers.* in \d+ ms/)
    await expect(rows(page)).toHaveCount(12)
  })
  expect(demo.elsewhere).toHaveLength(requests)
  expect(demo.elsewhere.filter((url) => !url.startsWith(`${HUB}/`))).toEqual([])
  demo.elsewhere.length = 0
  // The browser's own messages about the failures above.
  demo.complaints.length = 0
  hub.close()
})

test('published files are converted and used; incomplete ones say what is missing', async ({ page, demo }) => {
  const incomplete = join(workFolder, 'incomplete/specter2-tiny')
  rmSync(incomplete, { recursive: true, force: true })
  cpSync(published, incomplete, { recursive: true, filter: (path) => !path.endsWith('specter2-tiny/config.json') })
  await page.goto(demo.url)
  const choose = async (folder: string) => {
    await page.getByRole('button', { name: 'Model', exact: true }).click()
    const chooser = page.waitForEvent('filechooser')
    await page.getByRole('dialog', { name: 'Model' }).getByRole('button', { name: 'choose the folder' }).click()
    await (await chooser).setFiles(folder)
  }
  await choose(incomplete)
  await expect(page.getByRole('alert')).toContainText('The model did not load')
  await expect(page.getByRole('alert')).toContainText('config.json')
  await choose(published)
  await expect(details(page)).toContainText('specter2-tiny proximity', { timeout: 60_000 })
  await expect(page.getByRole('alert')).toBeHidden()
  await addBibliography(page, 12)
  await searchField(page).fill('honey bees')
  await expect(page.locator('#summary')).toContainText(/of 12 papers.* in \d+ ms/)
  await test.step('and found again at the next visit', async () => {
    await page.reload()
    await expect(details(page)).toContainText('specter2-tiny proximity')
    await page.getByRole('button', { name: 'Model', exact: true }).click()
    await expect(page.getByRole('radio', { name: 'specter2-tiny' })).toBeChecked()
  })
})
