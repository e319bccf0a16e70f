// Installs Playwright's Chromium unless there is a browser already.
import { execFileSync } from 'node:child_process'
import { findChromium } from './browser.mjs'

try {
  console.log(`Chromium: ${findChromium()}`)
} catch {
  execFileSync('npx', ['playwright', 'install', '--with-deps', 'chromium'], { stdio: 'inherit' })
}
