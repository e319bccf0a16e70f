import type { Author, Paper } from '../../src/core/papers/index.js'
import type { PaperRecord } from '../../src/index.js'
import { text } from './shown-paper.js'

const TEXTS = ['venue', 'volume', 'issue', 'pages', 'doi', 'pmid', 'arxivId', 'url', 'key'] as const

/** A record as the writers and the duplicate finder take it; values of the wrong type are left out. */
export function toPaper(record: PaperRecord): Paper {
  const { authors, year, keywords, type, source, fields, ...rest } = record
  const people = Array.isArray(authors) ? authors.flatMap(asAuthor) : []
  const words = Array.isArray(keywords) ? keywords.filter((word) => typeof word === 'string') : []
  const paper: Record<string, unknown> = { ...rest }
  for (const field of TEXTS) if (text(paper[field]) === null) delete paper[field]
  return {
    ...paper,
    id: record.id,
    title: record.title,
    ...(people.length > 0 && { authors: people }),
    ...(typeof year === 'number' && Number.isFinite(year) && { year }),
    ...(words.length > 0 && { keywords: words }),
    ...(text(type) !== null && { type: type as Paper['type'] & string }),
    ...(isObject(source) && text(source.file) !== null && { source: source as unknown as Paper['source'] & object }),
    ...(isObject(fields) && { fields: fields as Record<string, string[]> }),
  } as Paper
}

function asAuthor(author: unknown): Author[] {
  if (typeof author === 'string') return author.trim() === '' ? [] : [nameParts(author)]
  if (!isObject(author)) return []
  const parts = Object.entries(author).filter(
    ([part, value]) => ['family', 'given', 'suffix', 'name'].includes(part) && typeof value === 'string',
  )
  return parts.length > 0 ? [Object.fromEntries(parts) as Author] : []
}

/** Parts `Ada Bell` and `Bell, Ada`; a single word stays a whole name. */
function nameParts(name: string): Author {
  const [family, given] = name.includes(',')
    ? name.split(/,\s*/, 2)
    : [name.split(' ').at(-1), name.split(' ').slice(0, -1).join(' ')]
  return given ? { family: family!, given } : { name }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
