import { parquetWriteBuffer } from 'hyparquet-writer'
import { describe, expect, test } from 'vitest'
import { collect } from '../../../../testing/collect.js'
import { npyHeader } from '../../index-file/npy.js'
import { encodeParquet } from '../../index-file/parquet.js'
import type { ModelStamp } from '../../types.js'
import { readPapers } from '../read-papers.js'

const file = (name: string, ...parts: BlobPart[]) => new File(parts, name)
const lines = (...records: object[]) => records.map((record) => JSON.stringify(record)).join('\n')
const rowOf = ({ ids, vectors, dimension }: { ids: string[]; vectors: Float32Array; dimension: number }, id: string) => {
  const row = ids.indexOf(id)
  return [...vectors.subarray(row * dimension, (row + 1) * dimension)]
}
const numbers = (seed: number, dimension = 4) =>
  Array.from({ length: dimension }, (_, index) => Math.fround(Math.sin(seed + index)))

const paper = (name: string, seed: number) => ({
  paperId: name.repeat(4),
  corpusId: seed,
  title: `On ${name}`,
  abstract: 'A text.',
  embedding: { model: 'specter_v2', vector: numbers(seed) },
})

describe('records of Semantic Scholar', () => {
  test.each([
    ['an answer of the API', JSON.stringify({ total: 2, data: [paper('a', 1), paper('b', 2)] })],
    ['a list', JSON.stringify([paper('a', 1), paper('b', 2)])],
    ['JSON Lines', lines(paper('a', 1), paper('b', 2))],
    [
      'vectors as text',
      lines(
        ...[paper('a', 1), paper('b', 2)].map((one) => ({
          ...one,
          embedding: JSON.stringify(one.embedding.vector),
          model: 'specter_v2',
        })),
      ),
    ],
    [
      'columns of a table',
      lines(
        ...[paper('a', 1), paper('b', 2)].map(({ embedding, ...one }) => ({ ...one, 'embedding.specter_v2': embedding.vector })),
      ),
    ],
  ])('%s: vectors are vectors and no fields', async (_, text) => {
    const { papers, vectors, problems } = await readPapers([file('s2.json', text)])
    expect(problems).toEqual([])
    expect(vectors).toMatchObject([{ model: 'specter_v2', dimension: 4, stamp: null, file: 's2.json' }])
    expect(rowOf(vectors[0]!, papers[1]!.id)).toEqual(numbers(2))
    expect(JSON.stringify(papers)).not.toContain(String(numbers(2)[0]).slice(0, 6))
  })

  test('of the data sets come in any order of files, and are joined by corpus id', async () => {
    const papers = file('papers.jsonl', lines({ corpusid: 7, title: 'Seven' }, { corpusid: 8, title: 'Eight' }))
    const apart = file(
      'embeddings.jsonl',
      lines(
        { corpusid: 8, model: 'specter_v2', vector: JSON.stringify(numbers(8)) },
        { corpusid: 9, model: 'specter_v2', vector: JSON.stringify(numbers(9)) },
      ),
    )
    for (const files of [
      [papers, apart],
      [apart, papers],
    ]) {
      const read = await readPapers(files)
      expect(read.papers.map(({ title }) => title)).toEqual(['Seven', 'Eight'])
      const [id] = read.papers.flatMap(({ id, title }) => (title === 'Eight' ? [id] : []))
      const [known, unknown] = read.vectors.map(({ ids }) => ids).sort(([a]) => (a === id ? -1 : 1))
      expect([...known!, ...(unknown ?? [])].sort()).toEqual([id, 'corpusid:9'].sort())
      expect(rowOf(read.vectors.find(({ ids }) => ids.includes(id!))!, id!)).toEqual(numbers(8))
    }
  })

  test('are not joined by a corpus id that two papers have', async () => {
    const papers = file(
      'p.jsonl',
      lines({ paperId: 'a', corpusId: 7, title: 'One' }, { paperId: 'b', corpusId: 7, title: 'Two' }),
    )
    const { vectors } = await readPapers([papers, file('v.jsonl', lines({ corpusid: 7, vector: numbers(1) }))])
    expect(vectors.map(({ ids }) => ids)).toEqual([['corpusid:7']])
  })

  test('whose vectors cannot be right keep the paper, and say what is wrong', async () => {
    const all = Array.from({ length: 6 }, (_, seed) => paper(`p${seed}`, seed + 1))
    all[0]!.embedding.vector = numbers(1, 3)
    all[2]!.embedding.vector = [1, Number.NaN, 2, 3]
    all[4]!.embedding.vector = [0, 0, 0, 0]
    const { papers, vectors, problems } = await readPapers([file('s2.jsonl', lines(...all))])
    expect(papers).toHaveLength(6)
    expect(vectors.map(({ ids, dimension }) => [ids.length, dimension])).toEqual([[3, 4]])
    expect(problems.map(({ kind, line }) => [kind, line])).toEqual([
      ['noted', 1],
      ['noted', 3],
      ['noted', 5],
    ])
    expect(problems.map(({ reason }) => reason).join(' ')).toMatch(/3 numbers.*number 2 is NaN.*zero/)
  })
})

test('vectors by the ids of OpenAlex, by DOI and by id find their papers', async () => {
  const works = lines(
    { id: 'https://openalex.org/W11', title: 'One', doi: 'https://doi.org/10.1000/One' },
    { id: 'https://openalex.org/W12', title: 'Two', doi: 'https://doi.org/10.1000/two' },
  )
  const apart = lines(
    { id: 'https://openalex.org/W12', model: 'multilingual-e5-small', embedding: numbers(2) },
    { doi: '10.1000/ONE', model: 'multilingual-e5-small', embedding: numbers(1) },
  )
  const { papers, vectors } = await readPapers([file('works.jsonl', works), file('vectors.jsonl', apart)])
  expect(vectors.flatMap(({ ids }) => ids).sort()).toEqual(papers.map(({ id }) => id).sort())
  expect(vectors[0]!.model).toBe('multilingual-e5-small')
})

describe('arrays', () => {
  const papers = file('corpus.jsonl', lines({ id: 'x', title: 'X', year: 2001 }, { id: 'y', title: 'Y', year: 2002 }))
  const values = Float32Array.from([...numbers(1), ...numbers(2)])

  test('of NumPy belong to the papers of the file with their name, in its order', async () => {
    const other = file('other.jsonl', lines({ id: 'z', title: 'Z', year: 1 }))
    const read = await readPapers([file('corpus.npy', npyHeader(2, 4), values), other, papers])
    expect(read.problems).toEqual([])
    expect(read.vectors.map(({ ids }) => ids)).toEqual([['x', 'y']])
    expect(rowOf(read.vectors[0]!, 'y')).toEqual(numbers(2))
    expect(read.files.map(({ format }) => format)).toEqual(['json', 'json', 'npy'])
  })

  test('of float64 and float16 are read, in either byte order', async () => {
    for (const [type, bytes] of [
      ['<f8', new Uint8Array(Float64Array.of(1, -2, 0.5, 3).buffer)],
      ['>f4', new Uint8Array(Float32Array.of(1, -2, 0.5, 3).buffer).map((_, at, all) => all[(at & ~3) + 3 - (at & 3)]!)],
      ['<f2', Uint8Array.of(0x00, 0x3c, 0x00, 0xc0, 0x00, 0x38, 0x00, 0x42)],
    ] as const) {
      const header = new TextEncoder().encode(`{'descr': '${type}', 'fortran_order': False, 'shape': (2, 2), }\n`)
      const start = Uint8Array.of(0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, header.length, 0)
      const { vectors } = await readPapers([papers, file('corpus.npy', start, header, bytes)])
      expect([...vectors[0]!.vectors]).toEqual([1, -2, 0.5, 3])
    }
  })

  test.each([
    ['more rows than papers', [npyHeader(3, 4), new Float32Array(12).fill(1)]],
    ['values cut off', [npyHeader(2, 4), values.subarray(0, 7)]],
    ['a shape that promises more', [npyHeader(2, 400_000_000), values]],
    ['one dimension', [new TextEncoder().encode(`\u0000`), values]],
  ])('with %s are refused, and the papers stay', async (_, parts) => {
    const read = await readPapers([
      papers,
      file('corpus.npy', Uint8Array.of(0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59).subarray(0, parts[0]!.length < 9 ? 6 : 0), ...parts),
    ])
    expect(read.vectors).toEqual([])
    expect(read.papers).toHaveLength(2)
    expect(read.problems).toMatchObject([{ kind: 'lost', file: 'corpus.npy' }])
  })

  test('without papers say what is missing', async () => {
    const { problems } = await readPapers([file('corpus.npy', npyHeader(2, 4), values)])
    expect(problems).toMatchObject([{ kind: 'lost', code: 'BAD_RECORD' }])
  })

  test('of FAISS, flat and with ids', async () => {
    const flat = faiss('IxF2', 2, 4, values)
    const read = await readPapers([papers, file('corpus.faiss', flat)])
    expect(rowOf(read.vectors[0]!, 'y')).toEqual(numbers(2))
    const map = concat(faissHead('IxMp', 2, 4), flat, u64(2), i64(2), i64(1))
    const byId = file('byid.jsonl', lines({ id: '1', title: 'A', year: 1 }, { id: '2', title: 'B', year: 1 }))
    const joined = await readPapers([byId, file('index.faiss', map)])
    expect(rowOf(joined.vectors[0]!, '1')).toEqual(numbers(2))
    const { problems } = await readPapers([
      papers,
      file('corpus.faiss', concat(faissHead('IxMp', 2, 4), faissHead('IwPQ', 2, 4))),
    ])
    expect(problems[0]!.reason).toContain('IwPQ')
  })
})

describe('Parquet', () => {
  const model: ModelStamp = { id: 'm', revision: '1', dtype: 'q8', adapter: 'base', dimension: 4, metric: 'cosine' }

  test('of an index comes back with papers, vectors and the stamp of their model', async () => {
    async function* parts() {
      yield [
        {
          paper: { id: 'a', title: 'A', abstract: 'T', year: 2001, authors: [{ family: 'Lee' }] },
          vector: Float32Array.from(numbers(1)),
        },
        { paper: { id: 'b', title: 'B' }, vector: null },
      ]
      yield [{ paper: { id: 'c', title: 'C' }, vector: Float32Array.from(numbers(3)) }]
    }
    const bytes = concat(...(await collect(encodeParquet(parts(), model))))
    const { papers, vectors, problems, files } = await readPapers([file('papers.parquet', bytes)])
    expect(problems).toEqual([])
    expect(files).toMatchObject([{ format: 'parquet', records: 3 }])
    expect(papers).toMatchObject([
      { id: 'a', title: 'A', abstract: 'T', year: 2001, authors: [{ family: 'Lee' }] },
      { id: 'b' },
      { id: 'c' },
    ])
    expect(vectors).toMatchObject([{ ids: ['a', 'c'], stamp: model, dimension: 4 }])
    expect(rowOf(vectors[0]!, 'c')).toEqual(numbers(3))
  })

  test("of other programs is read by its columns' names", async () => {
    const bytes = parquetWriteBuffer({
      columnData: [
        { name: 'id', data: [11n, 12n], type: 'INT64' },
        { name: 'title', data: ['One', 'Two'] },
        { name: 'year', data: [2001, 2002], type: 'INT32' },
        { name: 'projection_x', data: [0.5, 1.5], type: 'DOUBLE' },
        { name: 'embedding', data: [numbers(1), numbers(2)], type: 'JSON' },
      ],
    })
    const { papers, vectors, problems } = await readPapers([file('atlas.parquet', bytes)])
    expect(problems).toEqual([])
    expect(papers).toMatchObject([{ id: '11', title: 'One', year: 2001 }, { id: '12' }])
    expect(papers[0]!.fields).toEqual({ projection_x: ['0.5'] })
    expect(rowOf(vectors[0]!, '12')).toEqual(numbers(2).map(Math.fround))
  })

  test('that is damaged is a problem of the file', async () => {
    for (const bytes of [
      new TextEncoder().encode('PAR1 and no more'),
      Uint8Array.from([...new TextEncoder().encode('PAR1'), 255, 255, 255, 127, 80, 65, 82, 49]),
    ])
      expect((await readPapers([file('x.parquet', bytes)])).problems).toMatchObject([{ kind: 'lost', code: 'UNREADABLE_FILE' }])
  })
})

const concat = (...parts: Uint8Array[]): Uint8Array<ArrayBuffer> => Uint8Array.from(parts.flatMap((part) => [...part]))
const u64 = (value: number) => new Uint8Array(BigUint64Array.of(BigInt(value)).buffer)
const i64 = u64
const i32 = (value: number) => new Uint8Array(Int32Array.of(value).buffer)

/** As FAISS's write_index_header: kind, dimension, count, two unused numbers, trained, metric (1: L2). */
function faissHead(kind: string, rows: number, dimension: number): Uint8Array<ArrayBuffer> {
  return concat(new TextEncoder().encode(kind), i32(dimension), i64(rows), i64(1 << 20), i64(1 << 20), Uint8Array.of(1), i32(1))
}

function faiss(kind: string, rows: number, dimension: number, values: Float32Array): Uint8Array<ArrayBuffer> {
  return concat(faissHead(kind, rows, dimension), u64(values.length), new Uint8Array(values.buffer))
}
