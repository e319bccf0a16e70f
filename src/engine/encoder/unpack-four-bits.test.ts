import { expect, test } from 'vitest'
import { createSession, float32Tensor, int64Tensor } from '../../../testing/models.js'
import { normalNumbers } from '../../../testing/random-numbers.js'
import { toFloat32 } from '../../core/checkpoint/float-values.js'
import { GraphBuilder } from '../../core/converter/graph-builder.js'
import { q4CpuForm } from '../../core/converter/linear-forms.js'
import { nearest, packRows, roundRows } from '../../core/converter/rounding.js'
import { unpackDense, unpackRows, unpackTable } from './unpack-four-bits.js'

const widen = (halves: Uint16Array) => toFloat32(new Uint8Array(halves.slice().buffer), 'F16')

test.each([
  [32, 1],
  [64, 33],
  [96, 70],
])('weights [%i, %i] become the codes and scales that the graph computes, bit for bit', async (inputs, outputs) => {
  const normal = normalNumbers(inputs)
  const weight = Float32Array.from({ length: inputs * outputs }, () => normal(0, 0.1))
  // A column of zeros, and one whose values all tie with the largest.
  for (let row = 0; row < inputs; row++) {
    weight[row * outputs] = 0
    if (outputs > 1) weight[row * outputs + 1] = row % 2 === 0 ? 0.5 : -0.5
  }
  const layer = {
    ...{ name: 'dense', input: 'dense', inputs, outputs, smoothing: null },
    weight: async () => weight.slice(),
    bias: async () => new Float32Array(outputs),
  }
  const graph = new GraphBuilder()
  q4CpuForm(nearest).dense(graph, graph.input('x', 'float32', [1, 1, inputs]), layer, 'signed')
  const product = graph.finish('dense').nodes.find(({ op }) => op === 'MatMulIntegerToFloat')!
  graph.output(product.inputs[1]!, 'int8', [inputs, outputs])
  graph.output(product.inputs[3]!, 'float32', [outputs])
  const session = await createSession(graph.finish('dense'))
  const computed = await session.run({ x: float32Tensor(new Float32Array(inputs), [1, 1, inputs]) })

  const { codes, scales } = await nearest.fourBits(layer)
  const unpacked = unpackDense(codes, widen(scales), inputs, outputs)
  expect(unpacked.codes).toEqual(computed[product.inputs[1]!]!.data)
  expect(unpacked.scales).toEqual(computed[product.inputs[3]!]!.data)
  expect(new Set(unpacked.codes).size).toBeGreaterThan(outputs === 1 ? 0 : 20)
})

test('ties of 8-bit codes go to the even one', () => {
  // The largest value of the column is 7 · 127, so its scale is 7, and 3.5 is half of one.
  const packed = new Uint8Array(2 * 16).fill(0x88)
  packed.set([0x9f], 0)
  packed.set([0x79, 0xba], 16)
  const { codes, scales } = unpackDense(packed, Float32Array.of(127, 3.5), 64, 1)
  expect(scales).toEqual(Float32Array.of(Math.fround(7 * 127 * Math.fround(1 / 127))))
  expect([...codes.subarray(0, 2), ...codes.subarray(32, 36)]).toEqual([127, 18, 0, -0, 1, 2].map((code) => code + 0))
})

test('packed rows become the floats that the graph gathers, and a table of them 8 bits with a scale for each row', async () => {
  const [rows, width] = [700, 64]
  const normal = normalNumbers(5)
  const table = Float32Array.from({ length: rows * width }, (_, index) => (index < width ? 0 : normal(0, 1)))
  const packed = packRows(table, rows, width)
  const graph = new GraphBuilder()
  const tensor = { name: 'table', shape: [rows, width], read: async () => table.slice() }
  const gathered = q4CpuForm(nearest).embedding(graph, graph.input('ids', 'int64', [1, 'n']), tensor)
  graph.output(gathered, 'float32', [1, 'n', width])
  const session = await createSession(graph.finish('table'))
  const ids = Array.from({ length: rows - 30 }, (_, index) => index + 30)
  const computed = await session.run({ ids: int64Tensor(ids, [1, ids.length]) })
  const unpacked = unpackRows(packed.codes, widen(packed.scales), width, 30, rows - 30)
  expect(unpacked).toEqual(computed[gathered]!.data)

  const whole = unpackRows(packed.codes, widen(packed.scales), width, 0, rows)
  expect(unpackTable(packed.codes, widen(packed.scales), width)).toEqual(roundRows(whole, rows, width))
})
