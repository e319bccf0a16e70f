import { defineConfig } from '@playwright/test'
import { chromiumArguments, findChromium } from './e2e/browser.mjs'

export default defineConfig({
  testDir: 'e2e',
  // Installs from npm: `npm run strangers`.
  testIgnore: '**/e2e/strangers/**',
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
