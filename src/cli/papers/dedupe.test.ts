import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { never, recordOutput, temporaryFolder } from '../testing.js'
import { dedupeCommand } from './dedupe.js'

let folder: string

const article = { title: 'Kites over the northern coast in three dry winters', authors: [{ family: 'Finch' }], venue: 'Winds' }
const place = { volume: '57', issue: '6', pages: '811-820' }
const papers = [
  { ...article, ...place, year: 1999, doi: '10.2307/1' },
  { ...article, ...place, year: 1999, doi: '10.1111/winds.1' },
  { ...article, title: 'Gliders and the thermals of the southern hills', year: 2000, doi: '10.5555/g.1' },
  { ...article, title: 'Gliders and the thermals of the southern hills', year: 2001, doi: '10.5555/g.1' },
  { title: 'Editorial', authors: article.authors, venue: 'Winds', year: 2001 },
  { title: 'Editorial', authors: article.authors, venue: 'Winds', year: 2001 },
]

beforeEach(async () => {
  folder = await temporaryFolder()
  await writeFile(join(folder, 'a.jsonl'), papers.map((paper) => `${JSON.stringify(paper)}\n`).join(''))
})
afterEach(() => rm(folder, { recursive: true }))

test.each<[rules: string, args: string[], duplicates: number]>([
  ['none', [], 2],
  ['two DOIs apart', ['--never-join', 'dois'], 1],
  ['equal records, even headings', ['--always-join', 'equal'], 3],
  ['the year must agree', ['--must-agree', 'title,year'], 1],
  ['all', ['--never-join', 'dois', '--always-join', 'equal', '--must-agree', 'year'], 1],
])('dedupe by rules of the review: %s', async (_, args, duplicates) => {
  const json = join(folder, 'counts.json')
  await dedupeCommand([join(folder, 'a.jsonl'), ...args, '--json', json], recordOutput().output, never)
  expect(JSON.parse(await readFile(json, 'utf8')).rows).toMatchObject([{ records: 6, duplicates }])
})

test.each([
  ['--must-agree', 'colour'],
  ['--never-join', 'pmids'],
  ['--always-join', 'all'],
])('dedupe refuses %s %s', async (option, value) => {
  await expect(dedupeCommand([join(folder, 'a.jsonl'), option, value], recordOutput().output, never)).rejects.toMatchObject({
    code: 'INVALID_ARGUMENT',
    field: option,
  })
})
