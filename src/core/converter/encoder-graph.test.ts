import fc from 'fast-check'
import type * as ort from 'onnxruntime-web/wasm'
import { describe, expect, test } from 'vitest'
import { failure } from '../../../testing/checkpoints.js'
import {
  cosine,
  createSession,
  encoderWeights,
  float32Tensor,
  int64Tensor,
  largestDifference,
  type NamedTensor,
  randomTensors,
  smallShape,
} from '../../../testing/models.js'
import { normalNumbers } from '../../../testing/random-numbers.js'
import { buildEncoderGraph, type EncoderGraphOptions, type EncoderShape } from './encoder-graph.js'
import { fp32Form, type LinearForm, q8Form } from './linear-forms.js'
import { nearest } from './rounding.js'

type Pooling = EncoderGraphOptions['pooling']

/** An adapter of one layer in the graph's layout: down [hidden, bottleneck], up [bottleneck, hidden]. */
interface TestAdapter {
  bottleneck: number
  down: { weight: Float32Array; bias: Float32Array }
  up: { weight: Float32Array; bias: Float32Array }
}

// BERT in float64, from its description (Devlin et al. 2019, Hendrycks and Gimpel 2016, Pfeiffer et al. 2021): it shares no code
// with the graph, and follows transformers' layout, in which weights are [outputs, inputs].

type Row = number[]

/** erf by its series 2/√π · exp(-x²) · Σ 2ⁿ x²ⁿ⁺¹ / (2n+1)!!, whose terms are all of one sign. */
function erf(x: number): number {
  if (Math.abs(x) > 6) return Math.sign(x)
  let sum = 0
  for (let n = 0, term = x; Math.abs(term) > 1e-18 || n < 2; n++, term *= (2 * x * x) / (2 * n + 1)) sum += term
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum
}

const ACTIVATIONS: Record<EncoderShape['activation'], (x: number) => number> = {
  gelu: (x) => (x / 2) * (1 + erf(x / Math.SQRT2)),
  gelu_tanh: (x) => (x / 2) * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3))),
  relu: (x) => Math.max(0, x),
}

const add = (a: Row, b: Row) => a.map((value, index) => value + b[index]!)
const dot = (a: ArrayLike<number>, b: Row) => b.reduce((sum, value, index) => sum + value * a[index]!, 0)

/** Hidden states of one text by the whole encoder, pooled. */
function referenceEmbedding(
  tensors: readonly NamedTensor[],
  shape: EncoderShape,
  ids: readonly number[],
  pooling: Pooling,
  adapters?: readonly TestAdapter[],
): number[] {
  const { hidden, heads } = shape
  const weights = new Map(tensors.map(({ name, data }) => [name, data]))
  const rowOf = (name: string, row: number) => [...weights.get(name)!.subarray(row * hidden, (row + 1) * hidden)]
  const dense = (x: Row, name: string) => {
    const weight = weights.get(`${name}.weight`)!
    return Array.from(
      weights.get(`${name}.bias`)!,
      (bias, output) => bias + dot(weight.subarray(output * x.length, (output + 1) * x.length), x),
    )
  }
  const norm = (x: Row, name: string) => {
    const mean = x.reduce((sum, value) => sum + value, 0) / x.length
    const variance = x.reduce((sum, value) => sum + (value - mean) ** 2, 0) / x.length
    const weight = weights.get(`${name}.LayerNorm.weight`)!
    const bias = weights.get(`${name}.LayerNorm.bias`)!
    return x.map(
      (value, index) => ((value - mean) / Math.sqrt(variance + shape.layerNormEpsilon)) * weight[index]! + bias[index]!,
    )
  }
  const adapt = (y: Row, x: Row, name: string, { bottleneck, down, up }: TestAdapter) => {
    const z = norm(add(y, x), name)
    const inner = Array.from(down.bias, (bias, column) =>
      Math.max(
        0,
        z.reduce((sum, value, row) => sum + value * down.weight[row * bottleneck + column]!, bias),
      ),
    )
    return y.map((value, column) =>
      inner.reduce((sum, value, row) => sum + value * up.weight[row * hidden + column]!, value + up.bias[column]!),
    )
  }

  let states = ids.map((id, position) =>
    norm(
      add(
        add(rowOf('embeddings.word_embeddings.weight', id), rowOf('embeddings.position_embeddings.weight', position)),
        rowOf('embeddings.token_type_embeddings.weight', 0),
      ),
      'embeddings',
    ),
  )
  for (let layer = 0; layer < shape.layers; layer++) {
    const name = `encoder.layer.${layer}`
    const [queries, keys, values] = ['query', 'key', 'value'].map((part) =>
      states.map((x) => dense(x, `${name}.attention.self.${part}`)),
    ) as [Row[], Row[], Row[]]
    const width = hidden / heads
    states = states.map((x, token) => {
      const context = Array.from({ length: heads }, (_, head) => {
        const part = (row: Row) => row.slice(head * width, (head + 1) * width)
        const scores = keys.map((key) => Math.exp(dot(part(key), part(queries[token]!)) / Math.sqrt(width)))
        const total = scores.reduce((sum, score) => sum + score, 0)
        return part(
          Array.from(
            { length: hidden },
            (_, index) =>
              dot(
                values.map((value) => value[index]!),
                scores,
              ) / total,
          ),
        )
      }).flat()
      const middle = norm(add(dense(context, `${name}.attention.output.dense`), x), `${name}.attention.output`)
      const wide = dense(middle, `${name}.intermediate.dense`).map(ACTIVATIONS[shape.activation])
      const y = dense(wide, `${name}.output.dense`)
      return norm(add(adapters ? adapt(y, middle, `${name}.output`, adapters[layer]!) : y, middle), `${name}.output`)
    })
  }
  if (pooling === 'none') return states.flat()
  if (pooling === 'cls') return states[0]!
  return states[0]!.map((_, index) => states.reduce((sum, state) => sum + state[index]!, 0) / states.length)
}

function randomAdapters({ hidden, layers }: EncoderShape, seed: number): TestAdapter[] {
  const normal = normalNumbers(seed)
  const values = (length: number) => Float32Array.from({ length }, () => normal(0, 0.3))
  // Layers may have different bottlenecks.
  return Array.from({ length: layers }, (_, layer) => ({
    bottleneck: 3 + layer,
    down: { weight: values(hidden * (3 + layer)), bias: values(3 + layer) },
    up: { weight: values(hidden * (3 + layer)), bias: values(hidden) },
  }))
}

function zeroAdapters(shape: EncoderShape): TestAdapter[] {
  return randomAdapters(shape, 0).map(({ bottleneck, down, up }) => ({
    bottleneck,
    down: { weight: down.weight.map(() => 0), bias: down.bias.map(() => 0) },
    up: { weight: up.weight.map(() => 0), bias: up.bias.map(() => 0) },
  }))
}

function emptyAdapters(shape: EncoderShape): TestAdapter[] {
  const empty = new Float32Array(0)
  return Array.from({ length: shape.layers }, () => ({
    bottleneck: 0,
    down: { weight: empty, bias: empty },
    up: { weight: empty, bias: new Float32Array(shape.hidden) },
  }))
}

const adapterFeeds = (hidden: number, adapters: readonly TestAdapter[]) =>
  Object.fromEntries(
    adapters.flatMap(({ bottleneck, down, up }, layer) => [
      [`adapter.${layer}.down.weight`, float32Tensor(down.weight, [hidden, bottleneck])],
      [`adapter.${layer}.down.bias`, float32Tensor(down.bias, [bottleneck])],
      [`adapter.${layer}.up.weight`, float32Tensor(up.weight, [bottleneck, hidden])],
      [`adapter.${layer}.up.bias`, float32Tensor(up.bias, [hidden])],
    ]),
  )

interface TestModel {
  shape: EncoderShape
  pooling: Pooling
  tensors: readonly NamedTensor[]
  /** Vectors of texts of any lengths, padded to the longest with id 0. */
  run(texts: readonly (readonly number[])[], adapters?: readonly TestAdapter[]): Promise<Float32Array>
  session: ort.InferenceSession
}

async function model(
  form: LinearForm,
  shape: EncoderShape,
  pooling: Pooling,
  takesAdapters: boolean,
  tensors = randomTensors(shape, 7),
): Promise<TestModel> {
  const graph = buildEncoderGraph({ shape, weights: encoderWeights(tensors), form, pooling, adapters: takesAdapters })
  const session = await createSession(graph)
  return {
    shape,
    pooling,
    tensors,
    session,
    async run(texts, adapters) {
      const tokens = Math.max(...texts.map(({ length }) => length))
      const padded = texts.flatMap((ids) => Array.from({ length: tokens }, (_, index) => ids[index] ?? 0))
      const mask = texts.flatMap((ids) => Array.from({ length: tokens }, (_, index) => Number(index < ids.length)))
      const results = await session.run({
        input_ids: int64Tensor(padded, [texts.length, tokens]),
        attention_mask: int64Tensor(mask, [texts.length, tokens]),
        ...adapterFeeds(shape.hidden, adapters ?? []),
      })
      const result = results[pooling === 'none' ? 'last_hidden_state' : 'embedding']!
      expect(result.dims).toEqual(pooling === 'none' ? [texts.length, tokens, shape.hidden] : [texts.length, shape.hidden])
      return result.data as Float32Array
    },
  }
}

const texts: readonly (readonly number[])[] = [
  [2, 11, 42, 17, 3],
  [2, 3],
  [2, ...Array.from({ length: 38 }, (_, index) => (index * 13) % 50), 3],
]

const cases: readonly (readonly [name: string, pooling: Pooling, changes: Partial<EncoderShape>, adapters: boolean])[] = [
  ['first token, GELU, adapters', 'cls', {}, true],
  ['first token, GELU', 'cls', {}, false],
  ['first token, one layer, one head, adapters', 'cls', { layers: 1, heads: 1 }, true],
  ['first token, ReLU, eight heads', 'cls', { heads: 8, activation: 'relu' }, false],
  ['mean, tanh GELU, adapters', 'mean', { activation: 'gelu_tanh' }, true],
  ['mean, ReLU, three layers, one token type', 'mean', { layers: 3, tokenTypes: 1, activation: 'relu' }, false],
  ['all tokens, GELU, two heads', 'none', { heads: 2 }, false],
  [
    'all tokens, tanh GELU, odd sizes, adapters',
    'none',
    { hidden: 27, heads: 3, intermediate: 45, vocabulary: 53, activation: 'gelu_tanh' },
    true,
  ],
  ['first token, an epsilon that matters', 'cls', { layerNormEpsilon: 0.1 }, true],
]

describe('buildEncoderGraph', () => {
  test.each(cases)('computes BERT in fp32 within 2e-5 of float64: %s', async (_, pooling, changes, takesAdapters) => {
    const shape = { ...smallShape, ...changes }
    const { tensors, run } = await model(fp32Form, shape, pooling, takesAdapters)
    const adapters = takesAdapters ? randomAdapters(shape, 5) : undefined
    for (const ids of texts) {
      const expected = referenceEmbedding(tensors, shape, ids, pooling, adapters)
      expect(largestDifference(await run([ids], adapters), expected)).toBeLessThanOrEqual(2e-5)
    }
  })

  test.each(cases)('computes BERT in q8 with a cosine of at least .999: %s', async (_, pooling, changes, takesAdapters) => {
    const shape = { ...smallShape, ...changes }
    const { tensors, run } = await model(q8Form(nearest), shape, pooling, takesAdapters)
    const adapters = takesAdapters ? randomAdapters(shape, 5) : undefined
    for (const ids of texts) {
      const expected = referenceEmbedding(tensors, shape, ids, pooling, adapters)
      expect(cosine(await run([ids], adapters), expected)).toBeGreaterThanOrEqual(0.999)
    }
  })

  test('computes any small BERT within 2e-5 of float64', async () => {
    const shapes = fc.record({
      headWidth: fc.integer({ min: 1, max: 9 }),
      heads: fc.integer({ min: 2, max: 4 }),
      layers: fc.integer({ min: 1, max: 3 }),
      intermediate: fc.integer({ min: 1, max: 40 }),
      tokenTypes: fc.integer({ min: 1, max: 3 }),
      activation: fc.constantFrom(...(['gelu', 'gelu_tanh', 'relu'] as const)),
      pooling: fc.constantFrom(...(['cls', 'mean', 'none'] as const)),
      takesAdapters: fc.boolean(),
      seed: fc.integer(),
    })
    await fc.assert(
      fc.asyncProperty(shapes, async ({ headWidth, pooling, takesAdapters, seed, ...rest }) => {
        // LayerNorm over one or two values is ±1 or so whatever they are, and turns the last bit of a difference into all.
        const shape = { ...smallShape, ...rest, hidden: Math.max(4, headWidth) * rest.heads, layerNormEpsilon: 1e-5 }
        const tensors = randomTensors(shape, seed)
        const { run } = await model(fp32Form, shape, pooling, takesAdapters, tensors)
        const adapters = takesAdapters ? randomAdapters(shape, seed + 1) : undefined
        const expected = referenceEmbedding(tensors, shape, texts[0]!, pooling, adapters)
        expect(largestDifference(await run([texts[0]!], adapters), expected)).toBeLessThanOrEqual(2e-5)
      }),
      { numRuns: 25, seed: 1 },
    )
  })

  // The runtime fuses the two graphs differently, so the last bits may differ.
  test.each([
    ['fp32', fp32Form, 1e-5],
    ['q8', q8Form(nearest), 2e-2],
  ] as const)(
    'gives the model without adapter for an adapter of zeros, and for an empty one, in %s',
    async (_, form, tolerance) => {
      for (const pooling of ['cls', 'mean'] as const) {
        const without = await model(form, smallShape, pooling, false)
        const { run } = await model(form, smallShape, pooling, true)
        for (const ids of texts) {
          const expected = await without.run([ids])
          for (const adapters of [zeroAdapters(smallShape), emptyAdapters(smallShape)]) {
            expect(largestDifference(await run([ids], adapters), expected)).toBeLessThanOrEqual(tolerance)
          }
        }
      }
    },
  )

  test('may have an adapter in some layers only: an empty one is one of zeros, within 1e-5', async () => {
    const nothing = (length = 0) => new Float32Array(length)
    const empty = { bottleneck: 0, down: { weight: nothing(), bias: nothing() }, up: { weight: nothing(), bias: nothing(32) } }
    const [zeroFirst, zeroSecond] = zeroAdapters(smallShape) as [TestAdapter, TestAdapter]
    const [first, second] = randomAdapters(smallShape, 5) as [TestAdapter, TestAdapter]
    const { run } = await model(fp32Form, smallShape, 'cls', true)
    for (const ids of texts) {
      for (const [one, other] of [
        [
          [empty, second],
          [zeroFirst, second],
        ],
        [
          [first, empty],
          [first, zeroSecond],
        ],
      ] as const)
        expect(largestDifference(await run([ids], one), await run([ids], other))).toBeLessThanOrEqual(1e-5)
    }
  })

  test('changes the vector with the adapter, whose bottleneck may change from run to run', async () => {
    const { run, tensors } = await model(fp32Form, smallShape, 'cls', true)
    const narrow = randomAdapters(smallShape, 1)
    const wide = randomAdapters({ ...smallShape, layers: 12 }, 2).slice(10)
    expect(wide.map(({ bottleneck }) => bottleneck)).toEqual([13, 14])
    for (const adapters of [narrow, wide, narrow]) {
      const expected = referenceEmbedding(tensors, smallShape, texts[0]!, 'cls', adapters)
      expect(largestDifference(await run([texts[0]!], adapters), expected)).toBeLessThanOrEqual(2e-5)
    }
    expect(largestDifference(await run([texts[0]!], narrow), await run([texts[0]!], wide))).toBeGreaterThan(0.1)
  })

  test.each(['cls', 'mean'] as const)(
    'gives texts in a padded batch the same vectors as alone, pooled by %s',
    async (pooling) => {
      const { run, shape } = await model(fp32Form, smallShape, pooling, true)
      const adapters = randomAdapters(shape, 5)
      for (const [first, second] of [
        [0, 2],
        [2, 1],
        [1, 0],
      ] as const) {
        const together = await run([texts[first]!, texts[second]!], adapters)
        expect(largestDifference(together.subarray(0, 32), await run([texts[first]!], adapters))).toBeLessThanOrEqual(1e-5)
        expect(largestDifference(together.subarray(32), await run([texts[second]!], adapters))).toBeLessThanOrEqual(1e-5)
      }
    },
  )

  test('gives a text in q8 the same bits alone and in a batch with another of its length', async () => {
    const { run } = await model(q8Form(nearest), smallShape, 'cls', true)
    const adapters = randomAdapters(smallShape, 5)
    const other = [2, 49, 1, 30, 3]
    const together = await run([other, texts[0]!], adapters)
    expect(together.subarray(32)).toEqual(await run([texts[0]!], adapters))
    expect(together.subarray(0, 32)).toEqual(await run([other], adapters))
  })

  test.each(['gelu', 'gelu_tanh', 'relu'] as const)(
    'gives finite numbers in q8 if all inputs are zero: %s',
    async (activation) => {
      const shape = { ...smallShape, activation }
      const silent = (name: string) => /LayerNorm|attention|bias/.test(name)
      const tensors = randomTensors(shape, 3).map((tensor) =>
        silent(tensor.name) ? { ...tensor, data: new Float32Array(tensor.data.length) } : tensor,
      )
      const { run } = await model(q8Form(nearest), shape, 'cls', true, tensors)
      expect(await run([texts[0]!], zeroAdapters(shape))).toEqual(new Float32Array(32))
    },
  )

  test('has the inputs of the design and nothing else', async () => {
    const { session } = await model(fp32Form, { ...smallShape, layers: 1 }, 'cls', true)
    expect(session.inputNames).toEqual([
      'input_ids',
      'attention_mask',
      'adapter.0.down.weight',
      'adapter.0.down.bias',
      'adapter.0.up.weight',
      'adapter.0.up.bias',
    ])
    expect(session.outputNames).toEqual(['embedding'])
    const plain = await model(fp32Form, { ...smallShape, layers: 1 }, 'mean', false)
    expect(plain.session.inputNames).toEqual(['input_ids', 'attention_mask'])
  })
})

describe('EncoderWeights', () => {
  const build = (tensors: readonly NamedTensor[]) => () =>
    buildEncoderGraph({ shape: smallShape, weights: encoderWeights(tensors), form: fp32Form, pooling: 'cls', adapters: false })
  const all = randomTensors(smallShape, 7)
  const ids = texts[0]!

  test.each(['bert.', 'model.encoder.bert.'])('finds the encoder under the prefix %s', async (prefix) => {
    const prefixed = [
      ...all.map((tensor) => ({ ...tensor, name: prefix + tensor.name })),
      { name: 'cls.predictions.bias', shape: [1], data: new Float32Array(1) },
    ]
    const { run } = await model(fp32Form, smallShape, 'cls', false, prefixed)
    expect(largestDifference(await run([ids]), referenceEmbedding(all, smallShape, ids, 'cls'))).toBeLessThanOrEqual(2e-5)
  })

  test("reads the first checkpoints' names of the norms, gamma and beta", async () => {
    const old = all.map((tensor) => ({
      ...tensor,
      name: tensor.name.replace('LayerNorm.weight', 'LayerNorm.gamma').replace('LayerNorm.bias', 'LayerNorm.beta'),
    }))
    const { run } = await model(fp32Form, smallShape, 'cls', false, old)
    expect(largestDifference(await run([ids]), referenceEmbedding(all, smallShape, ids, 'cls'))).toBeLessThanOrEqual(2e-5)
  })

  test.each(all.map(({ name }) => name))('refuses a checkpoint without %s', async (missing) => {
    const error = await failure(build(all.filter(({ name }) => name !== missing)), 'UNSUPPORTED')
    expect(error.details.file).toBe('model.safetensors')
    expect(missing).toContain(error.details.tensor)
  })

  test('refuses a misshapen tensor, naming both shapes', async () => {
    const name = 'encoder.layer.1.intermediate.dense.weight'
    const error = await failure(
      build(all.map((tensor) => (tensor.name === name ? { ...tensor, shape: [32, 64] } : tensor))),
      'DAMAGED_FILE',
    )
    expect(error.details).toEqual({ file: 'model.safetensors', tensor: name, actual: '32,64', expected: '64,32' })
  })

  test('refuses a checkpoint with two encoders', async () => {
    const two = [...all, ...all.map((tensor) => ({ ...tensor, name: `other.${tensor.name}` }))]
    expect((await failure(build(two), 'UNSUPPORTED')).details).toMatchObject({ actual: 2, expected: 1 })
  })
})
