import type { EncoderTier } from '../../core/types.js'
import { Arena } from './arena.js'
import type { CodedDense, CodedEncoder, LayerNorm } from './coded-weights.js'
import { type PackedDense, packDense, padded16 } from './pack-weights.js'

/** A weight and a bias, plain and times the smoothing of the next layer's input; addresses, 0: none. */
export interface PackedNorm {
  plain: number
  smoothed: number
}

/** Two dense layers with an activation between them, in parts whose inner activations have a range each. */
export interface PackedInner {
  into: readonly PackedDense[]
  from: readonly PackedDense[]
}

export interface PackedLayer {
  query: PackedDense
  key: PackedDense
  value: PackedDense
  output: PackedDense
  attentionNorm: PackedNorm
  feedForward: PackedInner
  outputNorm: PackedNorm
}

/** An adapter in the encoder's memory; `null` for a layer without one. */
export type PackedAdapter = readonly (PackedInner | null)[]

/** Where the weights of an encoder lie in a memory: plain data, the same for all threads. */
export interface PackedEncoder extends Pick<CodedEncoder, 'shape' | 'pooling' | 'adapters'> {
  tier: EncoderTier
  /** Tokens of the longest text. */
  maxTokens: number
  vocabulary: number
  /** Addresses of the embeddings. */
  words: number
  scales: number
  positions: number
  norm: PackedNorm
  layers: readonly PackedLayer[]
  /** 1 / factors by which the input of the last layer's query is multiplied, if there are any. */
  lastSmoothing: Float32Array | null
  /** Bytes at the beginning of the memory that hold the weights. */
  byteLength: number
}

/** A packed encoder and its memory, which other threads share; or a copy of it, for a thread that cannot. Can be posted. */
export interface EncoderShare {
  packed: PackedEncoder
  memory: WebAssembly.Memory | ArrayBuffer
}

/**
 * Copies the weights into the layout of a tier's kernels; `encoder` may be freed afterwards.
 *
 * @param maxTokens Tokens of the longest text.
 * @throws Specter2Error `RUNTIME_FAILED` if memory runs out.
 */
export function packEncoder(
  encoder: CodedEncoder,
  tier: EncoderTier,
  maxTokens: number,
): { packed: PackedEncoder; memory: WebAssembly.Memory } {
  const arena = new Arena()
  const { layers, words, positions, norm, shape, pooling, adapters } = encoder
  const { hidden } = shape
  const packed = {
    shape,
    pooling,
    adapters,
    tier,
    maxTokens: Math.min(maxTokens, positions.length / hidden),
    vocabulary: words.scales.length,
    words: arena.bytes(words.codes),
    scales: arena.floats(words.scales),
    positions: arena.floats(positions),
    norm: packNorm(arena, norm, layers[0]!.query.smoothing),
    layers: layers.map((layer, index) => {
      const pack = (name: 'query' | 'key' | 'value' | 'output') => packDense(arena, tier, layer[name])
      return {
        query: pack('query'),
        key: pack('key'),
        value: pack('value'),
        output: pack('output'),
        attentionNorm: packNorm(arena, layer.attentionNorm, layer.up.smoothing),
        feedForward: packInner(arena, tier, hidden, layer.up, layer.down),
        outputNorm: packNorm(arena, layer.outputNorm, layers[index + 1]?.query.smoothing ?? null),
      }
    }),
    // Copied, since a view would keep the whole graph.
    lastSmoothing: layers.at(-1)!.query.smoothing?.slice() ?? null,
  }
  return { packed: { ...packed, byteLength: arena.byteLength }, memory: arena.memory }
}

/** The inner width is cut into parts no wider than the model, which the buffers hold. */
export function packInner(arena: Arena, tier: EncoderTier, hidden: number, into: CodedDense, from: CodedDense): PackedInner {
  const parts = Math.ceil(from.inputs / hidden)
  const width = padded16(Math.ceil(from.inputs / parts))
  const ranges = Array.from(
    { length: parts },
    (_, part) => [part * width, Math.min((part + 1) * width, padded16(from.inputs))] as const,
  )
  return {
    into: ranges.map((outputs) => packDense(arena, tier, into, { outputs })),
    from: ranges.map((inputs, part) => packDense(arena, tier, from, { inputs, hasBias: part === 0 })),
  }
}

function packNorm(arena: Arena, { weight, bias }: LayerNorm, smoothing: Float32Array | null): PackedNorm {
  const both = Float32Array.of(...weight, ...bias)
  const plain = arena.floats(both)
  if (!smoothing) return { plain, smoothed: 0 }
  return { plain, smoothed: arena.floats(both.map((value, index) => value * smoothing[index % weight.length]!)) }
}
