import type { CheckpointTensor } from '../checkpoint/tensors.js'
import type { Dense } from './encoder-weights.js'
import { type FloatType, floats } from './float16.js'
import type { GraphBuilder, Value } from './graph-builder.js'
import { BLOCK, packRows, type Rounding, roundRows } from './rounding.js'

/** Range of a dense layer's input: `signed`, or never below `-floor` (GELU: 0.17, ReLU: 0). */
export type InputRange = 'signed' | { floor: number }

/** How a dtype stores and computes the layers with weights; the rest of the graph is the same for all dtypes. */
export interface LinearForm {
  /** Type in which the graph computes. */
  readonly float: FloatType
  /** Rows `ids` of the table [rows, width], in `float`. */
  embedding(graph: GraphBuilder, ids: Value, table: CheckpointTensor): Value
  /** x · W + b for x [B, S, inputs]. */
  dense(graph: GraphBuilder, x: Value, layer: Dense, range: InputRange): Value
}

/** Weights as float32 or float16. */
const floatForm = (float: FloatType): LinearForm => ({
  float,

  embedding(graph, ids, table) {
    const data = async () => floats(float, await table.read())
    return graph.op('Gather', [graph.constant(table.name, float, table.shape, data), ids])
  },

  dense(graph, x, layer) {
    const dims = [layer.inputs, layer.outputs]
    const weight = graph.constant(`${layer.name}.weight`, float, dims, async () => floats(float, await layer.weight()))
    return graph.op('Add', [graph.op('MatMul', [x, weight]), biasOf(graph, layer, float)])
  },
})
export const fp32Form = floatForm('float32')
export const fp16Form = floatForm('float16')

/**
 * Eight bits: weights with a scale for each column, activations with a scale for each row (token), determined at run time. So the
 * result of a token does not depend on other texts, and an outlier in one token costs the others no resolution.
 */
export const q8Form = (rounding: Rounding): LinearForm => ({
  float: 'float32',

  embedding(graph, ids, table) {
    const [rows, width] = table.shape as [number, number]
    const rounded = keepWhileUsed(2, async () => roundRows(await table.read(), rows, width))
    const codes = graph.constant(`${table.name}.codes`, 'int8', [rows, width], async () => (await rounded()).codes)
    const scales = graph.constant(`${table.name}.scales`, 'float32', [rows, 1], async () => (await rounded()).scales)
    return graph.op('Mul', [graph.cast(graph.op('Gather', [codes, ids]), 'float32'), graph.op('Gather', [scales, ids])])
  },

  dense(graph, x, layer, range) {
    const floor = range === 'signed' ? null : range.floor
    const { inputs, outputs, name } = layer
    const rounded = keepWhileUsed(3, async () => {
      const { codes, scales } = await rounding.eightBits(layer)
      const bias = await layer.bias()
      if (floor) subtractShift(bias, codes, scales, floor)
      return { codes, scales, bias }
    })
    const codes = graph.constant(`${name}.codes`, 'int8', [inputs, outputs], async () => (await rounded()).codes)
    const scales = graph.constant(`${name}.scales`, 'float32', [outputs], async () => (await rounded()).scales)
    const bias = graph.constant(`${name}.bias`, 'float32', [outputs], async () => (await rounded()).bias)
    return integerProduct(graph, smoothed(graph, x, layer), { codes, scales, bias }, floor)
  },
})

/**
 * Four bits in blocks, multiplied by MatMulNBits, for which WebGPU has a kernel. Codes and scales are external, so that the
 * graphs of all 4-bit forms share one file.
 */
export const q4Form = (rounding: Rounding, float: FloatType): LinearForm => ({
  float,
  embedding: (graph, ids, table) => packedEmbedding(graph, ids, table, float),

  dense(graph, x, layer) {
    const { inputs, outputs } = layer
    const { codes, scales } = fourBitConstants(graph, layer, rounding)
    const attributes = { K: { int: inputs }, N: { int: outputs }, bits: { int: 4 }, block_size: { int: BLOCK } }
    const blockScales = float === 'float16' ? scales : graph.cast(scales, float)
    const options = { domain: 'com.microsoft', attributes }
    const product = graph.op('MatMulNBits', [smoothed(graph, x, layer, float), codes, blockScales], options)
    return graph.op('Add', [product, biasOf(graph, layer, float)])
  },
})

/**
 * The same four bits for the CPU, which has no fast kernel for them: the runtime unpacks them to eight bits per column when it
 * creates the session, since everything that depends only on weights is constant, and computes as in {@link q8Form}.
 */
export const q4CpuForm = (rounding: Rounding): LinearForm => ({
  float: 'float32',
  embedding: (graph, ids, table) => packedEmbedding(graph, ids, table, 'float32'),

  dense(graph, x, layer, range) {
    const floor = range === 'signed' ? null : range.floor
    const { inputs, outputs } = layer
    const packed = fourBitConstants(graph, layer, rounding)
    const bytes = transposed(graph, graph.op('Reshape', [packed.codes, graph.int64s(outputs, inputs / 2)]))
    const halves = unpacked(graph, graph.op('Reshape', [bytes, graph.int64s(inputs / 2, 1, outputs)]))
    // [inputs / 2, 2, outputs]: the inputs in order.
    const ordered = graph.op('Concat', halves, { attributes: { axis: { int: 1 } } })
    const blocks = graph.op('Reshape', [graph.cast(ordered, 'float32'), graph.int64s(inputs / BLOCK, BLOCK, outputs)])
    const blockScales = graph.op('Unsqueeze', [transposed(graph, graph.cast(packed.scales, 'float32')), graph.int64s(1)])
    const values = graph.op('Mul', [graph.op('Sub', [blocks, graph.float(8)]), blockScales])
    const weight = graph.op('Reshape', [values, graph.int64s(inputs, outputs)])
    const largest = graph.op('ReduceMax', [graph.op('Abs', [weight]), graph.int64s(0)], { attributes: { keepdims: { int: 0 } } })
    // A column of zeros must not divide by zero.
    const scales = graph.op('Max', [graph.op('Mul', [largest, graph.float(1 / 127)]), graph.float(1e-20)])
    const rounded = graph.op('Round', [graph.op('Div', [weight, scales])])
    const codes = graph.cast(rounded, 'int8')
    let bias = biasOf(graph, layer, 'float32')
    if (floor) {
      const sums = graph.op('ReduceSum', [rounded, graph.int64s(0)], { attributes: { keepdims: { int: 0 } } })
      bias = graph.op('Sub', [bias, graph.op('Mul', [graph.op('Mul', [sums, scales]), graph.float(floor)])])
    }
    return integerProduct(graph, smoothed(graph, x, layer), { codes, scales, bias }, floor)
  },
})

/** A form that also outputs the input of every dense layer, as `input:<name of the input>`. */
export const observed = (form: LinearForm): LinearForm => ({
  ...form,
  dense(graph, x, layer, range) {
    graph.op('Identity', [x], { output: OBSERVED + layer.input })
    graph.output(OBSERVED + layer.input, form.float, ['batch', 'tokens', layer.inputs])
    return form.dense(graph, x, layer, range)
  },
})
export const OBSERVED = 'input:'

const biasOf = (graph: GraphBuilder, layer: Dense, float: FloatType) =>
  graph.constant(`${layer.name}.bias`, float, [layer.outputs], async () => floats(float, await layer.bias()))

/** x divided by the factors by which the layer's weights were multiplied. */
function smoothed(graph: GraphBuilder, x: Value, { name, inputs, smoothing }: Dense, float: FloatType = 'float32'): Value {
  if (!smoothing) return x
  const inverses = graph.constant(`${name}.smoothing`, float, [inputs], () =>
    floats(
      float,
      smoothing.map((factor) => 1 / factor),
    ),
  )
  return graph.op('Mul', [x, inverses])
}

/** Codes [outputs, inputs / BLOCK, BLOCK / 2] and scales [outputs, inputs / BLOCK]; the same constants in every 4-bit form. */
function fourBitConstants(graph: GraphBuilder, layer: Dense, rounding: Rounding): { codes: Value; scales: Value } {
  const { inputs, outputs, name } = layer
  const blocks = inputs / BLOCK
  const rounded = keepWhileUsed(2, () => rounding.fourBits(layer))
  return {
    codes: graph.constant(`${name}.codes`, 'uint8', [outputs, blocks, BLOCK / 2], async () => (await rounded()).codes, true),
    scales: graph.constant(`${name}.scales`, 'float16', [outputs, blocks], async () => (await rounded()).scales, true),
  }
}

/** Gathers packed rows and unpacks them, with plain operators: no runtime for the CPU gathers 4 bits itself. */
function packedEmbedding(graph: GraphBuilder, ids: Value, table: CheckpointTensor, float: FloatType): Value {
  const [rows, width] = table.shape as [number, number]
  const blocks = width / BLOCK
  const packed = keepWhileUsed(2, async () => packRows(await table.read(), rows, width))
  const codes = graph.constant(`${table.name}.codes`, 'uint8', [rows, width / 2], async () => (await packed()).codes, true)
  const scales = graph.constant(`${table.name}.scales`, 'float16', [rows, blocks], async () => (await packed()).scales, true)
  const halves = unpacked(graph, graph.op('Gather', [codes, ids]))
  const joined = graph.op('Concat', halves, { attributes: { axis: { int: -1 } } })
  const values = graph.op('Sub', [graph.cast(joined, 'float32'), graph.float(8)])
  const inBlocks = graph.op('Reshape', [values, graph.int64s(0, 0, blocks, BLOCK)])
  // Converted before they are gathered, which happens once, at loading: a GPU without float16 cannot gather them.
  const wideScales = graph.cast(scales, 'float32')
  const blockScales = graph.op('Unsqueeze', [graph.op('Gather', [wideScales, ids]), graph.int64s(3)])
  const row = graph.op('Reshape', [graph.op('Mul', [inBlocks, blockScales]), graph.int64s(0, 0, width)])
  return float === 'float32' ? row : graph.cast(row, float)
}

/** The lower and the upper half of each byte. */
const unpacked = (graph: GraphBuilder, bytes: Value) => [
  graph.op('BitwiseAnd', [bytes, graph.byte(15)]),
  graph.op('BitShift', [bytes, graph.byte(4)], { attributes: { direction: { string: 'RIGHT' } } }),
]

const transposed = (graph: GraphBuilder, matrix: Value) =>
  graph.op('Transpose', [matrix], { attributes: { perm: { ints: [1, 0] } } })

/**
 * x [B, S, K] times codes [K, N] · scales [N], plus bias; with `floor`, it is added to x first, which the bias must compensate.
 */
function integerProduct(
  graph: GraphBuilder,
  x: Value,
  { codes, scales, bias }: { codes: Value; scales: Value; bias: Value },
  floor: number | null,
): Value {
  const rows = quantizeActivation(graph, x, floor)
  const factors = [rows.codes, codes, graph.float(rows.step), scales, graph.byte(rows.zeroPoint)]
  const product = graph.op('MatMulIntegerToFloat', factors, { domain: 'com.microsoft' })
  return graph.op('Add', [graph.op('Mul', [product, rows.largest]), bias])
}

interface QuantizedActivation {
  /** [B, S, K], unsigned bytes. */
  codes: Value
  /** [B, S, 1], the largest value of each row; a code counts `step` of it. */
  largest: Value
  step: number
  zeroPoint: number
}

/**
 * x [B, S, K] as unsigned bytes, each row relative to its largest value: signed values around 128, values with a known floor over
 * the whole range 0…255. Unsigned because the runtime multiplies signed left sides ten times slower.
 */
function quantizeActivation(graph: GraphBuilder, x: Value, floor: number | null): QuantizedActivation {
  const zeroPoint = floor === null ? 128 : 0
  const step = floor === null ? 1 / 127 : 1 / 255
  const values = floor ? graph.op('Add', [x, graph.float(floor)]) : x
  const sizes = floor === null ? graph.op('Abs', [values]) : values
  // A row of zeros must not divide by zero.
  const largest = graph.op('Max', [
    graph.op('ReduceMax', [sizes, graph.int64s(-1)], { attributes: { keepdims: { int: 1 } } }),
    graph.float(1e-10),
  ])
  const scaled = graph.op('Mul', [values, graph.op('Reciprocal', [largest])])
  // This operator rounds and clamps, and is the only one that converts to bytes on all threads.
  const codes = graph.op('QuantizeLinear', [scaled, graph.float(step), graph.byte(zeroPoint)])
  return { codes, largest, step, zeroPoint }
}

/** Subtracts the effect of adding `shift` to the input from the bias: shift times the sum of each quantized column. */
export function subtractShift(bias: Float32Array, codes: Int8Array, scales: Float32Array, shift: number): void {
  const sums = new Float64Array(bias.length)
  for (let row = 0; row < codes.length; row += bias.length)
    for (let column = 0; column < bias.length; column++) sums[column]! += codes[row + column]!
  for (let column = 0; column < bias.length; column++) bias[column]! -= shift * sums[column]! * scales[column]!
}

/** Shares one result among `uses` constants that are written one after another, then frees it. */
function keepWhileUsed<T>(uses: number, compute: () => Promise<T>): () => Promise<T> {
  let kept: Promise<T> | null = null
  let left = uses
  return () => {
    kept ??= compute()
    const result = kept
    if (--left === 0) {
      kept = null
      left = uses
    }
    return result
  }
}
