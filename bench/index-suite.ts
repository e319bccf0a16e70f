import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Row } from '../src/cli/report.js'
import { aclIndexFile } from './acl-index-file.js'
import { type AclVectors, aclVectors } from './acl-vectors.js'
import type { BenchOptions } from './bench-options.js'
import { type OpenPage, openPage, root, workFolder } from './browser-page.js'

/** Papers embedded while queries are typed. */
const BULK_PAPERS = 1000
/** Vectors of SPECTER2's size for the opening of a large index. */
const LARGE = { papers: 100_000, dimension: 768 }

/**
 * How soon a stored index of 100,000 papers answers a search by vector after a reload; and keystroke to hits in a library of
 * ACL papers (query embedded, searched, back in the page), idle and while other papers are embedded.
 */
export async function indexSuite(options: BenchOptions): Promise<Row[]> {
  const acl = await aclVectors(options)
  const opened = await openPage({ '/model': join(root, 'public/models/minilm'), '/acl': workFolder })
  try {
    return [await opening(opened), ...(await typing(opened, acl))]
  } finally {
    await opened.close()
  }
}

async function opening(opened: OpenPage): Promise<Row> {
  const { page } = opened
  const built = await page.evaluate((large) => window.indexBench.buildLarge(large), LARGE)
  await reload(opened)
  const figures = await page.evaluate((large) => window.indexBench.openLarge(large), LARGE)
  const row = { name: 'ours, a stored index opened after a reload', ...LARGE, ...built, ...figures }
  console.error(row)
  return row
}

async function typing(opened: OpenPage, acl: AclVectors): Promise<Row[]> {
  const { page } = opened
  writeFileSync(join(workFolder, 'acl.index'), await aclIndexFile(acl))
  await page.evaluate(() => window.indexBench.importAcl('/acl/acl.index'))
  await reload(opened)
  const words = acl.papers.map(({ title }) => title.split(' ').slice(0, 5).join(' '))
  const queries = words.filter((_, index) => index % Math.ceil(words.length / 100) === 0)
  const bulk = acl.papers
    .slice(0, BULK_PAPERS)
    .map((paper) => ({ ...paper, id: `bulk-${paper.id}`, title: `${paper.title} again` }))
  const typed = await page.evaluate(([queries, bulk]) => window.indexBench.type(queries, bulk), [queries, bulk] as const)
  return typed.map((row) => ({ ...row, papers: acl.papers.length }))
}

async function reload({ page, url }: OpenPage): Promise<void> {
  await page.goto(url)
  await page.waitForFunction(() => window.indexBench)
}
