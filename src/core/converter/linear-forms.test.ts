import { describe, expect, test } from 'vitest'
import { createSession, float32Tensor, fromFourBits, int64Tensor, joined } from '../../../testing/models.js'
import { normalNumbers } from '../../../testing/random-numbers.js'
import type { Dense } from './encoder-weights.js'
import { GraphBuilder } from './graph-builder.js'
import { fp16Form, fp32Form, type InputRange, type LinearForm, q4CpuForm, q4Form, q8Form } from './linear-forms.js'
import { encodeExternalData } from './onnx-writer.js'
import { nearest } from './rounding.js'

const INPUTS = 96
const OUTPUTS = 40
const SIZE = { name: 'layer', input: 'layer', inputs: INPUTS, outputs: OUTPUTS, smoothing: null }

function randomLayer(seed: number): { weight: Float32Array<ArrayBuffer>; bias: Float32Array<ArrayBuffer> } {
  const normal = normalNumbers(seed)
  const weight = Float32Array.from({ length: INPUTS * OUTPUTS }, (_, index) =>
    // Columns of very different sizes, the last one zero.
    index % OUTPUTS === OUTPUTS - 1 ? 0 : normal(0, 10 ** ((index % 5) - 2)),
  )
  return { weight, bias: Float32Array.from({ length: OUTPUTS }, () => normal(0, 1)) }
}

/** A graph of one dense layer: rows [rows][INPUTS] to [rows][OUTPUTS]. */
async function denseSession(
  form: LinearForm,
  range: InputRange,
  { weight, bias }: ReturnType<typeof randomLayer>,
  smoothing: Float32Array<ArrayBuffer> | null = null,
) {
  const graph = new GraphBuilder()
  const x = graph.input('x', 'float32', ['batch', 'tokens', INPUTS])
  const layer: Dense = {
    ...SIZE,
    smoothing,
    weight: async () => weight.slice(),
    bias: async () => bias.slice(),
  }
  graph.op('Identity', [form.dense(graph, x, layer, range)], { output: 'y' })
  graph.output('y', 'float32', ['batch', 'tokens', OUTPUTS])
  const session = await createSession(graph.finish('dense'))
  return async (rows: readonly Float32Array[]) => {
    const values = Float32Array.from(rows.flatMap((row) => [...row]))
    const { y } = await session.run({ x: float32Tensor(values, [1, rows.length, INPUTS]) })
    expect(y!.dims).toEqual([1, rows.length, OUTPUTS])
    const data = y!.data as Float32Array
    return rows.map((_, row) => data.slice(row * OUTPUTS, (row + 1) * OUTPUTS))
  }
}

function randomRow(seed: number, size = 1): Float32Array {
  const normal = normalNumbers(seed)
  return Float32Array.from({ length: INPUTS }, () => normal(0, size))
}

const product = (row: Float32Array, { weight, bias }: ReturnType<typeof randomLayer>) =>
  Array.from(bias, (value, column) => row.reduce((sum, x, index) => sum + x * weight[index * OUTPUTS + column]!, value))

const largestOf = (values: Float32Array) => values.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0)

const gelu = (row: Float32Array) => row.map((x) => (x / 2) * (1 + Math.tanh(0.7978845608 * (x + 0.044715 * x ** 3))))

describe('q8Form', () => {
  test.each<[string, InputRange, number, number, (row: Float32Array) => Float32Array]>([
    ['signed inputs', 'signed', 127, 1.1, (row) => row],
    // Less if many inputs are the floor itself, which has no error.
    ["GELU's outputs", { floor: 0.1701 }, 255, 0.88, gelu],
    ["ReLU's outputs", { floor: 0 }, 255, 0.82, (row) => row.map((x) => Math.max(0, x))],
  ])(
    'is as near to the exact product as half a step of weights and inputs allows: %s',
    async (_, range, steps, spread, activate) => {
      const layer = randomLayer(1)
      const run = await denseSession(q8Form(nearest), range, layer)
      const rows = Array.from({ length: 24 }, (_, seed) => activate(randomRow(seed, 1 + (seed % 4))))
      const floor = range === 'signed' ? 0 : range.floor
      const ratios: number[] = []
      for (const [index, result] of (await run(rows)).entries()) {
        const row = rows[index]!.map((x) => x + floor)
        const exact = product(rows[index]!, layer)
        const inputStep = largestOf(row) / steps
        // The last column, of zeros, has its own test.
        for (let column = 0; column < OUTPUTS - 1; column++) {
          const weights = layer.weight.filter((_, at) => at % OUTPUTS === column)
          const weightStep = largestOf(weights) / 127
          const error = Math.abs(result[column]! - exact[column]!)
          // |x·w - x'·w'| ≤ Σ |x| · step(w)/2 + Σ |w'| · step(x)/2, and some bits of float32.
          const bound = row.reduce(
            (sum, x, at) => sum + (Math.abs(x) * weightStep + (Math.abs(weights[at]!) + weightStep / 2) * inputStep) / 2,
            1e-5 + 1e-6 * Math.abs(exact[column]!),
          )
          expect(error).toBeLessThanOrEqual(bound)
          // Rounding errors are independent, and spread evenly over a step: their variance is step² / 12.
          const variance = row.reduce((sum, x, at) => sum + (x * weightStep) ** 2 + (weights[at]! * inputStep) ** 2, 0) / 12
          ratios.push(error ** 2 / variance)
        }
      }
      expect(ratios.reduce((sum, ratio) => sum + ratio, 0) / ratios.length).toBeLessThan(spread)
    },
  )

  test.each<[string, InputRange]>([
    ['signed inputs', 'signed'],
    ["GELU's outputs", { floor: 0.17 }],
  ])('gives a row the same bits alone and among rows a thousand times larger: %s', async (_, range) => {
    const run = await denseSession(q8Form(nearest), range, randomLayer(2))
    const prepare = (row: Float32Array) => (range === 'signed' ? row : gelu(row))
    const rows = [randomRow(1, 1000), randomRow(2), randomRow(3, 1000), randomRow(4, 0.001)].map(prepare)
    const together = await run(rows)
    for (const [index, row] of rows.entries()) expect(await run([row])).toEqual([together[index]])
  })

  test.each<[string, InputRange]>([
    ['signed inputs', 'signed'],
    ["ReLU's outputs", { floor: 0 }],
  ])('gives the bias for a row of zeros: %s', async (_, range) => {
    const layer = randomLayer(3)
    const run = await denseSession(q8Form(nearest), range, layer)
    const [zeros, tiny] = await run([new Float32Array(INPUTS), new Float32Array(INPUTS).fill(1e-38)])
    expect(zeros).toEqual(layer.bias)
    expect(tiny).toEqual(layer.bias)
  })

  test('gives the bias for a column of zero weights', async () => {
    const layer = randomLayer(4)
    const run = await denseSession(q8Form(nearest), 'signed', layer)
    const [row] = await run([randomRow(1)])
    expect(row![OUTPUTS - 1]).toBe(layer.bias[OUTPUTS - 1])
  })
})

describe('4-bit forms', () => {
  /** The layer with the weights that its codes represent, which any graph of them must compute. */
  async function unpacked(layer: ReturnType<typeof randomLayer>): Promise<ReturnType<typeof randomLayer>> {
    const bits = await nearest.fourBits({ ...SIZE, weight: async () => layer.weight.slice(), bias: async () => layer.bias })
    return { ...layer, weight: fromFourBits(bits, INPUTS, OUTPUTS) }
  }
  const rows = Array.from({ length: 6 }, (_, seed) => randomRow(seed, 1 + seed))

  test('by MatMulNBits give the exact product of the unpacked weights, in float32', async () => {
    const layer = randomLayer(7)
    const run = await denseSession(q4Form(nearest, 'float32'), 'signed', layer)
    const exact = await unpacked(layer)
    for (const [index, result] of (await run(rows)).entries()) {
      const expected = product(rows[index]!, exact)
      const largest = Math.max(...expected.map(Math.abs))
      for (const [column, value] of expected.entries())
        expect(Math.abs(result[column]! - value)).toBeLessThanOrEqual(2e-6 * largest)
    }
  })

  test.each<[string, InputRange, (row: Float32Array) => Float32Array]>([
    ['signed inputs', 'signed', (row) => row],
    ["GELU's outputs", { floor: 0.1701 }, gelu],
  ])('on the CPU are as near to that as eight bits are: %s', async (_, range, activate) => {
    const layer = randomLayer(8)
    const run = await denseSession(q4CpuForm(nearest), range, layer)
    const exact = await unpacked(layer)
    const inputs = rows.map(activate)
    const eight = await (await denseSession(q8Form(nearest), range, exact))(inputs)
    const squares = (results: Float32Array[]) =>
      results
        .flatMap((result, index) => product(inputs[index]!, exact).map((value, column) => (value - result[column]!) ** 2))
        .reduce((sum, square) => sum + square)
    // Where a weight lies in the middle of two codes, the converter and the graph may take different ones.
    expect(squares(await run(inputs)) / squares(eight)).toBeLessThan(1.2)
    expect(squares(eight)).toBeGreaterThan(0)
  })

  test('share the file of their weights', async () => {
    const graphs = [q4Form(nearest, 'float32'), q4Form(nearest, 'float16'), q4CpuForm(nearest)].map((form) => {
      const graph = new GraphBuilder()
      const layer = { ...SIZE, weight: async () => randomLayer(9).weight, bias: async () => randomLayer(9).bias }
      const ids = graph.input('ids', 'int64', ['batch', 'tokens'])
      const table = { name: 'words', shape: [20, INPUTS], read: async () => randomLayer(9).weight.slice(0, 20 * INPUTS) }
      form.dense(graph, form.embedding(graph, ids, table), layer, 'signed')
      return graph.finish('shared')
    })
    const files = await Promise.all(
      graphs.map(async (graph) => {
        const parts: Uint8Array[] = []
        for await (const part of encodeExternalData(graph)) parts.push(part)
        return joined(parts)
      }),
    )
    expect(files[0]!.length).toBe((20 * INPUTS + INPUTS * OUTPUTS) * (1 / 2 + 2 / 32))
    expect(files[1]).toEqual(files[0])
    expect(files[2]).toEqual(files[0])
  })
})

test('float16 weights and biases are as near as float16 is', async () => {
  const layer = randomLayer(10)
  const graph = new GraphBuilder()
  const x = graph.cast(graph.input('x', 'float32', ['batch', 'tokens', INPUTS]), 'float16')
  const dense: Dense = { ...SIZE, weight: async () => layer.weight.slice(), bias: async () => layer.bias.slice() }
  graph.op('Cast', [fp16Form.dense(graph, x, dense, 'signed')], { attributes: { to: { int: 1 } }, output: 'y' })
  graph.output('y', 'float32', ['batch', 'tokens', OUTPUTS])
  const session = await createSession(graph.finish('half'))
  const row = randomRow(1)
  const { y } = await session.run({ x: float32Tensor(row, [1, 1, INPUTS]) })
  const expected = product(row, layer)
  const largest = Math.max(...expected.map(Math.abs))
  for (const [column, value] of expected.entries())
    expect(Math.abs((y!.data as Float32Array)[column]! - value)).toBeLessThanOrEqual(2e-3 * largest)
})

test('a smoothed layer divides its input by the factors of its weights', async () => {
  const layer = randomLayer(11)
  const factors = Float32Array.from({ length: INPUTS }, (_, channel) => 2 ** ((channel % 5) - 2))
  const raised = { ...layer, weight: layer.weight.map((value, index) => value * factors[Math.floor(index / OUTPUTS)]!) }
  const plain = await denseSession(q4Form(nearest, 'float32'), 'signed', raised)
  const smoothed = await denseSession(q4Form(nearest, 'float32'), 'signed', raised, factors)
  const row = randomRow(2)
  expect(await smoothed([row])).toEqual(await plain([row.map((value, channel) => value / factors[channel]!)]))
})

test.each([
  ['fp32', fp32Form],
  ['q8', q8Form(nearest)],
])('%s reads a layer on demand, once for all of its constants', async (_, form) => {
  let reads = 0
  const layer: Dense = {
    ...SIZE,
    weight: async () => {
      reads++
      return randomLayer(5).weight
    },
    bias: async () => randomLayer(5).bias,
  }
  const graph = new GraphBuilder()
  form.dense(graph, graph.input('x', 'float32', [1, 1, INPUTS]), layer, { floor: 0.17 })
  const { initializers } = graph.finish('dense')
  expect(reads).toBe(0)
  for (const { data } of initializers) await data()
  expect(reads).toBe(1)
  for (const { data } of initializers) await data()
  expect(reads).toBe(2)
})

describe.each([
  ['q8', q8Form(nearest), 1 / 254],
  ['fp32', fp32Form, 0],
] as const)('embedding in %s', (_, form, step) => {
  test('gives rows of the table, in the order of the ids', async () => {
    const normal = normalNumbers(6)
    const [rows, width] = [20, 24]
    const table = Float32Array.from({ length: rows * width }, (_, index) =>
      // One row of zeros, others of very different sizes.
      Math.floor(index / width) === 7 ? 0 : normal(0, 10 ** (Math.floor(index / width) % 4)),
    )
    const graph = new GraphBuilder()
    const ids = graph.input('ids', 'int64', ['batch', 'tokens'])
    const tensor = { name: 'words', shape: [rows, width], read: async () => table.slice() }
    graph.op('Identity', [form.embedding(graph, ids, tensor)], { output: 'y' })
    graph.output('y', 'float32', ['batch', 'tokens', width])
    const session = await createSession(graph.finish('embedding'))
    const asked = [7, 19, 0, 3, 3]
    const { y } = await session.run({ ids: int64Tensor(asked, [1, asked.length]) })
    expect(y!.dims).toEqual([1, asked.length, width])
    for (const [index, id] of asked.entries()) {
      const expected = table.subarray(id * width, (id + 1) * width)
      const largest = expected.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0)
      for (const [column, value] of expected.entries()) {
        const difference = Math.abs((y!.data as Float32Array)[index * width + column]! - value)
        // Half a step of the row, and a bit of float32.
        expect(difference).toBeLessThanOrEqual(largest * step * 1.0001)
      }
    }
  })
})
