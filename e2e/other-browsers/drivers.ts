import { execFileSync, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import puppeteer, { type Browser } from 'puppeteer-core'
// @ts-expect-error It has no types of its own.
import { Builder, Capabilities } from 'selenium-webdriver'
import { chromiumArguments, findChromium } from '../browser.mjs'

const WEBKIT_PORT = 4567
/** Longest time for a script. */
const LIMIT_MS = 240_000

/** A browser with one page. */
export interface Driver {
  open(url: string): Promise<void>
  /** Runs an async function in the page; argument and result are plain data. */
  run<A, T>(script: (argument: A) => T | Promise<T>, argument: A): Promise<T>
  close(): Promise<void>
}

/** Starts a browser; `null` if it is not installed. On Debian: `apt-get install firefox-esr webkit2gtk-driver`. */
export const browsers: Readonly<Record<string, () => Promise<Driver | null>>> = {
  async chromium() {
    return ofPuppeteer(
      await puppeteer.launch({ executablePath: findChromium(), args: [...chromiumArguments], protocolTimeout: LIMIT_MS }),
    )
  },
  async firefox() {
    const executablePath = ['firefox-esr', 'firefox'].map(which).find(Boolean)
    if (!executablePath) return null
    return ofPuppeteer(await puppeteer.launch({ browser: 'firefox', executablePath, headless: true, protocolTimeout: LIMIT_MS }))
  },
  async webkit() {
    if (!which('WebKitWebDriver')) return null
    const service = spawn('WebKitWebDriver', [`--port=${WEBKIT_PORT}`], { stdio: 'ignore' })
    const binary = ['/usr/lib/x86_64-linux-gnu', '/usr/lib/aarch64-linux-gnu', '/usr/libexec']
      .flatMap((folder) => ['webkit2gtk-4.1', 'webkit2gtk-4.0'].map((name) => `${folder}/${name}/MiniBrowser`))
      .find(existsSync)
    const capabilities = new Capabilities({
      browserName: 'MiniBrowser',
      'webkitgtk:browserOptions': { binary, args: ['--automation'] },
    })
    const driver = await new Builder().usingServer(`http://127.0.0.1:${WEBKIT_PORT}`).withCapabilities(capabilities).build()
    await driver.manage().setTimeouts({ script: LIMIT_MS, pageLoad: LIMIT_MS })
    return {
      open: (url) => driver.get(url),
      async run(script, argument) {
        const answer = await driver.executeAsyncScript(
          `const [argument, done] = arguments
          Promise.resolve().then(() => (${script})(JSON.parse(argument)))
            .then((value) => done({ value: JSON.stringify(value) }), (error) => done({ error: String(error) }))`,
          JSON.stringify(argument ?? null),
        )
        if ('error' in answer) throw new Error(answer.error)
        return answer.value === undefined ? undefined : JSON.parse(answer.value)
      },
      close: async () => {
        await driver.quit()
        service.kill()
      },
    }
  },
}

async function ofPuppeteer(browser: Browser): Promise<Driver> {
  const page = await browser.newPage()
  page.setDefaultTimeout(LIMIT_MS)
  return {
    open: async (url) => void (await page.goto(url)),
    run: (script, argument) => page.evaluate(script as never, argument as never),
    close: () => browser.close(),
  }
}

function which(name: string): string {
  try {
    return execFileSync('which', [name], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
  } catch {
    return ''
  }
}
