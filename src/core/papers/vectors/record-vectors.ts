import { isObject, type JsonObject, textOf } from '../json/json-record.js'
import type { RecordVector } from './paper-vectors.js'
import { nameFrom } from './vector-join.js'

/** Names under which records have a vector: `embedding`, `vector`, `specter_v2`, `title_embedding`, `embeddingVector` … */
const NAMES = /(?:^|[^a-z])(?:embeddings?|emb|vectors?|specter\w*)(?:$|[^a-z])|embedding|vector$/i
/** Names that say of which model a vector is. */
const MODELS = ['model', 'embedding_model', 'embeddingModel', 'model_name']
/** The largest models have some 8,000. */
const MAX_DIMENSION = 65_536
/** Fields that only a record of a paper has. */
const PAPER_FIELDS = ['title', 'display_name', 'abstract', 'abstract_inverted_index', 'authors', 'author']

/** What of a record are vectors, and the rest of it. */
export interface TakenVectors {
  vectors: RecordVector[]
  rest: JsonObject
  /** Whether the record is of a vector alone: it has an id, but nothing else of a paper. */
  isLone: boolean
}

/** Takes the vectors out of a record, in whose fields they would be a megabyte of digits. */
export function takeVectors(record: JsonObject): TakenVectors {
  const vectors: RecordVector[] = []
  const taken = new Set<string>()
  for (const [name, value] of Object.entries(record)) {
    if (typeof value === 'number' || value === null || !NAMES.test(name)) continue
    const found = vectorsIn(value, modelOf(record, name))
    if (found.length === 0) continue
    vectors.push(...found)
    taken.add(name)
  }
  if (vectors.length === 0) return { vectors, rest: record, isLone: false }
  const rest = Object.fromEntries(Object.entries(record).filter(([name]) => !taken.has(name)))
  return { vectors, rest, isLone: !PAPER_FIELDS.some((name) => textOf(rest[name]) !== undefined || isObject(rest[name])) }
}

function vectorsIn(value: unknown, model: string): RecordVector[] {
  const numbers = numbersOf(value)
  if (numbers) return [{ model, vector: numbers }]
  if (!isObject(value)) return []
  const own = modelOf(value, '')
  for (const name of ['vector', 'embedding', 'values', 'data']) {
    const vector = numbersOf(value[name])
    if (vector) return [{ model: own || model, vector }]
  }
  // Vectors by their models.
  return Object.entries(value).flatMap(([name, item]) => {
    const vector = numbersOf(item)
    return vector ? [{ model: name, vector }] : []
  })
}

/** The model that a record names, or the field's name if that is a model's. */
function modelOf(record: JsonObject, field: string): string {
  const said = MODELS.map((name) => textOf(record[name])).find((text) => text !== undefined)
  // `embedding.specter_v2`, as tables name what the API nests.
  return said ?? (/^(?:embeddings?|vectors?)$/i.test(field) ? '' : (/specter\w*/i.exec(field)?.[0] ?? ''))
}

/** A list of numbers, also as text; what is no number becomes NaN. `undefined` if most are none. */
function numbersOf(value: unknown): Float32Array<ArrayBuffer> | undefined {
  if (typeof value === 'string') {
    if (!/^\s*\[\s*[-+.\dNnIi]/.test(value) || value.length > 32 * MAX_DIMENSION) return undefined
    const parts = value
      .trim()
      .replace(/^\[|\]$/g, '')
      .trim()
      .split(/[\s,]+/)
    return numbersOf(parts.map((part) => (part === '' ? Number.NaN : Number(part))))
  }
  const list = ArrayBuffer.isView(value) && !(value instanceof DataView) ? (value as unknown as ArrayLike<unknown>) : value
  if (!Array.isArray(list) && !ArrayBuffer.isView(list)) return undefined
  const items = list as ArrayLike<unknown>
  if (items.length < 2 || items.length > MAX_DIMENSION) return undefined
  let count = 0
  const numbers = new Float32Array(items.length)
  for (let index = 0; index < items.length; index++) {
    const item = items[index]
    if (typeof item === 'number') count++
    numbers[index] = typeof item === 'number' ? item : Number.NaN
  }
  // A damaged vector is reported as one; a list of words is none.
  return 2 * count > items.length ? numbers : undefined
}

/** What a record of a vector alone may call its paper. */
const KEYS = [
  'corpusid',
  'corpusId',
  'corpus_id',
  'paperId',
  'paper_id',
  'id',
  '_id',
  'work_id',
  'openalex_id',
  'openalex',
  'doi',
  'DOI',
]

/** The name of the paper to which a lone vector belongs; `undefined` without one. */
export function keyOf(record: JsonObject): string | undefined {
  const field = KEYS.find((name) => textOf(record[name]) !== undefined)
  return field && nameFrom(field, textOf(record[field])!)
}
