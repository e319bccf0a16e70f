import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { failure } from '../../../testing/checkpoints.js'
import { InvalidArgumentError } from '../../core/errors.js'
import { readReference } from './reference-file.js'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'specter2-web-'))
})
afterEach(() => rm(folder, { recursive: true }))

async function file(content: unknown): Promise<string> {
  const path = join(folder, 'file.json')
  await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content))
  return path
}

const fixture = (name: string) => fileURLToPath(new URL(`../../../testing/fixtures/${name}`, import.meta.url))

describe('readReference', () => {
  test('reads vectors by adapter, papers before queries', async () => {
    const { texts, vectors } = await readReference(fixture('specter2-tiny/reference.json'))
    expect([texts.papers.length, texts.queries.length]).toEqual([12, 4])
    expect(texts.papers[1]).toEqual({ title: 'Attention', abstract: '' })
    expect([...vectors.keys()]).toEqual(['base', 'proximity', 'adhoc_query', 'classification', 'regression'])
    for (const rows of vectors.values()) expect(rows.map((row) => row.length)).toEqual(Array.from({ length: 16 }, () => 64))
  })

  test('reads vectors of a base with adapters beside them', async () => {
    const { texts, vectors } = await readReference(fixture('minilm-reference.json'))
    expect([texts.papers.length, texts.queries.length]).toEqual([20, 7])
    expect([...vectors].map(([adapter, rows]) => [adapter, rows.length])).toEqual([
      ['base', 27],
      ['adhoc_query', 27],
    ])
  })

  test('takes vectors called texts for those of the papers, papers that are texts, and no queries', async () => {
    const vectors = { texts: [[1, 2]] }
    const adapterVectors = { mine: { texts: [[3, 4]] } }
    expect(await readReference(await file({ papers: ['a text'], vectors, adapterVectors }))).toEqual({
      texts: { papers: ['a text'], queries: [] },
      vectors: new Map([
        ['base', [[1, 2]]],
        ['mine', [[3, 4]]],
      ]),
    })
  })

  test.each<[string, unknown, string]>([
    ['no JSON', '<html>', 'this is not JSON'],
    ['no object', '[]', 'the file must be an object, but is an array of 0'],
    ['no vectors', { papers: ['a'] }, 'vectors must be an object, but is undefined'],
    ['no texts', { vectors: { papers: [] } }, 'papers must be some papers or queries'],
    [
      'a title that is no text',
      { papers: [{ title: 1 }], vectors: { papers: [[1]] } },
      'papers[0].title must be a string, but is 1',
    ],
    ['too few vectors', { papers: ['a', 'b'], vectors: { papers: [[1]] } }, 'vectors of papers by base must be an array of 2'],
    [
      'an adapter without queries',
      { queries: ['q'], vectors: { papers: { mine: [] } } },
      'vectors of queries by mine must be an array of 1',
    ],
    ['a component that is no number', { papers: ['a'], vectors: { papers: [[1, null]] } }, 'base[0][1] must be a finite number'],
  ])('refuses a file with %s, by what is wrong', async (_, content, message) => {
    const error = await failure(readReference(await file(content)), 'DAMAGED_FILE')
    expect(error.message).toContain(message)
    expect(error.message).toContain('file.json: ')
  })

  test('refuses a file that is not there', async () => {
    await expect(readReference(join(folder, 'none'))).rejects.toThrow(InvalidArgumentError)
  })
})
