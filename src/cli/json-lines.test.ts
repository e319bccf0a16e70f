import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { failure } from '../../testing/checkpoints.js'
import { collect } from '../../testing/collect.js'
import { shardRange } from './embed/paper-lines.js'
import { textLines } from './json-lines.js'
import { temporaryFolder } from './testing.js'

let folder: string
beforeAll(async () => {
  folder = await temporaryFolder()
})
afterAll(() => rm(folder, { recursive: true }))

const LINES = ['{"title":"Ökologie"}', '', '\u2028 is no end', 'a\r', '   ', '\ufefflast', 'x'.repeat(40)]
const FOUND = [
  [1, '{"title":"Ökologie"}'],
  [3, '\u2028 is no end'],
  [4, 'a'],
  [6, 'last'],
  [7, 'x'.repeat(40)],
]

async function* chunked(bytes: Uint8Array, size: number) {
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size)
}

test.each([1, 2, 3, 7, 1000])('lines are the same in chunks of %i bytes, with and without a last line feed', async (size) => {
  for (const end of ['', '\n']) {
    const lines = await collect(textLines(chunked(Buffer.from(LINES.join('\n') + end), size)))
    expect(lines.map(({ text, number }) => [number(), text])).toEqual(FOUND)
  }
})

test('shards have each line of a file once, with its number in the file', async () => {
  const path = join(folder, 'lines.txt')
  const bytes = Buffer.from(LINES.join('\n'))
  await writeFile(path, bytes)
  for (let count = 1; count <= bytes.length + 3; count++) {
    const found: unknown[] = []
    for (let number = 1; number <= count; number++)
      for (const line of await collect(textLines(path, shardRange(bytes.length, { number, count }))))
        found.push([line.number(), line.text])
    expect({ count, found }).toEqual({ count, found: FOUND })
  }
})

test('a line that is not UTF-8 or endless is an error with its number, or passes with it', async () => {
  const wrong = Buffer.from('one\ntw\xff\nthree', 'latin1')
  const { details } = await failure(collect(textLines(chunked(wrong, 4))), 'DAMAGED_FILE')
  expect(details).toEqual({ file: '-', line: 2 })
  async function* endless() {
    for (let index = 0; index < 20; index++) yield Buffer.alloc(2 ** 20, 'a')
    yield Buffer.from('\nnext')
  }
  const limit = 16 * 2 ** 20
  const tooLong = await failure(collect(textLines(endless())), 'LIMIT_EXCEEDED')
  expect(tooLong.details).toEqual({ file: '-', line: 1, limit })
  for (const [source, expected] of [
    [chunked(wrong, 4), ['one', { file: '-', line: 2 }, 'three']],
    [endless(), [{ file: '-', line: 1, limit }, 'next']],
  ] as const) {
    const lines = await collect(textLines(source, undefined, true))
    expect(lines.map(({ text, error }) => error?.details ?? text)).toEqual(expected)
  }
})
