import { describe, expect, test } from 'vitest'
import { collect } from '../../../testing/collect.js'
import type { ModelStamp } from '../model-folder/model-stamp.js'
import type { IndexedPaper } from './index-file.js'
import { encodeIndexFile, openIndexFile, type VectorEncoding } from './index-file.js'

const model: ModelStamp = { id: 'm', revision: '1', dtype: 'q8', adapter: 'proximity', dimension: 3, metric: 'euclidean' }
const parts: IndexedPaper[][] = [
  [
    {
      paper: { id: 'a', title: 'Ünicode \u2028 and\nlines', abstract: 'x', nested: { list: [1, null] } },
      vector: Float32Array.of(1, -2, 0.5),
    },
    { paper: { id: 'b', title: '' }, vector: null },
    { paper: { id: 'c', title: 'C', abstract: null }, vector: Float32Array.of(1e-3, 2e-3, -4e-3) },
  ],
  [{ paper: { id: 'd', title: 'D' }, vector: Float32Array.of(0, 0, 0) }],
]

async function* iterate<T>(items: readonly T[]) {
  yield* items
}

async function encode(vectors: VectorEncoding = 'float32', stamp: ModelStamp | null = model): Promise<Uint8Array> {
  const pieces = await collect(encodeIndexFile({ id: 'x', model: stamp, vectors, papers: 4 }, iterate(parts)))
  return new Uint8Array(await new Blob(pieces).arrayBuffer())
}

async function decode(bytes: Uint8Array, pieceBytes = bytes.length) {
  const pieces = Array.from({ length: Math.ceil(bytes.length / pieceBytes) }, (_, index) =>
    bytes.slice(index * pieceBytes, (index + 1) * pieceBytes),
  )
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const piece of pieces) controller.enqueue(piece)
      controller.close()
    },
  })
  const { header, parts } = await openIndexFile(stream, 'the file')
  return { header, parts: await collect(parts) }
}

describe('an index file', () => {
  test.each([1, 7, 1e6])('is read as it was written, in pieces of %i bytes', async (pieceBytes) => {
    const { header, parts: read } = await decode(await encode(), pieceBytes)
    expect(header).toEqual({ formatVersion: 1, id: 'x', model, vectors: 'float32', papers: 4 })
    expect(read).toEqual(parts)
  })

  test('in int8 has vectors within half a step of 1/127 of their largest component', async () => {
    const { parts: read } = await decode(await encode('int8'))
    for (const [index, part] of parts.entries())
      for (const [position, { vector }] of part.entries()) {
        const actual = read[index]![position]!.vector
        if (!vector) expect(actual).toBeNull()
        const largest = Math.max(...(vector ?? []).map(Math.abs))
        for (const [column, value] of vector?.entries() ?? [])
          expect(Math.abs(actual![column]! - value)).toBeLessThanOrEqual(largest / 127 / 2 + 1e-9)
      }
  })

  test('can hold papers without vectors', async () => {
    const { parts: read } = await decode(await encode('float32', null))
    expect(read.flat().map(({ vector }) => vector)).toEqual([null, null, null, null])
  })

  test('holds data of the app, and is of version 1 without', async () => {
    const data = new Map<string, unknown>([
      ['history:1', { kind: 'import', sources: ['Ünicode'] }],
      ['empty', []],
    ])
    const pieces = await collect(encodeIndexFile({ id: 'x', model, vectors: 'float32', papers: 4 }, iterate(parts), data))
    const opened = await openIndexFile(new Blob(pieces).stream(), 'the file')
    expect(opened.header.formatVersion).toBe(2)
    expect(await collect(opened.parts)).toEqual(parts)
    expect(opened.data).toEqual(data)
  })

  test('that ends too early, at any byte, is damaged', async () => {
    const bytes = await encode()
    for (let length = 8; length < bytes.length; length += 1)
      await expect(decode(bytes.slice(0, length)), `${length} bytes`).rejects.toMatchObject({ code: 'DAMAGED_FILE' })
  })

  test('with one wrong bit is never accepted', async () => {
    const bytes = await encode()
    for (let at = 8; at < bytes.length; at += 3) {
      const changed = bytes.slice()
      changed[at]! ^= 1 << (at % 8)
      await expect(decode(changed), `byte ${at}`).rejects.toMatchObject({ code: 'DAMAGED_FILE' })
    }
  })

  test('whose hashes are right and whose content is not is damaged', async () => {
    const header = { id: 'x', model, vectors: 'float32', papers: 1 }
    const part = (paper: unknown, vector: unknown = null) => [{ paper, vector }] as IndexedPaper[]
    const good = part({ id: 'a', title: 'A' }, Float32Array.of(1, 2, 3))
    const wrong: [header: object, parts: IndexedPaper[][], data?: unknown][] = [
      [{ ...header, id: 7 }, [good]],
      [{ ...header, model: 'm' }, []],
      ...[0, -1, 1.5, 2 ** 31].map((dimension): [object, IndexedPaper[][]] => [
        { ...header, model: { ...model, dimension } },
        [],
      ]),
      [{ ...header, vectors: 'float64' }, []],
      [{ ...header, papers: -1 }, [good]],
      [header, [part(null)]],
      [header, [part({ id: '', title: 'A' })]],
      [header, [part({ id: 'a', title: 7 })]],
      [header, [[...good, ...good]]],
      [header, [part({ id: 'a', title: 'A' }, Float32Array.of(1, Number.NaN, 3))]],
      [header, [good], 'no list'],
    ]
    for (const [index, [head, parts, data]] of wrong.entries()) {
      const entries = data === undefined ? [] : [data]
      const app = { size: entries.length, [Symbol.iterator]: () => entries[Symbol.iterator]() }
      const work = async () => {
        const pieces = await collect(encodeIndexFile(head as never, iterate(parts), app as never))
        return decode(new Uint8Array(await new Blob(pieces).arrayBuffer()))
      }
      await expect(work(), `file ${index}`).rejects.toMatchObject({ code: 'DAMAGED_FILE', details: { file: 'the file' } })
    }
  })

  test('of another kind or a later version is refused', async () => {
    const web = new TextEncoder().encode('<!doctype html><title>Not found</title>')
    await expect(decode(web)).rejects.toMatchObject({
      code: 'INVALID_INDEX',
      details: { file: 'the file' },
    })
    await expect(decode(new Uint8Array())).rejects.toMatchObject({ code: 'INVALID_INDEX' })
    const header = { id: 'x', model, vectors: 'float32', papers: 0, formatVersion: 3 } as const
    const pieces = await collect(encodeIndexFile(header, iterate([])))
    const later = new Uint8Array(await new Blob(pieces).arrayBuffer())
    await expect(decode(later)).rejects.toMatchObject({ code: 'UNSUPPORTED', details: { expected: 2, actual: 3 } })
  })
})
