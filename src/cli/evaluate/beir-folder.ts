import { readdir } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { InvalidArgumentError } from '../../core/errors.js'
import type { PaperText } from '../../core/types.js'
import { parseJsonLine, textField, textLines } from '../json-lines.js'
import type { Judgements } from './ranking-metrics.js'

/** A query of a collection with its relevance judgements. */
export interface JudgedQuery {
  id: string
  text: string
  judgements: Judgements
}

/** A collection on which a search is evaluated. */
export interface BeirCollection {
  /** The folder's name. */
  name: string
  /** The split of the judgements, such as `test`; empty if the only file of them names none. */
  split: string
  documents: { id: string; paper: PaperText }[]
  /** The queries with judgements, in the order of their files. */
  queries: JudgedQuery[]
  /** Number of judged documents that the corpus lacks. A search cannot find them, but the metrics count them. */
  missing: number
}

/** Files of judgements; the group is the split. */
const SPLIT = /^(?:qrels(?:[._-](.+))?\.tsv|qrels\/(.+)\.tsv)$/

/** The split that BEIR reports. */
const DEFAULT_SPLIT = 'test'

/**
 * Reads a collection in BEIR's format: `corpus.jsonl` (`_id`, `title`, `text`), `queries*.jsonl` (`_id`, `text`) and
 * `qrels*.tsv` or `qrels/*.tsv` (query, document, grade; with or without a header). Queries without judgements are skipped.
 *
 * @param split Which judgements; default: the only ones, or `test`.
 * @throws InvalidArgumentError if this is not a BEIR folder or it lacks the split; Specter2Error `DAMAGED_FILE` naming file and
 *   line.
 */
export async function readBeirFolder(folder: string, split?: string): Promise<BeirCollection> {
  const files = await listFiles(folder)
  const queryFiles = files.filter((file) => /^queries[^/]*\.jsonl$/.test(file))
  const qrels = new Map<string, string>()
  for (const file of files) {
    const match = SPLIT.exec(file)
    if (match) qrels.set(match[1] ?? match[2] ?? '', file)
  }
  const missing = [
    !files.includes('corpus.jsonl') && 'corpus.jsonl',
    queryFiles.length === 0 && 'queries.jsonl',
    qrels.size === 0 && 'qrels.tsv',
  ].filter((file) => file !== false)
  if (missing.length > 0)
    throw new InvalidArgumentError('--data', folder, `a BEIR folder; this one has no ${missing.join(' and no ')}`)
  const chosen = chooseSplit([...qrels.keys()], split)

  const documents = await readDocuments(join(folder, 'corpus.jsonl'))
  const texts = await readQueries(queryFiles.map((file) => join(folder, file)))
  const judgements = await readJudgements(join(folder, qrels.get(chosen)!), texts)
  const known = new Set(documents.map(({ id }) => id))
  const judged = new Set([...judgements.values()].flatMap((grades) => [...grades.keys()]))
  return {
    name: basename(resolve(folder)),
    split: chosen,
    documents,
    queries: [...texts].filter(([id]) => judgements.has(id)).map(([id, text]) => ({ id, text, judgements: judgements.get(id)! })),
    missing: [...judged].filter((id) => !known.has(id)).length,
  }
}

async function listFiles(folder: string): Promise<string[]> {
  const list = (path: string) => readdir(join(folder, path)).catch(() => null)
  const files = await list('.')
  if (!files) throw new InvalidArgumentError('--data', folder, 'a folder')
  return [...files, ...((await list('qrels')) ?? []).map((file) => `qrels/${file}`)].sort()
}

function chooseSplit(splits: readonly string[], split: string | undefined): string {
  if (split === undefined && splits.length === 1) return splits[0]!
  const chosen = split ?? DEFAULT_SPLIT
  if (splits.includes(chosen)) return chosen
  throw new InvalidArgumentError('--split', split, `one of ${splits.map((name) => name || '(empty)').join(', ')}`)
}

async function readDocuments(path: string): Promise<BeirCollection['documents']> {
  const documents: BeirCollection['documents'] = []
  const lines = new Map<string, number>()
  for await (const line of textLines(path)) {
    const record = parseJsonLine(line)
    const id = textField(record, '_id', line.damaged)
    if (lines.has(id)) throw line.damaged(`the document ${id} is already in line ${lines.get(id)}`)
    lines.set(id, line.number())
    const paper = {
      title: textField(record, 'title', line.damaged, 'optional'),
      abstract: textField(record, 'text', line.damaged),
    }
    documents.push({ id, paper })
  }
  return documents
}

/** Files may repeat queries of each other, as `queries.train.jsonl` does beside `queries.jsonl`, but not with other texts. */
async function readQueries(paths: readonly string[]): Promise<Map<string, string>> {
  const texts = new Map<string, string>()
  for (const path of paths) {
    for await (const line of textLines(path)) {
      const record = parseJsonLine(line)
      const id = textField(record, '_id', line.damaged)
      const text = textField(record, 'text', line.damaged)
      if (texts.has(id) && texts.get(id) !== text) throw line.damaged(`the query ${id} occurred before with another text`)
      texts.set(id, text)
    }
  }
  return texts
}

/** If a pair is judged twice, the last grade counts, as in BEIR's own reader. */
async function readJudgements(path: string, texts: ReadonlyMap<string, string>): Promise<Map<string, Map<string, number>>> {
  const judgements = new Map<string, Map<string, number>>()
  for await (const { text, index, damaged } of textLines(path)) {
    const fields = text.split('\t').map((field) => field.trim())
    const [query, document, grade] = fields as [string, string, string]
    if (fields.length !== 3)
      throw damaged(`expected query, document and grade separated by tabs, but found ${fields.length} fields`)
    const value = grade === '' ? Number.NaN : Number(grade)
    if (index === 0 && Number.isNaN(value)) continue
    if (!Number.isFinite(value)) throw damaged(`the grade must be a number, but is ${JSON.stringify(grade)}`)
    if (!texts.has(query)) throw damaged(`the query ${query} is in no queries*.jsonl`)
    const grades = judgements.get(query) ?? new Map<string, number>()
    judgements.set(query, grades.set(document, value))
  }
  return judgements
}
