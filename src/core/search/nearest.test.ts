import { expect, test } from 'vitest'
import { nearest, similarity } from './nearest.js'

const of = (...values: number[]) => Float32Array.from(values)
const cosine = { metric: 'cosine', dimension: 2 } as const
const euclidean = { metric: 'euclidean', dimension: 2 } as const

test('a similarity is the cosine or minus the distance, by the metric of the model', () => {
  expect(similarity(of(3, 4), of(6, 8), cosine)).toBe(1)
  expect(similarity(of(1, 0), of(0, 2), cosine)).toBe(0)
  expect(similarity(of(1, 0), of(-2, 0), cosine)).toBe(-1)
  expect(similarity(of(0, 0), of(1, 0), cosine)).toBe(0)
  expect(similarity(of(3, 4), of(6, 8), euclidean)).toBe(-5)
  expect(similarity(of(3, 4), of(3, 4), euclidean)).toBe(0)
})

test('of long vectors a dot product prefers the longest, and neither metric does', () => {
  const vectors = of(100, 100, 1, 0.1)
  for (const info of [cosine, euclidean]) expect(nearest(of(1, 0), vectors, info).map(({ row }) => row)).toEqual([1, 0])
})

test('the nearest come first, ties by row, at most k of them', () => {
  const vectors = of(0, 3, 0, 1, 0, 2, 0, 1)
  expect(nearest(of(0, 0), vectors, euclidean, { k: 3 })).toEqual([
    { row: 1, score: -1, distance: 1 },
    { row: 3, score: -1, distance: 1 },
    { row: 2, score: -2, distance: 2 },
  ])
  expect(nearest(of(0, 0), vectors, euclidean)).toHaveLength(4)
  expect(nearest(of(0, 0), of(), euclidean)).toEqual([])
})

test.each<[string, () => unknown, string]>([
  ['a vector of another model', () => similarity(of(1, 2, 3), of(1, 2), cosine), 'a.length'],
  ['a second vector of another model', () => similarity(of(1, 2), of(1, 2, 3), cosine), 'b.length'],
  ['plain arrays', () => similarity([1, 2] as never, of(1, 2), cosine), 'a.length'],
  ['a value that is not finite', () => similarity(of(1, 2), of(1, Number.NaN), cosine), 'b[1]'],
  ['an unknown metric', () => similarity(of(1, 2), of(1, 2), { ...cosine, metric: 'dot' as never }), 'info.metric'],
  ['no info', () => similarity(of(1, 2), of(1, 2), undefined as never), 'info.metric'],
  ['no dimension', () => nearest(of(), of(), { metric: 'cosine', dimension: 0 }), 'info.dimension'],
  ['a query of another model', () => nearest(of(1), of(1, 2), cosine), 'query.length'],
  ['half a vector', () => nearest(of(1, 2), of(1, 2, 3), cosine), 'vectors.length'],
  ['vectors that are not finite', () => nearest(of(1, 2), of(1, 2, 3, Number.POSITIVE_INFINITY), cosine), 'vectors[3]'],
  ['k of 0', () => nearest(of(1, 2), of(1, 2), cosine, { k: 0 }), 'k'],
])('%s is refused by its field', (_, call, field) => {
  expect(call).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT', field }))
})
