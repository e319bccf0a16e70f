import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import type { PaperRecord } from '../src/core/papers/paper-record.js'
import type { PaperText } from '../src/core/types.js'
import type { BenchOptions } from './bench-options.js'

/** The folder that `--data` names. */
export function dataFolder({ data }: Pick<BenchOptions, 'data'>): string {
  return requireFolder(resolve(data ?? '.'), '--data')
}

/** The folder of the published all-MiniLM-L6-v2. */
export function weightsFolder(options: Pick<BenchOptions, 'data' | 'weights'>): string {
  return requireFolder(resolve(options.weights ?? join(dirname(dataFolder(options)), 'weights/all-MiniLM-L6-v2')), '--weights')
}

/** The first papers of the ACL Anthology; by default all. */
export function aclPapers(data: string, count?: number): PaperRecord[] {
  return readLines(join(data, 'acl/acl_anthology.jsonl'), count).map(({ id, title, abstract, authors, year, booktitle }) => {
    return { id: String(id), title: text(title), abstract: text(abstract), authors, year: Number(year), venue: booktitle }
  })
}

/** Title and abstract of the first papers of the ACL Anthology. */
export function aclTexts(data: string, count: number): PaperText[] {
  return aclPapers(data, count).map(({ title, abstract }) => ({ title, abstract: abstract ?? '' }))
}

/** The first candidates of SciRepEval's searches. */
export function searchCandidates(data: string, count: number): PaperText[] {
  const candidates = readLines(join(data, 'scirepeval/search_small.jsonl')).flatMap(({ candidates }) => candidates ?? [])
  return (candidates as Record<string, unknown>[]).slice(0, count).map(({ title, abstract }) => {
    return { title: text(title), abstract: text(abstract) }
  })
}

/** The first abstracts of SciFact. */
export function scifactPapers(data: string, count: number): PaperText[] {
  return readLines(join(data, 'scifact/corpus.jsonl'), count).map((record) => {
    return { title: text(record.title), abstract: text(record.text) }
  })
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '')

function readLines(path: string, count?: number): Record<string, unknown>[] {
  if (!existsSync(path)) throw new Error(`${path} does not exist. Give the folder of the benchmark data with --data.`)
  const lines = readFileSync(path, 'utf8').trim().split('\n').slice(0, count)
  return lines.map((line) => JSON.parse(line))
}

function requireFolder(path: string, option: string): string {
  if (!existsSync(path)) throw new Error(`${path} does not exist. Give it with ${option}.`)
  return path
}
