import { readdir } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { Specter2Error } from '../../core/errors.js'
import type { Author, Paper } from '../../core/papers/paper.js'
import { parseJsonLine, textField, textLines } from '../papers/text-lines.js'

/** Papers of which it is known which are the same. */
export interface DuplicateSet {
  name: string
  papers: Paper[]
  /** The true group of each paper by its id. */
  groups: Map<string, string>
}

/**
 * The sets of a folder: each `*.jsonl` is one, with `id`, `cluster` (the true group), `title`, and where they are known `authors` (between ` and `),
 * `year`, `journal`, `volume`, `number`, `pages`, `doi`, `abstract`.
 *
 * @throws Specter2Error `DAMAGED_FILE` naming file and line; what opening a file throws.
 */
export async function readDuplicateSets(folder: string): Promise<DuplicateSet[]> {
  const files = (await readdir(folder)).filter((name) => name.endsWith('.jsonl')).sort()
  if (files.length === 0)
    throw new Specter2Error('DAMAGED_FILE', `There is no .jsonl file in ${folder}.`, { details: { folder } })
  return Promise.all(files.map((file) => readSet(join(folder, file))))
}

async function readSet(path: string): Promise<DuplicateSet> {
  const papers: Paper[] = []
  const groups = new Map<string, string>()
  for await (const line of textLines(path)) {
    const record = parseJsonLine(line)
    const field = (name: string) => textField(record, name, line.wrong, 'optional')
    const id = textField(record, 'id', line.wrong)
    if (groups.has(id)) throw line.wrong(`there is a record ${JSON.stringify(id)} before`)
    groups.set(id, textField(record, 'cluster', line.wrong))
    const year = Number.parseInt(field('year'), 10)
    papers.push({
      id,
      title: field('title'),
      abstract: field('abstract'),
      authors: parseAuthors(field('authors')),
      ...(Number.isNaN(year) ? {} : { year }),
      venue: field('journal'),
      volume: field('volume'),
      issue: field('number'),
      pages: field('pages'),
      doi: field('doi'),
    })
  }
  return { name: basename(path, '.jsonl'), papers, groups }
}

/** `Doe, Jane and Roe, R` in BibTeX's form. */
export function parseAuthors(text: string): Author[] {
  return text
    .split(/\s+and\s+/)
    .filter((name) => name.trim() !== '')
    .map((name) => {
      const comma = name.indexOf(',')
      return comma > 0 ? { family: name.slice(0, comma).trim(), given: name.slice(comma + 1).trim() } : { name: name.trim() }
    })
}
