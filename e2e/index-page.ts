import type { Page } from '@playwright/test'
import type { PaperIndex, PaperIndexOptions, PaperRecord } from 'specter2-web'
import { tiny } from './vectors.js'

declare global {
  interface Window {
    index: PaperIndex
  }
}

/** The papers of the fixture, with ids and a year each. */
export const papers: PaperRecord[] = tiny.papers.map((paper, index) => ({ id: `p${index}`, year: 2000 + index, ...paper }))

/** `count` papers with different texts of several lengths. */
export function manyPapers(count: number, prefix = 'paper'): PaperRecord[] {
  return Array.from({ length: count }, (_, index) => {
    const { title, abstract } = tiny.papers[index % 6]!
    return { id: `${prefix}-${index}`, title: `${prefix} ${index}: ${title}`, abstract }
  })
}

/** Opens an index with a model of the site, as `window.index`. */
export async function openIndex(
  page: Page,
  {
    name = 'library',
    model = '/models/tiny/',
    ...options
  }: { name?: string; model?: string } & Pick<PaperIndexOptions, 'worker'> = {},
): Promise<void> {
  await page.evaluate(
    async ({ name, model, options }) => {
      const embedder = await window.specter2.createEmbedder({ model, threads: 1 })
      window.index = await window.specter2.PaperIndex.open(name, { embedder, ...(options as object) })
    },
    { name, model, options: options as object },
  )
}
