import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from '@playwright/test'
import { workFolder } from './global-setup.js'
import { startServer } from './server.js'

const fixture = JSON.parse(
  readFileSync(fileURLToPath(new URL('./fixtures/specter2-tiny/reference.json', import.meta.url)), 'utf8'),
)
let server: Awaited<ReturnType<typeof startServer>>

test.beforeAll(async () => {
  server = await startServer({ roots: { '/': join(workFolder, 'stranger/dist'), '/models': join(workFolder, 'models') } })
})
test.afterAll(() => server.close())

test.beforeEach(async ({ page }) => {
  page.on('console', (message) => console.log(message.type(), message.text()))
  await page.goto(server.url)
  await page.waitForFunction(() => window.specter2)
})

test('fp32 gives the vectors of the adapters library for the base and four adapters', async ({ page }) => {
  const largest = await page.evaluate(async ({ papers, queries, vectors }) => {
    const embedder = await window.specter2.createEmbedder({ model: '/models/tiny/', dtype: 'fp32' })
    const differences: Record<string, number> = {}
    for (const [adapter, expected] of Object.entries(vectors.papers as Record<string, number[][]>)) {
      const result = await embedder.embed(papers, { adapter })
      const flat = expected.flat()
      differences[adapter] = Math.max(...flat.map((value, index) => Math.abs(value - result.vectors[index]!)))
      for (const [index, query] of (queries as string[]).entries()) {
        const vector = await embedder.embedQuery(query, { adapter })
        const wanted = (vectors.queries as Record<string, number[][]>)[adapter]![index]!
        differences[adapter] = Math.max(
          differences[adapter]!,
          ...wanted.map((value, column) => Math.abs(value - vector[column]!)),
        )
      }
    }
    await embedder.dispose()
    return differences
  }, fixture)
  console.log(largest)
  for (const difference of Object.values(largest)) expect(difference).toBeLessThanOrEqual(2e-5)
})
