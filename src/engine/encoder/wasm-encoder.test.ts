import { describe, expect, test } from 'vitest'
import { plainVector, type RandomEncoderOptions, randomAdapter, randomEncoder } from '../../../testing/plain-encoder.js'
import { randomNumbers } from '../../../testing/random-numbers.js'
import { TIERS } from '../../core/kernels/encoder-tiers.js'
import { chooseTier } from './choose-tier.js'
import { packEncoder } from './pack-encoder.js'
import { unsupportedShape, WasmEncoder } from './wasm-encoder.js'

/** Node 20 has plain SIMD alone; newer ones run more. */
const tiers = TIERS.filter((tier) => chooseTier([tier]) === tier)

const small: RandomEncoderOptions = {
  hidden: 64,
  heads: 4,
  layers: 3,
  intermediate: 128,
  vocabulary: 120,
  positions: 512,
  activation: 'gelu',
  pooling: 'cls',
  adapters: true,
  smoothing: true,
  seed: 1,
}

/** Token ids of texts of these lengths. */
const textsOf = (...lengths: number[]) =>
  lengths.map((length, text) => Array.from({ length }, (_, place) => (place * 37 + text * 11 + 5) % 120))

function cosine(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let [dot, aa, bb] = [0, 0, 0]
  for (let index = 0; index < a.length; index++) {
    dot += a[index]! * b[index]!
    aa += a[index]! ** 2
    bb += b[index]! ** 2
  }
  return dot / Math.sqrt(aa * bb)
}

const rowsOf = (vectors: Float32Array, hidden: number) =>
  Array.from({ length: vectors.length / hidden }, (_, row) => vectors.slice(row * hidden, (row + 1) * hidden))

describe.each(tiers)('%s', (tier) => {
  test.each<[string, Partial<RandomEncoderOptions>]>([
    ['first token, GELU', {}],
    [
      'mean, the tanh form of GELU, a feed-forward layer that is no multiple of the width',
      { pooling: 'mean', activation: 'gelu_tanh', intermediate: 200 },
    ],
    ['mean, ReLU, without smoothing', { pooling: 'mean', activation: 'relu', smoothing: false }],
    ['wide heads', { hidden: 96, heads: 2, intermediate: 384 }],
    ['one layer, of which only the first token counts', { layers: 1 }],
    ['one narrow head', { hidden: 16, heads: 1, intermediate: 48, pooling: 'mean' }],
    ["MiniLM's width", { hidden: 384, heads: 12, layers: 1, intermediate: 1536, pooling: 'mean' }],
  ])('computes what plain JavaScript computes, up to the rounding of activations: %s', (_, options) => {
    const encoder = randomEncoder({ ...small, ...options })
    const wasm = new WasmEncoder(packEncoder(encoder, tier, 512))
    const { hidden } = encoder.shape
    // Bottlenecks are no multiples of 16 either.
    const adapter = randomAdapter(encoder.shape, 5, 3)
    const texts = textsOf(1, 2, 7, 8, 9, 17, 40)
    for (const layers of [null, adapter]) {
      const vectors = rowsOf(wasm.run(texts, layers && wasm.packAdapter({ name: null, layers })), hidden)
      for (const [index, ids] of texts.entries()) {
        const expected = plainVector(encoder, ids, layers ?? undefined)
        const found = cosine(vectors[index]!, expected)
        expect({ tokens: ids.length, isClose: found > 0.997, found }).toMatchObject({ isClose: true })
      }
    }
  })

  test.each(Array.from({ length: 12 }, (_, seed) => seed + 1))('computes random shapes and texts right: seed %i', (seed) => {
    const random = randomNumbers(seed)
    const pick = <T>(values: readonly T[]) => values[Math.floor(random() * values.length)]!
    const heads = pick([1, 2, 3, 5])
    const encoder = randomEncoder({
      hidden: heads * pick([16, 32, 48]),
      heads,
      layers: pick([1, 2, 3]),
      intermediate: pick([16, 40, 100, 333]),
      vocabulary: 50,
      positions: 100,
      activation: pick(['gelu', 'gelu_tanh', 'relu']),
      pooling: pick(['cls', 'mean']),
      smoothing: pick([true, false]),
      seed,
    })
    const wasm = new WasmEncoder(packEncoder(encoder, tier, 100))
    const layers = randomAdapter(encoder.shape, pick([0, 1, 7, 16, 40, 500]), seed)
    const adapter = wasm.packAdapter({ name: null, layers })
    const texts = Array.from({ length: pick([1, 4, 70]) }, () =>
      Array.from({ length: 1 + Math.floor(random() * 30) }, () => Math.floor(random() * 50)),
    )
    const vectors = rowsOf(wasm.run(texts, adapter), encoder.shape.hidden)
    for (const [index, ids] of texts.entries())
      expect(cosine(vectors[index]!, plainVector(encoder, ids, layers))).toBeGreaterThan(0.99)
  })

  test.each([64, 65, 200, 700])('takes an adapter wider than the model: %i', (bottleneck) => {
    const encoder = randomEncoder({ ...small, pooling: 'mean' })
    const wasm = new WasmEncoder(packEncoder(encoder, tier, 512))
    const layers = randomAdapter(encoder.shape, bottleneck, 5)
    const texts = textsOf(100, 20)
    const vectors = rowsOf(wasm.run(texts, wasm.packAdapter({ name: null, layers })), 64)
    for (const [index, ids] of texts.entries())
      expect(cosine(vectors[index]!, plainVector(encoder, ids, layers))).toBeGreaterThan(0.995)
  })

  test('gives the same bits alone, packed with others, in any order, and after other texts', () => {
    const encoder = randomEncoder({ ...small, pooling: 'mean' })
    const wasm = new WasmEncoder(packEncoder(encoder, tier, 512))
    const texts = textsOf(300, 1, 512, 16, 16, 97, 3, 256, 100, 95, 96, 2)
    const together = rowsOf(wasm.run(texts, null), 64)
    const turned = rowsOf(wasm.run(texts.toReversed(), null), 64).toReversed()
    expect(turned).toEqual(together)
    for (const [index, ids] of texts.entries()) expect(wasm.run([ids], null)).toEqual(together[index])
  })

  test('runs every length, and its memory does not grow with texts or replaced adapters', () => {
    const encoder = randomEncoder({ ...small, layers: 1 })
    const wasm = new WasmEncoder(packEncoder(encoder, tier, 512))
    const layers = randomAdapter(encoder.shape, 16, 1)
    let adapter = wasm.packAdapter({ name: null, layers })
    const { byteLength } = wasm
    for (let length = 1; length <= 512; length++) expect(wasm.run(textsOf(length), adapter).every(Number.isFinite)).toBe(true)
    for (let round = 0; round < 200; round++) {
      wasm.releaseAdapter(adapter)
      adapter = wasm.packAdapter({ name: null, layers })
    }
    expect(wasm.byteLength).toBe(byteLength)
  })
})

test('plain SIMD gives these very bits, on every CPU', () => {
  const wasm = new WasmEncoder(packEncoder(randomEncoder(small), 'simd', 512))
  const bytes = new Uint8Array(wasm.run(textsOf(20, 300), null).buffer)
  const sum = bytes.reduce((hash, byte) => Math.imul(hash ^ byte, 16777619) >>> 0, 2166136261)
  expect(sum).toBe(3404706205)
})

test('10,000 texts in groups of any size do not make the memory grow', () => {
  const shape = { hidden: 16, heads: 1, layers: 1, intermediate: 16, vocabulary: 50, positions: 32, seed: 1 }
  const encoder = randomEncoder({ ...shape, activation: 'relu', pooling: 'mean', smoothing: false })
  const wasm = new WasmEncoder(packEncoder(encoder, 'simd', 32))
  const { byteLength } = wasm
  const random = randomNumbers(11)
  const first = wasm.run([[7, 8, 9]], null)
  for (let done = 0; done < 10_000; ) {
    const texts = Array.from({ length: 1 + Math.floor(random() * 100) }, () =>
      Array.from({ length: 1 + Math.floor(random() * 32) }, () => Math.floor(random() * 50)),
    )
    wasm.run(texts, null)
    done += texts.length
  }
  expect(wasm.byteLength).toBe(byteLength)
  expect(wasm.run([[7, 8, 9]], null)).toEqual(first)
})

test.each([
  ['a token that the vocabulary lacks', [[120]]],
  ['a negative token', [[-1]]],
  ['no token', [[]]],
  ['too many tokens', textsOf(513)],
])('rejects %s', (_, texts) => {
  const wasm = new WasmEncoder(packEncoder(randomEncoder({ ...small, layers: 1 }), 'simd', 512))
  expect(() => wasm.run(texts, null)).toThrow(expect.objectContaining({ code: 'RUNTIME_FAILED' }))
})

test('weights that are not numbers give an error instead of a vector or an adapter', () => {
  const encoder = randomEncoder({ ...small, layers: 1 })
  encoder.layers[0]!.outputNorm.bias[3] = Number.NaN
  expect(() => new WasmEncoder(packEncoder(encoder, 'simd', 512)).run([[1]], null)).toThrow(
    expect.objectContaining({ code: 'RUNTIME_FAILED' }),
  )
  const sound = randomEncoder({ ...small, layers: 1 })
  const layers = randomAdapter(sound.shape, 16, 1)
  layers[0]!.up.weight[7] = Number.POSITIVE_INFINITY
  const packing = () => new WasmEncoder(packEncoder(sound, 'simd', 512)).packAdapter({ name: null, layers })
  expect(packing).toThrow(expect.objectContaining({ code: 'INVALID_MODEL' }))
})

test('heads that are no multiple of 16 wide, and more than 1024 tokens, are named', () => {
  expect(unsupportedShape(randomEncoder({ ...small, hidden: 96, heads: 4 }), 512)).toContain('24')
  expect(unsupportedShape(randomEncoder(small), 2048)).toContain('2048')
  expect(unsupportedShape(randomEncoder(small), 512)).toBeNull()
})
