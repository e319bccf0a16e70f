import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Specter2Error } from '../../core/errors.js'
import { chromiumArguments, findChromium } from './find-chromium.mjs'

/** What is used of a driver's page; the same in Playwright and Puppeteer. */
export interface DrivenPage {
  goto(url: string): Promise<unknown>
  evaluate<Argument, Result>(work: (argument: Argument) => Result | Promise<Result>, argument: Argument): Promise<Result>
  close(): Promise<void>
}

/** What is used of a driver's browser. */
export interface DrivenBrowser {
  newPage(): Promise<DrivenPage>
  close(): Promise<void>
}

export type BrowserName = 'chromium' | 'firefox'

interface Driver {
  launch(options: object): Promise<DrivenBrowser>
  executablePath(): string
}

const PUPPETEERS = ['puppeteer-core', 'puppeteer']
/** Playwright only drives its own build of Firefox; Puppeteer drives the user's. */
const DRIVERS: Readonly<Record<BrowserName, readonly string[]>> = {
  chromium: ['playwright-core', 'playwright', '@playwright/test', ...PUPPETEERS],
  firefox: PUPPETEERS,
}

const FIREFOXES = [
  '/usr/bin/firefox',
  '/usr/bin/firefox-esr',
  '/snap/bin/firefox',
  '/Applications/Firefox.app/Contents/MacOS/firefox',
  join(process.env.PROGRAMFILES ?? '', 'Mozilla Firefox/firefox.exe'),
]

/** Firefox also uses GPUs that are not on its list of good ones, such as a software GPU. */
const FIREFOX_PREFERENCES = { 'dom.webgpu.enabled': true, 'gfx.webgpu.ignore-blocklist': true }

/**
 * Finds a driver and a browser.
 *
 * @param folders Folders in which packages are looked up, in this order.
 * @returns A function that starts the browser; its arguments are for Chromium only.
 * @throws Specter2Error `UNSUPPORTED` if there is no driver or no browser; the message says what to install.
 */
export async function findBrowser(
  name: BrowserName,
  folders: readonly string[],
): Promise<(args: readonly string[]) => Promise<DrivenBrowser>> {
  const driver = await findDriver(name, folders)
  // By default, Puppeteer gives up on a page after three minutes.
  const noTimeout = { protocolTimeout: 0 }
  if (name === 'firefox') {
    const executablePath = [process.env.FIREFOX, ...FIREFOXES].find((path) => path && existsSync(path))
    if (!executablePath)
      throw new Specter2Error('UNSUPPORTED', 'No Firefox found. Install it, or set FIREFOX to the path of its program.')
    return () => driver.launch({ browser: name, executablePath, extraPrefsFirefox: FIREFOX_PREFERENCES, ...noTimeout })
  }
  const executablePath = findChromium(ownBrowser(driver))
  if (!executablePath) {
    const advice = 'Run `npx playwright install chromium`, or set CHROMIUM to the path of a Chromium or Chrome.'
    throw new Specter2Error('UNSUPPORTED', `No Chromium found. ${advice}`)
  }
  return (args) => driver.launch({ executablePath, args: [...chromiumArguments, ...args], ...noTimeout })
}

async function findDriver(browser: BrowserName, folders: readonly string[]): Promise<Driver> {
  const drivers = DRIVERS[browser]
  for (const folder of folders) {
    const require = createRequire(join(folder, 'package.json'))
    for (const name of drivers) {
      const path = resolved(require, name)
      if (path === null) continue
      const module = (await import(/* @vite-ignore */ pathToFileURL(path).href)) as { default?: Partial<Record<string, unknown>> }
      const exported = module.default ?? module
      return ('chromium' in exported ? exported.chromium : exported) as Driver
    }
  }
  const advice = `Run \`npm install --save-dev ${drivers[0]}\` in your project.`
  const message = `To run ${browser}, one of ${drivers.join(', ')} is needed. ${advice}`
  throw new Specter2Error('UNSUPPORTED', message, { details: { folders } })
}

function resolved(require: NodeJS.Require, name: string): string | null {
  try {
    return require.resolve(name)
  } catch {
    return null
  }
}

/** puppeteer-core has no browser and throws. */
function ownBrowser(driver: Driver): string | undefined {
  try {
    return driver.executablePath()
  } catch {
    return undefined
  }
}
