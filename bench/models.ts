import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { convertCommand } from '../src/cli/convert/convert.js'
import { localFolder } from '../src/cli/convert/local-folder.js'
import { Output } from '../src/cli/output.js'
import { openCheckpoint } from '../src/core/checkpoint/open-checkpoint.js'
import type { Checkpoint } from '../src/core/checkpoint/tensors.js'
import { buildEncoderGraph, type EncoderShape } from '../src/core/converter/encoder-graph.js'
import { type Dense, EncoderWeights } from '../src/core/converter/encoder-weights.js'
import type { GraphBuilder, Value } from '../src/core/converter/graph-builder.js'
import { type LinearForm, q8Form } from '../src/core/converter/linear-forms.js'
import { encodeOnnx } from '../src/core/converter/onnx-writer.js'
import { nearest } from '../src/core/converter/rounding.js'

/** Runs `specter2-web convert` in this process. */
export async function convert(args: readonly string[]): Promise<void> {
  await convertCommand(args, new Output(process.stdout, process.stderr), new AbortController().signal)
}

/**
 * The usual dynamic int8 export, which the peer runs: a weight scale per column, and one activation scale for the whole batch,
 * by DynamicQuantizeLinear.
 */
export const dynamicForm: LinearForm = {
  ...q8Form(nearest),
  dense(graph: GraphBuilder, x: Value, layer: Dense): Value {
    const read = () => nearest.eightBits(layer)
    const codes = graph.constant(`${layer.name}.codes`, 'int8', [layer.inputs, layer.outputs], async () => (await read()).codes)
    const scales = graph.constant(`${layer.name}.scales`, 'float32', [layer.outputs], async () => (await read()).scales)
    const bias = graph.constant(`${layer.name}.bias`, 'float32', [layer.outputs], () => layer.bias())
    const [quantized, scale, zeroPoint] = graph.opMany('DynamicQuantizeLinear', [x], 3) as [Value, Value, Value]
    const product = graph.op('Cast', [graph.op('MatMulInteger', [quantized, codes, zeroPoint])], {
      attributes: { to: { int: 1 } },
    })
    return graph.op('Add', [graph.op('Mul', [product, graph.op('Mul', [scale, scales])]), bias])
  },
}

/** SPECTER2's size with another vocabulary. */
export function specter2Shape(vocabulary: number): EncoderShape {
  return {
    hidden: 768,
    layers: 12,
    heads: 12,
    intermediate: 3072,
    vocabulary,
    positions: 512,
    tokenTypes: 2,
    layerNormEpsilon: 1e-12,
    activation: 'gelu',
  }
}

export const MINILM_SHAPE: EncoderShape = { ...specter2Shape(30522), hidden: 384, layers: 6, intermediate: 1536 }

/** Random weights of a BERT of this shape from a seed (mulberry32), distributed like trained ones: speed does not depend on them. */
export function randomCheckpoint(shape: EncoderShape, seed: number): Checkpoint {
  const tensors = new Map<string, Checkpoint extends ReadonlyMap<string, infer Tensor> ? Tensor : never>()
  const add = (name: string, dims: number[], mean: number, spread: number) => {
    let state = seed + tensors.size
    const next = () => {
      state = (state + 0x6d2b79f5) | 0
      let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
      mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
      return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
    }
    const size = dims.reduce((product, dim) => product * dim, 1)
    tensors.set(name, {
      name,
      shape: dims,
      read: async () => Float32Array.from({ length: size }, () => mean + spread * (next() + next() + next() - 1.5)),
    })
  }
  const dense = (name: string, inputs: number, outputs: number) => {
    add(`${name}.weight`, [outputs, inputs], 0, 0.08)
    add(`${name}.bias`, [outputs], 0, 0.08)
  }
  const norm = (name: string) => {
    add(`${name}.weight`, [shape.hidden], 1, 0.1)
    add(`${name}.bias`, [shape.hidden], 0, 0.1)
  }
  add('embeddings.word_embeddings.weight', [shape.vocabulary, shape.hidden], 0, 0.08)
  add('embeddings.position_embeddings.weight', [shape.positions, shape.hidden], 0, 0.04)
  add('embeddings.token_type_embeddings.weight', [shape.tokenTypes, shape.hidden], 0, 0.04)
  norm('embeddings.LayerNorm')
  for (let layer = 0; layer < shape.layers; layer++) {
    const name = `encoder.layer.${layer}`
    for (const part of ['query', 'key', 'value']) dense(`${name}.attention.self.${part}`, shape.hidden, shape.hidden)
    dense(`${name}.attention.output.dense`, shape.hidden, shape.hidden)
    norm(`${name}.attention.output.LayerNorm`)
    dense(`${name}.intermediate.dense`, shape.hidden, shape.intermediate)
    dense(`${name}.output.dense`, shape.intermediate, shape.hidden)
    norm(`${name}.output.LayerNorm`)
  }
  return tensors
}

export async function publishedCheckpoint(folder: string): Promise<Checkpoint> {
  const source = await (await localFolder(folder)).open('model.safetensors')
  if (!source) throw new Error(`${folder} has no model.safetensors. Give the published all-MiniLM-L6-v2 with --weights.`)
  return openCheckpoint(source)
}

/** Writes the peer's model: the same weights and tokenizer, its usual quantization, and the vectors of all tokens as output. */
export async function writePeerModel(
  folder: string,
  checkpoint: Checkpoint,
  shape: EncoderShape,
  tokenizerFolder: string,
  maxTokens: number,
): Promise<void> {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(join(folder, 'onnx'), { recursive: true })
  const weights = new EncoderWeights(checkpoint, folder)
  const parts: Uint8Array[] = []
  for await (const part of encodeOnnx(buildEncoderGraph({ shape, weights, form: dynamicForm, pooling: 'none', adapters: false })))
    parts.push(part)
  writeFileSync(join(folder, 'onnx/model_quantized.onnx'), Buffer.concat(parts))
  writeFileSync(join(folder, 'config.json'), JSON.stringify(bertConfig(shape)))
  const tokenizer = JSON.parse(readFileSync(join(tokenizerFolder, 'tokenizer.json'), 'utf8'))
  writeFileSync(join(folder, 'tokenizer.json'), JSON.stringify({ ...tokenizer, truncation: null, padding: null }))
  const config = JSON.parse(readFileSync(join(tokenizerFolder, 'tokenizer_config.json'), 'utf8'))
  writeFileSync(join(folder, 'tokenizer_config.json'), JSON.stringify({ ...config, model_max_length: maxTokens }))
}

export function bertConfig(shape: EncoderShape): Record<string, unknown> {
  return {
    model_type: 'bert',
    architectures: ['BertModel'],
    hidden_size: shape.hidden,
    num_hidden_layers: shape.layers,
    num_attention_heads: shape.heads,
    intermediate_size: shape.intermediate,
    vocab_size: shape.vocabulary,
    max_position_embeddings: shape.positions,
    type_vocab_size: shape.tokenTypes,
    hidden_act: 'gelu',
    layer_norm_eps: shape.layerNormEpsilon,
    pad_token_id: 0,
  }
}
