import { normalizeDoi } from '../fields/identifiers.js'
import type { Paper } from '../paper.js'
import type { PaperVectors } from './paper-vectors.js'

/** Gives vectors that stand apart from their papers the papers' ids. */
export class VectorJoin {
  readonly #own = new Set<string>()
  /** Papers by what else files call them; `null` if two papers have the name. */
  readonly #ids = new Map<string, string | null>()
  readonly #byFile = new Map<string, string[]>()
  #waiting: PaperVectors[] = []

  /** Papers to which vectors may belong. */
  papers(file: string, papers: readonly Paper[]): void {
    const ids = this.#byFile.get(file) ?? []
    if (papers.length > 0) this.#byFile.set(file, ids)
    for (const paper of papers) {
      ids.push(paper.id)
      this.#own.add(paper.id)
      for (const name of vectorNames(paper)) this.#ids.set(name, this.#ids.has(name) ? null : paper.id)
    }
  }

  /** Ids of the papers of the file that an array of vectors belongs to: that with its name, or the only one. */
  rowsOf(file: string): string[] | undefined {
    const stem = stemOf(file)
    const same = [...this.#byFile].filter(([name]) => stemOf(name) === stem)
    const [found] = same.length > 0 ? same : [...this.#byFile]
    return same.length > 1 || (same.length === 0 && this.#byFile.size > 1) ? undefined : found?.[1]
  }

  /** Vectors of papers that have been read; the others wait. */
  join(vectors: PaperVectors): PaperVectors[] {
    const ids = vectors.ids.map((name) => (this.#own.has(name) ? name : (this.#ids.get(name) ?? null)))
    const found = ids.flatMap((id, row) => (id === null ? [] : [row]))
    if (found.length === ids.length) return [{ ...vectors, ids: ids as string[] }]
    this.#waiting.push(
      pick(
        vectors,
        ids.flatMap((id, row) => (id === null ? [row] : [])),
      ),
    )
    return found.length === 0 ? [] : [{ ...pick(vectors, found), ids: found.map((row) => ids[row]!) }]
  }

  /** The vectors that waited, after the last file: those of papers, and those of none, under the names that their files use. */
  end(): { found: PaperVectors[]; unknown: PaperVectors[] } {
    const waiting = this.#waiting
    this.#waiting = []
    const found = waiting.flatMap((vectors) => this.join(vectors))
    return { found, unknown: this.#waiting }
  }
}

/**
 * What files of vectors may call a paper: its id or key, `corpusid:…`, `doi:…` or `openalex:…`.
 *
 * @example
 * const names = vectorNames({ id: 'a', title: '', doi: '10.7717/peerj.4375' })
 * console.log(names) // ['a', 'doi:10.7717/peerj.4375']
 */
export function vectorNames({ id, key, doi, fields = {} }: Paper): string[] {
  const first = (name: string) => fields[name]?.[0]
  const corpus =
    first('corpusId') ??
    first('corpusid') ??
    /"CorpusId"\s*:\s*"?(\d+)/.exec(first('externalIds') ?? first('externalids') ?? '')?.[1]
  const openAlex = openAlexId(first('id') ?? '')
  return [
    id,
    ...(key && key !== id ? [key] : []),
    ...(corpus ? [`corpusid:${corpus}`] : []),
    ...(doi ? [`doi:${doi}`] : []),
    ...(openAlex ? [openAlex] : []),
  ]
}

/** What a record of a vector alone calls its paper, as {@link vectorNames} does. */
export function nameFrom(field: string, value: string): string {
  if (/^corpus_?id$/i.test(field)) return `corpusid:${value}`
  const doi = /^doi$/i.test(field) || /^https?:\/\/(?:dx\.)?doi\.org\//i.test(value) ? normalizeDoi(value) : undefined
  return doi ? `doi:${doi}` : (openAlexId(value) ?? value)
}

function openAlexId(value: string): string | undefined {
  const id = /^https?:\/\/(?:api\.)?openalex\.org\/(?:works\/)?(W\d+)$/i.exec(value.trim())?.[1]
  return id && `openalex:${id.toUpperCase()}`
}

function stemOf(file: string): string {
  return file.replace(/(?:\.(?:npy|faiss|index|jsonl|ndjson|json|csv|tsv|ris|bib|gz))+$/i, '')
}

function pick({ ids, vectors, dimension, ...rest }: PaperVectors, rows: readonly number[]): PaperVectors {
  const picked = new Float32Array(rows.length * dimension)
  for (const [at, row] of rows.entries()) picked.set(vectors.subarray(row * dimension, (row + 1) * dimension), at * dimension)
  return { ...rest, dimension, ids: rows.map((row) => ids[row]!), vectors: picked }
}
