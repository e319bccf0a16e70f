import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { PaperText } from '../src/core/types.js'

/** The first papers of the ACL Anthology. */
export function aclPapers(data: string, count: number): PaperText[] {
  return readLines(join(data, 'acl/acl_anthology.jsonl')).slice(0, count).map(paper)
}

/** The first candidates of SciRepEval's searches. */
export function searchCandidates(data: string, count: number): PaperText[] {
  const searches = readLines(join(data, 'scirepeval/search_small.jsonl')) as { candidates?: unknown[] }[]
  return searches
    .flatMap(({ candidates }) => candidates ?? [])
    .slice(0, count)
    .map(paper)
}

/** The first abstracts of SciFact. */
export function scifactPapers(data: string, count: number): PaperText[] {
  return readLines(join(data, 'scifact/corpus.jsonl'))
    .slice(0, count)
    .map((record) => {
      const { title, text } = record as { title: string; text: string }
      return { title, abstract: text }
    })
}

const paper = (record: unknown): PaperText => {
  const { title, abstract } = record as { title: string | null; abstract?: string | null }
  return { title: title ?? '', abstract: abstract ?? null }
}

function readLines(path: string): unknown[] {
  if (!existsSync(path)) throw new Error(`${path} does not exist. Give the folder of the measuring data with --data.`)
  return readFileSync(path, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
}
