/** Takes the README's screenshots of the built page: `npm run screenshots`. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { chromium } from '@playwright/test'
import { preview } from 'vite'
import { chromiumArguments, findChromium } from './browser.mjs'

const folder = fileURLToPath(new URL('../demo/screenshots/', import.meta.url))
const root = fileURLToPath(new URL('..', import.meta.url))
const WIDE = { width: 1280, height: 800 }
const PHONE = { width: 390, height: 780 }

mkdirSync(folder, { recursive: true })
const server = await preview({ root, logLevel: 'error', preview: { port: 0, open: false } })
const browser = await chromium.launch({ executablePath: findChromium(), args: chromiumArguments })
try {
  const page = await browser.newPage({ viewport: WIDE })
  const encoder = await browser.newPage()
  /**
   * Saves the page as WebP, a third of the size of a PNG; the browser encodes it.
   *
   * @param {string} name
   */
  const shoot = async (name) => {
    const png = (await page.screenshot()).toString('base64')
    const webp = await encoder.evaluate(async (source) => {
      const image = new Image()
      image.src = `data:image/png;base64,${source}`
      await image.decode()
      const canvas = document.createElement('canvas')
      canvas.width = image.width
      canvas.height = image.height
      canvas.getContext('2d')?.drawImage(image, 0, 0)
      return canvas.toDataURL('image/webp', 0.75).split(',')[1] ?? ''
    }, png)
    writeFileSync(`${folder}${name}.webp`, Buffer.from(webp, 'base64'))
  }
  await page.goto(server.resolvedUrls?.local[0] ?? '')
  await page.getByRole('button', { name: 'Try the sample library' }).click()
  await page.getByText(/72 papers · ready/).waitFor({ timeout: 180_000 })
  await page.getByRole('searchbox').fill('why people misjudge risk')
  await page.locator('.row mark').first().waitFor()
  await page.locator('.row .title').first().click()
  await page.getByRole('heading', { name: /Prospect Theory/ }).waitFor()
  await shoot('search')
  await page.keyboard.press('Escape')
  await page.keyboard.press('2')
  await page.locator('.map-cluster').first().waitFor({ timeout: 60_000 })
  await page.waitForTimeout(500)
  await page.emulateMedia({ colorScheme: 'dark' })
  await shoot('map-dark')
  await page.emulateMedia({ colorScheme: 'light' })
  await page.setViewportSize(PHONE)
  await page.locator('.tab[data-page=papers]').click()
  await page.waitForTimeout(300)
  await shoot('phone')
} finally {
  await browser.close()
  await server.close()
}
