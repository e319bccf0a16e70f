import { mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { failure } from '../../../testing/checkpoints.js'
import { temporaryFolder } from '../testing.js'
import { readBeirFolder } from './beir-folder.js'

let folder: string

beforeEach(async () => {
  folder = join(await temporaryFolder(), 'tiny')
})
afterEach(() => rm(dirname(folder), { recursive: true }))

const corpus = '{"_id":"d1","title":"T","text":"A"}\n{"_id":"d2","text":"B"}\n'
const queries = '{"_id":"q1","text":"one"}\n{"_id":"q2","text":"two"}\n{"_id":"q3","text":"three"}\n'
const qrels = 'query-id\tcorpus-id\tscore\nq2\td1\t2\nq1\td2\t1\nq1\td1\t0\n'

async function write(files: Readonly<Record<string, string | Uint8Array>>): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), content)
  }
}

describe('readBeirFolder', () => {
  test('reads papers and queries in the order of their files, and skips queries without judgements', async () => {
    await write({ 'corpus.jsonl': corpus, 'queries.jsonl': queries, 'qrels.tsv': qrels })
    expect(await readBeirFolder(folder)).toEqual({
      name: 'tiny',
      split: '',
      documents: [
        { id: 'd1', paper: { title: 'T', abstract: 'A' } },
        { id: 'd2', paper: { title: '', abstract: 'B' } },
      ],
      queries: [
        {
          id: 'q1',
          text: 'one',
          judgements: new Map([
            ['d2', 1],
            ['d1', 0],
          ]),
        },
        { id: 'q2', text: 'two', judgements: new Map([['d1', 2]]) },
      ],
      missing: 0,
    })
  })

  test.each<[string, Record<string, string>, string | undefined, string]>([
    ['the only split, whatever its name', { 'qrels.train.tsv': 'q1\td1\t1' }, undefined, 'train'],
    ['test, if there are several splits', { 'qrels/train.tsv': 'q1\td1\t1', 'qrels/test.tsv': 'q2\td1\t1' }, undefined, 'test'],
    ['the requested split', { 'qrels.test.tsv': 'q1\td1\t1', 'qrels.dev.tsv': 'q2\td1\t1' }, 'dev', 'dev'],
  ])('takes %s', async (_, files, split, expected) => {
    await write({ 'corpus.jsonl': corpus, 'queries.train.jsonl': queries, ...files })
    const collection = await readBeirFolder(folder, split)
    expect(collection.split).toBe(expected)
    expect(collection.queries).toHaveLength(1)
  })

  test('reads several files of queries, which may repeat each other', async () => {
    const more = '{"_id":"q1","text":"one"}\n{"_id":"q4","text":"four"}'
    await write({ 'corpus.jsonl': corpus, 'queries.jsonl': queries, 'queries.train.jsonl': more, 'qrels.tsv': 'q4\td1\t1' })
    expect((await readBeirFolder(folder)).queries.map(({ text }) => text)).toEqual(['four'])
  })

  test('handles a byte order mark, Windows line ends, blank lines, a last line without end, and U+2028 inside JSON', async () => {
    await write({
      'corpus.jsonl': `\uFEFF{"_id":"d1","title":"a\u2028b","text":""}\r\n\r\n{"_id":"d2","title":null,"text":"é"}`,
      'queries.jsonl': queries,
      'qrels.tsv': 'q1\td1\t1\r\nq1\td9\t1.5\r\nq1\td1\t3\r\n',
    })
    const collection = await readBeirFolder(folder)
    expect(collection.documents.map(({ paper }) => paper)).toEqual([
      { title: 'a\u2028b', abstract: '' },
      { title: '', abstract: 'é' },
    ])
    expect([...collection.queries[0]!.judgements]).toEqual([
      ['d1', 3],
      ['d9', 1.5],
    ])
    expect(collection.missing).toBe(1)
  })

  test('reads characters across the chunks of a stream', async () => {
    // Chunks have 64 KiB, which splits a three-byte character.
    const title = '研'.repeat(100_000)
    await write({ 'corpus.jsonl': `{"_id":"d1","title":"${title}","text":""}`, 'queries.jsonl': queries, 'qrels.tsv': qrels })
    expect((await readBeirFolder(folder)).documents[0]!.paper.title).toBe(title)
  })

  test.each<[string, string, string | Uint8Array, number]>([
    ['a line that is not JSON', 'corpus.jsonl', '{"_id":"d1","text":""}\n{"_id":', 2],
    ['a line that is not an object', 'corpus.jsonl', '[1]', 1],
    ['a number for an id', 'corpus.jsonl', '{"_id":1,"text":""}', 1],
    ['a paper without text', 'corpus.jsonl', '{"_id":"d1","title":""}', 1],
    ['a repeated id', 'corpus.jsonl', `\n${corpus}${corpus}`, 4],
    ['another encoding', 'corpus.jsonl', Uint8Array.of(0x7b, 0xe9, 0x0a), 1],
    ['a query with two texts', 'queries.z.jsonl', '{"_id":"q1","text":"1"}', 1],
    ['too few fields', 'qrels.tsv', 'q1\td1\t1\nq1 d1 1', 2],
    ['an empty grade', 'qrels.tsv', 'q1\td1\t1\nq1\td1\t', 2],
    ['an unknown query', 'qrels.tsv', 'h\th\th\nq7\td1\t1', 2],
  ])('refuses %s, naming file and line', async (_, file, content, line) => {
    await write({ 'corpus.jsonl': corpus, 'queries.jsonl': queries, 'qrels.tsv': qrels, [file]: content })
    const { details } = await failure(readBeirFolder(folder), 'DAMAGED_FILE')
    expect(details).toEqual({ file: join(folder, file), line })
  })

  test.each<[string, Record<string, string>, string | undefined, string, RegExp]>([
    ['a missing folder', {}, undefined, '--data', /a folder/],
    ['a folder without its files', { 'corpus.jsonl': corpus }, undefined, '--data', /no queries\.jsonl and no qrels\.tsv/],
    [
      'several splits without test',
      { 'corpus.jsonl': corpus, 'queries.jsonl': queries, 'qrels.a.tsv': qrels, 'qrels.b.tsv': qrels },
      undefined,
      '--split',
      /one of a, b/,
    ],
    [
      'a missing split',
      { 'corpus.jsonl': corpus, 'queries.jsonl': queries, 'qrels.tsv': qrels },
      'dev',
      '--split',
      /one of \(empty\), .*"dev"/,
    ],
  ])('refuses %s', async (_, files, split, field, message) => {
    await write(files)
    await expect(readBeirFolder(folder, split)).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      field,
      message: expect.stringMatching(message),
    })
  })
})
