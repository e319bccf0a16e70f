import { defineConfig } from '@playwright/test'
import { chromiumArguments, findChromium } from './e2e/browser.mjs'

export default defineConfig({
  testDir: 'e2e',
  // `npm run strangers`, which installs from npm, and `npm run other-browsers`.
  testIgnore: ['**/e2e/strangers/**', '**/e2e/other-browsers/**'],
  globalSetup: './e2e/global-setup.ts',
  outputDir: 'test-results/playwright',
  // Models run on all cores: tests beside each other would only wait for each other.
  workers: 1,
  timeout: 120_000,
  // A busy machine is slow: what takes long is no failure.
  expect: { timeout: 20_000 },
  reporter: [['list']],
  use: { launchOptions: { executablePath: findChromium(), args: chromiumArguments } },
})
