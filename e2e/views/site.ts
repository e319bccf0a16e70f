import { join } from 'node:path'
import { AxeBuilder } from '@axe-core/playwright'
import { test as base, expect, type Page } from '@playwright/test'
import { startServer } from '../../src/cli/verify/static-server.js'
import { workFolder } from '../global-setup.js'

export { expect }

/** Forbids other origins, inline code and eval. The server sends it with every file, so that it applies to workers as well. */
const POLICY =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; worker-src 'self'; img-src data:; connect-src 'self'"

/** `page` shows the test page of the views; an uncaught error or a policy violation on it fails the test. */
export const test = base.extend({
  page: async ({ page }, use) => {
    const { url, close } = await startServer({ roots: { '/': join(workFolder, 'views') }, policy: POLICY })
    const complaints: string[] = []
    page.on('pageerror', (error) => complaints.push(error.message))
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()))
    await page.goto(url)
    await page.waitForFunction(() => window.views)
    await use(page)
    expect(complaints).toEqual([])
    close()
  },
})

/** What axe finds wrong on the page, one short line per rule. */
export async function violations(page: Page): Promise<string[]> {
  const found = await new AxeBuilder({ page }).analyze()
  return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(' | ')}`)
}

/** Text that would do harm as markup, and must be shown as text. */
export const HOSTILE = '<img src=x onerror="window.harmed=1"><b>bold</b>'
