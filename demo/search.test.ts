import { expect, test } from 'vitest'
import { barShare, markWords, queryWords, rank, similarity } from './search.js'

const vector = (...values: number[]) => new Float32Array(values)

test('cosine does not depend on length; a zero vector is like nothing', () => {
  expect(similarity(vector(3, 4), vector(6, 8), 'cosine')).toBeCloseTo(1, 12)
  expect(similarity(vector(1, 0), vector(0, 5), 'cosine')).toBe(0)
  expect(similarity(vector(0, 0), vector(1, 0), 'cosine')).toBe(0)
})

test('the Euclidean score is the negative distance', () => {
  expect(similarity(vector(1, 1), vector(4, 5), 'euclidean')).toBe(-5)
})

test('a ranking is best first, keeps the order of equal scores and leaves out papers without a vector', () => {
  const vectors = [vector(0, 1), null, vector(1, 0), vector(0, 1), vector(1, 1)]
  expect(rank(vector(1, 0), vectors, 'cosine').map(({ index }) => index)).toEqual([2, 4, 0, 3])
  expect(rank(vector(1, 0), vectors, 'euclidean').map(({ index }) => index)).toEqual([2, 4, 0, 3])
})

test('a bar shows a cosine as it is, and a distance between the farthest and the nearest', () => {
  const ranking = [-10, -15, -30].map((score, index) => ({ index, score }))
  expect(ranking.map(({ score }) => barShare(score, ranking, 'euclidean'))).toEqual([1, 0.75, 0])
  expect(barShare(-7, [{ index: 0, score: -7 }], 'euclidean')).toBe(1)
  expect(barShare(0.52, ranking, 'cosine')).toBe(0.52)
  expect(barShare(-0.2, ranking, 'cosine')).toBe(0)
})

test('words of the query are marked in singular and plural; common and short ones are not', () => {
  const words = queryWords('how do the Networks of an "edge"')
  expect([...words]).toEqual(['network', 'edge'])
  expect(markWords('Edges, in a network-like net', words)).toEqual([
    { text: 'Edges', marked: true },
    { text: ', in a ', marked: false },
    { text: 'network', marked: true },
    { text: '-like net', marked: false },
  ])
})

test('marking changes no character', () => {
  const text = '<b>Über</b> “Lemons” & 𝛼-decay'
  const pieces = markWords(text, queryWords('über lemons'))
  expect(pieces.map((piece) => piece.text).join('')).toBe(text)
  expect(pieces.filter(({ marked }) => marked).map((piece) => piece.text)).toEqual(['Über', 'Lemons'])
})
