import base from '../../playwright.config.js'

/** `npm run strangers`: apps of other bundlers, installed from npm. */
export default {
  ...base,
  testDir: '.',
  testIgnore: [],
  globalSetup: './pack.ts',
  outputDir: '../../test-results/strangers',
  timeout: 600_000,
}
