import { expect, test } from 'vitest'
import { mainVectors, renamed, vectorsFor, vectorsNote } from './file-vectors.js'

const vectors = (model: string, ids: string[]) => ({
  file: 'f.json',
  model,
  stamp: null,
  dimension: 2,
  ids,
  vectors: Float32Array.from(ids.flatMap((_, row) => [row, row + 0.5])),
})

test('the model with the most vectors is used, and the others are named', () => {
  const all = [vectors('specter_v1', ['a']), vectors('specter_v2', ['a', 'b'])]
  expect(mainVectors(all)).toBe(all[1])
  expect(vectorsNote(all, 2)).toContain('specter_v1')
  expect(mainVectors([])).toBeNull()
})

test('vectors follow their papers to other ids, and those of papers that the library lacks are left out', () => {
  expect(renamed(vectors('m', ['a', 'b']), new Map([['a', 'a~2']])).ids).toEqual(['a~2', 'b'])
  const library = [{ id: 'x', title: 'X', fields: { corpusid: ['7'] } }]
  const found = vectorsFor(library, [vectors('m', ['corpusid:6', 'corpusid:7'])])
  expect(found?.ids).toEqual(['x'])
  expect([...found!.vectors]).toEqual([1, 1.5])
  expect(vectorsFor(library, [vectors('m', ['corpusid:6'])])).toBeNull()
})
