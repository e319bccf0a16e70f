import { createReadStream, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Row } from '../src/cli/report.js'
import type { Paper } from '../src/core/papers/paper.js'
import { readPapers } from '../src/core/papers/read-papers.js'
import { type WrittenFormat, writePapers } from '../src/core/papers/write-papers.js'
import type { BenchOptions } from './bench-options.js'
import { countRecords } from './count-records.js'

const WRITTEN: Readonly<Record<string, WrittenFormat>> = { bibtex: 'bibtex', ris: 'ris', csv: 'csv', json: 'jsonl' }

/**
 * Every file of `bibliographies/`: what was read, what a count apart from the reader finds in its text, and how many papers
 * are the same after they have been written (in their own format where that is written, else as BibTeX and RIS) and read again.
 */
export async function papersFilesSuite({ data }: BenchOptions): Promise<Row[]> {
  if (data === undefined) throw new Error('The suite read-files needs --data.')
  const root = join(data, 'bibliographies')
  const rows: Row[] = []
  for (const name of (readdirSync(root, { recursive: true }) as string[]).sort()) {
    const path = join(root, name)
    let bytes: Buffer
    try {
      bytes = readFileSync(path)
    } catch {
      continue
    }
    const { papers, problems, files } = await readPapers([{ name, size: bytes.length, stream: () => createReadStream(path) }])
    const { format, encoding, records, reported, failed, empty, seconds } = files[0]!
    const counted = countRecords(new TextDecoder(encoding.startsWith('utf-16') ? encoding : 'utf-8').decode(bytes), format)
    const row = { file: name, format, records, reported, failed, empty, counted, lost: Math.max(0, counted - records - reported) }
    rows.push({ ...row, noted: problems.length - reported, changed: await changedPapers(papers, WRITTEN[format]), seconds })
  }
  const sum = (name: string, of: readonly Row[] = rows) => of.reduce((total, row) => total + Number(row[name]), 0)
  const totals = (file: string, of: readonly Row[]): Row => ({
    file,
    format: `${of.length} files`,
    ...Object.fromEntries(
      ['records', 'reported', 'failed', 'empty', 'counted', 'lost', 'noted', 'changed', 'seconds'].map((name) => [
        name,
        sum(name, of),
      ]),
    ),
  })
  const formats = [...new Set(rows.map(({ format }) => String(format)))].sort()
  return [
    ...rows,
    ...formats.map((format) =>
      totals(
        `all ${format}`,
        rows.filter((row) => row.format === format),
      ),
    ),
    totals('all', rows),
  ]
}

/** Papers that are not the same after writing and reading: all that is said of them, and `fields` where the format is their own. */
async function changedPapers(papers: readonly Paper[], own: WrittenFormat | undefined): Promise<number> {
  const formats: readonly WrittenFormat[] = own === undefined ? ['bibtex', 'ris'] : [own]
  let changed = 0
  for (const format of formats) {
    const text = [...(await writePapers(papers, format))].join('')
    const bytes = new TextEncoder().encode(text)
    const again = await readPapers([
      {
        name: 'again',
        async *stream() {
          yield bytes
        },
      },
    ])
    const before = papers.map((paper) => said(paper, own !== undefined))
    const after = again.papers.map((paper) => said(paper, own !== undefined))
    for (const [index, paper] of before.entries())
      if (paper !== after[index]) {
        changed++
        if (process.env.SHOW_CHANGED) console.log(`${format}\n  ${paper}\n  ${after[index]}`)
      }
    changed += Math.max(0, again.papers.length - papers.length)
  }
  return changed
}

/** What of a paper has to come back, in one order. A key that the writer had to make does not count, nor that a work has no type. */
function said({ id: _id, source: _source, key: _key, fields, type = 'other', ...paper }: Paper, withFields: boolean): string {
  const rest = withFields ? { fields: sorted(fields ?? {}) } : {}
  return JSON.stringify(sorted({ ...paper, type, ...rest }))
}

function sorted(value: object): object {
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
}
