import { createReadStream } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { InvalidArgumentError } from '../../core/errors.js'
import type { Paper } from '../../core/papers/paper.js'
import type { FileReport, PaperFile, PaperProblem } from '../../core/papers/paper-file.js'
import { streamPapers } from '../../core/papers/read-papers.js'
import { WRITTEN_FORMATS, type WrittenFormat, writePapers } from '../../core/papers/write-papers.js'
import { oneOf } from '../option-values.js'
import { ProgressLine } from '../progress-line.js'
import { checkReportFile, printTable, type Row, writeRows } from '../report.js'
import { writeFileInPieces } from '../write-pieces.js'

/** Format by the name of the file that is written. */
const BY_EXTENSION: Readonly<Record<string, WrittenFormat>> = {
  '.bib': 'bibtex',
  '.ris': 'ris',
  '.json': 'csl-json',
  '.csv': 'csv',
  '.jsonl': 'jsonl',
}

export const readUsage = `specter2-web read <path>… [options]

Reads bibliographies, files and whole folders, of whatever format (BibTeX, RIS, NBIB, MEDLINE and EndNote XML, ENW, CSL-JSON,
CSV, JSON Lines, OpenAlex, Semantic Scholar, Web of Science, Ovid, Scopus, Copac, Citavi …), packed or not, and prints what
was found in each. Records that cannot be read are listed with line and reason.

  --to FILE        writes all records there: .bib, .ris, .json (CSL), .csv or .jsonl
  --format NAME    of --to, where its name does not say: ${WRITTEN_FORMATS.join(', ')}
  --problems N     lists so many problems; default 20
  --json FILE      writes the rows there, too`

export async function readCommand(args: readonly string[], signal: AbortSignal): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      to: { type: 'string' },
      format: { type: 'string' },
      problems: { type: 'string', default: '20' },
      json: { type: 'string' },
    },
  })
  if (positionals.length === 0) throw new InvalidArgumentError('path', undefined, 'a file or a folder')
  const shown = Number(values.problems)
  if (!Number.isInteger(shown) || shown < 0) throw new InvalidArgumentError('--problems', values.problems, 'a whole number')
  const format = values.to === undefined ? undefined : writtenFormat(values.to, values.format)
  await checkReportFile(values.json)

  const reports: FileReport[] = []
  const problems: PaperProblem[] = []
  const papers: Paper[] = []
  let count = 0
  const line = new ProgressLine()
  try {
    const files = (await Promise.all(positionals.map(filesIn))).flat()
    const onProgress = ({
      file,
      loaded,
      total,
      records,
    }: {
      file: string
      loaded: number
      total: number | null
      records: number
    }) => line.show(file, `${file}: ${records} records, ${total ? Math.floor((100 * loaded) / total) : 0} %`)
    let ofFile: Paper[] = []
    for await (const batch of streamPapers(files, { signal, onProgress })) {
      problems.push(...batch.problems)
      count += batch.papers.length
      if (format !== undefined) ofFile.push(...batch.papers)
      if (!batch.report) continue
      reports.push(batch.report)
      papers.push(...ofFile.sort((a, b) => a.source!.record - b.source!.record))
      ofFile = []
    }
  } finally {
    line.end()
  }
  const rows = reports.map(rowOf)
  printTable(rows)
  for (const problem of problems.slice(0, shown)) console.log(problemLine(problem))
  if (problems.length > shown) console.log(`… and ${problems.length - shown} more; --problems ${problems.length} lists them all.`)
  if (format !== undefined) {
    await writeFileInPieces(values.to!, await writePapers(papers, format))
    console.log(`${count} records written to ${values.to}.`)
  }
  if (values.json) await writeRows(values.json, `read ${args.join(' ')}`, rows)
  return reports.some(({ failed }) => failed) ? 1 : 0
}

function writtenFormat(file: string, name: string | undefined): WrittenFormat {
  const format = oneOf('--format', name, WRITTEN_FORMATS) ?? BY_EXTENSION[extname(file).toLowerCase()]
  if (format === undefined)
    throw new InvalidArgumentError('--to', file, `a file named ${Object.keys(BY_EXTENSION).join(', ')}, or with --format`)
  return format
}

function rowOf({ file, format, records, reported, failed, empty, seconds }: FileReport): Row {
  return { file, format, records, reported, failed, empty, seconds }
}

function problemLine({ file, line, kind, reason, raw }: PaperProblem): string {
  const excerpt = raw.replace(/\s+/g, ' ').slice(0, 80)
  return `${file}${line === undefined ? '' : `:${line}`}: ${kind === 'lost' ? 'not read' : 'read, but'}: ${reason}${excerpt === '' ? '' : ` (${excerpt})`}`
}

/** A file, or those of a folder and its folders in the order of their names; hidden ones are left out. */
async function filesIn(path: string): Promise<PaperFile[]> {
  const found = await stat(path).catch(() => {
    throw new InvalidArgumentError('path', path, 'a file or a folder that exists')
  })
  if (!found.isDirectory()) return [{ name: path, size: found.size, stream: () => createReadStream(path) }]
  const entries = (await readdir(path)).filter((name) => !name.startsWith('.')).sort()
  return (await Promise.all(entries.map((name) => filesIn(join(path, name))))).flat()
}
