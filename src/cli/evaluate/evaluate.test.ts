import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { InvalidArgumentError } from '../../core/errors.js'
import { convertCommand } from '../convert/convert.js'
import { evaluateCommand } from './evaluate.js'

const fixture = fileURLToPath(new URL('../../../testing/fixtures/specter2-tiny/', import.meta.url))
const never = new AbortController().signal

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
  folder = await mkdtemp(join(tmpdir(), 'specter2-web-'))
  reference = JSON.parse(await readFile(join(fixture, 'reference.json'), 'utf8'))
  vi.spyOn(console, 'log').mockImplementation(() => {})
  const adapters = ['proximity', 'adhoc_query'].flatMap((name) => ['--adapter', `${name}=${join(fixture, 'adapters', name)}`])
  await convertCommand([fixture, ...adapters, '--calibrate', 'none', '--out', join(folder, 'model')], never)
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
beforeEach(() => void vi.spyOn(console, 'log').mockImplementation(() => {}))
afterEach(() => void vi.restoreAllMocks())

/** Runs the command and gives what it wrote as JSON. */
async function evaluate(...args: string[]): Promise<{ command: string; machine: string; rows: Record<string, unknown>[] }> {
  const json = join(folder, 'rows.json')
  const given = ['--task', 'search', '--data', join(folder, 'tiny'), '--model', join(folder, 'model'), '--threads', '1']
  await evaluateCommand([...given, ...args, '--json', json], never)
  return JSON.parse(await readFile(json, 'utf8'))
}

/** Rank of each query's paper by the reference's own vectors and Euclidean distance. */
function ranksOfReference(): number[] {
  const { papers, queries } = reference.vectors
  return queries.adhoc_query.map((query, index) => {
    const distance = (row: number[]) => Math.hypot(...row.map((value, column) => value - query[column]!))
    const own = distance(papers.proximity[relevant[index]!]!)
    return 1 + papers.proximity.filter((row) => distance(row) < own).length
  })
}

describe('evaluateCommand', () => {
  test("gives what the reference's vectors give: papers by proximity, queries by adhoc_query, Euclidean distance", async () => {
    const ranks = ranksOfReference()
    // Neither all found nor all lost, so that the figures say something.
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

  test('takes q8 where no dtype is named, and prints a table', async () => {
    expect((await evaluate('--mode', 'semantic')).rows).toMatchObject([{ dtype: 'q8' }])
    const printed = vi.mocked(console.log).mock.calls.map(([line]) => String(line))
    expect(printed.at(-2)).toMatch(/^set +model +dtype +mode +ndcgAt10 +map +recallAt100$/)
    expect(printed.at(-1)).toMatch(/^tiny +specter2-tiny +q8 +semantic +0\.\d{5} +0\.\d{5} +1$/)
  })

  test('gives every mode where none is named: words once, vectors and both for each dtype', async () => {
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

  test('keeps vectors in a folder, and gives the same from there, also after a run that was cut off', async () => {
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

    // What is read from there is what counts: with every vector the same, papers rank in their order.
    for (const file of files) {
      const bytes = await readFile(file)
      for (let start = 0; start < bytes.length; start += 288) bytes.fill(0, start + 32, start + 288)
      await writeFile(file, bytes)
    }
    const mean = relevant.reduce((sum, paper) => sum + 1 / (paper + 1), 0) / relevant.length
    expect((await semantic('--cache', cache)).rows[0]!.map).toBeCloseTo(mean, 12)
  })

  test('ends with the signal', async () => {
    const controller = new AbortController()
    const reason = new Error('Interrupted.')
    controller.abort(reason)
    const args = ['--task', 'search', '--data', join(folder, 'tiny'), '--model', join(folder, 'model'), '--threads', '1']
    await expect(evaluateCommand(args, controller.signal)).rejects.toBe(reason)
  })

  test.each<[string, string[], string]>([
    [
      'an unknown mode',
      ['--task', 'search', '--mode', 'dense'],
      '--mode must be one of lexical, semantic, hybrid, but is "dense"',
    ],
    ['no task', ['--data', 'DATA'], '--task must be search, duplicates, pairs, but is undefined'],
    ['an unknown task', ['--task', 'rank', '--data', 'DATA'], '--task must be search, duplicates, pairs, but is "rank"'],
    ['no data', ['--task', 'search'], '--data must be a BEIR folder, but is undefined'],
    ['an unknown dtype', ['--task', 'search', '--data', 'DATA', '--dtype', 'int3'], '--dtype must be one of fp32, fp16, q8, q4'],
    ['a dtype that the model lacks', ['--task', 'search', '--data', 'DATA', '--dtype', 'q4'], '--dtype must be one of fp32, q8'],
    ['no threads', ['--task', 'search', '--data', 'DATA', '--threads', '0'], '--threads must be a whole number of at least 1'],
    [
      'a report in no folder',
      ['--task', 'search', '--data', 'DATA', '--json', 'none/x'],
      '--json must be a file in a folder that',
    ],
  ])('refuses %s before any work', async (_, args, message) => {
    const given = args.map((arg) => (arg === 'DATA' ? join(folder, 'tiny') : arg))
    const work = evaluateCommand([...given, '--model', join(folder, 'model')], never)
    await expect(work).rejects.toThrow(InvalidArgumentError)
    await expect(work).rejects.toThrow(message)
  })

  test('refuses a model that is not there', async () => {
    const args = ['--task', 'search', '--data', join(folder, 'tiny'), '--model', join(folder, 'none')]
    await expect(evaluateCommand(args, never)).rejects.toMatchObject({
      code: 'MODEL_NOT_FOUND',
      message: expect.stringContaining('Give a folder that `specter2-web convert` wrote.'),
    })
  })
})
