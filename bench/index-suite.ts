import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Row } from '../src/cli/report.js'
import { type AclVectors, aclIndexFile, aclVectors } from './acl-vectors.js'
import type { BenchOptions } from './bench-options.js'
import { loadPage, type OpenPage, openPage, root, workFolder } from './browser-page.js'

/** Papers embedded while queries are typed. */
const BULK_PAPERS = 1000
/** A large index, of vectors of SPECTER2's size. */
const LARGE = { papers: 100_000, dimension: 768 }

/**
 * The time until a stored index of 100,000 papers answers its first search by vector after a reload; and from a keystroke to
 * the hits in a library of ACL papers (embedding, search, return to the page), idle and while other papers are embedded.
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
  await loadPage(page, opened.url)
  const figures = await page.evaluate((large) => window.indexBench.openLarge(large), LARGE)
  const row = { name: 'ours, a stored index opened after a reload', ...LARGE, ...built, ...figures }
  console.error(row)
  return row
}

async function typing(opened: OpenPage, acl: AclVectors): Promise<Row[]> {
  const { page } = opened
  writeFileSync(join(workFolder, 'acl.index'), await aclIndexFile(acl))
  await page.evaluate(() => window.indexBench.importAcl('/acl/acl.index'))
  await loadPage(page, opened.url)
  const words = acl.papers.map(({ title }) => title.split(' ').slice(0, 5).join(' '))
  const queries = words.filter((_, index) => index % Math.ceil(words.length / 100) === 0)
  const bulk = acl.papers
    .slice(0, BULK_PAPERS)
    .map((paper) => ({ ...paper, id: `bulk-${paper.id}`, title: `${paper.title} again` }))
  const typed = await page.evaluate(([queries, bulk]) => window.indexBench.type(queries, bulk), [queries, bulk] as const)
  return typed.map((row) => ({ ...row, papers: acl.papers.length }))
}
