// Plain JavaScript: the script that fetches a browser for the tests needs it before anything is built.
import { existsSync } from 'node:fs'
import { join } from 'node:path'

const { LOCALAPPDATA = '', PROGRAMFILES = '', 'PROGRAMFILES(X86)': PROGRAMFILES_X86 = '' } = process.env

const SYSTEM_BROWSERS = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/snap/bin/chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  ...[PROGRAMFILES, PROGRAMFILES_X86, LOCALAPPDATA]
    .filter(Boolean)
    .map((folder) => join(folder, 'Google/Chrome/Application/chrome.exe')),
]

/** As root, as in containers, Chromium has no sandbox. */
export const chromiumArguments = process.getuid?.() === 0 ? ['--no-sandbox'] : []

/**
 * The browser that CHROMIUM names, else the driver's own where it is installed, else the system's.
 *
 * @param {string | undefined} own Where the driver's own would be.
 * @returns {string | undefined}
 */
export function findChromium(own) {
  return [process.env.CHROMIUM, own, ...SYSTEM_BROWSERS].find((path) => path && existsSync(path))
}
