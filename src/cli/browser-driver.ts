import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Specter2Error } from '../errors.js'
import { chromiumArguments, findChromium } from './find-chromium.mjs'

/** What is used of a driver's page: Playwright's and Puppeteer's are the same here. */
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

interface Driver {
  launch(options: object): Promise<DrivenBrowser>
  executablePath(): string
}

const DRIVERS = ['playwright-core', 'playwright', '@playwright/test', 'puppeteer-core', 'puppeteer']

/**
 * Finds a driver and a Chromium.
 *
 * @param folders Where packages are looked for, one after another.
 * @returns starts the browser with these arguments.
 * @throws Specter2Error `UNSUPPORTED` where there is no driver or no browser; says what to install.
 */
export async function findBrowser(folders: readonly string[]): Promise<(args: readonly string[]) => Promise<DrivenBrowser>> {
  const driver = await findDriver(folders)
  const executablePath = findChromium(ownBrowser(driver))
  if (!executablePath) {
    const advice = 'Run `npx playwright install chromium`, or set CHROMIUM to the path of a Chromium or Chrome.'
    throw new Specter2Error('UNSUPPORTED', `No Chromium found. ${advice}`)
  }
  // Puppeteer gives a page three minutes for an answer unless told otherwise.
  return (args) => driver.launch({ executablePath, args: [...chromiumArguments, ...args], protocolTimeout: 0 })
}

async function findDriver(folders: readonly string[]): Promise<Driver> {
  for (const folder of folders) {
    const require = createRequire(join(folder, 'package.json'))
    for (const name of DRIVERS) {
      const path = resolved(require, name)
      if (path === null) continue
      const module = (await import(/* @vite-ignore */ pathToFileURL(path).href)) as { default?: Partial<Record<string, unknown>> }
      const exported = module.default ?? module
      return ('chromium' in exported ? exported.chromium : exported) as Driver
    }
  }
  const message = `--browser needs one of ${DRIVERS.join(', ')}. Run \`npm install --save-dev playwright-core\` in your project.`
  throw new Specter2Error('UNSUPPORTED', message, { details: { folders } })
}

function resolved(require: NodeJS.Require, name: string): string | null {
  try {
    return require.resolve(name)
  } catch {
    return null
  }
}

/** Puppeteer's core has none and throws. */
function ownBrowser(driver: Driver): string | undefined {
  try {
    return driver.executablePath()
  } catch {
    return undefined
  }
}
