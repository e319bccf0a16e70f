import type { EncoderWeights } from './encoder-weights.js'
import { floats } from './float16.js'
import { GraphBuilder, type Value } from './graph-builder.js'
import type { InputRange, LinearForm } from './linear-forms.js'
import type { OnnxGraph } from './onnx-writer.js'

/** The architecture of a BERT encoder, from its `config.json`. */
export interface EncoderShape {
  hidden: number
  layers: number
  heads: number
  intermediate: number
  vocabulary: number
  positions: number
  tokenTypes: number
  layerNormEpsilon: number
  activation: 'gelu' | 'gelu_tanh' | 'relu'
}

export interface EncoderGraphOptions {
  shape: EncoderShape
  weights: Pick<EncoderWeights, 'tensor' | 'dense'>
  form: LinearForm
  /** `cls`: the first token, and the last layer is computed for it alone; `mean`: over the tokens; `none`: all tokens, as `last_hidden_state`. */
  pooling: 'cls' | 'mean' | 'none'
  /** Whether to compute the last layer for all tokens, although `cls` needs only the first. Default false. */
  wholeLastLayer?: boolean
  /** Whether the graph has inputs for a bottleneck adapter in each layer. */
  adapters: boolean
}

/** Range of the inner input of the feed-forward part. The minimum of GELU is -0.16997, that of its tanh form -0.17004. */
export const ACTIVATION_FLOOR: Readonly<Record<EncoderShape['activation'], Exclude<InputRange, 'signed'>>> = {
  gelu: { floor: 0.17 },
  gelu_tanh: { floor: 0.1701 },
  relu: { floor: 0 },
}

/** Added to the attention scores of padding: far below any score, but finite, so that no row becomes NaN. */
const MASKED = -10_000

/**
 * BERT (Devlin et al. 2019) with the adapters of Pfeiffer et al. 2021 as inputs.
 *
 * Inputs: `input_ids`, `attention_mask` int64 [batch, tokens], and with `adapters`, for each layer, `adapter.<layer>.down.weight`
 * [hidden, bottleneck], `.down.bias`, `.up.weight` [bottleneck, hidden], `.up.bias`; any bottleneck, and an empty one gives the
 * model without adapter, at no cost. Output: `embedding` [batch, hidden], not normalised.
 *
 * Attention is built from plain operators: the fused one gives wrong results on WebGPU if there is a mask.
 */
export function buildEncoderGraph(options: EncoderGraphOptions): OnnxGraph {
  const { shape, weights, form, pooling, adapters, wholeLastLayer = false } = options
  const { hidden, heads, layers, intermediate } = shape
  const { float } = form
  const headWidth = hidden / heads
  const graph = new GraphBuilder()
  const ids = graph.input('input_ids', 'int64', ['batch', 'tokens'])
  const mask = graph.cast(graph.input('attention_mask', 'int64', ['batch', 'tokens']), 'float32')

  const vector = (name: string, size: number) => {
    const tensor = weights.tensor(name, [size])
    return graph.constant(name, float, [size], async () => floats(float, await tensor.read()))
  }
  const scalar = (value: number) => graph.float(value, float)
  const layerNorm = (x: Value, name: string) =>
    graph.op('LayerNormalization', [x, vector(`${name}.weight`, hidden), vector(`${name}.bias`, hidden)], {
      attributes: { axis: { int: -1 }, epsilon: { float: shape.layerNormEpsilon } },
    })
  const firstToken = (x: Value) => graph.op('Slice', [x, graph.int64s(0), graph.int64s(1), graph.int64s(1)])
  /** [B, S, hidden] → [B, heads, S, headWidth], or with its last two axes swapped. */
  const splitHeads = (x: Value, swapped = false) =>
    graph.op('Transpose', [graph.op('Reshape', [x, graph.int64s(0, 0, heads, headWidth)])], {
      attributes: { perm: { ints: swapped ? [0, 2, 3, 1] : [0, 2, 1, 3] } },
    })

  let x = layerNorm(
    graph.op('Add', [
      form.embedding(graph, ids, weights.tensor('embeddings.word_embeddings.weight', [shape.vocabulary, hidden])),
      positions(),
    ]),
    'embeddings.LayerNorm',
  )
  const maskBias = graph.op('Unsqueeze', [
    graph.op('Mul', [graph.op('Sub', [scalar(1), inFloat(mask)]), scalar(MASKED)]),
    graph.int64s(1, 2),
  ])
  if (adapters) for (let layer = 0; layer < layers; layer++) declareAdapter(layer)
  for (let layer = 0; layer < layers; layer++)
    x = encoderLayer(x, layer, pooling === 'cls' && !wholeLastLayer && layer === layers - 1)
  pool()
  return graph.finish('specter2-web')

  /** Position embeddings of the S tokens [1, S, hidden], plus the embedding of token type 0, the only type in use. */
  function positions(): Value {
    const position = weights.tensor('embeddings.position_embeddings.weight', [shape.positions, hidden])
    const type = weights.tensor('embeddings.token_type_embeddings.weight', [shape.tokenTypes, hidden])
    const table = {
      ...position,
      read: async () => {
        const values = await position.read()
        const types = await type.read()
        for (let index = 0; index < values.length; index++) values[index]! += types[index % hidden]!
        return values
      },
    }
    const tokens = graph.op('Squeeze', [graph.op('Gather', [graph.op('Shape', [ids]), graph.int64s(1)])])
    const range = graph.op('Range', [graph.int64(0), tokens, graph.int64(1)])
    return form.embedding(graph, graph.op('Unsqueeze', [range, graph.int64s(0)]), table)
  }

  /** With `firstOnly`, everything after the keys and values is computed for the first token only: [B, 1, hidden]. */
  function encoderLayer(x: Value, layer: number, firstOnly: boolean): Value {
    const name = `encoder.layer.${layer}`
    const self = `${name}.attention.self`
    // The factor 1 / sqrt(headWidth) of the scores is multiplied into the query's weights.
    const queryScale = headWidth ** -0.5
    let query: Value
    let key: Value
    let value: Value
    const residual = firstOnly ? firstToken(x) : x
    if (firstOnly) {
      query = form.dense(
        graph,
        residual,
        weights.dense(`${self}.query`, [`${self}.query`], hidden, hidden, [queryScale]),
        'signed',
      )
      const keyValue = form.dense(
        graph,
        x,
        weights.dense(`${self}.key_value`, [`${self}.key`, `${self}.value`], hidden, hidden),
        'signed',
      )
      ;[key, value] = graph.opMany('Split', [keyValue], 2, { axis: { int: -1 }, num_outputs: { int: 2 } }) as [Value, Value]
    } else {
      const all = weights.dense(`${self}.query_key_value`, [`${self}.query`, `${self}.key`, `${self}.value`], hidden, hidden, [
        queryScale,
        1,
        1,
      ])
      ;[query, key, value] = graph.opMany('Split', [form.dense(graph, x, all, 'signed')], 3, {
        axis: { int: -1 },
        num_outputs: { int: 3 },
      }) as [Value, Value, Value]
    }
    const scores = graph.op('Add', [graph.op('MatMul', [splitHeads(query), splitHeads(key, true)]), maskBias])
    const attended = graph.op('MatMul', [graph.op('Softmax', [scores], { attributes: { axis: { int: -1 } } }), splitHeads(value)])
    const context = graph.op('Reshape', [
      graph.op('Transpose', [attended], { attributes: { perm: { ints: [0, 2, 1, 3] } } }),
      graph.int64s(0, 0, hidden),
    ])
    const output = `${name}.attention.output`
    const attention = form.dense(graph, context, weights.dense(`${output}.dense`, [`${output}.dense`], hidden, hidden), 'signed')
    const middle = layerNorm(graph.op('Add', [attention, residual]), `${output}.LayerNorm`)

    const up = `${name}.intermediate.dense`
    const down = `${name}.output.dense`
    const wide = activate(form.dense(graph, middle, weights.dense(up, [up], hidden, intermediate), 'signed'))
    const y = form.dense(graph, wide, weights.dense(down, [down], intermediate, hidden), ACTIVATION_FLOOR[shape.activation])
    const norm = (x: Value) => layerNorm(x, `${name}.output.LayerNorm`)
    const without = norm(graph.op('Add', [y, middle]))
    if (!adapters) return without
    return graph.choose(hasAdapter(layer), float, ['batch', firstOnly ? 1 : 'tokens', hidden], {
      yes: () => norm(graph.op('Add', [adapter(y, without, layer), middle])),
      no: () => graph.op('Identity', [without]),
    })
  }

  function declareAdapter(layer: number): void {
    const bottleneck = `bottleneck_${layer}`
    const dims = {
      'down.weight': [hidden, bottleneck],
      'down.bias': [bottleneck],
      'up.weight': [bottleneck, hidden],
      'up.bias': [hidden],
    }
    for (const [part, shape] of Object.entries(dims)) graph.input(`adapter.${layer}.${part}`, 'float32', shape)
  }

  /** Whether the layer's bottleneck is not empty. */
  function hasAdapter(layer: number): Value {
    return graph.op('Squeeze', [graph.op('Greater', [graph.op('Shape', [`adapter.${layer}.down.bias`]), graph.int64s(0)])])
  }

  /** y + up(relu(down(z))), z being LN(y + x), the layer's result without adapter (`original_ln_before`, `residual_before_ln`). */
  function adapter(y: Value, z: Value, layer: number): Value {
    const [downWeight, downBias, upWeight, upBias] = ['down.weight', 'down.bias', 'up.weight', 'up.bias'].map(
      (part): Value => inFloat(`adapter.${layer}.${part}`),
    ) as [Value, Value, Value, Value]
    const down = graph.op('Add', [graph.op('MatMul', [z, downWeight]), downBias])
    const up = graph.op('Add', [graph.op('MatMul', [graph.op('Relu', [down]), upWeight]), upBias])
    return graph.op('Add', [y, up])
  }

  function activate(x: Value): Value {
    if (shape.activation === 'relu') return graph.op('Relu', [x])
    // The tanh form is spelled out: `approximate` would be the only string attribute that the graph needs.
    if (shape.activation === 'gelu') return graph.op('Gelu', [x])
    const cubed = graph.op('Mul', [graph.op('Mul', [x, x]), x])
    const inner = graph.op('Mul', [
      graph.op('Add', [x, graph.op('Mul', [cubed, scalar(0.044715)])]),
      scalar(Math.sqrt(2 / Math.PI)),
    ])
    const half = graph.op('Mul', [x, scalar(0.5)])
    return graph.op('Mul', [half, graph.op('Add', [graph.op('Tanh', [inner]), scalar(1)])])
  }

  /** A float32 input in the float type that the graph computes in. */
  function inFloat(x: Value): Value {
    return float === 'float32' ? x : graph.cast(x, float)
  }

  function pool(): void {
    // float16 does not hold a sum over tokens exactly.
    if (float !== 'float32') x = graph.cast(x, 'float32')
    if (pooling === 'none') {
      graph.op('Identity', [x], { output: 'last_hidden_state' })
      graph.output('last_hidden_state', 'float32', ['batch', 'tokens', hidden])
      return
    }
    if (pooling === 'cls') {
      graph.op('Squeeze', [wholeLastLayer ? firstToken(x) : x, graph.int64s(1)], { output: 'embedding' })
    } else {
      const keepdims = { attributes: { keepdims: { int: 0 } } }
      const weight = graph.op('Unsqueeze', [mask, graph.int64s(2)])
      const sum = graph.op('ReduceSum', [graph.op('Mul', [x, weight]), graph.int64s(1)], keepdims)
      graph.op('Div', [sum, graph.op('ReduceSum', [weight, graph.int64s(1)], keepdims)], { output: 'embedding' })
    }
    graph.output('embedding', 'float32', ['batch', hidden])
  }
}
