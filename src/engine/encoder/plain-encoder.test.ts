import { describe, expect, test } from 'vitest'
import { cosine } from '../../../testing/models.js'
import { plainVector, type RandomEncoderOptions, randomAdapter, randomEncoder } from '../../../testing/plain-encoder.js'

const size = { hidden: 24, heads: 3, layers: 2, intermediate: 40, vocabulary: 30, positions: 12 }
const ids = [2, 7, 9, 7, 3]

describe('a random encoder, computed plainly', () => {
  test.each<Partial<RandomEncoderOptions>>([
    {},
    { activation: 'gelu_tanh', pooling: 'mean' },
    { activation: 'relu', smoothing: true },
    { layers: 3, heads: 1, seed: 5 },
  ])('is the same from the same seed, and heeds every token, its place and the adapter: %j', (options) => {
    const encoder = randomEncoder({ ...size, ...options })
    expect(randomEncoder({ ...size, ...options })).toEqual(encoder)
    const vector = plainVector(encoder, ids)
    expect(vector).toHaveLength(24)
    const length = Math.hypot(...vector)
    expect(length).toBeGreaterThan(1)
    expect(length).toBeLessThan(20)
    const adapter = randomAdapter(encoder.shape, 5)
    expect(plainVector(encoder, ids, randomAdapter(encoder.shape, 0))).toEqual(vector)
    for (const other of [
      plainVector(encoder, [2, 9, 7, 7, 3]),
      plainVector(encoder, ids.slice(0, 4)),
      plainVector(encoder, ids, adapter),
      plainVector(randomEncoder({ ...size, ...options, seed: 2 }), ids),
    ])
      expect(cosine(other, vector)).toBeLessThan(0.9999)
  })

  test('has the two forms of GELU, which differ little, and ReLU, which differs more', () => {
    const [gelu, tanh, relu] = (['gelu', 'gelu_tanh', 'relu'] as const).map((activation) =>
      plainVector(randomEncoder({ ...size, activation }), ids),
    ) as [Float64Array, Float64Array, Float64Array]
    expect(1 - cosine(gelu, tanh)).toBeLessThan(1e-6)
    expect(1 - cosine(gelu, tanh)).toBeGreaterThan(1e-12)
    expect(cosine(gelu, relu)).toBeLessThan(0.9999)
  })

  test('lays out weights as a model folder does', () => {
    const strides = (options: Partial<RandomEncoderOptions>) =>
      randomEncoder({ ...size, ...options }).layers.map(({ query, key, value }) => [query.stride, key.stride, value.stride])
    expect(strides({})).toEqual([
      [72, 72, 72],
      [24, 48, 48],
    ])
    expect(strides({ pooling: 'mean' })).toEqual(Array(2).fill([72, 72, 72]))
  })
})
