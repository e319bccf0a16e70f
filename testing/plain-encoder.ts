import type { AdapterLayer } from '../src/core/checkpoint/adapter-checkpoint.js'
import type { CodedDense, CodedEncoder, LayerNorm } from '../src/engine/encoder/coded-weights.js'
import { columnsOf } from '../src/engine/encoder/read-encoder.js'
import { randomNumbers } from './random-numbers.js'

// A BERT encoder in plain float64, to compare kernels with: weights as coded, activations never rounded.

/** Vectors of tokens: [tokens][width]. */
type Rows = readonly Float64Array[]

/**
 * The vector [hidden] of a text of these token ids, pooled, not normalized.
 *
 * @param adapter One for each layer; default: none.
 */
export function plainVector(encoder: CodedEncoder, ids: readonly number[], adapter?: readonly AdapterLayer[]): Float64Array {
  const { shape, words, positions, pooling } = encoder
  const { hidden, layerNormEpsilon: epsilon } = shape
  const norm = (rows: Rows, weights: LayerNorm) => rows.map((row) => normalized(row, weights, epsilon))
  const embeddings = ids.map((id, position) =>
    Float64Array.from(
      { length: hidden },
      (_, column) => words.codes[id * hidden + column]! * words.scales[id]! + positions[position * hidden + column]!,
    ),
  )
  let x = norm(embeddings, encoder.norm)
  for (const [index, layer] of encoder.layers.entries()) {
    const context = attention(dense(x, layer.query), dense(x, layer.key), dense(x, layer.value), shape.heads)
    const middle = norm(sum(dense(context, layer.output), x), layer.attentionNorm)
    const wide = dense(middle, layer.up).map((row) => row.map(ACTIVATIONS[shape.activation]))
    let y = dense(wide, layer.down)
    x = norm(sum(y, middle), layer.outputNorm)
    const { down, up, bottleneck } = adapter?.[index] ?? { bottleneck: 0 }
    if (!down || !up || bottleneck === 0) continue
    // The adapter reads the layer's result without it.
    const inner = product(x, down.weight, bottleneck, down.bias).map((row) => row.map(ACTIVATIONS.relu))
    y = sum(y, product(inner, up.weight, hidden, up.bias))
    x = norm(sum(y, middle), layer.outputNorm)
  }
  if (pooling === 'cls') return x[0]!
  return Float64Array.from({ length: hidden }, (_, column) => x.reduce((total, row) => total + row[column]!, 0) / x.length)
}

const sum = (a: Rows, b: Rows): Rows => a.map((row, index) => row.map((value, column) => value + b[index]![column]!))

function dense(x: Rows, { inputs, outputs, codes, stride, scales, bias, smoothing }: CodedDense): Rows {
  return x.map((row) => {
    const y = new Float64Array(outputs)
    for (let input = 0; input < inputs; input++) {
      const value = row[input]! * (smoothing?.[input] ?? 1)
      for (let output = 0; output < outputs; output++) y[output]! += value * codes[input * stride + output]!
    }
    return y.map((value, output) => value * scales[output]! + bias[output]!)
  })
}

/** x · weight [inputs, outputs] + bias. */
function product(x: Rows, weight: Float32Array, outputs: number, bias: Float32Array): Rows {
  return x.map((row) =>
    Float64Array.from({ length: outputs }, (_, output) =>
      row.reduce((total, value, input) => total + value * weight[input * outputs + output]!, bias[output]!),
    ),
  )
}

/** The factor of the scores is part of the query. */
function attention(query: Rows, key: Rows, value: Rows, heads: number): Rows {
  const width = query[0]!.length / heads
  return query.map((row) => {
    const context = new Float64Array(row.length)
    for (let head = 0; head < heads; head++) {
      const [start, end] = [head * width, (head + 1) * width]
      const own = row.subarray(start, end)
      const scores = key.map((other) => own.reduce((total, a, index) => total + a * other[start + index]!, 0))
      const largest = Math.max(...scores)
      const weights = scores.map((score) => Math.exp(score - largest))
      const total = weights.reduce((sum, weight) => sum + weight, 0)
      for (const [index, other] of value.entries())
        for (let column = start; column < end; column++) context[column]! += (weights[index]! / total) * other[column]!
    }
    return context
  })
}

function normalized(row: Float64Array, { weight, bias }: LayerNorm, epsilon: number): Float64Array {
  const mean = row.reduce((total, value) => total + value, 0) / row.length
  const variance = row.reduce((total, value) => total + (value - mean) ** 2, 0) / row.length
  return row.map((value, column) => ((value - mean) / Math.sqrt(variance + epsilon)) * weight[column]! + bias[column]!)
}

const ACTIVATIONS = {
  relu: (x: number) => Math.max(x, 0),
  gelu: (x: number) => (x / 2) * (1 + erf(x / Math.SQRT2)),
  gelu_tanh: (x: number) => (x / 2) * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3))),
}

/** 2/√π · exp(-x²) · Σ 2ⁿ x²ⁿ⁺¹ / (2n+1)!!, Abramowitz and Stegun 7.1.6, whose terms do not cancel. */
function erf(x: number): number {
  if (Math.abs(x) > 6) return Math.sign(x)
  let term = x
  let total = x
  for (let n = 1; Math.abs(term) > Math.abs(total) * 1e-17; n++) {
    term *= (2 * x * x) / (2 * n + 1)
    total += term
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * total
}

export interface RandomEncoderOptions {
  hidden: number
  heads: number
  layers: number
  intermediate: number
  vocabulary: number
  positions: number
  /** Default `gelu`. */
  activation?: CodedEncoder['shape']['activation']
  /** Default `cls`. */
  pooling?: CodedEncoder['pooling']
  /** Default false. */
  adapters?: boolean
  /** Whether the inputs of query, key and value, and of `up`, are smoothed. Default false. */
  smoothing?: boolean
  /** Default 1. */
  seed?: number
}

/** Random weights of any shape, large enough that every part of the encoder has an effect; laid out as {@link readEncoder} does. */
export function randomEncoder(options: RandomEncoderOptions): CodedEncoder {
  const { hidden, heads, layers, intermediate, vocabulary, positions } = options
  const { activation = 'gelu', pooling = 'cls', adapters = false, smoothing = false, seed = 1 } = options
  const random = randomNumbers(seed)
  const codes = (length: number) => Int8Array.from({ length }, () => Math.floor(random() * 255) - 127)
  const floats = (length: number, low: number, high: number) => Float32Array.from({ length }, () => low + (high - low) * random())
  const norm = (): LayerNorm => ({ weight: floats(hidden, 0.7, 1.3), bias: floats(hidden, -0.3, 0.3) })
  // Codes are uniform, so their standard deviation is 73. A dense layer's outputs have one of about 1.2.
  const layer = (inputs: number, outputs: number, factors: Float32Array | null = null): CodedDense => {
    const scale = 1.2 / 73 / Math.sqrt(inputs)
    const scales = floats(outputs, 0.5 * scale, 1.5 * scale)
    return {
      inputs,
      outputs,
      codes: codes(inputs * outputs),
      stride: outputs,
      scales,
      bias: floats(outputs, -0.3, 0.3),
      smoothing: factors,
    }
  }
  const factors = () => (smoothing ? floats(hidden, 0.6, 1.6) : null)
  return {
    shape: { hidden, layers, heads, intermediate, layerNormEpsilon: 1e-12, activation },
    pooling,
    adapters,
    words: { codes: codes(vocabulary * hidden), scales: floats(vocabulary, 0.5 / 73, 1.5 / 73) },
    positions: floats(positions * hidden, -1, 1),
    norm: norm(),
    layers: Array.from({ length: layers }, (_, index) => {
      const shared = factors()
      const firstOnly = pooling === 'cls' && index === layers - 1
      const apart = firstOnly ? [layer(hidden, hidden, shared)] : []
      const [query, key, value] = [
        ...apart,
        ...columnsOf(layer(hidden, (3 - apart.length) * hidden, shared), 3 - apart.length),
      ] as [CodedDense, CodedDense, CodedDense]
      // As in a real model, where it makes scores of a few units.
      query.scales = query.scales.map((scale) => scale / Math.sqrt(hidden / heads))
      query.bias = query.bias.map((value) => value / Math.sqrt(hidden / heads))
      return {
        query,
        key,
        value,
        output: layer(hidden, hidden),
        attentionNorm: norm(),
        up: layer(hidden, intermediate, factors()),
        down: layer(intermediate, hidden),
        outputNorm: norm(),
      }
    }),
  }
}

/** A random adapter of `bottleneck` for each layer; an empty bottleneck gives the model without adapter. */
export function randomAdapter(
  { hidden, layers }: Pick<CodedEncoder['shape'], 'hidden' | 'layers'>,
  bottleneck: number,
  seed = 1,
): AdapterLayer[] {
  const random = randomNumbers(seed)
  const floats = (length: number, bound: number) => Float32Array.from({ length }, () => bound * (2 * random() - 1))
  return Array.from({ length: layers }, () => ({
    bottleneck,
    down: { weight: floats(hidden * bottleneck, 2 / Math.sqrt(hidden)), bias: floats(bottleneck, 0.3) },
    up: { weight: floats(bottleneck * hidden, 1 / Math.sqrt(Math.max(bottleneck, 1))), bias: floats(hidden, 0.3) },
  }))
}
