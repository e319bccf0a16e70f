import { expect, test } from 'vitest'
import { differences } from '../../../bench/exactness.js'
import { ClusteredVectors } from '../../../testing/clustered-vectors.js'
import { VectorCoder } from './vector-codes.js'
import { VectorIndex } from './vector-index.js'

test.each([
  ['cosine', 96, 'the index'],
  ['cosine', 96, 'a coder apart'],
  ['euclidean', 100, 'the index'],
  ['euclidean', 100, 'a coder apart'],
  ['cosine', 7, 'the index'],
] as const)(
  'by %s in %i dimensions, coded by %s, hits and distances are those of a float64 scan, bit for bit, with duplicates and last bits planted',
  (metric, dimension, by) => {
    const vectors = new ClusteredVectors(dimension, 0).next(2000)
    // Raw vectors, as SPECTER2's are: of all lengths, and far from zero.
    if (metric === 'euclidean')
      for (const index of vectors.keys()) vectors[index] = 3 + vectors[index]! * (1 + (index % 1700) / 500)
    const coder = by === 'the index' ? undefined : new VectorCoder(dimension, metric)
    const { papers, wrong } = differences(new VectorIndex({ dimension, metric }), vectors, 300, coder)
    expect(papers).toBe(2400)
    expect(wrong).toBe(0)
  },
)
