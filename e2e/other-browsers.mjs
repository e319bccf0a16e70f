/**
 * A smoke test of the built page in browsers that Playwright does not drive: `npm run other-browsers [firefox] [webkit]`.
 * Needs Firefox, or WebKit's MiniBrowser with WebKitWebDriver; on Debian: firefox-esr, webkit2gtk-driver.
 */
import { execFileSync, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import puppeteer from 'puppeteer-core'
// @ts-expect-error It has no types of its own.
import { Builder, Capabilities } from 'selenium-webdriver'
import { preview } from 'vite'

const TIMEOUT_MS = 180_000
const WEBKIT_PORT = 4567

/**
 * @typedef {object} Driver
 * @property {(url: string) => Promise<unknown>} open
 * @property {(script: string) => Promise<unknown>} run Evaluates an expression in the page.
 * @property {() => Promise<unknown>} close
 */

/** @type {Record<string, () => Promise<Driver>>} */
const browsers = {
  firefox: async () => {
    const executablePath = ['firefox-esr', 'firefox'].map(which).find(Boolean)
    if (!executablePath) throw new Error('No Firefox found. Install it, on Debian by `apt-get install firefox-esr`.')
    const browser = await puppeteer.launch({ browser: 'firefox', executablePath, headless: true })
    const page = await browser.newPage()
    return { open: (url) => page.goto(url), run: (script) => page.evaluate(script), close: () => browser.close() }
  },
  webkit: async () => {
    if (!which('WebKitWebDriver'))
      throw new Error('No WebKitWebDriver found. Install it, on Debian by `apt-get install webkit2gtk-driver`.')
    const service = spawn('WebKitWebDriver', [`--port=${WEBKIT_PORT}`], { stdio: 'ignore' })
    const binary = ['/usr/lib/x86_64-linux-gnu', '/usr/lib/aarch64-linux-gnu', '/usr/libexec']
      .flatMap((folder) => ['webkit2gtk-4.1', 'webkit2gtk-4.0'].map((name) => `${folder}/${name}/MiniBrowser`))
      .find(existsSync)
    const capabilities = new Capabilities({
      browserName: 'MiniBrowser',
      'webkitgtk:browserOptions': { binary, args: ['--automation'] },
    })
    const driver = await new Builder().usingServer(`http://127.0.0.1:${WEBKIT_PORT}`).withCapabilities(capabilities).build()
    return {
      open: (url) => driver.get(url),
      run: (script) => driver.executeScript(`return ${script}`),
      close: async () => {
        await driver.quit()
        service.kill()
      },
    }
  },
}

/** @param {string} name */
function which(name) {
  try {
    return execFileSync('which', [name], { encoding: 'utf8' }).trim()
  } catch {
    return ''
  }
}

/** @param {Driver} driver @param {string} url */
async function journey({ open, run }, url) {
  /** @param {string} what @param {string} script Expression that becomes true in the page. */
  const waitFor = async (what, script) => {
    const start = performance.now()
    while (!(await run(`Boolean(${script})`))) {
      if (performance.now() - start > TIMEOUT_MS)
        throw new Error(`Timed out: ${what}. The page shows: ${await run('document.body.innerText.slice(0, 600)')}`)
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
    console.log(`  ${what}: ${Math.round(performance.now() - start)} ms`)
  }
  /** @param {string} text */
  const press = (text) =>
    run(`[...document.querySelectorAll('button')].find((button) => button.textContent.startsWith('${text}')).click()`)
  const status = `document.querySelector('[aria-label=Status]')?.textContent`
  await open(url)
  await waitFor('the page', `document.body.innerText.includes('Try the sample library')`)
  await press('Try the sample library')
  await waitFor('72 papers embedded', `/· 72 papers$/.test(${status}) && document.querySelector('#work').hidden`)
  console.log(`  ${await run(status)}`)
  await run(`(() => {
    const field = document.querySelector('input[type=search]')
    field.value = 'shape of the molecule of heredity'
    field.dispatchEvent(new InputEvent('input', { bubbles: true }))
  })()`)
  await waitFor('the wanted paper, first', `document.querySelector('.row .title')?.textContent.includes('Nucleic Acids')`)
  await press('Map')
  await waitFor('the map', `document.querySelector('.map-cluster')`)
  await press('Duplicates')
  await waitFor('the duplicates', `document.body.innerText.includes('0 duplicates in 72 papers')`)
  await open(url)
  await waitFor('the library after a reload', `/72 papers/.test(document.body.innerText)`)
}

const root = fileURLToPath(new URL('..', import.meta.url))
const server = await preview({ root, logLevel: 'error', preview: { port: 0, open: false } })
const names = process.argv.slice(2)
let failed = 0
for (const name of names.length > 0 ? names : Object.keys(browsers)) {
  console.log(name)
  /** @type {Driver | null} */
  let driver = null
  try {
    driver = (await browsers[name]?.()) ?? null
    if (!driver) throw new Error(`Unknown browser; choose from ${Object.keys(browsers).join(', ')}.`)
    await journey(driver, server.resolvedUrls?.local[0] ?? '')
  } catch (error) {
    failed++
    console.error(`  failed: ${error instanceof Error ? error.message : error}`)
  } finally {
    await driver?.close().catch(() => {})
  }
}
await server.close()
process.exit(failed > 0 ? 1 : 0)
