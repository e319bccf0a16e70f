import { expect, test } from 'vitest'
import { InvalidArgumentError } from '../errors.js'
import { rocchio } from './rocchio.js'

const of = (...values: number[]) => Float32Array.from(values)

test('one liked vector is the query, and several are their mean', () => {
  expect([...rocchio([of(1, 2)], [], 'euclidean')]).toEqual([1, 2])
  expect([...rocchio([of(1, 2), of(3, 6)], [], 'euclidean')]).toEqual([2, 4])
})

test('disliked vectors push the query away, half as far as the liked lie from them', () => {
  expect([...rocchio([of(2, 0)], [of(0, 0), of(0, 4)], 'euclidean')]).toEqual([3, -1])
})

test('by cosine the examples count by their direction', () => {
  expect([...rocchio([of(10, 0), of(0, 1)], [], 'cosine')]).toEqual([0.5, 0.5])
  expect([...rocchio([of(1, 0), of(0, 0)], [], 'cosine')]).toEqual([0.5, 0])
})

test('examples stay as they are', () => {
  const liked = of(1, 2)
  rocchio([liked], [liked], 'cosine').fill(9)
  expect([...liked]).toEqual([1, 2])
})

test.each<[string, Float32Array[], Float32Array[], string]>([
  ['no liked vector', [], [of(1)], 'liked'],
  ['liked vectors of two lengths', [of(1), of(1, 2)], [], 'liked[1].length'],
  ['disliked vectors of another length', [of(1)], [of(1, 2)], 'disliked[0].length'],
])('refuses %s', (_, liked, disliked, field) => {
  const act = () => rocchio(liked, disliked, 'cosine')
  expect(act).toThrow(InvalidArgumentError)
  expect(act).toThrow(expect.objectContaining({ field }))
})
