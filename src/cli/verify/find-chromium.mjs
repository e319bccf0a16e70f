// Plain JavaScript, since the script that installs a browser for the tests runs before anything is built.
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

/** Chromium has no sandbox when it runs as root, as in containers. */
export const chromiumArguments = process.getuid?.() === 0 ? ['--no-sandbox'] : []

/**
 * Finds the browser that CHROMIUM names, else the driver's own if it is installed, else the system's.
 *
 * @param {string | undefined} own Path of the driver's own browser.
 * @returns {string | undefined}
 */
export function findChromium(own) {
  return [process.env.CHROMIUM, own, ...SYSTEM_BROWSERS].find((path) => path && existsSync(path))
}
