import { writeFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { COMPARED_FIELDS } from '../../core/duplicates/evidence.js'
import { findDuplicates } from '../../core/duplicates/find-duplicates.js'
import { groupTable } from '../../core/duplicates/group-table.js'
import { mergeLibrary } from '../../core/duplicates/merge-library.js'
import { methodsParagraph, prismaCounts } from '../../core/duplicates/prisma.js'
import { removalList } from '../../core/duplicates/removal-list.js'
import { decisionsOf, emptyReview, parseReview } from '../../core/duplicates/review.js'
import { sourceOverlap } from '../../core/duplicates/source-overlap.js'
import { InvalidArgumentError } from '../../core/errors.js'
import type { Paper } from '../../core/papers/paper.js'
import { VERSION } from '../../core/version.js'
import { listOf, oneOf, parseCommand } from '../arguments.js'
import { readText, requireParentFolder } from '../files.js'
import { parseJsonLine, textField, textLines } from '../json-lines.js'
import type { Output } from '../output.js'
import { formatTable, type Row, writeRows } from '../report.js'

export const dedupeUsage = `specter2-web dedupe <file>... [options]

Finds records of the same paper in one or more libraries, and says what would remain. Files are JSON Lines of papers.

  --to FILE          writes the merged library, JSON Lines
  --remove FILE      writes the keys of the records to remove, one per line
  --by NAME          which keys: key (default), pmid, doi or id
  --groups FILE      writes the groups as CSV, with rule and confidence of each
  --doubtful FILE    writes the pairs that a person should check, JSON Lines with all evidence
  --review FILE      a saved review, whose decisions are applied
  --preset NAME      cautious, balanced (default) or thorough
  --scope NAME       all (default), or between: only records of different files
  --versions NAME    preprint and published version: report (default) or merge
  --never-join dois  a rule of the review: records with two DOIs stay apart
  --always-join equal joins records that are equal in every compared field, even headings
  --must-agree LIST  joins records only if each of these fields agrees: ${COMPARED_FIELDS.join(', ')}
  --keep NAME        most-complete (default), newest, or preferred-source: in the order of the files
  --json FILE        also writes the counts as JSON`

export async function dedupeCommand(args: readonly string[], output: Output, signal: AbortSignal): Promise<void> {
  const { values, positionals } = parseCommand(args, {
    to: { type: 'string' },
    remove: { type: 'string' },
    by: { type: 'string', default: 'key' },
    groups: { type: 'string' },
    doubtful: { type: 'string' },
    review: { type: 'string' },
    preset: { type: 'string', default: 'balanced' },
    scope: { type: 'string', default: 'all' },
    versions: { type: 'string', default: 'report' },
    'never-join': { type: 'string' },
    'always-join': { type: 'string' },
    'must-agree': { type: 'string' },
    keep: { type: 'string', default: 'most-complete' },
    json: { type: 'string' },
  })
  if (positionals.length === 0) throw new InvalidArgumentError('file', undefined, 'at least one file')
  const preset = oneOf('--preset', values.preset, ['cautious', 'balanced', 'thorough'])
  const scope = oneOf('--scope', values.scope, ['all', 'between'])
  const versions = oneOf('--versions', values.versions, ['report', 'merge'])
  const rules = {
    neverJoinDifferentDois: oneOf('--never-join', values['never-join'], ['dois']) !== undefined,
    alwaysJoinEqual: oneOf('--always-join', values['always-join'], ['equal']) !== undefined,
    mustAgree: values['must-agree'] === undefined ? [] : listOf('--must-agree', values['must-agree'], COMPARED_FIELDS),
  }
  const rule = oneOf('--keep', values.keep, ['most-complete', 'newest', 'preferred-source'])
  const by = oneOf('--by', values.by, ['key', 'pmid', 'doi', 'id'])
  for (const option of ['to', 'remove', 'groups', 'doubtful', 'json'] as const)
    await requireParentFolder(`--${option}`, values[option])
  const review = values.review === undefined ? emptyReview : parseReview(await readText('--review', values.review))

  const papers = await readPaperFiles(positionals)
  const result = await findDuplicates(papers, {
    preset,
    scope,
    versions,
    rules,
    decisions: decisionsOf(review),
    signal,
    onProgress: ({ stage, done }) => output.showProgress(stage, `${stage}, ${Math.floor(100 * done)} %`),
  })
  const sources = [...new Set(papers.map(({ source }) => source?.file ?? ''))]
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
  output.print(formatTable([row]))
  const overlaps = sourceOverlap(papers, result.groups)
  if (overlaps.length > 0) output.print(formatTable(overlaps.map((overlap) => ({ ...overlap }))))
  output.print(`\n${methodsParagraph(counts, { version: VERSION, preset })}`)

  const jsonLines = (items: readonly unknown[]) => items.map((item) => `${JSON.stringify(item)}\n`).join('')
  if (values.to) await writeFile(values.to, jsonLines(library.papers))
  if (values.doubtful) await writeFile(values.doubtful, jsonLines([...result.doubtful, ...result.versions]))
  if (values.groups) await writeFile(values.groups, groupTable(result, papers, library))
  if (values.remove) {
    const { text, without } = removalList(library, by)
    await writeFile(values.remove, text)
    if (without.length > 0) {
      const ids = `${without.slice(0, 10).join(', ')}${without.length > 10 ? ' …' : ''}`
      output.warn(`${without.length} records to remove have no ${by} of their own: ${ids}`)
    }
  }
  await writeRows(values.json, `dedupe ${args.join(' ')}`, [row])
}

/**
 * Reads the papers of several JSON Lines files. An id that occurred before is prefixed with its file's name; a record without
 * id is named by its place.
 *
 * @throws Specter2Error `DAMAGED_FILE` naming file and line; whatever opening a file throws.
 */
async function readPaperFiles(paths: readonly string[]): Promise<Paper[]> {
  const papers: Paper[] = []
  const ids = new Set<string>()
  for (const path of paths) {
    const file = basename(path)
    let record = 0
    for await (const line of textLines(path)) {
      record++
      const fields = parseJsonLine(line)
      const own = textField(fields, 'id', line.damaged, 'optional')
      const candidates = [own, `${file}:${own || record}`, `${path}:${record}`]
      const id = candidates.find((candidate) => candidate !== '' && !ids.has(candidate))
      if (id === undefined) throw line.damaged(`the id ${JSON.stringify(own)} occurred before`)
      ids.add(id)
      const title = textField(fields, 'title', line.damaged, 'optional')
      papers.push({ ...(fields as Partial<Paper>), id, title, source: { file, record, line: line.number() } })
    }
  }
  return papers
}
