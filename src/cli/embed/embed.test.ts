import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { failure } from '../../../testing/checkpoints.js'
import { collect } from '../../../testing/collect.js'
import { openIndexFile } from '../../core/index-file/index-file.js'
import { never, recordOutput, temporaryFolder } from '../testing.js'
import { embedCommand } from './embed.js'

let folder: string

beforeAll(async () => {
  folder = await temporaryFolder()
})
afterAll(() => rm(folder, { recursive: true }))

async function fileOf(name: string, lines: readonly unknown[]): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n'))
  return path
}

/** Papers of an index file with their vectors. */
async function readIndex(path: string) {
  const { header, parts } = await openIndexFile(new Blob([await readFile(path)]).stream(), path)
  return { header, papers: (await collect(parts)).flat() }
}

async function run(args: readonly string[], stdin?: string, signal = never) {
  const { output, stdout, stderr } = recordOutput()
  const source = (async function* () {
    yield Buffer.from(stdin ?? '')
  })()
  const code = await embedCommand([...args, '--threads', '1'], output, signal, source)
  return { code, stdout: stdout(), stderr: stderr() }
}

const failing = (lines: string) => run([lines, '--out', join(folder, 'refused.index')])

test('a missing or repeated id is reported with file and line, a missing file as a wrong argument', async () => {
  const paper = { id: 'a', title: 'One' }
  const twice = await fileOf('twice.jsonl', [paper, paper])
  expect((await failure(failing(twice), 'DAMAGED_FILE')).details).toEqual({ file: twice, line: 2 })
  const none = await fileOf('none.jsonl', [{ title: 'One' }])
  expect((await failure(failing(none), 'DAMAGED_FILE')).details).toEqual({ file: none, line: 1 })
  await expect(failing(join(folder, 'missing.jsonl'))).rejects.toMatchObject({ field: '<papers.jsonl>' })
  expect(await readdir(folder)).not.toContain('refused.index')
})

test.each([
  ['--shard', ['--shard', '0/3']],
  ['--shard', ['--shard', '4/3']],
  ['--shard', ['--shard', 'three']],
  ['--errors', ['--errors', 'ignore']],
  ['--format', ['--format', 'csv']],
  ['--int8', ['--int8', '--format', 'npy']],
  ['--out', ['--vectors-only']],
  ['--engine', ['--engine', 'fast']],
])('a wrong %s is refused: %j', async (field, args) => {
  const papers = await fileOf('one.jsonl', [{ id: 'a', title: 'One' }])
  await expect(run([papers, '--out', join(folder, 'refused.index'), ...args])).rejects.toMatchObject({ field })
})

test('an index has the papers with all their fields, and the vectors of the model', async () => {
  const papers = await fileOf('three.jsonl', [
    { id: 'a', title: 'Soil moisture', abstract: 'And floods.', year: 2020, tags: ['x'] },
    { _id: 'b', title: 'Graph networks', text: 'Of roads.' },
    { id: 'c', title: 'Tides' },
  ])
  const out = join(folder, 'three.index')
  expect(await run([papers, '--out', out])).toMatchObject({ code: 0 })
  const { header, papers: found } = await readIndex(out)
  expect(header).toMatchObject({ papers: 3, vectors: 'float32', model: { dtype: 'q8', dimension: 384, metric: 'cosine' } })
  expect(found.map(({ paper }) => paper)).toEqual([
    { id: 'a', title: 'Soil moisture', abstract: 'And floods.', year: 2020, tags: ['x'] },
    { id: 'b', title: 'Graph networks', abstract: 'Of roads.' },
    { id: 'c', title: 'Tides', abstract: '' },
  ])
  for (const { vector } of found) {
    const length = Math.sqrt(vector!.reduce((sum, value) => sum + value * value, 0))
    expect(length).toBeCloseTo(1, 6)
  }
})

test('every format, shard and the filter give the same vectors; what exists is skipped if asked', async () => {
  const lines = Array.from({ length: 9 }, (_, index) => ({
    id: `p${index}`,
    title: `Paper ${index}`,
    abstract: 'x '.repeat(index),
  }))
  const papers = await fileOf('papers.jsonl', lines)
  await run([papers, '--out', join(folder, 'nine.index')])
  const expected = (await readIndex(join(folder, 'nine.index'))).papers.map(({ vector }) => Array.from(vector!))
  const vectorsOf = (text: string) =>
    text
      .trimEnd()
      .split('\n')
      .map((line) => Array.from(Float32Array.from(JSON.parse(line).vector)))

  const piped = await run(['-', '--out', '-'], await readFile(papers, 'utf8'))
  expect(vectorsOf(piped.stdout)).toEqual(expected)

  await run([papers, '--out', join(folder, 'nine.npy')])
  const npy = await readFile(join(folder, 'nine.npy'))
  expect(npy.subarray(0, 128).toString('latin1')).toContain("'shape': (9, 384)")
  const values = new Float32Array(Uint8Array.from(npy.subarray(128)).buffer)
  expect(expected.map((_, row) => Array.from(values.subarray(row * 384, (row + 1) * 384)))).toEqual(expected)
  expect(await readFile(join(folder, 'nine.jsonl'), 'utf8')).toBe(`${await readFile(papers, 'utf8')}\n`)

  // The papers of papers.npy would go to papers.jsonl.
  await expect(run([papers, '--out', join(folder, 'papers.npy')])).rejects.toMatchObject({ field: '--out' })

  const shards = [1, 2, 3].map((number) => [
    papers,
    '--out',
    `${join(folder, 'parts')}/`,
    '--format',
    'jsonl',
    '--shard',
    `${number}/3`,
  ])
  for (const args of shards) await run(args)
  const names = [1, 2, 3].map((number) => join(folder, 'parts', `part-0000${number}-of-00003.jsonl`))
  const texts = await Promise.all(names.map((name) => readFile(name, 'utf8')))
  expect(vectorsOf(texts.join(''))).toEqual(expected)

  await writeFile(names[1]!, 'kept')
  await run([...shards[1]!, '--skip-existing'])
  expect(await readFile(names[1]!, 'utf8')).toBe('kept')
})

test('an interrupted run goes on where it stopped', async () => {
  const lines = Array.from({ length: 300 }, (_, index) => ({ id: `p${index}`, title: `Paper ${index}` }))
  const papers = await fileOf('many.jsonl', lines)
  const out = join(folder, 'many.index')
  await run([papers, '--out', join(folder, 'expected.index')])
  const abort = new AbortController()
  const { output, stderr } = recordOutput({ isTTY: true })
  // The second progress report comes after the second slice.
  const showProgress = output.showProgress.bind(output)
  let reports = 0
  output.showProgress = (step, text) => {
    if (++reports === 2) abort.abort(new Error('Interrupted.'))
    showProgress(step, text)
  }
  await expect(embedCommand([papers, '--out', out, '--threads', '1'], output, abort.signal)).rejects.toThrow('Interrupted.')
  const [, kept] = /(\d+) of 300 papers are embedded/.exec(stderr()) ?? []
  expect(Number(kept)).toBeGreaterThanOrEqual(64)
  expect(Number(kept)).toBeLessThan(300)
  const { stdout } = await run([papers, '--out', out])
  expect(stdout).toContain(`300 papers, ${kept} of them before`)
  expect(await readFile(out)).toEqual(await readFile(join(folder, 'expected.index')))
  expect((await readdir(folder)).filter((name) => /progress|incomplete/.test(name))).toEqual([])
})
