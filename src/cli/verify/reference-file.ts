import { readFile } from 'node:fs/promises'
import { InvalidArgumentError, Specter2Error } from '../../core/errors.js'
import type { AdapterName, PaperText } from '../../core/types.js'
import type { VerifyTexts } from './verify-embedder.js'

/** Texts with the vectors that they should have. */
export interface Reference {
  texts: VerifyTexts
  /** By adapter, those of the papers before those of the queries. */
  vectors: ReadonlyMap<AdapterName, readonly (readonly number[])[]>
}

type Json = Record<string, unknown>

/**
 * Reads vectors of another implementation: JSON with `papers` (`{ title, abstract }` or texts), `queries`, and vectors
 * [texts][dimension] of both, in one of two forms: `vectors.papers.<adapter>` and `vectors.queries.<adapter>`; or
 * `vectors.papers` and `vectors.queries` for the base, and `adapterVectors.<adapter>.papers` and `.queries`. `vectors` may call
 * papers `texts`.
 *
 * @throws InvalidArgumentError where there is no such file; Specter2Error `DAMAGED_FILE` naming the field.
 */
export async function readReference(path: string): Promise<Reference> {
  const text = await readFile(path, 'utf8').catch(() => null)
  if (text === null) throw new InvalidArgumentError('--reference', path, 'a file that can be read')
  try {
    const root = object(JSON.parse(text), 'the file')
    const papers = array(root.papers ?? [], 'papers').map(paper)
    const queries = array(root.queries ?? [], 'queries').map((query, index) => string(query, `queries[${index}]`))
    const vectors = new Map<AdapterName, number[][]>()
    const add = (adapter: AdapterName, paperVectors: unknown, queryVectors: unknown) =>
      vectors.set(adapter, [
        ...matrix(paperVectors ?? [], `vectors of papers by ${adapter}`, papers.length),
        ...matrix(queryVectors ?? [], `vectors of queries by ${adapter}`, queries.length),
      ])
    const own = object(root.vectors, 'vectors')
    const ofPapers = own.papers ?? own.texts
    if (isPlain(ofPapers) || isPlain(own.queries)) {
      const [byPapers, byQueries] = [object(ofPapers ?? {}, 'vectors.papers'), object(own.queries ?? {}, 'vectors.queries')]
      for (const adapter of Object.keys({ ...byPapers, ...byQueries })) add(adapter, byPapers[adapter], byQueries[adapter])
    } else add('base', ofPapers, own.queries)
    for (const [adapter, value] of Object.entries(object(root.adapterVectors ?? {}, 'adapterVectors'))) {
      const of = object(value, `adapterVectors.${adapter}`)
      add(adapter, of.papers ?? of.texts, of.queries)
    }
    if (papers.length + queries.length === 0) throw new InvalidArgumentError('papers', root.papers, 'some papers or queries')
    return { texts: { papers, queries }, vectors }
  } catch (cause) {
    const found = cause instanceof SyntaxError ? `this is not JSON (${cause.message}).` : (cause as Error).message
    throw new Specter2Error('DAMAGED_FILE', `${path}: ${found}`, { details: { file: path }, cause })
  }
}

const isPlain = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)

function object(value: unknown, field: string): Json {
  if (isPlain(value)) return value
  throw new InvalidArgumentError(field, value, 'an object')
}

function array(value: unknown, field: string): unknown[] {
  if (Array.isArray(value)) return value
  throw new InvalidArgumentError(field, value, 'an array')
}

function string(value: unknown, field: string): string {
  if (typeof value === 'string') return value
  throw new InvalidArgumentError(field, value, 'a string')
}

function paper(value: unknown, index: number): PaperText | string {
  if (typeof value === 'string') return value
  const { title, abstract } = object(value, `papers[${index}]`)
  return {
    title: string(title ?? '', `papers[${index}].title`),
    abstract: string(abstract ?? '', `papers[${index}].abstract`),
  }
}

function matrix(value: unknown, field: string, rows: number): number[][] {
  const vectors = array(value, field)
  if (vectors.length !== rows) throw new InvalidArgumentError(field, value, `an array of ${rows}, one for each`)
  for (const [row, vector] of vectors.entries()) {
    const wrong = array(vector, `${field}[${row}]`).findIndex((component) => !Number.isFinite(component))
    if (wrong >= 0) throw new InvalidArgumentError(`${field}[${row}][${wrong}]`, (vector as unknown[])[wrong], 'a finite number')
  }
  return vectors as number[][]
}
