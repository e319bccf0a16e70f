import { spawn } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Row } from '../src/cli/report.js'
import { STAMP_KEY } from '../src/cli/serve/build-table.js'
import { encodeVector } from '../src/core/search/service-protocol.js'
import { ClusteredVectors } from '../testing/clustered-vectors.js'
import type { BenchOptions } from './bench-options.js'
import { quantile } from './statistics.js'

const [DIMENSION, BATCH, QUERIES] = [384, 20_000, 100]
const CLIENTS = [1, 10, 50]
const WORDS =
  'tide ocean graph protein star galaxy neuron cell model theory network climate drug trial patient soil forest laser'.split(' ')
const word = (index: number, at: number) => WORDS[(index * 7 + at * 13 + (index >> 5)) % WORDS.length]!

// Arrow as LanceDB has it: tables of another copy of its classes are copied, or taken for empty.
const arrow: typeof import('apache-arrow') = createRequire(import.meta.url)('apache-arrow')

/**
 * `specter2-web serve` over seeded vectors of 384 numbers: recall beside an exact scan, latency and memory of the built service, by number
 * of clients. `--data` is the folder of the table, which is made there if it is missing; a million papers take gigabytes.
 */
export async function serveSuite({ data = 'dist-bench/serve', papers = 100_000 }: BenchOptions): Promise<Row[]> {
  const lancedb = await import('@lancedb/lancedb')
  await mkdir(data, { recursive: true })
  const database = await lancedb.connect(data)
  const rows: Row[] = []
  if (!(await database.tableNames()).includes('papers')) rows.push(await makeTable(database, papers))
  const table = await database.openTable('papers')
  const stream = new ClusteredVectors(DIMENSION, 2)
  const queries = Array.from({ length: QUERIES }, () => stream.next(1))
  const exact: string[][] = []
  for (const query of queries) {
    const found = await table
      .query()
      .nearestTo(query)
      .distanceType('cosine')
      .bypassVectorIndex()
      .select(['id'])
      .limit(10)
      .toArray()
    exact.push(found.map(({ id }) => id as string))
  }
  const service = spawn(process.execPath, ['dist/cli.js', 'serve', '--table', join(data, 'papers.lance'), '--port', '0'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  try {
    const [line] = (await createInterface(service.stdout)[Symbol.asyncIterator]().next()).value.match(/http\S+/) ?? []
    for (const mode of ['semantic', 'hybrid'])
      for (const clients of CLIENTS) rows.push(await load(`${line}`, mode, clients, queries, exact, await table.countRows()))
  } finally {
    service.kill()
  }
  return rows
}

async function load(
  url: string,
  mode: string,
  clients: number,
  queries: readonly Float32Array[],
  exact: readonly string[][],
  papers: number,
): Promise<Row> {
  const ms: number[] = []
  let [found, refused, next] = [0, 0, 0]
  const startedAt = performance.now()
  const total = Math.max(QUERIES, 4 * clients)
  const client = async () => {
    while (next < total) {
      const at = next++ % queries.length
      const body = JSON.stringify({ mode, query: `${word(at, 1)} ${word(at, 2)}`, vector: encodeVector(queries[at]!), k: 10 })
      const sentAt = performance.now()
      const response = await fetch(`${url}/v1/search`, { method: 'POST', body })
      const answer = (await response.json()) as { hits?: { id: string }[] }
      if (!answer.hits) refused++
      else ms.push(performance.now() - sentAt)
      if (mode === 'semantic') found += answer.hits?.filter(({ id }) => exact[at]!.includes(id)).length ?? 0
    }
  }
  await Promise.all(Array.from({ length: clients }, client))
  const seconds = (performance.now() - startedAt) / 1000
  const metrics = await (await fetch(`${url}/metrics`)).text()
  return {
    name: mode,
    papers,
    clients,
    ...(mode === 'semantic' && { recallAt10: found / (10 * ms.length) }),
    p50Ms: quantile(ms, 0.5),
    p95Ms: quantile(ms, 0.95),
    perSecond: ms.length / seconds,
    refused,
    residentBytes: Number(/resident_bytes (\d+)/.exec(metrics)?.[1]),
  }
}

async function makeTable(database: import('@lancedb/lancedb').Connection, papers: number): Promise<Row> {
  const { Field, FixedSizeList, Float32, Int32, makeData, RecordBatch, Schema, Struct, Table, Utf8, vectorFromArray } = arrow
  const type = new FixedSizeList(DIMENSION, new Field('item', new Float32(), true))
  const model = { id: 'seeded', revision: '1', dtype: 'fp32', adapter: 'base', dimension: DIMENSION, metric: 'cosine' }
  const texts = ['id', 'title', 'abstract', 'authors', 'venue', 'doi', 'fields'].map((name) => new Field(name, new Utf8(), true))
  const fields = [...texts, new Field('year', new Int32(), true), new Field('vector', type, true)]
  const schema = new Schema(fields, new Map([[STAMP_KEY, JSON.stringify({ model })]]))
  const stream = new ClusteredVectors(DIMENSION, 1)
  const startedAt = performance.now()
  for (let first = 0; first < papers; first += BATCH) {
    const length = Math.min(BATCH, papers - first)
    const column = (make: (index: number) => string | null) =>
      vectorFromArray(
        Array.from({ length }, (_, index) => make(first + index)),
        new Utf8(),
      ).data[0]!
    const years = Int32Array.from({ length }, (_, index) => 1990 + ((first + index) % 36))
    const child = makeData({ type: new Float32(), data: stream.next(length), length: length * DIMENSION, nullCount: 0 })
    const children = [
      column((index) => `p${index}`),
      column((index) => `The ${word(index, 1)} of ${word(index, 2)} and ${word(index, 3)} ${index}`),
      column((index) => `We study ${word(index, 4)}, ${word(index, 5)} and ${word(index, 6)}.`),
      column((index) => `Author${index % 5000}, A.`),
      column(() => 'Journal'),
      column(() => null),
      column(() => '{}'),
      vectorFromArray(years).data[0]!,
      makeData({ type, length, nullCount: 0, child }),
    ]
    const batch = new RecordBatch(schema, makeData({ type: new Struct(schema.fields), length, nullCount: 0, children }))
    if (first === 0) await database.createTable('papers', new Table([batch]))
    else await (await database.openTable('papers')).add(new Table([batch]))
  }
  return {
    name: 'rows written',
    papers,
    seconds: (performance.now() - startedAt) / 1000,
    ...(await indexTable(await database.openTable('papers'))),
  }
}

async function indexTable(table: import('@lancedb/lancedb').Table): Promise<Row> {
  const { createIndexes } = await import('../src/cli/serve/build-table.js')
  const lancedb = await import('@lancedb/lancedb')
  const startedAt = performance.now()
  await createIndexes({ lancedb }, table, 'cosine', await table.countRows())
  return { indexSeconds: (performance.now() - startedAt) / 1000 }
}
