import { readdir } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { InvalidArgumentError, Specter2Error } from '../../core/errors.js'
import type { Author, Paper, PaperType } from '../../core/papers/paper.js'
import { parseJsonLine, type TextLine, textField, textLines } from '../json-lines.js'

/** Papers with the truth about them: their groups, or only which of them are superfluous. */
export interface DuplicateSet {
  name: string
  papers: Paper[]
  /** The true group of each paper, by its id; null if the set has flags only. */
  groups: Map<string, string> | null
  /** Ids of the papers that are flagged as superfluous; empty if the set has groups. */
  flagged: Set<string>
}

/** The fields that can be taken away, by their names in the files, with those of a paper. */
export const SET_FIELDS = {
  abstract: 'abstract',
  authors: 'authors',
  year: 'year',
  journal: 'venue',
  volume: 'volume',
  number: 'issue',
  issue: 'issue',
  pages: 'pages',
  doi: 'doi',
  pmid: 'pmid',
  arxivId: 'arxivId',
  url: 'url',
  type: 'type',
} as const satisfies Record<string, keyof Paper>

/** One of {@link SET_FIELDS}. */
export type SetField = keyof typeof SET_FIELDS

const TYPES: readonly string[] = [
  'article',
  'conference',
  'preprint',
  'book',
  'chapter',
  'thesis',
  'report',
  'dataset',
  'software',
  'patent',
  'web',
] satisfies PaperType[]

/**
 * Reads every `*.jsonl` of a folder as a set.
 *
 * @throws Specter2Error `DAMAGED_FILE` naming file and line; whatever opening a file throws.
 */
export async function readDuplicateSets(folder: string, without: readonly SetField[] = []): Promise<DuplicateSet[]> {
  const files = (await readdir(folder)).filter((name) => name.endsWith('.jsonl')).sort()
  if (files.length === 0)
    throw new Specter2Error('DAMAGED_FILE', `There is no .jsonl file in ${folder}.`, { details: { folder } })
  return Promise.all(files.map((file) => readSet(join(folder, file), without)))
}

async function readSet(path: string, without: readonly SetField[]): Promise<DuplicateSet> {
  const papers: Paper[] = []
  const groups = new Map<string, string>()
  const flagged = new Set<string>()
  const ids = new Set<string>()
  for await (const line of textLines(path)) {
    const record = parseJsonLine(line)
    const paper = parsePaper(record, line)
    if (ids.has(paper.id)) throw line.damaged(`the id ${JSON.stringify(paper.id)} occurred before`)
    ids.add(paper.id)
    if (record.cluster !== undefined) groups.set(paper.id, textField(record, 'cluster', line.damaged))
    else if (isFlagged(record.duplicate, line)) flagged.add(paper.id)
    if (groups.size > 0 && groups.size < ids.size)
      throw line.damaged('some records of this file have a cluster, and others only a flag')
    for (const field of without) delete paper[SET_FIELDS[field]]
    papers.push(paper)
  }
  return { name: basename(path, '.jsonl'), papers, groups: groups.size > 0 ? groups : null, flagged }
}

function parsePaper(record: Record<string, unknown>, { damaged }: TextLine): Paper {
  const field = (name: string) => textField(record, name, damaged, 'optional')
  const year = Number.parseInt(typeof record.year === 'number' ? String(record.year) : field('year'), 10)
  const type = field('type')
  return {
    id: textField(record, 'id', damaged),
    title: field('title'),
    abstract: field('abstract'),
    authors: parseAuthors(field('authors')),
    ...(Number.isNaN(year) ? {} : { year }),
    venue: field('journal'),
    volume: field('volume'),
    issue: field('number') || field('issue'),
    pages: field('pages'),
    doi: field('doi'),
    pmid: field('pmid'),
    arxivId: field('arxivId'),
    url: field('url'),
    ...(type === '' ? {} : { type: TYPES.includes(type) ? (type as PaperType) : 'other' }),
  }
}

function isFlagged(value: unknown, { damaged }: TextLine): boolean {
  const text = String(value ?? '').toLowerCase()
  if (['1', 'true', 'yes', 'duplicate'].includes(text)) return true
  if (['0', 'false', 'no', 'unique'].includes(text)) return false
  throw damaged(new InvalidArgumentError('duplicate', value, 'a flag, true or false, unless there is a cluster').message)
}

/** Names as `Doe, Jane and Roe, R` or `Doe, Jane; Roe, R`. */
function parseAuthors(text: string): Author[] {
  return text
    .split(/\s+and\s+|\s*;\s+/)
    .filter((name) => name.trim() !== '')
    .map((name) => {
      const comma = name.indexOf(',')
      return comma > 0 ? { family: name.slice(0, comma).trim(), given: name.slice(comma + 1).trim() } : { name: name.trim() }
    })
}
