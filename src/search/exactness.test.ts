import { expect, test } from 'vitest'
import { differences } from '../../bench/exactness.js'
import { ClusteredVectors } from '../../bench/page/clustered-vectors.js'
import { VectorIndex } from './vector-index.js'

test.each([
  ['cosine', 96],
  ['euclidean', 100],
  ['cosine', 7],
] as const)(
  'by %s, hits and distances are those of a float64 scan, bit for bit, with duplicates and last bits planted',
  (metric, dimension) => {
    const vectors = new ClusteredVectors(dimension, 0).next(2000)
    // Raw vectors, as SPECTER2's are: of all lengths, and far from zero.
    if (metric === 'euclidean')
      for (const index of vectors.keys()) vectors[index] = 3 + vectors[index]! * (1 + (index % 1700) / 500)
    const { papers, wrong } = differences(new VectorIndex({ dimension, metric }), vectors, 400)
    expect(papers).toBe(2400)
    expect(wrong).toBe(0)
  },
)
