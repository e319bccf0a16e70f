import type { Page } from '@playwright/test'
import { expect } from '../site.js'

/** Every paper that has a vector has that of its text, bit for bit. */
export async function expectRightVectors(page: Page): Promise<void> {
  const wrong = await page.evaluate(async () => {
    const { ids, vectors: stored, dimension } = await window.index.vectors()
    const papers = await window.index.get(ids)
    const embedder = await window.specter2.createEmbedder({ model: '/models/tiny/', threads: 1 })
    const { vectors } = await embedder.embed(papers.map((paper) => paper!))
    await embedder.dispose()
    const isWrong = (row: number) => {
      const of = (all: Float32Array) => String(all.subarray(row * dimension, (row + 1) * dimension))
      return of(stored) !== of(vectors)
    }
    return ids.filter((_, row) => isWrong(row))
  })
  expect(wrong).toEqual([])
}
