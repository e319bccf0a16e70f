import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { rankBySimilarity } from './rank-by-similarity.js'

const rank = (vectors: number[][], query: number[], metric: 'cosine' | 'euclidean') => [
  ...rankBySimilarity(Float32Array.from(vectors.flat()), Float32Array.from(query), metric),
]

describe('rankBySimilarity', () => {
  test('ranks by the metric that it is told', () => {
    // The same direction far away, near but askew, opposite.
    const vectors = [
      [10, 0],
      [1, 1],
      [-1, 0],
    ]
    expect(rank(vectors, [1, 0], 'cosine')).toEqual([0, 1, 2])
    expect(rank(vectors, [1, 0], 'euclidean')).toEqual([1, 2, 0])
  })

  test('leaves equals in their order, also at a distance of 0', () => {
    const vectors = [[1], [2], [1], [2], [1]]
    expect(rank(vectors, [2], 'euclidean')).toEqual([1, 3, 0, 2, 4])
    expect(rank(vectors, [2], 'cosine')).toEqual([0, 1, 2, 3, 4])
  })

  test('puts a zero vector between those that agree and those that do not', () => {
    expect(rank([[0], [-1], [1]], [1], 'cosine')).toEqual([2, 0, 1])
  })

  test('gives nothing for no vectors', () => {
    expect(rank([], [1, 2], 'cosine')).toEqual([])
  })

  test('ranks unit vectors the same by either metric', () => {
    const angle = fc.integer({ min: 0, max: 359 })
    fc.assert(
      fc.property(fc.uniqueArray(angle, { maxLength: 20 }), angle, (angles, query) => {
        // Half degrees off, so that no two rows are equally far from the query.
        const unit = (degrees: number) => [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)]
        const vectors = angles.map(unit)
        expect(rank(vectors, unit(query + 0.25), 'cosine')).toEqual(rank(vectors, unit(query + 0.25), 'euclidean'))
      }),
    )
  })
})
