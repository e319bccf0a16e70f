import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Row } from '../src/cli/report.js'
import type { BenchOptions } from './bench-options.js'
import { openPage, root } from './browser-page.js'

/** Papers embedded while queries are typed. */
const BULK_PAPERS = 1000
/** Vectors of SPECTER2's size for the opening of a large index. */
const LARGE = { papers: 100_000, dimension: 768 }

/**
 * Keystroke to hits in a library of ACL papers (query embedded, searched, back in the page), idle and while other papers are
 * embedded; and how soon a stored index of 100,000 papers answers a search by vector after a reload.
 */
export async function indexSuite({ data }: BenchOptions): Promise<Row[]> {
  if (!data) throw new Error('Give the measuring data with --data.')
  const lines = readFileSync(join(data, 'acl/acl_anthology.jsonl'), 'utf8').trimEnd().split('\n')
  const papers = lines.map((line) => JSON.parse(line)).map(({ id, title, abstract, year }) => ({ id, title, abstract, year }))
  const opened = await openPage({ '/model': join(root, 'public/models/minilm') })
  const { page, url } = opened
  try {
    const queries = papers.filter((_, index) => index % 59 === 0).map(({ title }) => title.split(' ').slice(0, 5).join(' '))
    const typed = await page.evaluate(([papers, queries, bulk]) => window.indexBench.type(papers, queries, bulk), [
      papers,
      queries,
      BULK_PAPERS,
    ] as const)
    const rows: Row[] = typed.map(({ name, ...figures }) => ({ name, papers: papers.length, ...figures }))
    const built = await page.evaluate((large) => window.indexBench.buildLarge(large), LARGE)
    await page.goto(url)
    await page.waitForFunction(() => window.indexBench)
    const reopened = await page.evaluate((large) => window.indexBench.openLarge(large), LARGE)
    rows.push({ name: 'ours, a stored index opened after a reload', ...LARGE, ...built, ...reopened })
    return rows
  } finally {
    await opened.close()
  }
}
