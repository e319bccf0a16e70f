import { expect, test } from 'vitest'
import { failure } from '../../../testing/checkpoints.js'
import type { Engine } from '../../engine/engine.js'
import { textLines } from '../json-lines.js'
import { never } from '../testing.js'
import { embedFilter, encodeLines, type FilterOptions } from './filter.js'

/** A vector of a title is its length and a third. */
const engine = {
  runsOn: { engine: 'own' },
  tokenizePaper: ({ title }: { title: string }) => ({ ids: [title.length], truncated: false }),
  embedBatch: async (texts: readonly { ids: readonly number[] }[]) =>
    texts.map(({ ids }) => Float32Array.of(ids[0]! === 13 ? Number.NaN : ids[0]!, 1 / 3)),
} as unknown as Engine

async function* input(...lines: readonly unknown[]) {
  for (const line of lines) yield Buffer.from(`${typeof line === 'string' ? line : JSON.stringify(line)}\n`)
}

function run(bytes: AsyncIterable<Uint8Array>, options: Partial<FilterOptions> & { vectorsOnly?: boolean } = {}) {
  const written: string[] = []
  const { vectorsOnly = false, errors = 'stop', signal = never } = options
  const counts = embedFilter({
    engine,
    adapter: 'base',
    cache: null,
    signal,
    errors,
    lines: textLines(bytes, undefined, errors === 'report'),
    encode: (lines) => encodeLines(lines, vectorsOnly),
    write: async (piece) => void written.push(String(piece)),
    ...options,
  })
  return { counts, written }
}

test('lines come out in order, as they were, with their vectors exact', async () => {
  const lines = Array.from({ length: 500 }, (_, index) => ({ id: `p${index}`, title: 'x'.repeat(index % 7), year: 2000 + index }))
  const { counts, written } = run(
    input(
      ...lines,
      '{ "title": "abc", "corpusid": 12345678901234567890 }',
      { title: 'b', vector: [1], z: null },
      '{"title":""}  ',
    ),
  )
  expect(await counts).toEqual({ papers: 503, wrong: 0 })
  const found = written.join('').trimEnd().split('\n')
  expect(found.slice(0, 500).map((line) => JSON.parse(line))).toEqual(
    lines.map((line) => ({ ...line, vector: [line.title.length, 0.333333343] })),
  )
  expect(Math.fround(0.333333343)).toBe(Math.fround(1 / 3))
  expect(found.slice(500)).toEqual([
    '{ "title": "abc", "corpusid": 12345678901234567890 ,"vector":[3,0.333333343]}',
    '{"title":"b","z":null,"vector":[1,0.333333343]}',
    '{"title":"","vector":[0,0.333333343]}',
  ])
})

test('vectors alone keep the id, also of a BEIR corpus', async () => {
  const { counts, written } = run(input({ _id: 'a', title: 'One', text: 'Text.' }, { title: 'Four' }), { vectorsOnly: true })
  await counts
  expect(written.join('')).toBe('{"id":"a","vector":[3,0.333333343]}\n{"vector":[4,0.333333343]}\n')
})

test('a wrong line ends the work after the lines before it, with its number', async () => {
  const { counts, written } = run(input({ title: 'One' }, '', { title: 7 }, { title: 'Two' }))
  expect((await failure(counts, 'DAMAGED_FILE')).details).toEqual({ file: '-', line: 3 })
  expect(written.join('')).toBe('{"title":"One","vector":[3,0.333333343]}\n')
})

test('wrong lines are reported in their places', async () => {
  const { counts, written } = run(
    input({ id: 'a', title: 'One' }, '{"id":', { id: 'c', title: ['x'] }, '[1]', { id: 'd' }, { id: 'e', title: 'Two' }),
    { errors: 'report' },
  )
  expect(await counts).toEqual({ papers: 2, wrong: 4 })
  const found = written
    .join('')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(found.map(({ id, error, vector }) => [id, error?.code, error?.line, vector?.[0]])).toEqual([
    ['a', undefined, undefined, 3],
    [undefined, 'DAMAGED_FILE', 2, undefined],
    ['c', 'DAMAGED_FILE', 3, undefined],
    [undefined, 'DAMAGED_FILE', 4, undefined],
    ['d', 'DAMAGED_FILE', 5, undefined],
    ['e', undefined, undefined, 3],
  ])
})

test('a vector that is not finite is an error with its line, not a vector', async () => {
  const { counts } = run(input({ title: 'One' }, { title: 'x'.repeat(13) }))
  expect((await failure(counts, 'RUNTIME_FAILED')).details).toEqual({ line: 2 })
})

test('little is read while nothing is written', async () => {
  let read = 0
  async function* endless() {
    for (;;) {
      read++
      yield Buffer.from(`{"title":"${'x'.repeat(1000)}"}\n`)
    }
  }
  const abort = new AbortController()
  const { counts } = run(endless(), { signal: abort.signal, write: () => new Promise(() => {}) })
  counts.catch(() => {})
  await new Promise((resolve) => setTimeout(resolve, 50))
  expect(read).toBeGreaterThan(64)
  expect(read).toBeLessThan(500)
})

test('a line is answered before the next one is sent, and a reader that has left ends the work', async () => {
  let answer = () => {}
  async function* dialogue() {
    for (let index = 0; index < 3; index++) {
      const answered = new Promise<void>((resolve) => {
        answer = resolve
      })
      yield Buffer.from('{"title":"One"}\n')
      await answered
    }
  }
  const { counts } = run(dialogue(), { write: async () => answer() })
  expect(await counts).toEqual({ papers: 3, wrong: 0 })
  const broken = Object.assign(new Error('write EPIPE'), { code: 'EPIPE' })
  const left = run(input({ title: 'One' }), { write: () => Promise.reject(broken) })
  await expect(left.counts).rejects.toBe(broken)
})
