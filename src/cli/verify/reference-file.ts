import { InvalidArgumentError, Specter2Error } from '../../core/errors.js'
import type { AdapterName, PaperText } from '../../core/types.js'
import { readText } from '../files.js'
import type { Texts } from '../texts-file.js'

/** Texts with their expected vectors. */
export interface Reference {
  texts: Texts
  /** By adapter: the vectors of the papers, then those of the queries. */
  vectors: ReadonlyMap<AdapterName, readonly (readonly number[])[]>
}

type Json = Record<string, unknown>

/**
 * Reads vectors of another implementation: JSON with `papers` (`{ title, abstract }` or texts), `queries`, and the vectors
 * [texts][dimension] of both in one of two forms: `vectors.papers.<adapter>` and `vectors.queries.<adapter>`; or
 * `vectors.papers` and `vectors.queries` for the base, and `adapterVectors.<adapter>.papers` and `.queries`. For the vectors of
 * papers, `texts` is another name.
 *
 * @throws InvalidArgumentError if the file cannot be read; Specter2Error `DAMAGED_FILE` naming the field.
 */
export async function readReference(path: string): Promise<Reference> {
  const text = await readText('--reference', path)
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
    const paperVectors = own.papers ?? own.texts
    if (isPlain(paperVectors) || isPlain(own.queries)) {
      const ofPapers = object(paperVectors ?? {}, 'vectors.papers')
      const ofQueries = object(own.queries ?? {}, 'vectors.queries')
      for (const adapter of Object.keys({ ...ofPapers, ...ofQueries })) add(adapter, ofPapers[adapter], ofQueries[adapter])
    } else add('base', paperVectors, own.queries)
    for (const [adapter, value] of Object.entries(object(root.adapterVectors ?? {}, 'adapterVectors'))) {
      const { papers, texts, queries } = object(value, `adapterVectors.${adapter}`)
      add(adapter, papers ?? texts, queries)
    }
    if (papers.length + queries.length === 0)
      throw new InvalidArgumentError('papers', root.papers, 'an array of at least one paper, if there are no queries')
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
