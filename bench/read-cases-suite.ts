import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Row } from '../src/cli/report.js'
import type { Author, Paper } from '../src/core/papers/paper.js'
import { readPapers } from '../src/core/papers/read-papers.js'
import type { BenchOptions } from './bench-options.js'

type Expected = Readonly<Record<string, unknown>>

/**
 * Reads each file of a folder that has a `NAME.expected.json` beside it: a list with what is right of each record, in order. A key
 * that is missing is not compared; an empty list means no record, but a problem that tells what the file is.
 */
export async function readCasesSuite({ data }: BenchOptions): Promise<Row[]> {
  if (data === undefined) throw new Error('The suite read-cases needs --data.')
  const rows: Row[] = []
  const names = readdirSync(data).sort()
  for (const expectation of names.filter((name) => name.endsWith('.expected.json'))) {
    const stem = expectation.slice(0, -'expected.json'.length)
    const file = names.find((name) => name.startsWith(stem) && name !== expectation)
    if (file === undefined) continue
    const bytes = new Uint8Array(readFileSync(join(data, file)))
    const stream = async function* () {
      yield bytes
    }
    const { papers, problems, files } = await readPapers([{ name: file, size: bytes.length, stream }])
    const expected = JSON.parse(readFileSync(join(data, expectation), 'utf8')) as Expected[]
    const wrong = papers.length === expected.length ? [] : [`records ${papers.length}≠${expected.length}`]
    if (expected.length === 0 && problems.length === 0) wrong.push('no reason')
    for (const [index, fields] of expected.entries()) wrong.push(...differences(papers[index], fields, index))
    if (process.env.SHOW_WRONG && wrong.length > 0) console.log(`${file}\n  ${wrong.join('\n  ')}`)
    const { format, encoding } = files[0] ?? { format: '', encoding: '' }
    rows.push({ file, format, encoding, records: papers.length, right: wrong.length === 0, wrong: wrong.length })
  }
  const right = rows.filter((row) => row.right).length
  return [...rows, { file: 'all', format: `${rows.length} files`, encoding: '', records: 0, right, wrong: rows.length - right }]
}

function differences(paper: Paper | undefined, expected: Expected, index: number): string[] {
  if (paper === undefined) return [`${index}: no record`]
  return Object.entries(expected).flatMap(([name, value]) => {
    const found = said(paper, name)
    const equal =
      name === 'abstractEndsWith'
        ? String(found).endsWith(String(value))
        : name === 'abstractContains' || name === 'abstractLacks'
          ? (value as string[]).every((part) => String(found).includes(part) === (name === 'abstractContains'))
          : JSON.stringify(found ?? null) === JSON.stringify(value)
    return equal ? [] : [`${index}.${name}: ${JSON.stringify(found)} ≠ ${JSON.stringify(value)}`]
  })
}

function said(paper: Paper, name: string): unknown {
  if (name === 'nauthors') return paper.authors?.length ?? 0
  if (name === 'firstAuthorFamily') return paper.authors?.[0]?.family ?? paper.authors?.[0]?.name
  if (name === 'authors') return paper.authors?.map(authorText)
  if (name.startsWith('abstract')) return paper.abstract
  return paper[name as keyof Paper]
}

/** `Family, Given, Suffix`, or `=Name` of a group. */
function authorText({ family, given, suffix, name }: Author): string {
  return family === undefined ? `=${name}` : [family, given, suffix].filter((part) => part !== undefined).join(', ')
}
