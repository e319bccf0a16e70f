import base from '../../playwright.config.js'

/** `npm run other-browsers`: the page, the index, the encoder and faults in browsers that Playwright does not drive here. */
export default {
  ...base,
  testDir: '.',
  testIgnore: [],
  globalSetup: '../global-setup.ts',
  outputDir: '../../test-results/other-browsers',
  timeout: 300_000,
}
