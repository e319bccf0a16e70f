import type { CheckpointTensor } from '../checkpoint/tensors.js'
import type { Dense } from './encoder-weights.js'
import type { GraphBuilder, Value } from './graph-builder.js'

/** What is known of a dense layer's input: `signed`, or that it never goes below `-floor` (GELU: 0.17, ReLU: 0). */
export type InputRange = 'signed' | { floor: number }

/** How a dtype stores and computes the parts that carry the weights; everything else of the graph is the same. */
export interface LinearForm {
  /** Rows `ids` of the table [rows, width] as float32. */
  embedding(graph: GraphBuilder, ids: Value, table: CheckpointTensor): Value
  /** x · W + b for x [B, S, inputs]. */
  dense(graph: GraphBuilder, x: Value, layer: Dense, range: InputRange): Value
}

export const fp32Form: LinearForm = {
  embedding(graph, ids, table) {
    return graph.op('Gather', [graph.constant(table.name, 'float32', table.shape, () => table.read()), ids])
  },

  dense(graph, x, layer) {
    const weights = keepWhileUsed(2, () => layer.read())
    const weight = graph.constant(
      `${layer.name}.weight`,
      'float32',
      [layer.inputs, layer.outputs],
      async () => (await weights()).weight,
    )
    const bias = graph.constant(`${layer.name}.bias`, 'float32', [layer.outputs], async () => (await weights()).bias)
    return graph.op('Add', [graph.op('MatMul', [x, weight]), bias])
  },
}

/**
 * Eight bits: weights with a scale for each column, activations with a scale for each row (token), found at run time.
 * So a token's result depends on no other text, and an outlier in one token costs the others no resolution.
 */
export const q8Form: LinearForm = {
  embedding(graph, ids, table) {
    const [rows, width] = table.shape as [number, number]
    const quantized = keepWhileUsed(2, async () => quantizeRows(await table.read(), rows, width))
    const codes = graph.constant(`${table.name}.codes`, 'int8', [rows, width], async () => (await quantized()).codes)
    const scales = graph.constant(`${table.name}.scales`, 'float32', [rows, 1], async () => (await quantized()).scales)
    const gathered = graph.op('Cast', [graph.op('Gather', [codes, ids])], { attributes: { to: { int: 1 } } })
    return graph.op('Mul', [gathered, graph.op('Gather', [scales, ids])])
  },

  dense(graph, x, layer, range) {
    const floor = range === 'signed' ? null : range.floor
    const quantized = keepWhileUsed(3, async () => {
      const { weight, bias } = await layer.read()
      const columns = quantizeColumns(weight, layer.inputs, layer.outputs)
      if (floor) subtractShift(bias, columns, floor)
      return { ...columns, bias }
    })
    const codes = graph.constant(
      `${layer.name}.codes`,
      'int8',
      [layer.inputs, layer.outputs],
      async () => (await quantized()).codes,
    )
    const scales = graph.constant(`${layer.name}.scales`, 'float32', [layer.outputs], async () => (await quantized()).scales)
    const bias = graph.constant(`${layer.name}.bias`, 'float32', [layer.outputs], async () => (await quantized()).bias)

    const rows = quantizeActivation(graph, x, floor)
    const product = graph.op(
      'MatMulIntegerToFloat',
      [rows.codes, codes, graph.float(rows.step), scales, graph.byte(rows.zeroPoint)],
      {
        domain: 'com.microsoft',
      },
    )
    return graph.op('Add', [graph.op('Mul', [product, rows.largest]), bias])
  },
}

interface QuantizedActivation {
  /** [B, S, K], unsigned bytes. */
  codes: Value
  /** [B, S, 1], the largest value of each row: codes are in steps of `step` of it. */
  largest: Value
  step: number
  zeroPoint: number
}

/**
 * x [B, S, K] as unsigned bytes, each row in steps of its own largest value: signed values around 128, values of a known
 * floor over the whole of 0…255. Unsigned because the runtime multiplies signed left sides ten times slower.
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
  // Rounds and clamps, and is the only operator that makes bytes on all threads.
  const codes = graph.op('QuantizeLinear', [scaled, graph.float(step), graph.byte(zeroPoint)])
  return { codes, largest, step, zeroPoint }
}

interface Quantized {
  codes: Int8Array
  scales: Float32Array
}

/** Codes of `table` [rows, width] with a scale for each row. */
function quantizeRows(table: Float32Array, rows: number, width: number): Quantized {
  const codes = new Int8Array(rows * width)
  const scales = new Float32Array(rows)
  for (let row = 0; row < rows; row++) {
    let largest = 0
    for (let index = row * width; index < (row + 1) * width; index++) largest = Math.max(largest, Math.abs(table[index]!))
    scales[row] = largest / 127
    const inverse = largest > 0 ? 127 / largest : 0
    for (let index = row * width; index < (row + 1) * width; index++) codes[index] = Math.round(table[index]! * inverse)
  }
  return { codes, scales }
}

/** Codes of `weight` [inputs, outputs] with a scale for each column. */
export function quantizeColumns(weight: Float32Array, inputs: number, outputs: number): Quantized {
  const codes = new Int8Array(inputs * outputs)
  const scales = new Float32Array(outputs)
  for (let index = 0; index < weight.length; index++) {
    const column = index % outputs
    scales[column] = Math.max(scales[column]!, Math.abs(weight[index]!))
  }
  const inverses = scales.map((largest) => (largest > 0 ? 127 / largest : 0))
  for (let index = 0; index < weight.length; index++) codes[index] = Math.round(weight[index]! * inverses[index % outputs]!)
  return { codes, scales: scales.map((largest) => largest / 127) }
}

/** Takes the effect of an input raised by `shift` out of the bias: shift times the sum of each quantized column. */
function subtractShift(bias: Float32Array, { codes, scales }: Quantized, shift: number): void {
  const sums = new Float64Array(bias.length)
  for (let index = 0; index < codes.length; index++) sums[index % bias.length]! += codes[index]!
  for (let column = 0; column < bias.length; column++) bias[column]! -= shift * sums[column]! * scales[column]!
}

/** Computes once for `uses` constants that are written one after another, then lets go of the memory. */
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
