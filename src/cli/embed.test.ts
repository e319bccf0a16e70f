import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { collect } from '../../testing/collect.js'
import { openIndexFile } from '../core/index-file/index-file.js'
import { embedCommand } from './embed.js'
import { readPapers } from './papers/paper-lines.js'

let folder: string
const { signal } = new AbortController()

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'specter2-web-embed-'))
})
afterAll(() => rm(folder, { recursive: true }))

async function fileOf(name: string, lines: readonly unknown[]): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n'))
  return path
}

test('papers keep all fields, and BEIR names stand for ours', async () => {
  const path = await fileOf('papers.jsonl', [
    { id: 'a', title: 'One', abstract: 'First.', year: 2020, tags: ['x'] },
    { _id: 'b', title: 'Two', text: 'Second.' },
    { id: 'c', title: 'Three' },
  ])
  expect(await readPapers(path)).toEqual([
    { id: 'a', title: 'One', abstract: 'First.', year: 2020, tags: ['x'] },
    { id: 'b', title: 'Two', abstract: 'Second.' },
    { id: 'c', title: 'Three', abstract: '' },
  ])
})

test('a line without an id, one twice, and a file that is not there are told by name', async () => {
  const lines = { id: 'a', title: 'One' }
  await expect(readPapers(await fileOf('twice.jsonl', [lines, lines]))).rejects.toThrow(
    'twice.jsonl, line 2: the paper a was already in line 1.',
  )
  await expect(readPapers(await fileOf('none.jsonl', [{ title: 'One' }]))).rejects.toThrow(/none\.jsonl, line 1: id must be/)
  await expect(readPapers(join(folder, 'missing.jsonl'))).rejects.toThrow(/must be a file that exists/)
})

test('the command writes an index of the papers with the vectors of the model', async () => {
  const papers = await fileOf('two.jsonl', [
    { id: 'a', title: 'Soil moisture', abstract: 'And floods.', year: 2020 },
    { id: 'b', title: 'Graph networks' },
  ])
  const out = join(folder, 'two.index')
  await embedCommand([papers, '--out', out, '--threads', '1'], signal)
  const { header, parts } = await openIndexFile(new Blob([await readFile(out)]).stream(), 'two.index')
  expect(header).toMatchObject({ papers: 2, vectors: 'float32', model: { dtype: 'q8', dimension: 384, metric: 'cosine' } })
  const [part] = await collect(parts)
  expect(part!.map(({ paper }) => paper.id)).toEqual(['a', 'b'])
  expect(part![0]!.paper).toMatchObject({ year: 2020 })
  for (const { vector } of part!) {
    const length = Math.sqrt(vector!.reduce((sum, value) => sum + value * value, 0))
    expect(length).toBeCloseTo(1, 6)
  }
})
