/** SPECTER2 on the page: from a hub on the reader's word, or from published files; converted in a worker, kept, used. */
import { cpSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { BrowserContext, Page } from '@playwright/test'
import { specter2Repos, startHub, type TestHub } from '../testing/hub-server.js'
import { addFiles, bibliography, embedded, expect, rows, searchField, status, test } from './demo-page.js'
import { workFolder } from './global-setup.js'

const HUB = 'https://huggingface.co'
const published = fileURLToPath(new URL('../testing/fixtures/specter2-tiny', import.meta.url))

/** The page's policy names the real hub alone: what is asked of it is answered by the test's. */
async function standIn(context: BrowserContext, hub: TestHub): Promise<void> {
  await context.route(`${HUB}/**`, async (route) => {
    const response = await route.fetch({ url: route.request().url().replace(HUB, hub.url) })
    const { link, ...headers } = response.headers()
    await route.fulfill({ response, headers: { ...headers, ...(link && { link: link.replace(hub.url, HUB) }) } })
  })
}

/** What the page for the hub says, one after the other. */
async function collectStates(page: Page): Promise<() => Promise<string[]>> {
  await page.evaluate(() => {
    const said: string[] = []
    const state = document.querySelector('#state')!
    new MutationObserver(() => said.push(state.textContent ?? '')).observe(state, { childList: true })
    Object.assign(window, { said })
  })
  return () => page.evaluate(() => (window as unknown as { said: string[] }).said)
}

/** Chooses a model in the sheet by its name. */
async function useModel(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name: 'Model', exact: true }).click()
  const sheet = page.getByRole('dialog', { name: 'Model' })
  const offer = sheet.locator('.offer').filter({ hasText: name })
  await expect(offer).toContainText('kept in this browser')
  await offer.getByRole('radio').check()
  await sheet.getByRole('button', { name: 'Use this model' }).click()
}

async function addBibliography(page: Page, count: number): Promise<void> {
  await addFiles(page, [{ name: 'review.bib', text: bibliography(count) }])
  await page.getByRole('button', { name: `Add ${count} papers` }).click()
  await embedded(page, count)
}

test('SPECTER2 comes from the hub on the reader’s word, and a hub that fails says what to do', async ({
  page,
  context,
  demo,
}) => {
  const hub = await startHub(specter2Repos())
  await standIn(context, hub)
  await page.goto(`${demo.url}hub.html`)
  const state = page.locator('#state')
  const fetchIt = page.getByRole('button', { name: 'Fetch and convert' })

  await test.step('a repository that is not there, and no network', async () => {
    hub.answer = (_request, response) => Boolean(response.writeHead(404, { 'x-error-code': 'RepoNotFound' }).end())
    await fetchIt.click()
    await expect(state).toContainText('404')
    await expect(state).toContainText('What was fetched stays here, so the next try goes on from there.')
    hub.answer = null
    await context.route(`${HUB}/**`, (route) => route.abort('internetdisconnected'))
    await fetchIt.click()
    await expect(state).toContainText(/network|connection/)
    await expect(fetchIt).toBeEnabled()
    await context.unrouteAll()
    await standIn(context, hub)
  })

  await test.step('fetched and converted, with progress', async () => {
    const said = await collectStates(page)
    await fetchIt.click()
    await expect(state).toContainText(`allenai/specter2_base is here, with revision ${hub.commit('allenai/specter2_base')}`)
    const all = (await said()).join('\n')
    expect(all).toMatch(/Fetching: [\d.]+( [KM]?B)? of [\d.]+ [KM]?B/)
    expect(all).toMatch(/Converting/)
  })

  const asked = demo.elsewhere.length
  await test.step('chosen in the sheet and used, without the hub', async () => {
    await page.getByRole('link', { name: 'Choose it under Model.' }).click()
    await useModel(page, 'specter2')
    await addBibliography(page, 12)
    await expect(status(page)).toContainText('specter2 proximity')
    await searchField(page).fill('honey bees')
    await expect(page.locator('#summary')).toContainText('12 papers, best first, in')
    await expect(rows(page)).toHaveCount(12)
  })
  expect(demo.elsewhere).toHaveLength(asked)
  expect(demo.elsewhere.filter((url) => !url.startsWith(`${HUB}/`))).toEqual([])
  demo.elsewhere.length = 0
  // The browser's own words on the failures above.
  demo.complaints.length = 0
  hub.close()
})

test('published files that a reader chooses are converted and used; those that are incomplete say what is missing', async ({
  page,
  demo,
}) => {
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
  await expect(status(page)).toContainText('specter2-tiny proximity', { timeout: 60_000 })
  await expect(page.getByRole('alert')).toBeHidden()
  await addBibliography(page, 12)
  await searchField(page).fill('honey bees')
  await expect(page.locator('#summary')).toContainText('12 papers, best first, in')
  await test.step('and found again by the next visit', async () => {
    await page.reload()
    await expect(status(page)).toContainText('specter2-tiny proximity')
    await page.getByRole('button', { name: 'Model', exact: true }).click()
    await expect(page.getByRole('radio', { name: 'specter2-tiny' })).toBeChecked()
  })
})
