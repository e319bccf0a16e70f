import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { failure } from '../../../testing/checkpoints.js'
import { InvalidArgumentError } from '../../core/errors.js'
import { readBeirFolder } from './beir-folder.js'

let folder: string

beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'specter2-web-')), 'tiny')
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
  test('reads papers and judged queries in the order of their files, and leaves out queries that nobody judged', async () => {
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
    ['the only one, whatever its name', { 'qrels.train.tsv': 'q1\td1\t1' }, undefined, 'train'],
    ['test of several', { 'qrels/train.tsv': 'q1\td1\t1', 'qrels/test.tsv': 'q2\td1\t1' }, undefined, 'test'],
    ['the one that is asked for', { 'qrels.test.tsv': 'q1\td1\t1', 'qrels.dev.tsv': 'q2\td1\t1' }, 'dev', 'dev'],
  ])('takes of the judgements %s', async (_, files, split, expected) => {
    await write({ 'corpus.jsonl': corpus, 'queries.train.jsonl': queries, ...files })
    const collection = await readBeirFolder(folder, split)
    expect(collection.split).toBe(expected)
    expect(collection.queries).toHaveLength(1)
  })

  test('reads several files of queries, of which one may repeat another', async () => {
    const more = '{"_id":"q1","text":"one"}\n{"_id":"q4","text":"four"}'
    await write({ 'corpus.jsonl': corpus, 'queries.jsonl': queries, 'queries.train.jsonl': more, 'qrels.tsv': 'q4\td1\t1' })
    expect((await readBeirFolder(folder)).queries.map(({ text }) => text)).toEqual(['four'])
  })

  test('copes with a byte order mark, Windows line ends, blank lines, a last line without end, and U+2028 inside JSON', async () => {
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

  test('reads characters that lie across the pieces of a stream', async () => {
    // Pieces have 64 KiB: a text of three-byte characters is cut inside of one.
    const title = '研'.repeat(100_000)
    await write({ 'corpus.jsonl': `{"_id":"d1","title":"${title}","text":""}`, 'queries.jsonl': queries, 'qrels.tsv': qrels })
    expect((await readBeirFolder(folder)).documents[0]!.paper.title).toBe(title)
  })

  test.each<[string, string, string | Uint8Array, string]>([
    ['a line that is no JSON', 'corpus.jsonl', '{"_id":"d1","text":""}\n{"_id":', 'corpus.jsonl, line 2: this is not JSON'],
    ['a line that is no object', 'corpus.jsonl', '[1]', 'corpus.jsonl, line 1: this is JSON, but no object.'],
    ['a number for an id', 'corpus.jsonl', '{"_id":1,"text":""}', 'corpus.jsonl, line 1: _id must be a string, but is 1.'],
    ['a paper without text', 'corpus.jsonl', '{"_id":"d1","title":""}', 'line 1: text must be a string, but is undefined.'],
    ['an id twice', 'corpus.jsonl', `\n${corpus}${corpus}`, 'corpus.jsonl, line 4: the document d1 was already in line 2.'],
    ['another encoding', 'corpus.jsonl', Uint8Array.of(0x7b, 0xe9, 0x0a), 'corpus.jsonl is not UTF-8, somewhere after line 0.'],
    [
      'a query with two texts',
      'queries.a.jsonl',
      '{"_id":"q1","text":"1"}',
      'line 1: the query q1 was already given with another',
    ],
    [
      'too few fields',
      'qrels.tsv',
      'q1\td1\t1\nq1 d1 1',
      'qrels.tsv, line 2: expected query, document and grade between tabs, but',
    ],
    ['a grade that is none', 'qrels.tsv', 'q1\td1\t1\nq1\td1\t', 'qrels.tsv, line 2: the grade must be a number, but is "".'],
    ['an unknown query', 'qrels.tsv', 'h\th\th\nq7\td1\t1', 'qrels.tsv, line 2: the query q7 is in no queries*.jsonl.'],
  ])('refuses %s, by file and line', async (_, file, content, message) => {
    await write({ 'corpus.jsonl': corpus, 'queries.jsonl': queries, 'qrels.tsv': qrels, [file]: content })
    // The file at fault may come before the good one.
    const error = await failure(readBeirFolder(folder), 'DAMAGED_FILE')
    expect(error.message.replace('queries.jsonl', 'queries.a.jsonl')).toContain(message)
  })

  test.each<[string, Record<string, string>, string | undefined, string]>([
    ['no folder', {}, undefined, '--data must be a folder'],
    [
      'a folder of other things',
      { 'corpus.jsonl': corpus },
      undefined,
      'a BEIR folder; this one has no queries.jsonl, no qrels.tsv',
    ],
    [
      'several judgements without test',
      { 'corpus.jsonl': corpus, 'queries.jsonl': queries, 'qrels.a.tsv': qrels, 'qrels.b.tsv': qrels },
      undefined,
      '--split must be one of a, b, but is undefined',
    ],
    [
      'a split that is not there',
      { 'corpus.jsonl': corpus, 'queries.jsonl': queries, 'qrels.tsv': qrels },
      'dev',
      '--split must be one of (empty), but is "dev"',
    ],
  ])('refuses %s', async (_, files, split, message) => {
    await write(files)
    const work = readBeirFolder(folder, split)
    await expect(work).rejects.toThrow(InvalidArgumentError)
    await expect(work).rejects.toThrow(message)
  })
})
