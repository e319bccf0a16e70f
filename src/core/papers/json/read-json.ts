import type { ColumnMapping } from '../csv/columns.js'
import type { Found, RecordReader } from '../record.js'
import { rawExcerpt } from '../record.js'
import { keyOf, takeVectors } from '../vectors/record-vectors.js'
import { ARXIV } from './arxiv.js'
import { BARE_CSL, CSL } from './csl.js'
import { DBLP } from './dblp.js'
import { isObject, type JsonKind } from './json-record.js'
import { type JsonValue, JsonValues } from './json-values.js'
import { LENS } from './lens.js'
import { OPENALEX } from './openalex.js'
import { OWN, plainRecords } from './plain-record.js'
import { PUBMED_SUMMARY } from './pubmed-summary.js'
import { SEMANTIC_SCHOLAR } from './semantic-scholar.js'
import { ZOTERO } from './zotero.js'

/**
 * Reads JSON and JSON Lines. The kind of each object is recognised: a paper of this library, an OpenAlex work, a Semantic Scholar
 * paper, a Zotero or CSL item, a record of Lens, arXiv, DBLP or PubMed, or any object with a title.
 */
export function readJson(mapping?: ColumnMapping): RecordReader {
  const kinds = jsonKinds(mapping)
  const values = new JsonValues()
  const read = (all: readonly JsonValue[]) => all.flatMap((value) => readValue(value, kinds))
  return { push: (text) => read(values.push(text)), end: () => read(values.end()) }
}

/** The kinds of JSON records, those that are told by more first. */
export function jsonKinds(mapping?: ColumnMapping): readonly JsonKind[] {
  if (mapping) return [plainRecords(mapping)]
  return [OWN, OPENALEX, ZOTERO, SEMANTIC_SCHOLAR, LENS, ARXIV, DBLP, PUBMED_SUMMARY, CSL, plainRecords(), BARE_CSL]
}

function readValue({ text, line, broken, limit }: JsonValue, kinds: readonly JsonKind[]): Found[] {
  const lost = (reason: string): Found[] => [
    { kind: 'lost', line, reason, raw: rawExcerpt(text), ...(limit !== undefined && { limit }) },
  ]
  if (broken !== undefined) return lost(broken)
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    return lost(`this is not JSON: ${(error as Error).message}`)
  }
  const found = recordsIn(value, kinds, line)
  return found.length > 0 ? found : lost('this has neither a title nor an identifier of a paper')
}

/** The records in a value, whose depth has already been limited. */
export function recordsIn(value: unknown, kinds: readonly JsonKind[], line: number): Found[] {
  if (Array.isArray(value)) return value.flatMap((item) => recordsIn(item, kinds, line))
  if (!isObject(value)) return []
  const { vectors, rest, isLone } = takeVectors(value)
  const key = isLone ? keyOf(rest) : undefined
  if (key !== undefined) return [{ draft: { title: '' }, line, vectors, vectorOf: key }]
  const kind = kinds.find((candidate) => candidate.is(rest))
  if (kind === undefined) return Object.values(rest).flatMap((item) => recordsIn(item, kinds, line))
  const draft = kind.read(rest)
  return draft === undefined
    ? [{ kind: 'noted', line, reason: 'this is an attachment or a note, not a paper', raw: '' }]
    : [{ draft, line, ...(vectors.length > 0 && { vectors }) }]
}
