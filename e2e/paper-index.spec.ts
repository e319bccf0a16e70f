/** An index of papers in the page: stored, found, changed, moved. */
import type { Page } from '@playwright/test'
import type { PaperIndex, PaperRecord } from 'specter2-web'
import { expect, open, test } from './site.js'
import { tiny } from './vectors.js'

const papers: PaperRecord[] = tiny.papers.map((paper, index) => ({ id: `p${index}`, year: 2000 + index, ...paper }))

declare global {
  interface Window {
    index: PaperIndex
  }
}

/** Opens an index with the tiny model, as `window.index`. */
async function openIndex(page: Page, name = 'library', model = '/models/tiny/'): Promise<void> {
  await page.evaluate(
    async ({ name, model }) => {
      const embedder = await window.specter2.createEmbedder({ model })
      window.index = await window.specter2.PaperIndex.open(name, { embedder })
    },
    { name, model },
  )
}

test.describe('an index', () => {
  test('keeps papers as given, and is there tomorrow with its vectors', async ({ page, site }) => {
    await openIndex(page)
    const result = await page.evaluate((papers) => window.index.add(papers), papers)
    expect(result).toEqual({ added: papers.length, updated: 0, unchanged: 0, reused: 0, pending: 0 })
    const before = await page.evaluate(() => window.index.search('gene', { mode: 'semantic', k: 3 }))
    await open(page, site)
    await openIndex(page)
    const after = await page.evaluate(async () => ({
      info: window.index.info,
      found: await window.index.search('gene', { mode: 'semantic', k: 3 }),
      papers: await window.index.get(['p3', 'nope', 'p0']),
      again: await window.index.add((await window.index.get(['p1'])) as PaperRecord[]),
    }))
    expect(after.info).toMatchObject({ papers: papers.length, vectors: papers.length, pending: 0, stale: false, damaged: 0 })
    expect(after.info.storage).toEqual({ persistent: true, reason: null })
    expect(after.found).toEqual(before)
    expect(after.papers).toEqual([papers[3], null, papers[0]])
    expect(after.again).toMatchObject({ unchanged: 1, added: 0, updated: 0 })
  })

  test('finds by vectors what a scan over the reference vectors finds, by the metric of the model', async ({ page }) => {
    await openIndex(page)
    const { distances, dimension } = await page.evaluate(
      async ({ papers, queries }) => {
        await window.index.add(papers)
        const distances: Record<string, number>[] = []
        for (const query of queries) {
          const { hits } = await window.index.search(query, { mode: 'semantic', k: papers.length })
          distances.push(Object.fromEntries(hits.map(({ id, distance }) => [id, distance!])))
        }
        return { distances, dimension: window.index.info.model!.dimension }
      },
      { papers, queries: tiny.queries },
    )
    const [proximity, adhoc] = [tiny.vectors.papers.proximity, tiny.vectors.queries.adhoc_query]
    expect(dimension).toBe(proximity[0]!.length)
    for (const [index, found] of distances.entries()) {
      const ids = Object.keys(found)
      expect(ids).toHaveLength(papers.length)
      expect(Object.values(found)).toEqual(Object.values(found).toSorted((a, b) => a - b))
      for (const [row, { id }] of papers.entries()) {
        const squares = proximity[row]!.map((value, column) => (value - adhoc[index]![column]!) ** 2)
        const expected = Math.sqrt(squares.reduce((sum, square) => sum + square, 0))
        // The tiny model runs in 8 bits here.
        expect(Math.abs(found[id]! - expected) / expected).toBeLessThan(0.1)
      }
    }
  })
})
