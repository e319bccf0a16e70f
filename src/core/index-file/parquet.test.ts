import { expect, test } from 'vitest'
import { concat } from '../../../testing/checkpoints.js'
import { collect } from '../../../testing/collect.js'
import type { ModelStamp } from '../types.js'
import type { IndexedPaper } from './index-file.js'
import { encodeParquet } from './parquet.js'

async function* parts(...all: IndexedPaper[][]) {
  yield* all
}

const text = (bytes: Uint8Array) => new TextDecoder('latin1').decode(bytes)

test('a Parquet file has its magic number at both ends, its columns, and the values of each part', async () => {
  const model: ModelStamp = { id: 'm', revision: 'r1', dtype: 'q8', adapter: 'base', dimension: 2, metric: 'cosine' }
  const pieces = encodeParquet(
    parts(
      [
        {
          paper: { id: 'first-id', title: 'First title', abstract: 'An abstract', year: 2001 },
          vector: Float32Array.of(1.5, -2),
        },
      ],
      [],
      [{ paper: { id: 'second-id', title: 'Second title' }, vector: null }],
    ),
    model,
  )
  const bytes = concat(...(await collect(pieces)))
  const [start, end] = [text(bytes.subarray(0, 4)), text(bytes.subarray(-4))]
  expect([start, end]).toEqual(['PAR1', 'PAR1'])
  const footerBytes = new DataView(bytes.buffer, bytes.byteOffset + bytes.length - 8).getUint32(0, true)
  const footer = text(bytes.subarray(bytes.length - 8 - footerBytes, -8))
  for (const name of ['id', 'title', 'abstract', 'fields', 'vector', 'list', 'element', 'specter2-web'])
    expect(footer).toContain(name)
  expect(footer).toContain(JSON.stringify({ model }))
  // Vectors are stored as they are.
  const values = text(new Uint8Array(Float32Array.of(1.5, -2).buffer))
  expect(text(bytes)).toContain(values)
  // The statistics of the row groups, one for each part that is not empty.
  expect(footer).toContain('first-id')
  expect(footer).toContain('second-id')
})
