import { readFile, writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { findDuplicates } from '../../core/duplicates/find-duplicates.js'
import { groupTable } from '../../core/duplicates/group-table.js'
import { mergeLibrary } from '../../core/duplicates/merge-library.js'
import { methodsParagraph, prismaCounts } from '../../core/duplicates/prisma.js'
import { removalList } from '../../core/duplicates/removal-list.js'
import { decisionsOf, emptyReview, parseReview } from '../../core/duplicates/review.js'
import { sourceOverlap } from '../../core/duplicates/source-overlap.js'
import { InvalidArgumentError } from '../../core/errors.js'
import { oneOf } from '../option-values.js'
import { packageVersion } from '../package-version.js'
import { ProgressLine } from '../progress-line.js'
import { checkReportFile, printTable, type Row, writeRows } from '../report.js'
import { readPaperFiles } from './paper-files.js'

export const dedupeUsage = `specter2-web dedupe <file>... [options]

Finds the papers of libraries that are the same, and says what would remain. Files are JSON Lines of papers.

  --to FILE          writes the merged library, JSON Lines
  --remove FILE      writes the keys of the records to remove, one a line
  --by NAME          which keys: key (default), pmid, doi or id
  --groups FILE      writes the groups as CSV, with the rule and confidence of each
  --doubtful FILE    writes the pairs that a person should see, JSON Lines with all evidence
  --review FILE      a stored review, whose decisions are honoured
  --preset NAME      cautious, balanced (default) or thorough
  --scope NAME       all (default), or between: only records of different files
  --versions NAME    preprint and published version: report (default) or merge
  --keep NAME        most-complete (default), newest, or preferred-source: files in the order given
  --json FILE        writes the counts there, too`

export async function dedupeCommand(args: readonly string[], signal: AbortSignal): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      to: { type: 'string' },
      remove: { type: 'string' },
      by: { type: 'string', default: 'key' },
      groups: { type: 'string' },
      doubtful: { type: 'string' },
      review: { type: 'string' },
      preset: { type: 'string', default: 'balanced' },
      scope: { type: 'string', default: 'all' },
      versions: { type: 'string', default: 'report' },
      keep: { type: 'string', default: 'most-complete' },
      json: { type: 'string' },
    },
  })
  if (positionals.length === 0) throw new InvalidArgumentError('file', undefined, 'one file at least')
  const preset = oneOf('--preset', values.preset, ['cautious', 'balanced', 'thorough'])
  const scope = oneOf('--scope', values.scope, ['all', 'between'])
  const versions = oneOf('--versions', values.versions, ['report', 'merge'])
  const rule = oneOf('--keep', values.keep, ['most-complete', 'newest', 'preferred-source'])
  const by = oneOf('--by', values.by, ['key', 'pmid', 'doi', 'id'])
  for (const file of [values.to, values.remove, values.groups, values.doubtful, values.json]) await checkReportFile(file)
  const review = values.review === undefined ? emptyReview : parseReview(await readFile(values.review, 'utf8'))

  const papers = await readPaperFiles(positionals)
  const line = new ProgressLine()
  const result = await findDuplicates(papers, {
    preset,
    scope,
    versions,
    decisions: decisionsOf(review),
    signal,
    onProgress: ({ stage, done }) => line.show(stage, `${stage}, ${Math.floor(100 * done)} %`),
  }).finally(() => line.end())
  const sources = [...new Set(papers.map(({ source }) => source!.file))]
  const library = mergeLibrary(papers, result.groups, { rule, preferredSources: sources, review })

  const counts = prismaCounts(papers, result, library, review)
  const row: Row = {
    records: counts.total,
    groups: result.groups.length,
    duplicates: counts.duplicates,
    remaining: counts.screened,
    doubtful: result.doubtful.length,
    versions: result.versions.length,
  }
  printTable([row])
  const overlaps = sourceOverlap(papers, result.groups)
  if (overlaps.length > 0) printTable(overlaps.map((overlap) => ({ ...overlap })))
  console.log(`\n${methodsParagraph(counts, { version: packageVersion, preset })}`)

  const jsonLines = (items: readonly unknown[]) => items.map((item) => `${JSON.stringify(item)}\n`).join('')
  if (values.to) await writeFile(values.to, jsonLines(library.papers))
  if (values.doubtful) await writeFile(values.doubtful, jsonLines([...result.doubtful, ...result.versions]))
  if (values.groups) await writeFile(values.groups, groupTable(result, papers, library))
  if (values.remove) {
    const { text, without } = removalList(library, by)
    await writeFile(values.remove, text)
    if (without.length > 0)
      console.error(
        `${without.length} records to remove have no ${by} of their own: ${without.slice(0, 10).join(', ')}${without.length > 10 ? ' …' : ''}`,
      )
  }
  if (values.json) await writeRows(values.json, `dedupe ${args.join(' ')}`, [row])
}
