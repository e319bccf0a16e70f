import { appendFile, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parquetWriteBuffer } from 'hyparquet-writer'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { convertCommand } from '../convert/convert.js'
import { fixture, never, recordOutput, temporaryFolder } from '../testing.js'
import { evaluateCommand } from './evaluate.js'

interface Reference {
  papers: { title: string; abstract: string | null }[]
  queries: string[]
  vectors: { papers: Record<'proximity', number[][]>; queries: Record<'adhoc_query', number[][]> }
}

let folder: string
let reference: Reference
/** The one relevant paper of each query. */
const relevant = [3, 0, 11, 7]

beforeAll(async () => {
  folder = await temporaryFolder()
  reference = JSON.parse(await readFile(join(fixture, 'reference.json'), 'utf8'))
  const adapters = ['proximity', 'adhoc_query'].flatMap((name) => ['--adapter', `${name}=${join(fixture, 'adapters', name)}`])
  const args = [fixture, ...adapters, '--calibrate', 'none', '--out', join(folder, 'model')]
  await convertCommand(args, recordOutput().output, never)
  await mkdir(join(folder, 'tiny'))
  const lines = (values: readonly unknown[]) => values.map((value) => JSON.stringify(value)).join('\n')
  const { papers, queries } = reference
  await writeFile(
    join(folder, 'tiny/corpus.jsonl'),
    lines(papers.map(({ title, abstract }, index) => ({ _id: `d${index}`, title, text: abstract ?? '' }))),
  )
  await writeFile(join(folder, 'tiny/queries.jsonl'), lines(queries.map((text, index) => ({ _id: `q${index}`, text }))))
  await writeFile(join(folder, 'tiny/qrels.tsv'), relevant.map((paper, query) => `q${query}\td${paper}\t1`).join('\n'))
})
afterAll(() => rm(folder, { recursive: true }))

interface Evaluated {
  command: string
  machine: string
  rows: Record<string, unknown>[]
  printed: string
}

/** Runs the command and returns what it wrote as JSON, and what it printed. */
async function evaluate(...args: string[]): Promise<Evaluated> {
  const json = join(folder, 'rows.json')
  const given = ['--task', 'search', '--data', join(folder, 'tiny'), '--model', join(folder, 'model'), '--threads', '1']
  const { output, stdout } = recordOutput()
  await evaluateCommand([...given, ...args, '--json', json], output, never)
  return { ...JSON.parse(await readFile(json, 'utf8')), printed: stdout() }
}

/** The rank of each query's paper by the reference's vectors and Euclidean distance. */
function ranksOfReference(): number[] {
  const { papers, queries } = reference.vectors
  return queries.adhoc_query.map((query, index) => {
    const distance = (row: number[]) => Math.hypot(...row.map((value, column) => value - query[column]!))
    const own = distance(papers.proximity[relevant[index]!]!)
    return 1 + papers.proximity.filter((row) => distance(row) < own).length
  })
}

describe('evaluateCommand', () => {
  test("gives the figures of the reference's vectors: papers by proximity, queries by adhoc_query, Euclidean distance", async () => {
    const ranks = ranksOfReference()
    // The ranks differ, so the figures are telling.
    expect(new Set(ranks).size).toBeGreaterThan(2)
    const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
    const { rows, command, machine } = await evaluate('--dtype', 'fp32,q8', '--mode', 'semantic')
    expect(rows).toHaveLength(2)
    expect(Object.keys(rows[0]!)).toEqual(['set', 'model', 'dtype', 'mode', 'ndcgAt10', 'map', 'recallAt100'])
    expect(rows[0]).toMatchObject({ set: 'tiny', model: 'specter2-tiny', dtype: 'fp32', mode: 'semantic', recallAt100: 1 })
    expect(rows[0]!.ndcgAt10).toBeCloseTo(mean(ranks.map((rank) => (rank <= 10 ? 1 / Math.log2(rank + 1) : 0))), 12)
    expect(rows[0]!.map).toBeCloseTo(mean(ranks.map((rank) => 1 / rank)), 12)
    expect(rows[1]).toMatchObject({ dtype: 'q8' })
    expect(command).toContain('evaluate --task search --data')
    expect(machine).toMatch(/\d+ cores$/)
  })

  test('takes q8 by default, and prints a table', async () => {
    const { rows, printed } = await evaluate('--mode', 'semantic')
    expect(rows).toMatchObject([{ dtype: 'q8' }])
    expect(printed).toMatch(
      /\nset +model +dtype +mode +ndcgAt10 +map +recallAt100\ntiny +specter2-tiny +q8 +semantic +0\.\d{5} +0\.\d{5} +1\n$/,
    )
  })

  test('evaluates every mode by default: lexical once, the others for each dtype', async () => {
    const { rows } = await evaluate('--dtype', 'fp32,q8')
    expect(rows.map(({ mode, dtype }) => [mode, dtype])).toEqual([
      ['lexical', undefined],
      ['semantic', 'fp32'],
      ['hybrid', 'fp32'],
      ['semantic', 'q8'],
      ['hybrid', 'q8'],
    ])
    // No query shares a word with its paper.
    expect(rows[0]!.recallAt100).toBe(0)
    expect(rows[2]!.recallAt100).toBe(1)
    expect(rows[2]!.map).not.toBe(rows[1]!.map)
  })

  test('caches vectors in a folder and reuses them, also after a run that was cut off', async () => {
    const cache = join(folder, 'cache')
    const semantic = (...args: string[]) => evaluate('--mode', 'semantic', ...args)
    const first = await semantic('--cache', cache)
    const files = (await readdir(cache)).map((file) => join(cache, file))
    expect(files).toHaveLength(2)
    const sizes = async () => Promise.all(files.map(async (file) => (await stat(file)).size))
    const written = await sizes()
    // 12 papers and 4 queries, a hash of 32 bytes and 64 numbers each.
    expect(written.map((size) => size / (32 + 4 * 64)).sort((a, b) => a - b)).toEqual([4, 12])
    expect((await semantic('--cache', cache)).rows).toEqual(first.rows)
    expect(await sizes()).toEqual(written)

    for (const file of files) await appendFile(file, 'half a record')
    expect((await semantic('--cache', cache)).rows).toEqual(first.rows)
    expect(await sizes()).toEqual(written)

    // The cached vectors are what counts: if all are equal, papers rank in their order.
    for (const file of files) {
      const bytes = await readFile(file)
      for (let start = 0; start < bytes.length; start += 288) bytes.fill(0, start + 32, start + 288)
      await writeFile(file, bytes)
    }
    const mean = relevant.reduce((sum, paper) => sum + 1 / (paper + 1), 0) / relevant.length
    expect((await semantic('--cache', cache)).rows[0]!.map).toBeCloseTo(mean, 12)
  })

  test('stops with the reason of its signal', async () => {
    const controller = new AbortController()
    const reason = new Error('Interrupted.')
    controller.abort(reason)
    const args = ['--task', 'search', '--data', join(folder, 'tiny'), '--model', join(folder, 'model'), '--threads', '1']
    await expect(evaluateCommand(args, recordOutput().output, controller.signal)).rejects.toBe(reason)
  })

  test.each<[string, string[], string]>([
    ['an unknown mode', ['--task', 'search', '--mode', 'dense'], '--mode'],
    ['no task', ['--data', 'DATA'], '--task'],
    ['an unknown task', ['--task', 'rank', '--data', 'DATA'], '--task'],
    ['no data', ['--task', 'search'], '--data'],
    ['an unknown dtype', ['--task', 'search', '--data', 'DATA', '--dtype', 'int3'], '--dtype'],
    ['a dtype that the model lacks', ['--task', 'search', '--data', 'DATA', '--dtype', 'q4'], '--dtype'],
    ['no threads', ['--task', 'search', '--data', 'DATA', '--threads', '0'], '--threads'],
    ['a report in a missing folder', ['--task', 'search', '--data', 'DATA', '--json', 'none/x'], '--json'],
  ])('refuses %s before any work', async (_, args, field) => {
    const given = args.map((arg) => (arg === 'DATA' ? join(folder, 'tiny') : arg))
    const { output, stdout } = recordOutput()
    const work = evaluateCommand([...given, '--model', join(folder, 'model')], output, never)
    await expect(work).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', field })
    expect(stdout()).toBe('')
  })

  test('refuses a missing model and names its file', async () => {
    const args = ['--task', 'search', '--data', join(folder, 'tiny'), '--model', join(folder, 'none')]
    await expect(evaluateCommand(args, recordOutput().output, never)).rejects.toMatchObject({
      code: 'MODEL_NOT_FOUND',
      details: { file: join(folder, 'none', 'manifest.json') },
    })
  })
})

test('evaluate counts duplicates by each preset, without vectors and with', async () => {
  const data = join(folder, 'duplicates')
  await mkdir(data)
  const fields = { year: '1998', journal: 'Annals of Ferns', volume: '3', pages: '10--19', doi: '' }
  const records = [
    { id: 'a', cluster: '1', title: 'The shape of ferns in wind', authors: 'Okoro, Ada and Lind, Per', ...fields },
    { id: 'b', cluster: '1', title: 'The shape of ferns in wind.', authors: 'Okoro, A. and Lind, P.', ...fields },
    { id: 'c', cluster: '2', title: 'Tides in a subsurface ocean', authors: 'Diaz, Eva', ...fields, year: '2011', pages: '1--9' },
  ]
  await writeFile(join(data, 'ferns.jsonl'), records.map((record) => JSON.stringify(record)).join('\n'))
  const args = ['--task', 'duplicates', '--data', data, '--model', join(folder, 'model'), '--threads', '1']
  const json = join(folder, 'rows.json')
  await evaluateCommand([...args, '--json', json], recordOutput().output, never)
  const { rows } = JSON.parse(await readFile(json, 'utf8')) as { rows: Record<string, unknown>[] }
  expect(rows.map(({ preset, vectors }) => [preset, vectors])).toEqual(
    [false, true].flatMap((vectors) => ['cautious', 'balanced', 'thorough'].map((preset) => [preset, vectors])),
  )
  for (const row of rows) expect(row).toMatchObject({ set: 'ferns', truePositives: 1, falsePositives: 0, f1: 1 })
})

test('evaluate reads identifiers, types and flags of duplicates, and can take fields away', async () => {
  const data = join(folder, 'flagged')
  await mkdir(data)
  const fields = {
    year: '1998',
    journal: 'Annals of Ferns',
    authors: 'Okoro, Ada; Lind, Per',
    title: 'The shape of ferns in wind',
  }
  const records = [
    { id: 'a', duplicate: '0', ...fields, pmid: '111', type: 'article' },
    { id: 'b', duplicate: '1', ...fields, pmid: '111' },
    { id: 'c', duplicate: '0', ...fields, pmid: '222', type: 'thesis' },
  ]
  const lines = (list: readonly object[]) => list.map((record) => JSON.stringify(record)).join('\n')
  await writeFile(join(data, 'ferns.jsonl'), lines(records))
  const json = join(folder, 'flags.json')
  const args = ['--task', 'duplicates', '--data', data, '--vectors', 'no', '--json', json]
  const counts = async (...more: string[]) => {
    await evaluateCommand([...args, ...more], recordOutput().output, never)
    const { rows } = JSON.parse(await readFile(json, 'utf8')) as { rows: Record<string, unknown>[] }
    return rows.map(({ preset, truePositives, falsePositives, falseNegatives }) => [
      preset,
      truePositives,
      falsePositives,
      falseNegatives,
    ])
  }
  expect((await counts())[1]).toEqual(['balanced', 1, 0, 0])
  expect((await counts('--without', 'pmid,type'))[1]).toEqual(['balanced', 1, 1, 0])
  await expect(counts('--without', 'colour')).rejects.toMatchObject({ field: '--without' })

  await writeFile(join(data, 'ferns.jsonl'), lines([records[0]!, { id: 'd', title: 'No flag' }]))
  await expect(counts()).rejects.toMatchObject({ code: 'DAMAGED_FILE', details: { line: 2 } })
})

describe('evaluate --task scirepeval', () => {
  const lines = (values: readonly unknown[]) => values.map((value) => JSON.stringify(value)).join('\n')
  const distance = (a: number[], b: number[]) => Math.hypot(...a.map((value, column) => value - b[column]!))
  /** Paper 0 and its candidates, of which 3 and 7 are relevant, 7 twice as much. */
  const grades = [
    [1, 0],
    [3, 1],
    [5, 0],
    [7, 2],
    [9, 0],
  ] as const
  let data: string

  async function write(path: string, text: string | Uint8Array) {
    await mkdir(join(data, path, '..'), { recursive: true })
    await writeFile(join(data, path), text)
  }
  const run = async (...args: string[]) => {
    const json = join(folder, 'scirepeval.json')
    const { output } = recordOutput()
    const given = ['--task', 'scirepeval', '--data', data, '--model', join(folder, 'model'), '--threads', '1', '--dtype', 'fp32']
    await evaluateCommand([...given, ...args, '--json', json], output, never)
    return (JSON.parse(await readFile(json, 'utf8')) as { rows: Record<string, string | number>[] }).rows
  }
  const scoreOf = (rows: Record<string, string | number>[], set: string, metric: string, model = 'specter2-tiny') =>
    rows.find((row) => row.set === set && row.metric === metric && row.model === model)?.score

  beforeAll(async () => {
    data = join(folder, 'published')
    const documents = reference.papers.map(({ title, abstract }, at) => ({ doc_id: `p${at}`, title, abstract }))
    await write('scirepeval/scidocs_view_cite_read/evaluation.jsonl', lines(documents))
    await write(
      'scirepeval_test/scidocs_cite/test_qrel.jsonl',
      lines(grades.map(([paper, score]) => ({ query_id: 'p0', cand_id: `p${paper}`, score }))),
    )
    const candidates = grades.map(([paper, score]) => ({ ...documents[paper], corpus_id: 100 + paper, score }))
    await write('scirepeval/search/evaluation.jsonl', lines([{ query: reference.queries[0], doc_id: 'q', candidates }]))
    await write(
      'scirepeval_test/search/test/0000.parquet',
      new Uint8Array(
        parquetWriteBuffer({
          columnData: [
            { name: 'query_id', data: grades.map(() => 'q') },
            { name: 'cand_id', data: grades.map(([paper]) => `p${paper}`) },
            { name: 'score', data: grades.map(([, score]) => score) },
          ],
        }),
      ),
    )
    await write('scirepeval/biomimicry/evaluation.jsonl', lines(documents))
    const table = (rows: readonly number[]) => ['paper_id,label', ...rows.map((row) => `p${row},${row % 2}`), 'p99,1'].join('\n')
    await write('scirepeval_test/biomimicry/train.csv', table([0, 1, 2, 3, 4, 5, 6, 7]))
    await write('scirepeval_test/biomimicry/test.csv', table([8, 9, 10, 11]))
    await write('scirepeval/pub_year/evaluation.jsonl', lines(documents))
    await write('scirepeval_test/pub_year/train.csv', table([0, 1, 2, 3, 4, 5]))
    await write('scirepeval_test/pub_year/test.csv', table([6, 7, 8]))
    await write('mdcr_test.json', JSON.stringify({ Art: { p0: { true: ['p3', 'p7'], bm25: ['p1', 'p5'], random: ['p9'] } } }))
    await write('mdcr_test_data.jsonl', lines(documents.map(({ doc_id, ...rest }) => ({ paper_id: doc_id, ...rest }))))
    await write('triplets.json', JSON.stringify([{ query: documents[0], pos: documents[3], neg: documents[1] }]))
  })

  test('ranks candidates by Euclidean distance, and papers by the adapter of their task', async () => {
    const rows = await run()
    const { papers, queries } = reference.vectors
    const ranked = (query: number[]) =>
      [...grades]
        .sort(([a], [b]) => distance(query, papers.proximity[a]!) - distance(query, papers.proximity[b]!))
        .map(([, grade]) => grade)
    const averagePrecision = (order: readonly number[]) => {
      let found = 0
      return order.reduce((sum, grade, rank) => (grade > 0 ? sum + ++found / (rank + 1) : sum), 0) / 2
    }
    const ndcg = (order: readonly number[]) =>
      order.reduce((sum, grade, rank) => sum + grade / Math.log2(rank + 2), 0) / (2 + 1 / Math.log2(3))
    const near = ranked(papers.proximity[0]!)
    expect(scoreOf(rows, 'SciDocs Cite', 'map')).toBeCloseTo(100 * averagePrecision(near), 10)
    expect(scoreOf(rows, 'SciDocs Cite', 'ndcg')).toBeCloseTo(100 * ndcg(near), 10)
    expect(scoreOf(rows, 'Search', 'ndcg')).toBeCloseTo(100 * ndcg(ranked(queries.adhoc_query[0]!)), 10)
    expect(rows.find(({ set, model }) => set === 'Search' && model !== 'BM25')!.adapter).toBe('adhoc_query and proximity')
    expect(scoreOf(rows, 'MDCR', 'map')).toBeCloseTo(100 * averagePrecision(near), 10)
    expect(scoreOf(rows, 'MDCR', 'recallAt5')).toBe(100)
    const isNearer = distance(papers.proximity[0]!, papers.proximity[3]!) < distance(papers.proximity[0]!, papers.proximity[1]!)
    expect(scoreOf(rows, 'triplets', 'accuracy')).toBe(isNearer ? 100 : 0)
    for (const set of ['SciDocs Cite', 'Search', 'MDCR', 'triplets'])
      expect(rows.some((row) => row.set === set && row.model === 'BM25')).toBe(true)
    // Biomimicry and Publication Year; two values of SciDocs Cite; Search.
    expect(rows.filter(({ metric }) => String(metric).startsWith('mean')).map(({ set, metric }) => [set, metric])).toEqual([
      ['In-Train', 'mean of 2'],
      ['Out-of-Train', 'mean of 1'],
      ['SciDocs', 'mean of 2'],
      ['Average', 'mean of 5'],
    ])
    expect(scoreOf(rows, 'Biomimicry', 'f1')).toBeGreaterThanOrEqual(0)
    expect(scoreOf(rows, 'Publication Year', 'kendallTau')).toBeLessThanOrEqual(100)
  })

  test('goes on from results of before, and writes a page of them beside the published figures', async () => {
    const out = join(folder, 'results')
    const first = await run('--out', out)
    const file = join(out, 'results.jsonl')
    const text = await readFile(file, 'utf8')
    // A finished set is taken from the file; one that was cut off is evaluated again.
    const kept = text
      .trim()
      .split(/\n+/)
      .map((line) => JSON.parse(line) as { rows: Record<string, unknown>[] })
    kept[0]!.rows[0]!.score = 12.34
    await writeFile(file, `${lines(kept.slice(0, -1))}\n${JSON.stringify(kept.at(-1)).slice(0, 40)}`)
    const second = await run('--out', out)
    expect(second.find(({ score }) => score === 12.34)).toMatchObject({ set: kept[0]!.rows[0]!.set })
    expect(second).toHaveLength(first.length)
    const page = await readFile(join(out, 'index.html'), 'utf8')
    for (const part of ['12.34', 'SPECTER2 with adapters', '62.30', 'specter2-tiny fp32', 'DRSM']) expect(page).toContain(part)
  })

  test('refuses a folder with nothing to evaluate, and names a record that is damaged', async () => {
    const empty = await evaluateCommand(
      ['--task', 'scirepeval', '--data', join(folder, 'model', 'onnx'), '--model', join(folder, 'model')],
      recordOutput().output,
      never,
    ).catch((error) => error)
    expect(empty).toMatchObject({ code: 'INVALID_ARGUMENT', field: '--data' })
    const broken = join(data, 'scirepeval_test/scidocs_cite/test_qrel.jsonl')
    const text = await readFile(broken, 'utf8')
    await writeFile(broken, `${text}\n{"query_id":"p0","score":1}`)
    await expect(run()).rejects.toMatchObject({ code: 'DAMAGED_FILE', details: { file: broken } })
    await writeFile(broken, text)
  })
})

test('evaluate classifies in five folds by a field of its own', async () => {
  const data = join(folder, 'labelled')
  await mkdir(data)
  const record = (at: number) => ({
    title: at % 2 ? 'Ferns in wind' : 'Tides in an ocean',
    abstract: `Part ${at}.`,
    kind: at % 2 ? 'fern' : 'tide',
  })
  await writeFile(join(data, 'kinds.jsonl'), Array.from({ length: 20 }, (_, at) => JSON.stringify(record(at))).join('\n'))
  const json = join(folder, 'kinds.json')
  const args = ['--task', 'classification', '--data', data, '--model', join(folder, 'model'), '--threads', '1', '--dtype', 'fp32']
  await evaluateCommand([...args, '--label', 'kind', '--json', json], recordOutput().output, never)
  const { rows } = JSON.parse(await readFile(json, 'utf8')) as { rows: Record<string, unknown>[] }
  expect(rows).toEqual([{ set: 'kinds', model: 'specter2-tiny', adapter: 'proximity', macroF1: 1, accuracy: 1, dtype: 'fp32' }])
  const missing = evaluateCommand([...args, '--label', 'colour'], recordOutput().output, never)
  await expect(missing).rejects.toMatchObject({ code: 'DAMAGED_FILE', details: { line: 1 } })
  const alike = evaluateCommand([...args, '--label', 'abstract'], recordOutput().output, never)
  await expect(alike).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', field: '--label' })
})
