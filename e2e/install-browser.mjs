// Fetches Playwright's own Chromium unless a browser is here already.
import { execFileSync } from 'node:child_process'
import { findChromium } from './browser.mjs'

try {
  console.log(`Chromium: ${findChromium()}`)
} catch {
  execFileSync('npx', ['playwright', 'install', '--with-deps', 'chromium'], { stdio: 'inherit' })
}
