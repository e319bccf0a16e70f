import { existsSync } from 'node:fs'
import { chromium } from '@playwright/test'

/**
 * Playwright's own Chromium where it is installed, else the system's.
 *
 * @throws Error that says how to get one.
 */
export function findChromium(): string {
  const candidates = [
    process.env.CHROMIUM,
    chromium.executablePath(),
    '/usr/bin/chromium',
    '/usr/bin/chromium-browser',
    '/usr/bin/google-chrome',
  ]
  const found = candidates.find((path) => path && existsSync(path))
  if (!found) throw new Error('No Chromium found. Run `npx playwright install chromium`, or set CHROMIUM to the path of one.')
  return found
}

/** As root, as in containers, Chromium has no sandbox. */
export const chromiumArguments = process.getuid?.() === 0 ? ['--no-sandbox'] : []
