import { createReadStream } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { InvalidArgumentError } from '../../core/errors.js'
import type { Paper } from '../../core/papers/paper.js'
import type { FileReport, PaperFile, PaperProblem } from '../../core/papers/paper-file.js'
import { streamPapers } from '../../core/papers/read-papers.js'
import { WRITTEN_FORMATS, type WrittenFormat, writePapers } from '../../core/papers/write-papers.js'
import { oneOf, parseCommand, wholeNumber } from '../arguments.js'
import { requireParentFolder, writeWholeFile } from '../files.js'
import type { Output } from '../output.js'
import { formatTable, type Row, writeRows } from '../report.js'

/** Formats by the extension of the file to write. */
const BY_EXTENSION: Readonly<Record<string, WrittenFormat>> = {
  '.bib': 'bibtex',
  '.ris': 'ris',
  '.json': 'csl-json',
  '.csv': 'csv',
  '.jsonl': 'jsonl',
}

export const readUsage = `specter2-web read <path>… [options]

Reads bibliographies, single files and whole folders, in any known format (BibTeX, RIS, NBIB, MEDLINE and EndNote XML, ENW,
CSL-JSON, CSV, JSON Lines, OpenAlex, Semantic Scholar, Web of Science, Ovid, Scopus, Copac, Citavi …), compressed or not,
and prints what each file holds. Records that cannot be read are listed with line and reason.

  --to FILE        writes all records: .bib, .ris, .json (CSL), .csv or .jsonl
  --format NAME    of --to, if its name does not tell: ${WRITTEN_FORMATS.join(', ')}
  --problems N     how many problems to list; default 20
  --json FILE      also writes the rows as JSON`

/** @returns 0, or 1 if a file could not be read. */
export async function readCommand(args: readonly string[], output: Output, signal: AbortSignal): Promise<number> {
  const { values, positionals } = parseCommand(args, {
    to: { type: 'string' },
    format: { type: 'string' },
    problems: { type: 'string', default: '20' },
    json: { type: 'string' },
  })
  if (positionals.length === 0) throw new InvalidArgumentError('path', undefined, 'a file or a folder')
  const listed = wholeNumber('--problems', values.problems, 0)
  const { to } = values
  const written = to === undefined ? null : { to, format: writtenFormat(to, values.format) }
  await requireParentFolder('--json', values.json)

  const reports: FileReport[] = []
  const problems: PaperProblem[] = []
  const papers: Paper[] = []
  const files = (await Promise.all(positionals.map(filesIn))).flat()
  let papersOfFile: Paper[] = []
  for await (const batch of streamPapers(files, {
    signal,
    onProgress: ({ file, loaded, total, records }) =>
      output.showProgress(file, `${file}: ${records} records, ${total ? Math.floor((100 * loaded) / total) : 0} %`),
  })) {
    problems.push(...batch.problems)
    if (written) papersOfFile.push(...batch.papers)
    if (!batch.report) continue
    reports.push(batch.report)
    papers.push(...papersOfFile.sort((a, b) => (a.source?.record ?? 0) - (b.source?.record ?? 0)))
    papersOfFile = []
  }
  const rows = reports.map(({ file, format, records, reported, failed, empty, seconds }): Row => {
    return { file, format, records, reported, failed, empty, seconds }
  })
  output.print(formatTable(rows))
  for (const problem of problems.slice(0, listed)) output.print(formatProblem(problem))
  if (problems.length > listed)
    output.print(`… and ${problems.length - listed} more; --problems ${problems.length} lists them all.`)
  if (written) {
    await writeWholeFile(written.to, await writePapers(papers, written.format))
    output.print(`${papers.length} records written to ${written.to}.`)
  }
  await writeRows(values.json, `read ${args.join(' ')}`, rows)
  return reports.some(({ failed }) => failed) ? 1 : 0
}

function writtenFormat(file: string, name: string | undefined): WrittenFormat {
  const format = oneOf('--format', name, WRITTEN_FORMATS) ?? BY_EXTENSION[extname(file).toLowerCase()]
  if (format === undefined)
    throw new InvalidArgumentError('--to', file, `a file named ${Object.keys(BY_EXTENSION).join(', ')}, or with --format`)
  return format
}

function formatProblem({ file, line, kind, reason, raw }: PaperProblem): string {
  const excerpt = raw.replace(/\s+/g, ' ').slice(0, 80)
  return `${file}${line === undefined ? '' : `:${line}`}: ${kind === 'lost' ? 'not read' : 'read, but'}: ${reason}${excerpt === '' ? '' : ` (${excerpt})`}`
}

/** The file, or all files in a folder and its subfolders, sorted by name and without hidden ones. */
async function filesIn(path: string): Promise<PaperFile[]> {
  const found = await stat(path).catch(() => {
    throw new InvalidArgumentError('path', path, 'a file or a folder that exists')
  })
  if (!found.isDirectory()) return [{ name: path, size: found.size, stream: () => createReadStream(path) }]
  const entries = (await readdir(path)).filter((name) => !name.startsWith('.')).sort()
  return (await Promise.all(entries.map((name) => filesIn(join(path, name))))).flat()
}
