import { existsSync } from 'node:fs'
import { chromium } from '@playwright/test'

const SYSTEM_BROWSERS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/** As root, as in containers, Chromium has no sandbox. */
export const chromiumArguments = process.getuid?.() === 0 ? ['--no-sandbox'] : []

/**
 * The browser that CHROMIUM names, else Playwright's own where it is installed, else the system's.
 *
 * @throws Error that says how to get one.
 */
export function findChromium() {
  const found = [process.env.CHROMIUM, chromium.executablePath(), ...SYSTEM_BROWSERS].find((path) => path && existsSync(path))
  if (!found) throw new Error('No Chromium found. Run `npx playwright install chromium`, or set CHROMIUM to the path of one.')
  return found
}
