import { createReadStream } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { InvalidArgumentError } from '../../core/errors.js'
import type { ColumnMapping } from '../../core/papers/csv/columns.js'
import type { Paper } from '../../core/papers/paper.js'
import type { FileReport, PaperBatch, PaperFile, PaperProblem } from '../../core/papers/paper-file.js'
import { streamPapers } from '../../core/papers/read-papers.js'
import { WRITTEN_FORMATS, type WrittenFormat, writePaperStream } from '../../core/papers/write-papers.js'
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
  '.xml': 'endnote-xml',
  '.xlsx': 'xlsx',
}

export const readUsage = `specter2-web read <path>… [options]

Reads bibliographies, single files and whole folders, in any known format (BibTeX, RIS, NBIB, MEDLINE and EndNote XML, ENW,
CSL-JSON and -YAML, XLSX, CSV, JSON Lines, OpenAlex, Semantic Scholar, Web of Science, Ovid, Scopus, Zotero RDF, arXiv …),
compressed or not, and prints what each file holds. Records that cannot be read are listed with line and reason.

  --to FILE        writes all records: .bib, .ris, .xml (EndNote), .json (CSL), .xlsx, .csv or .jsonl
  --format NAME    of --to, if its name does not tell: ${WRITTEN_FORMATS.join(', ')}
  --map P=HEADING  which column of a table is which property, as in --map title=Naslov; may be repeated
  --encoding NAME  of all files, if it was guessed wrongly: windows-1251, gb18030 …
  --problems N     how many problems to list; default 20
  --json FILE      also writes the rows as JSON`

/** @returns 0, or 1 if a file could not be read. */
export async function readCommand(args: readonly string[], output: Output, signal: AbortSignal): Promise<number> {
  const { values, positionals } = parseCommand(args, {
    to: { type: 'string' },
    format: { type: 'string' },
    problems: { type: 'string', default: '20' },
    json: { type: 'string' },
    encoding: { type: 'string' },
    map: { type: 'string', multiple: true, default: [] },
  })
  if (positionals.length === 0) throw new InvalidArgumentError('path', undefined, 'a file or a folder')
  const listed = wholeNumber('--problems', values.problems, 0)
  const { to, encoding } = values
  const mapping = columnMapping(values.map)
  const written = to === undefined ? null : { to, format: writtenFormat(to, values.format) }
  await requireParentFolder('--json', values.json)

  const reports: FileReport[] = []
  const problems: PaperProblem[] = []
  let count = 0
  const files = (await Promise.all(positionals.map(filesIn))).flat()
  /** The papers of all files; what is reported is that of the latest reading. */
  const papers: AsyncIterable<Paper> = {
    async *[Symbol.asyncIterator]() {
      reports.length = problems.length = count = 0
      const batches = streamPapers(files, {
        signal,
        ...(mapping && { mapping }),
        ...(encoding !== undefined && { encoding }),
        onProgress: ({ file, loaded, total, records }) =>
          output.showProgress(file, `${file}: ${records} records, ${total ? Math.floor((100 * loaded) / total) : 0} %`),
      })
      for await (const paper of inFileOrder(batches, reports, problems, written !== null)) {
        count++
        yield paper
      }
    },
  }
  if (written) await writeWholeFile(written.to, writePaperStream(papers, written.format))
  else for await (const _ of papers);
  const rows = reports.map(
    ({ file, format, encoding: read, encodingGuessed, records, reported, failed, empty, seconds }): Row => {
      return { file, format, encoding: encodingGuessed ? `${read}?` : read, records, reported, failed, empty, seconds }
    },
  )
  output.print(formatTable(rows))
  for (const problem of problems.slice(0, listed)) output.print(formatProblem(problem))
  if (problems.length > listed)
    output.print(`… and ${problems.length - listed} more; --problems ${problems.length} lists them all.`)
  if (reports.some(({ encodingGuessed }) => encodingGuessed))
    output.print('An encoding with ? was guessed; if names look wrong, say which it is with --encoding.')
  if (written) output.print(`${count} records written to ${written.to}.`)
  await writeRows(values.json, `read ${args.join(' ')}`, rows)
  return reports.some(({ failed }) => failed) ? 1 : 0
}

/** Papers held back to bring a file's records into its order: BibTeX's that inherit from later ones come last. */
const ORDERED = 1_000

async function* inFileOrder(
  batches: AsyncIterable<PaperBatch>,
  reports: FileReport[],
  problems: PaperProblem[],
  ordered: boolean,
): AsyncGenerator<Paper, void, void> {
  let held: Paper[] = []
  let waits = ordered
  for await (const batch of batches) {
    problems.push(...batch.problems)
    held.push(...batch.papers)
    if (held.length > ORDERED) waits = false
    if (waits && !batch.report) continue
    yield* held.sort((a, b) => (a.source?.record ?? 0) - (b.source?.record ?? 0))
    held = []
    if (!batch.report) continue
    reports.push(batch.report)
    waits = ordered
  }
}

/** `title=Naslov` as a mapping; which properties there are, the reader checks. */
function columnMapping(entries: readonly string[]): ColumnMapping | undefined {
  if (entries.length === 0) return undefined
  const pairs = entries.map((entry) => {
    const [property, ...heading] = entry.split('=')
    if (heading.length === 0) throw new InvalidArgumentError('--map', entry, 'a property and a heading, as in title=Naslov')
    return [property!.trim(), heading.join('=').trim()]
  })
  return Object.fromEntries(pairs)
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
