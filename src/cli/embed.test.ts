import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { failure } from '../../testing/checkpoints.js'
import { collect } from '../../testing/collect.js'
import { openIndexFile } from '../core/index-file/index-file.js'
import { embedCommand, readPapers } from './embed.js'
import { never, recordOutput, temporaryFolder } from './testing.js'

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

test('papers keep all their fields, and the names of BEIR work, too', async () => {
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

test('a missing or repeated id is reported with file and line, a missing file as a wrong argument', async () => {
  const paper = { id: 'a', title: 'One' }
  const twice = await fileOf('twice.jsonl', [paper, paper])
  expect((await failure(readPapers(twice), 'DAMAGED_FILE')).details).toEqual({ file: twice, line: 2 })
  const none = await fileOf('none.jsonl', [{ title: 'One' }])
  expect((await failure(readPapers(none), 'DAMAGED_FILE')).details).toEqual({ file: none, line: 1 })
  await expect(readPapers(join(folder, 'missing.jsonl'))).rejects.toMatchObject({ field: '<papers.jsonl>' })
})

test('the command writes an index of the papers with the vectors of the model', async () => {
  const papers = await fileOf('two.jsonl', [
    { id: 'a', title: 'Soil moisture', abstract: 'And floods.', year: 2020 },
    { id: 'b', title: 'Graph networks' },
  ])
  const out = join(folder, 'two.index')
  await embedCommand([papers, '--out', out, '--threads', '1'], recordOutput().output, never)
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
