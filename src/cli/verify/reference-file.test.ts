import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { failure } from '../../../testing/checkpoints.js'
import { temporaryFolder } from '../testing.js'
import { readReference } from './reference-file.js'

let folder: string
beforeEach(async () => {
  folder = await temporaryFolder()
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

  test('accepts `texts` as the name of the vectors of papers, plain texts as papers, and no queries', async () => {
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
    ['no JSON', '<html>', 'JSON'],
    ['no object', '[]', 'the file'],
    ['no vectors', { papers: ['a'] }, 'vectors'],
    ['no texts', { vectors: { papers: [] } }, 'papers'],
    ['a title that is not a string', { papers: [{ title: 1 }], vectors: { papers: [[1]] } }, 'papers[0].title'],
    ['too few vectors', { papers: ['a', 'b'], vectors: { papers: [[1]] } }, 'vectors of papers by base'],
    ['an adapter without queries', { queries: ['q'], vectors: { papers: { mine: [] } } }, 'vectors of queries by mine'],
    ['a component that is not a number', { papers: ['a'], vectors: { papers: [[1, null]] } }, 'base[0][1]'],
  ])('refuses a file with %s, naming file and field', async (_, content, field) => {
    const path = await file(content)
    const { details, message } = await failure(readReference(path), 'DAMAGED_FILE')
    expect(details).toEqual({ file: path })
    expect(message).toContain(field)
  })

  test('refuses a missing file', async () => {
    await expect(readReference(join(folder, 'none'))).rejects.toMatchObject({ field: '--reference' })
  })
})
