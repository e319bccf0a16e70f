import { basename, dirname, resolve } from 'node:path'
import type { Table } from '@lancedb/lancedb'
import { InvalidArgumentError, Specter2Error } from '../../core/errors.js'
import { givenStamp } from '../../core/model-folder/given-model.js'
import type { Paper } from '../../core/papers/paper.js'
import type { PaperFile } from '../../core/papers/paper-file.js'
import { streamPapers } from '../../core/papers/read-papers.js'
import type { Metric, ModelStamp } from '../../core/types.js'
import type { Lance } from './lancedb.js'

/** Key of the table's metadata that has the stamp of its vectors' model. */
export const STAMP_KEY = 'specter2-web'
/** Rows written at once. */
const ROWS = 10_000
/** Fewer rows are scanned exactly, within some milliseconds. */
const INDEXED_ROWS = 50_000

/** Folder of the database and name of the table: a table is a folder `name.lance`. */
export function tablePlace(path: string): { folder: string; name: string } {
  const full = resolve(path)
  const name = basename(full).replace(/\.lance$/, '')
  if (!/^[\w-]{1,100}$/.test(name) || !full.endsWith('.lance'))
    throw new InvalidArgumentError('--table', path, 'the folder of a table, such as data/papers.lance')
  return { folder: dirname(full), name }
}

/**
 * Writes a table of papers and their vectors, with indexes of words and, if it is large, of vectors. Papers without a vector are found
 * by their words.
 *
 * @throws Specter2Error `UNREADABLE_FILE` for a file that cannot be read; `INDEX_STALE` if files have vectors of several models.
 */
export async function buildTable(
  lance: Lance,
  path: string,
  files: readonly PaperFile[],
  onRows: (rows: number) => void,
  signal: AbortSignal,
): Promise<{ rows: number; vectors: number; model: ModelStamp }> {
  const { folder, name } = tablePlace(path)
  const database = await lance.lancedb.connect(folder)
  const writer = new TableWriter(lance, database, name)
  let papers = new Map<string, Paper>()
  const vectors = new Map<string, Float32Array>()
  const write = async () => {
    for (const id of vectors.keys())
      if (!papers.has(id))
        throw new Specter2Error(
          'UNREADABLE_FILE',
          `A vector names ${id}, which is no paper of these files. Put papers and vectors into one file.`,
        )
    await writer.write([...papers.values()], vectors)
    papers = new Map()
    vectors.clear()
    onRows(writer.rows)
  }
  for await (const batch of streamPapers(files, { signal })) {
    for (const problem of batch.problems)
      if (problem.line === undefined) throw new Specter2Error('UNREADABLE_FILE', `${problem.file}: ${problem.reason}`)
    for (const paper of batch.papers) papers.set(paper.id, paper)
    for (const part of batch.vectors ?? []) {
      writer.setModel(
        part.stamp ??
          givenStamp(part.model || { id: part.file, metric: 'cosine' }, part.dimension, [
            part.vectors.subarray(0, part.dimension),
          ]),
      )
      for (const [row, id] of part.ids.entries())
        vectors.set(id, part.vectors.subarray(row * part.dimension, (row + 1) * part.dimension))
    }
    // Vectors follow their papers by at most a few records.
    if (papers.size >= ROWS && vectors.size > 0) await write()
  }
  await write()
  return { ...(await writer.end()), model: writer.model }
}

/** Writes the rows of a table. */
class TableWriter {
  readonly #lance: Lance
  readonly #database: Awaited<ReturnType<Lance['lancedb']['connect']>>
  readonly #name: string
  #model: ModelStamp | null = null
  #table: Table | null = null
  #vectors = 0
  rows = 0

  constructor(lance: Lance, database: Awaited<ReturnType<Lance['lancedb']['connect']>>, name: string) {
    this.#lance = lance
    this.#database = database
    this.#name = name
  }

  get model(): ModelStamp {
    if (this.#model) return this.#model
    throw new Specter2Error(
      'UNREADABLE_FILE',
      'These files have no vectors. Give those that `specter2-web embed` wrote as Parquet.',
    )
  }

  setModel(model: ModelStamp): void {
    this.#model ??= model
    if (this.#model.id !== model.id || this.#model.dimension !== model.dimension || this.#model.dtype !== model.dtype)
      throw new Specter2Error(
        'INDEX_STALE',
        `The files have vectors of ${this.#model.id} and of ${model.id}. Build a table for each.`,
      )
  }

  async write(papers: readonly Paper[], vectors: ReadonlyMap<string, Float32Array>): Promise<void> {
    if (papers.length === 0) return
    const data = this.#rowsOf(papers, vectors)
    if (this.#table) await this.#table.add(data)
    else this.#table = await this.#database.createTable(this.#name, data, { mode: 'overwrite' })
    this.rows += papers.length
  }

  async end(): Promise<{ rows: number; vectors: number }> {
    const table = this.#table
    if (!table) throw new Specter2Error('UNREADABLE_FILE', 'These files have no papers.')
    await createIndexes(this.#lance, table, this.model.metric, this.#vectors)
    return { rows: this.rows, vectors: this.#vectors }
  }

  #rowsOf(papers: readonly Paper[], vectors: ReadonlyMap<string, Float32Array>) {
    const { Field, FixedSizeList, Float32, Int32, Schema, Utf8 } = this.#lance.arrow
    const text = (name: string) => new Field(name, new Utf8(), true)
    const vector = new FixedSizeList(this.model.dimension, new Field('item', new Float32(), true))
    const metadata = new Map([[STAMP_KEY, JSON.stringify({ model: this.model })]])
    const columns = ['id', 'title', 'abstract', 'authors', 'venue', 'doi', 'fields'].map(text)
    const schema = new Schema([...columns, new Field('year', new Int32(), true), new Field('vector', vector, true)], metadata)
    const rows = papers.map(({ id, title, abstract, venue, doi, year, source: _, ...rest }) => {
      const own = vectors.get(id) ?? null
      if (own) this.#vectors++
      const authors = (rest.authors ?? [])
        .map(({ family, given, name }) => name ?? [family, given].filter(Boolean).join(', '))
        .join('; ')
      return {
        ...{
          id,
          title,
          abstract: abstract ?? null,
          authors,
          venue: venue ?? null,
          doi: doi ?? null,
          fields: JSON.stringify(rest),
        },
        ...{ year: year ?? null, vector: own && Array.from(own) },
      }
    })
    return this.#lance.lancedb.makeArrowTable(rows, { schema })
  }
}

type LanceDb = Pick<Lance, 'lancedb'>

/** Indexes of words and ids, and of vectors where there are many. */
export async function createIndexes({ lancedb }: LanceDb, table: Table, metric: Metric, vectors: number) {
  const { Index } = lancedb
  for (const column of ['title', 'abstract', 'authors', 'venue'])
    await table.createIndex(column, { config: Index.fts({ stem: true, removeStopWords: false }) })
  await table.createIndex('id', { config: Index.btree() })
  if (vectors < INDEXED_ROWS) return
  // One bit a number, then exact comparisons: built sooner than product quantization.
  const config = Index.ivfRq({
    distanceType: metric === 'cosine' ? 'cosine' : 'l2',
    numPartitions: Math.round(Math.sqrt(vectors)),
    sampleRate: 64,
    maxIterations: 20,
  })
  await table.createIndex('vector', { config })
}
