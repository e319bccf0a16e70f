import { readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { failure } from '../../../testing/checkpoints.js'
import { temporaryFolder } from '../testing.js'
import { VectorJournal } from './vector-journal.js'

let folder: string
beforeAll(async () => {
  folder = await temporaryFolder()
})
afterAll(() => rm(folder, { recursive: true }))

const lines = Array.from({ length: 600 }, (_, index) => `line ${index}`)
const vectorOf = (index: number) => Float32Array.of(index, -index, 1 / (index + 1))

async function write(name: string, count = lines.length): Promise<string> {
  const path = join(folder, name)
  const journal = await VectorJournal.open(path, 'model', 3)
  const records = lines.slice(0, count).map((line, index) => ({ line, vector: vectorOf(index) }))
  await journal.add(records.slice(0, 1))
  await journal.add(records.slice(1))
  await journal.close()
  return path
}

/** Vectors of these lines, until the first that is not there. */
async function read(path: string, of: readonly string[] = lines): Promise<Float32Array[]> {
  const journal = await VectorJournal.open(path, 'model', 3)
  const next = journal.reader()
  const found: Float32Array[] = []
  for (const line of of) {
    const vector = await next(line)
    if (!vector) break
    found.push(vector)
  }
  await journal.close()
  return found
}

test('vectors come back bit for bit, in the order of their lines', async () => {
  const path = await write('whole')
  expect(await read(path)).toEqual(lines.map((_, index) => vectorOf(index)))
})

test('a file that was cut anywhere keeps its whole records', async () => {
  const path = await write('cut', 4)
  const { length } = await readFile(path)
  const record = 3 * 4 + 16
  for (let bytes = length; bytes >= 0; bytes--) {
    await truncate(path, bytes)
    expect({ bytes, found: (await read(path)).length }).toEqual({
      bytes,
      found: Math.max(0, Math.floor((bytes - (length - 4 * record)) / record)),
    })
    if (bytes > length - 4 * record) continue
    // Opening wrote the head again.
    expect(await readFile(path)).toHaveLength(length - 4 * record)
  }
})

test('vectors end at a damaged record and at a line that has changed', async () => {
  const path = await write('damaged', 300)
  const bytes = await readFile(path)
  bytes[bytes.length - 40 * 28]! ^= 1
  await writeFile(path, bytes)
  expect(await read(path)).toHaveLength(260)
  expect(await read(path, [...lines.slice(0, 5), 'other'])).toHaveLength(5)
})

test('what is added after forgetting stands in the place of what was there', async () => {
  const path = await write('again', 4)
  const journal = await VectorJournal.open(path, 'model', 3)
  journal.keep(2)
  await journal.add([{ line: 'new', vector: vectorOf(9) }])
  await journal.close()
  expect(await read(path, ['line 0', 'line 1', 'new', 'line 3'])).toEqual([vectorOf(0), vectorOf(1), vectorOf(9), vectorOf(3)])
})

test('vectors of another model are refused', async () => {
  const path = await write('model', 1)
  expect((await failure(VectorJournal.open(path, 'other', 3), 'INDEX_STALE')).details).toEqual({ file: path })
})
