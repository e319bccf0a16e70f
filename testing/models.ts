import * as ort from 'onnxruntime-web/webgpu'
import { type ByteSource, bytesSource } from '../src/core/checkpoint/byte-source.js'
import { toFloat32 } from '../src/core/checkpoint/float-values.js'
import type { PublishedFolder } from '../src/core/checkpoint/published-folder.js'
import { writeSafetensors } from '../src/core/checkpoint/safetensors.js'
import type { CheckpointTensor } from '../src/core/checkpoint/tensors.js'
import type { FolderSink } from '../src/core/converter/convert.js'
import type { EncoderShape } from '../src/core/converter/encoder-graph.js'
import { EncoderWeights } from '../src/core/converter/encoder-weights.js'
import { encodeOnnx, type OnnxGraph } from '../src/core/converter/onnx-writer.js'
import { BLOCK, type FourBits } from '../src/core/converter/rounding.js'
import { runtimeFiles } from '../src/engine/runtime-files.js'
import { runtimeFolder } from '../src/node/paths.js'
import { normalNumbers } from './random-numbers.js'

// Helpers for tests of the converter: folders in memory, random encoders, the runtime.

export type Bytes = Uint8Array<ArrayBuffer>

export const utf8 = (text: string): Bytes => new TextEncoder().encode(text)
export const json = (value: unknown): Bytes => utf8(JSON.stringify(value))

/** A published folder in memory; `null` removes a file. */
export function memoryFolder(name: string, files: Readonly<Record<string, Uint8Array | null>>): PublishedFolder {
  return {
    name,
    async open(path): Promise<ByteSource | null> {
      const bytes = Object.hasOwn(files, path) ? files[path] : null
      return bytes ? bytesSource(path.replace(/^.*\//, ''), bytes) : null
    },
  }
}

/** A sink that writes a folder to memory. */
export class MemorySink implements FolderSink {
  readonly files = new Map<string, Bytes>()
  /** Lengths of the chunks of each file, as written. */
  readonly chunks = new Map<string, number[]>()

  async write(path: string, chunks: AsyncIterable<Bytes>): Promise<void> {
    const parts: Bytes[] = []
    for await (const chunk of chunks) parts.push(chunk)
    this.chunks.set(
      path,
      parts.map(({ length }) => length),
    )
    this.files.set(path, joined(parts))
  }

  async read(path: string): Promise<Bytes> {
    const bytes = this.files.get(path)
    if (!bytes) throw new Error(`no file ${path}`)
    return bytes
  }

  json(path: string): Record<string, unknown> {
    return JSON.parse(new TextDecoder().decode(this.files.get(path)))
  }
}

export function joined(parts: readonly Uint8Array[]): Bytes {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let offset = 0
  for (const part of parts) {
    bytes.set(part, offset)
    offset += part.length
  }
  return bytes
}

/** All bytes of an ONNX graph. */
export async function onnxBytes(graph: OnnxGraph): Promise<Bytes> {
  const parts: Uint8Array[] = []
  for await (const part of encodeOnnx(graph)) parts.push(part)
  return joined(parts)
}

/** A session of the runtime that pages use, with one thread. */
export async function createSession(graph: OnnxGraph | Bytes): Promise<ort.InferenceSession> {
  ort.env.wasm.numThreads = 1
  ort.env.wasm.wasmPaths = runtimeFiles('wasm', runtimeFolder())
  ort.env.logLevel = 'error'
  const bytes = graph instanceof Uint8Array ? graph : await onnxBytes(graph)
  return ort.InferenceSession.create(bytes, { executionProviders: ['wasm'] })
}

export const float32Tensor = (data: Float32Array, dims: readonly number[]) => new ort.Tensor('float32', data, [...dims])
export const int64Tensor = (values: readonly number[], dims: readonly number[]) =>
  new ort.Tensor('int64', BigInt64Array.from(values, BigInt), [...dims])

/** A tensor in memory, under its name in transformers. */
export interface NamedTensor {
  name: string
  shape: readonly number[]
  data: Float32Array<ArrayBuffer>
}

export const smallShape: EncoderShape = {
  hidden: 32,
  layers: 2,
  heads: 4,
  intermediate: 64,
  vocabulary: 50,
  positions: 40,
  tokenTypes: 2,
  layerNormEpsilon: 1e-12,
  activation: 'gelu',
}

/** Random weights of a whole BERT encoder, large enough that every part of it has an effect. */
export function randomTensors(shape: EncoderShape, seed: number): NamedTensor[] {
  const { hidden, intermediate } = shape
  const normal = normalNumbers(seed)
  const tensor = (name: string, dims: readonly number[], deviation: number, mean = 0): NamedTensor => ({
    name,
    shape: dims,
    data: Float32Array.from({ length: dims.reduce((product, dim) => product * dim, 1) }, () => normal(mean, deviation)),
  })
  const dense = (name: string, inputs: number, outputs: number) => [
    tensor(`${name}.weight`, [outputs, inputs], 1.2 / Math.sqrt(inputs)),
    tensor(`${name}.bias`, [outputs], 0.2),
  ]
  const norm = (name: string) => [
    tensor(`${name}.LayerNorm.weight`, [hidden], 0.2, 1),
    tensor(`${name}.LayerNorm.bias`, [hidden], 0.2),
  ]
  const layers = Array.from({ length: shape.layers }, (_, layer) => {
    const name = `encoder.layer.${layer}`
    return [
      ...dense(`${name}.attention.self.query`, hidden, hidden),
      ...dense(`${name}.attention.self.key`, hidden, hidden),
      ...dense(`${name}.attention.self.value`, hidden, hidden),
      ...dense(`${name}.attention.output.dense`, hidden, hidden),
      ...norm(`${name}.attention.output`),
      ...dense(`${name}.intermediate.dense`, hidden, intermediate),
      ...dense(`${name}.output.dense`, intermediate, hidden),
      ...norm(`${name}.output`),
    ]
  })
  return [
    tensor('embeddings.word_embeddings.weight', [shape.vocabulary, hidden], 1),
    tensor('embeddings.position_embeddings.weight', [shape.positions, hidden], 0.3),
    tensor('embeddings.token_type_embeddings.weight', [shape.tokenTypes, hidden], 0.3),
    ...norm('embeddings'),
    ...layers.flat(),
  ]
}

export function encoderWeights(tensors: readonly NamedTensor[]): EncoderWeights {
  const checkpoint = new Map<string, CheckpointTensor>(
    tensors.map(({ name, shape, data }) => [name, { name, shape, read: async () => data.slice() }]),
  )
  return new EncoderWeights(checkpoint, 'model.safetensors')
}

/** The `config.json` of a shape. */
export function configOf(shape: EncoderShape): Record<string, unknown> {
  return {
    model_type: 'bert',
    hidden_act: { gelu: 'gelu', gelu_tanh: 'gelu_new', relu: 'relu' }[shape.activation],
    hidden_size: shape.hidden,
    num_hidden_layers: shape.layers,
    num_attention_heads: shape.heads,
    intermediate_size: shape.intermediate,
    vocab_size: shape.vocabulary,
    max_position_embeddings: shape.positions,
    type_vocab_size: shape.tokenTypes,
    layer_norm_eps: shape.layerNormEpsilon,
  }
}

/** Files of a published checkpoint with random weights, complete except for its pooling. */
export function publishedFiles(shape: EncoderShape = smallShape, seed = 1): Record<string, Bytes> {
  const words = Array.from({ length: shape.vocabulary - 5 }, (_, index) =>
    String.fromCharCode(97 + (index % 26), 97 + index / 26),
  )
  return {
    'config.json': json(configOf(shape)),
    'model.safetensors': writeSafetensors(randomTensors(shape, seed)),
    'vocab.txt': utf8(['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]', ...words].join('\n')),
  }
}

/** A published adapter with random weights: its configuration, and its tensors under the library's names. */
export function publishedAdapter(
  { hidden, layers }: Pick<EncoderShape, 'hidden' | 'layers'>,
  bottleneck: number,
  seed = 1,
): Record<string, Bytes> {
  const normal = normalNumbers(seed)
  const values = (length: number) => Float32Array.from({ length }, () => normal(0, 0.3))
  const tensors = Array.from({ length: layers }, (_, layer) => {
    const name = `bert.encoder.layer.${layer}.output.adapters.test.adapter_`
    return [
      { name: `${name}down.0.weight`, shape: [bottleneck, hidden], data: values(bottleneck * hidden) },
      { name: `${name}down.0.bias`, shape: [bottleneck], data: values(bottleneck) },
      { name: `${name}up.weight`, shape: [hidden, bottleneck], data: values(bottleneck * hidden) },
      { name: `${name}up.bias`, shape: [hidden], data: values(hidden) },
    ]
  })
  return {
    'adapter_config.json': json({
      name: 'test',
      hidden_size: hidden,
      config: { original_ln_before: true, non_linearity: 'relu', reduction_factor: hidden / bottleneck },
    }),
    'adapter_model.safetensors': writeSafetensors(tensors.flat()),
  }
}

/** NaN if any of the numbers is. */
export function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) throw new RangeError(`${a.length} numbers and ${b.length}`)
  let largest = 0
  for (let index = 0; index < a.length; index++) {
    const difference = Math.abs(a[index]! - b[index]!)
    // NaN must not count as a small difference.
    if (Number.isNaN(difference)) return difference
    largest = Math.max(largest, difference)
  }
  return largest
}

export function cosine(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let product = 0
  let squaresA = 0
  let squaresB = 0
  for (let index = 0; index < a.length; index++) {
    product += a[index]! * b[index]!
    squaresA += a[index]! ** 2
    squaresB += b[index]! ** 2
  }
  return product / Math.sqrt(squaresA * squaresB)
}

/** Values of packed codes: [inputs, outputs]. */
export function fromFourBits({ codes, scales }: FourBits, inputs: number, outputs: number): Float32Array<ArrayBuffer> {
  const steps = toFloat32(new Uint8Array(scales.slice().buffer), 'F16')
  return Float32Array.from({ length: inputs * outputs }, (_, index) => {
    const [input, output] = [Math.floor(index / outputs), index % outputs]
    const byte = codes[(output * inputs + input) >> 1]!
    const code = input % 2 === 0 ? byte & 15 : byte >> 4
    return (code - 8) * steps[Math.floor((output * inputs + input) / BLOCK)]!
  })
}
