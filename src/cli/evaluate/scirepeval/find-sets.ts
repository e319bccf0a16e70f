import { readdir, readFile, stat } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { InvalidArgumentError, Specter2Error } from '../../../core/errors.js'
import { type DataRecord, filesOf, idOf, parseJson, readRecords } from './data-records.js'
import { type PublishedTask, TASKS, type TaskFormat } from './tasks.js'

/** A document by its id; what a model reads of it are its fields. */
export type Documents = Map<string, DataRecord>

/** Queries with judged candidates. */
export interface RankingSet {
  kind: 'ranking'
  format: 'proximity' | 'adhoc-search'
  documents: Documents
  /** Queries as text; otherwise the query is a document of its id. */
  queries: Map<string, string>
  /** Grades of the candidates of each query. */
  judgements: Map<string, Map<string, number>>
  /** Documents of each candidate, if candidates are reviewers. */
  reviewers: Map<string, string[]> | null
  /** Subject of each query, over whose means is averaged; `null`: all alike. */
  subjects: Map<string, string> | null
}

/** Papers with labels or numbers, to train on and to test. */
export interface LabelledSet {
  kind: 'labelled'
  format: 'classification' | 'regression'
  documents: Documents
  train: { id: string; label: unknown }[]
  test: { id: string; label: unknown }[]
}

/** A set that was found in a folder; its files are read when it is its turn. */
export interface FoundSet {
  name: string
  format: TaskFormat
  metrics: readonly string[]
  task: PublishedTask | null
  /** Files that the set is read from. */
  files: string[]
  read(): Promise<RankingSet | LabelledSet>
}

/**
 * Finds what can be evaluated in a folder: the published data sets as the hub and its downloads lay them out, MDCR, and single files of
 * queries with candidates or of triplets.
 *
 * @throws InvalidArgumentError if there is nothing.
 */
export async function findSets(folder: string): Promise<FoundSet[]> {
  if (!(await stat(folder).catch(() => null))?.isDirectory()) throw new InvalidArgumentError('--data', folder, 'a folder')
  const found = [...(await publishedSets(folder)), ...(await mdcrSets(folder)), ...(await singleFiles(folder))]
  if (found.length > 0) return found
  throw new InvalidArgumentError(
    '--data',
    folder,
    'a folder with the data sets scirepeval and scirepeval_test, with mdcr_test.json, or with *.jsonl or *.json of queries and their candidates',
  )
}

const TEXT_FOLDERS = ['scirepeval', 'allenai/scirepeval', 'meta', 'test', '.']
const TEST_FOLDERS = ['scirepeval_test', 'allenai/scirepeval_test', 'test', '.']

async function publishedSets(folder: string): Promise<FoundSet[]> {
  const find = async (roots: readonly string[], config: string, parts: readonly string[]) => {
    for (const root of roots) {
      const files = await filesOf(join(folder, root, config), parts)
      if (files.length > 0) return files
    }
    return []
  }
  const sets: FoundSet[] = []
  for (const task of TASKS) {
    const texts = await find(TEXT_FOLDERS, task.texts, ['evaluation', 'metadata', 'meta'])
    const test = await find(TEST_FOLDERS, task.judgements, ['test_qrel', 'test'])
    const train = await find(TEST_FOLDERS, task.judgements, ['train'])
    const reviewers = task.reviewers
      ? [
          ...(await find(TEST_FOLDERS, task.reviewers, ['metadata', 'reviewer_metadata'])),
          ...(await find(TEST_FOLDERS, task.judgements, ['reviewer_metadata'])),
        ].slice(0, 1)
      : []
    const isLabelled = task.format === 'classification' || task.format === 'regression'
    if (
      texts.length === 0 ||
      test.length === 0 ||
      (isLabelled && train.length === 0) ||
      (task.reviewers && reviewers.length === 0)
    )
      continue
    const { name, format, metrics } = task
    const read = () =>
      isLabelled
        ? readLabelled(format as LabelledSet['format'], texts, train, test)
        : readPublishedRanking(task, texts, test, reviewers)
    sets.push({ name, format, metrics, task, files: [...texts, ...train, ...test, ...reviewers], read })
  }
  return sets
}

/** Documents of any record: its own, a query that is a document, and its candidates. */
function addDocuments(record: DataRecord, documents: Documents, queries: Map<string, string>): void {
  const add = (document: DataRecord) => {
    const id = idOf(document.doc_id) ?? idOf(document.corpus_id) ?? idOf(document.paper_id)
    if (id !== null && !documents.has(id)) documents.set(id, document)
  }
  const { query, candidates } = record
  if (typeof query === 'string') queries.set(idOf(record.doc_id) ?? idOf(record.query_id) ?? query, query)
  else if (query) add(query as DataRecord)
  else add(record)
  for (const candidate of (candidates as DataRecord[] | undefined) ?? []) add(candidate)
}

async function readPublishedRanking(
  { format }: PublishedTask,
  texts: readonly string[],
  test: readonly string[],
  reviewerFiles: readonly string[],
): Promise<RankingSet> {
  const documents: Documents = new Map()
  const queries = new Map<string, string>()
  for (const file of texts) for await (const record of readRecords(file)) addDocuments(record, documents, queries)
  const judgements: RankingSet['judgements'] = new Map()
  for (const file of test)
    for await (const record of readRecords(file)) {
      const [query, candidate, score] = [idOf(record.query_id), idOf(record.cand_id), Number(record.score)]
      if (query === null || candidate === null || !Number.isFinite(score))
        throw new Specter2Error('DAMAGED_FILE', `${basename(file)}: a record has no query_id, cand_id or score.`, {
          details: { file },
        })
      const grades = judgements.get(query) ?? new Map<string, number>()
      judgements.set(query, grades.set(candidate, score))
    }
  let reviewers: RankingSet['reviewers'] = null
  for (const file of reviewerFiles) {
    reviewers = new Map()
    for await (const { r_id, papers } of readRecords(file))
      reviewers.set(String(r_id), (Array.isArray(papers) ? papers : []).map(String))
  }
  return { kind: 'ranking', format: format as RankingSet['format'], documents, queries, judgements, reviewers, subjects: null }
}

async function readLabelled(
  format: LabelledSet['format'],
  texts: readonly string[],
  trainFiles: readonly string[],
  testFiles: readonly string[],
): Promise<LabelledSet> {
  const documents: Documents = new Map()
  for (const file of texts) for await (const record of readRecords(file)) addDocuments(record, documents, new Map())
  const labelled = async (files: readonly string[]) => {
    const papers: LabelledSet['train'] = []
    for (const file of files)
      for await (const record of readRecords(file)) {
        const id = idOf(record.paper_id) ?? idOf(record.doc_id) ?? idOf(record.corpus_id)
        if (id === null || record.label === undefined || record.label === null)
          throw new Specter2Error('DAMAGED_FILE', `${basename(file)}: a record has no paper_id or label.`, { details: { file } })
        // Papers without a text are left out, as the published evaluation does.
        if (documents.has(id)) papers.push({ id, label: labelOf(record.label) })
      }
    return papers
  }
  return { kind: 'labelled', format, documents, train: await labelled(trainFiles), test: await labelled(testFiles) }
}

/** CSV has numbers and lists as texts. */
function labelOf(value: unknown): unknown {
  if (typeof value !== 'string') return ArrayBuffer.isView(value) ? Array.from(value as unknown as ArrayLike<number>) : value
  const text = value.trim()
  if (/^\[.*\]$/.test(text))
    return text
      .slice(1, -1)
      .split(/[\s,]+/)
      .filter(Boolean)
      .map((item) => labelOf(item.replace(/^['"]|['"]$/g, '')))
  return text !== '' && Number.isFinite(Number(text)) ? Number(text) : text
}

/** `mdcr_test.json`: by subject and query the ids of candidates, those under `true` relevant; texts in `mdcr_test_data.jsonl`. */
async function mdcrSets(folder: string): Promise<FoundSet[]> {
  for (const root of [folder, join(folder, 'mdcr'), join(folder, 'MDCR')]) {
    const names = await readdir(root).catch(() => [])
    const benchmark = names.find((name) => /^mdcr_test\.json$/i.test(name))
    const texts = names.find((name) => /^mdcr_test_data\.jsonl$/i.test(name))
    if (benchmark && texts) {
      const files = [join(root, benchmark), join(root, texts)]
      const read = () => readMdcr(files[0]!, files[1]!)
      return [{ name: 'MDCR', format: 'proximity', metrics: ['map', 'recallAt5'], task: null, files, read }]
    }
  }
  return []
}

async function readMdcr(benchmark: string, texts: string): Promise<RankingSet> {
  const damaged = (what: string, cause?: unknown) =>
    new Specter2Error('DAMAGED_FILE', `${basename(benchmark)}: ${what}.`, { details: { file: benchmark }, cause })
  const documents: Documents = new Map()
  for await (const record of readRecords(texts)) addDocuments(record, documents, new Map())
  const bySubject = parseJson(await readFile(benchmark, 'utf8'), damaged) as Record<
    string,
    Record<string, Record<string, unknown[]>>
  >
  const judgements: RankingSet['judgements'] = new Map()
  const subjects = new Map<string, string>()
  for (const [subject, queries] of Object.entries(bySubject))
    for (const [query, byType] of Object.entries(queries)) {
      const grades = new Map<string, number>()
      for (const [type, candidates] of Object.entries(byType))
        for (const candidate of candidates) grades.set(String(candidate), type === 'true' ? 1 : 0)
      judgements.set(query, grades)
      subjects.set(query, subject)
    }
  return { kind: 'ranking', format: 'proximity', documents, queries: new Map(), judgements, reviewers: null, subjects }
}

/** Files of the folder itself whose records have `query` and `candidates` with scores, or `query`, `pos` and `neg`. */
async function singleFiles(folder: string): Promise<FoundSet[]> {
  const sets: FoundSet[] = []
  for (const name of (await readdir(folder)).sort()) {
    const match = /^(.+)\.(?:jsonl|json|parquet)$/.exec(name)
    if (!match) continue
    const file = join(folder, name)
    const first = await firstRecord(file)
    const isTriplets = first?.pos !== undefined && first.neg !== undefined
    if (!first || first.query === undefined || !(isTriplets || Array.isArray(first.candidates))) continue
    const format = typeof first.query === 'string' ? 'adhoc-search' : 'proximity'
    const metrics = isTriplets ? ['accuracy'] : ['ndcg', 'map']
    sets.push({ name: match[1]!, format, metrics, task: null, files: [file], read: () => readSingleFile(file, format) })
  }
  return sets
}

async function firstRecord(file: string): Promise<DataRecord | null> {
  try {
    for await (const record of readRecords(file)) return record
  } catch (error) {
    if (!(error instanceof Specter2Error)) throw error
  }
  return null
}

async function readSingleFile(file: string, format: RankingSet['format']): Promise<RankingSet> {
  const documents: Documents = new Map()
  const queries = new Map<string, string>()
  const judgements: RankingSet['judgements'] = new Map()
  let number = 0
  for await (const record of readRecords(file)) {
    // Queries of one text, or one paper, may come twice with other candidates.
    const query = `${resolve(file)}#${++number}`
    const candidates = record.pos
      ? [
          { ...(record.pos as DataRecord), score: 1 },
          { ...(record.neg as DataRecord), score: 0 },
        ]
      : (record.candidates as DataRecord[])
    if (typeof record.query === 'string') queries.set(query, record.query)
    else documents.set(query, record.query as DataRecord)
    const grades = new Map<string, number>()
    for (const [at, candidate] of candidates.entries()) {
      const id = idOf(candidate.corpus_id) ?? idOf(candidate.doc_id) ?? idOf(candidate.paper_id) ?? `${query}.${at}`
      if (!documents.has(id)) documents.set(id, candidate)
      grades.set(id, Number(candidate.score ?? 0))
    }
    judgements.set(query, grades)
  }
  return { kind: 'ranking', format, documents, queries, judgements, reviewers: null, subjects: null }
}
