import type { Table } from '@lancedb/lancedb'
import { InvalidArgumentError, Specter2Error } from '../../core/errors.js'
import { fuse, type SideScores, spread } from '../../core/search/fuse.js'
import { parseQuery, type QueryPart } from '../../core/search/query-language.js'
import type { ServiceHit, ServiceInfo, ServiceSearch } from '../../core/search/service-protocol.js'
import type { Metric, ModelStamp } from '../../core/types.js'
import { STAMP_KEY, tablePlace } from './build-table.js'
import type { Lance } from './lancedb.js'

/** Candidates of each side of a hybrid search, for pages up to the limit of reach. */
const CANDIDATES = 200
/** Vectors from which the distribution of distances is estimated. */
const SAMPLE = 1_000
/** Parts of the index that a search reads, and candidates for each hit that are compared exactly. */
const [PROBES, REFINE] = [40, 20]
const COLUMNS = ['id', 'title', 'abstract', 'venue', 'doi', 'fields', 'year']

interface Row {
  id: string
  title: string
  abstract: string | null
  venue: string | null
  doi: string | null
  fields: string
  year: number | null
  vector?: Iterable<number> | null
  _distance?: number
  _score?: number
}

/** A search whose vector has been decoded. */
export type TableSearch = Omit<ServiceSearch, 'vector'> & { vector: Float32Array | null }

/** A table of papers that is searched and never written. */
export class PaperTable {
  readonly #lance: Lance
  readonly #table: Table
  readonly #timeoutMs: number
  readonly info: ServiceInfo
  readonly #sample: readonly Float32Array[]

  private constructor(lance: Lance, table: Table, info: ServiceInfo, sample: readonly Float32Array[], timeoutMs: number) {
    this.#lance = lance
    this.#table = table
    this.info = info
    this.#sample = sample
    this.#timeoutMs = timeoutMs
  }

  /** @throws InvalidArgumentError if there is no such table, or it has no vectors. */
  static async open(lance: Lance, path: string, { timeoutMs = 10_000 } = {}): Promise<PaperTable> {
    const { folder, name } = tablePlace(path)
    const database = await lance.lancedb.connect(folder)
    if (!(await database.tableNames()).includes(name)) throw new InvalidArgumentError('--table', path, 'a table that exists')
    const table = await database.openTable(name)
    const schema = await table.schema()
    const vector = schema.fields.find((field) => field.name === 'vector')?.type as { listSize?: number } | undefined
    if (!vector?.listSize) throw new InvalidArgumentError('--table', path, 'a table with a column `vector` of a fixed size')
    const model = stampIn(schema.metadata.get(STAMP_KEY))
    const papers = await table.countRows()
    const rows = (await table.query().where('vector IS NOT NULL').select(['id', 'vector']).limit(SAMPLE).toArray()) as Row[]
    const sample = rows.map((row) => Float32Array.from(row.vector!))
    const metric = model?.metric ?? 'cosine'
    const info = {
      protocol: 1 as const,
      papers,
      model,
      dimension: vector.listSize,
      metric,
      sample: rows.slice(0, 32).map(({ id }) => id),
    }
    return new PaperTable(lance, table, info, sample, timeoutMs)
  }

  async search(request: TableSearch): Promise<{ hits: ServiceHit[] }> {
    const { vector, k, offset, mode } = request
    const query = parseQuery(request.query)
    const where = conditions(query.parts, request)
    const words = wordsOf(query.parts)
    const count = mode === 'hybrid' ? Math.max(CANDIDATES, 2 * (k + offset)) : k + offset
    const [near, found] = await Promise.all([
      vector && mode !== 'lexical' ? this.#near(vector, where, count) : [],
      mode !== 'semantic' ? this.#found(words, where, count) : [],
    ])
    const nearRanks = rankOf(near)
    const foundRanks = rankOf(found)
    const hit = (row: Row, score: number): ServiceHit => {
      const ranks = { semantic: nearRanks.get(row.id) ?? null, lexical: foundRanks.get(row.id) ?? null }
      return { id: row.id, score, distance: this.#distance(vector, row), ranks, terms: termsIn(words, row), paper: paperOf(row) }
    }
    const page = <T>(rows: readonly T[]) => rows.slice(offset, offset + k)
    if (!vector || mode === 'lexical') return { hits: page(found).map((row) => hit(row, row._score ?? 0)) }
    const nearness = (distance: number) => (this.info.metric === 'cosine' ? 1 - distance : -distance)
    if (mode === 'semantic') return { hits: page(near).map((row) => hit(row, nearness(this.#distance(vector, row)!))) }
    const rows = [...new Map([...near, ...found].map((row) => [row.id, row])).values()].filter(
      (row) => this.#distance(vector, row) !== null || foundRanks.has(row.id),
    )
    const scores = new Map(found.map((row) => [row.id, row._score ?? 0]))
    const side = (values: number[], all: { mean: number; deviation: number }): SideScores => ({ scores: values, ...all })
    const sample = spread(this.#sample.map((one) => nearness(distanceOf(vector, one, this.info.metric))))
    const dense = side(
      rows
        .map((row) => nearness(this.#distance(vector, row) ?? Number.POSITIVE_INFINITY))
        .map((value) => (Number.isFinite(value) ? value : sample.mean)),
      sample,
    )
    const lexical = side(
      rows.map(({ id }) => scores.get(id) ?? 0),
      spread([...scores.values()], this.info.papers),
    )
    const order = fuse(Uint32Array.from(rows.keys()), dense, lexical)
    return { hits: page([...order.rows]).map((row, at) => hit(rows[row]!, order.scores[offset + at]!)) }
  }

  /** Papers and vectors by id; `null` for unknown ids. */
  async get(ids: readonly string[]): Promise<({ paper: ServiceHit['paper']; vector: Float32Array | null } | null)[]> {
    if (ids.length === 0) return []
    const query = this.#table
      .query()
      .where(idsIn(ids))
      .select([...COLUMNS, 'vector'])
      .limit(ids.length)
    const rows = (await query.toArray({ timeoutMs: this.#timeoutMs })) as Row[]
    const byId = new Map(rows.map((row) => [row.id, row]))
    return ids.map((id) => {
      const row = byId.get(id)
      return row ? { paper: paperOf(row), vector: row.vector ? Float32Array.from(row.vector) : null } : null
    })
  }

  async #near(vector: Float32Array, where: string | null, count: number): Promise<Row[]> {
    let query = this.#table
      .query()
      .nearestTo(vector)
      .distanceType(this.info.metric === 'cosine' ? 'cosine' : 'l2')
    query = query.nprobes(PROBES).refineFactor(REFINE)
    if (where !== null) query = query.where(where)
    const rows = await query
      .select([...COLUMNS, 'vector', '_distance'])
      .limit(count)
      .toArray({ timeoutMs: this.#timeoutMs })
    return (rows as Row[]).filter((row) => row.vector !== null)
  }

  async #found(words: string, where: string | null, count: number): Promise<Row[]> {
    const select = [...COLUMNS, 'vector']
    if (words === '') {
      if (where === null) return []
      return (await this.#table.query().where(where).select(select).limit(count).toArray({ timeoutMs: this.#timeoutMs })) as Row[]
    }
    const { MultiMatchQuery } = this.#lance.lancedb
    const match = new MultiMatchQuery(words, ['title', 'abstract', 'authors', 'venue'], { boosts: [2, 1, 1, 1] })
    let query = this.#table.query().fullTextSearch(match)
    if (where !== null) query = query.where(where)
    return (await query
      .select([...select, '_score'])
      .limit(count)
      .toArray({ timeoutMs: this.#timeoutMs })) as Row[]
  }

  /** Exact, whatever the index says; `null` without a vector on either side. */
  #distance(vector: Float32Array | null, row: Row): number | null {
    return vector && row.vector ? distanceOf(vector, Float32Array.from(row.vector), this.info.metric) : null
  }
}

function stampIn(text: string | undefined): ModelStamp | null {
  const { model = null } = JSON.parse(text ?? '{}') as { model?: ModelStamp | null }
  return model
}

const rankOf = (rows: readonly Row[]) => new Map(rows.map(({ id }, index) => [id, index + 1]))

function distanceOf(a: Float32Array, b: Float32Array, metric: Metric): number {
  let [dot, aa, bb, squares] = [0, 0, 0, 0]
  for (let index = 0; index < a.length; index++) {
    dot += a[index]! * b[index]!
    aa += a[index]! ** 2
    bb += b[index]! ** 2
    squares += (a[index]! - b[index]!) ** 2
  }
  return metric === 'cosine' ? 1 - dot / Math.sqrt(aa * bb) : Math.sqrt(squares)
}

function paperOf({ id, title, abstract, venue, doi, fields, year }: Row): ServiceHit['paper'] {
  const rest = JSON.parse(fields || '{}') as object
  const said = Object.entries({ abstract, venue, doi, year }).filter(([, value]) => value !== null)
  return { id, title, ...rest, ...Object.fromEntries(said) }
}

/** The words that rank: those of the query's plain parts and phrases. */
function wordsOf(parts: readonly QueryPart[]): string {
  return parts
    .filter(({ kind, excluded }) => !excluded && kind !== 'year' && kind !== 'identifier')
    .map(({ text }) => text)
    .join(' ')
    .trim()
}

function termsIn(words: string, { title, abstract }: Row): string[] {
  const text = `${title} ${abstract ?? ''}`.toLowerCase()
  return [...new Set(words.split(/[^\p{L}\p{N}]+/u))].filter((word) => word !== '' && text.includes(word.toLowerCase()))
}

const FIELD_COLUMNS: Readonly<Record<string, readonly string[]>> = {
  title: ['title'],
  abstract: ['abstract'],
  author: ['authors'],
  venue: ['venue'],
}

/** What a query requires and excludes, and the ids of a request, as SQL; `null` if that is nothing. */
function conditions(parts: readonly QueryPart[], { ids, except }: Pick<ServiceSearch, 'ids' | 'except'>): string | null {
  const all: string[] = []
  for (const { kind, field, text, excluded, years } of parts) {
    if (kind === 'text' && !excluded) continue
    const condition = years
      ? [...(years.from === null ? [] : [`year >= ${years.from}`]), ...(years.to === null ? [] : [`year <= ${years.to}`])].join(
          ' AND ',
        )
      : kind === 'identifier'
        ? `(doi = ${quoted(text)} OR contains(fields, ${quoted(text.replace(/^\w+:/, ''))}))`
        : `(${(FIELD_COLUMNS[field ?? ''] ?? (field ? ['fields'] : ['title', 'abstract'])).map((column) => contains(column, text)).join(' OR ')})`
    all.push(excluded ? `NOT coalesce(${condition}, false)` : condition)
  }
  if (ids) all.push(idsIn(ids))
  if (except.length > 0) all.push(`NOT ${idsIn(except)}`)
  return all.length === 0 ? null : all.join(' AND ')
}

const contains = (column: string, text: string) => `contains(lower(coalesce(${column}, '')), ${quoted(text.toLowerCase())})`
const idsIn = (ids: readonly string[]) => (ids.length === 0 ? 'false' : `id IN (${ids.map(quoted).join(', ')})`)

/** A text of SQL, in which only the quote has a meaning. */
function quoted(text: string): string {
  if (text.includes('\0')) throw new Specter2Error('UNSUPPORTED', 'A text with a null character cannot be searched.')
  return `'${text.replaceAll("'", "''")}'`
}
