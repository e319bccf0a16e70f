/** The forward pass of a BERT encoder over 8-bit weights: a list of steps, each a call of a kernel. */
import type { AdapterWeights } from '../../core/checkpoint/adapter-checkpoint.js'
import { Specter2Error } from '../../core/errors.js'
import { Arena } from './arena.js'
import type { CodedDense, CodedEncoder, LayerNorm } from './coded-weights.js'
import { type EncoderKernels, instantiate, LAYOUTS, type Tier } from './kernels.js'
import { type PackedDense, packDense, padded16, releaseDense } from './pack-weights.js'
import { roundColumns } from './round-columns.js'

/**
 * Rows that go through a layer together: few enough for the second cache, many enough that weights are not read too often; whole
 * tiles of every tier.
 */
const BLOCK = 96
/** Tokens of texts that run as one matrix, unless a single text has more. */
export const GROUP_TOKENS = 256
/** Texts that run as one matrix. */
const GROUP_TEXTS = 64
const ACTIVATIONS = { gelu: 0, gelu_tanh: 1, relu: 2 } as const

/** A weight and a bias, plain and times the smoothing of the next layer's input; addresses, 0: none. */
interface PackedNorm {
  plain: number
  smoothed: number
}

/** Two dense layers with an activation between them, in parts whose inner activations have a range each. */
interface PackedInner {
  into: readonly PackedDense[]
  from: readonly PackedDense[]
}

interface PackedLayer {
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

/** Codes of rows: their tiles, and step and offset of each row. */
interface Codes {
  codes: number
  rows: number
}

/** Why the kernels cannot run an encoder of this shape; `null` if they can. */
export function unsupportedShape({ shape: { hidden, heads } }: Pick<CodedEncoder, 'shape'>, maxTokens: number): string | null {
  if (hidden % heads > 0 || (hidden / heads) % 16 > 0)
    return `its heads are ${hidden / heads} wide, which is not a multiple of 16`
  // Sums of 16-bit shares with bytes must stay below 2^31.
  if (maxTokens > 1024) return `it reads ${maxTokens} tokens, more than 1024`
  return null
}

/** An encoder in a WASM memory of its own. */
export class WasmEncoder {
  readonly #arena = new Arena()
  readonly #kernels: EncoderKernels
  readonly #tier: Tier
  readonly #encoder: Omit<CodedEncoder, 'layers' | 'words' | 'positions'>
  readonly #maxTokens: number
  readonly #vocabulary: number
  readonly #words: number
  readonly #scales: number
  readonly #positions: number
  readonly #norm: PackedNorm
  readonly #layers: readonly PackedLayer[]
  /** 1 / factors by which the input of the last layer's query is multiplied, if there are any. */
  readonly #lastSmoothing: Float32Array | null
  readonly #buffers: ReturnType<WasmEncoder['allocate']>

  /**
   * Copies the weights; `encoder` may be freed afterwards.
   *
   * @param maxTokens Tokens of the longest text.
   * @throws Specter2Error `RUNTIME_FAILED` if memory runs out; CompileError if the engine lacks the tier's instructions.
   */
  constructor(encoder: CodedEncoder, tier: Tier, maxTokens: number) {
    const { layers, words, positions, ...rest } = encoder
    const { hidden } = rest.shape
    this.#encoder = rest
    this.#tier = tier
    this.#kernels = instantiate(tier, this.#arena.memory)
    this.#maxTokens = Math.min(maxTokens, positions.length / hidden)
    this.#vocabulary = words.scales.length
    this.#words = this.#arena.bytes(words.codes)
    this.#scales = this.#arena.floats(words.scales)
    this.#positions = this.#arena.floats(positions)
    this.#norm = this.#packNorm(rest.norm, layers[0]!.query.smoothing)
    this.#layers = layers.map((layer, index) => {
      const pack = (name: 'query' | 'key' | 'value' | 'output') => packDense(this.#arena, tier, layer[name])
      return {
        query: pack('query'),
        key: pack('key'),
        value: pack('value'),
        output: pack('output'),
        attentionNorm: this.#packNorm(layer.attentionNorm, layer.up.smoothing),
        feedForward: this.#packInner(layer.up, layer.down),
        outputNorm: this.#packNorm(layer.outputNorm, layers[index + 1]?.query.smoothing ?? null),
      }
    })
    this.#lastSmoothing = layers.at(-1)!.query.smoothing
    this.#buffers = this.allocate()
  }

  /** Bytes of the memory. */
  get byteLength(): number {
    return this.#arena.memory.buffer.byteLength
  }

  /** Copies an adapter into the memory; its weights are rounded to 8 bits. @throws Specter2Error `INVALID_MODEL` if a weight is NaN or infinite. */
  packAdapter({ layers }: AdapterWeights): PackedAdapter {
    const { hidden } = this.#encoder.shape
    return layers.map(({ down, up, bottleneck }) =>
      bottleneck === 0 ? null : this.#packInner(roundColumns(down, hidden, bottleneck), roundColumns(up, bottleneck, hidden)),
    )
  }

  /** Makes the memory of an adapter free for the next one. */
  releaseAdapter(adapter: PackedAdapter): void {
    for (const layer of adapter) for (const dense of layer ? [...layer.into, ...layer.from] : []) releaseDense(this.#arena, dense)
  }

  /**
   * Vectors [texts.length, hidden], not normalized. Texts run one after another in one matrix without padding, so that a vector does
   * not depend on the texts beside it.
   *
   * @param texts Token ids.
   * @throws Specter2Error `RUNTIME_FAILED` if an id or the number of tokens is too large, or a vector is not finite.
   */
  run(texts: readonly (readonly number[])[], adapter: PackedAdapter | null): Float32Array<ArrayBuffer> {
    const { hidden } = this.#encoder.shape
    const vectors = new Float32Array(texts.length * hidden)
    for (let first = 0; first < texts.length; ) {
      let tokens = 0
      let next = first
      while (next < texts.length && next - first < GROUP_TEXTS) {
        const { length } = this.#checked(texts[next]!)
        if (next > first && tokens + length > GROUP_TOKENS) break
        tokens += length
        next++
      }
      vectors.set(this.#forward(texts.slice(first, next), tokens, adapter), first * hidden)
      first = next
    }
    if (!vectors.every(Number.isFinite)) throw failed('a vector holds values that are not numbers')
    return vectors
  }

  #checked(ids: readonly number[]): readonly number[] {
    if (ids.length === 0 || ids.length > this.#maxTokens)
      throw failed(`${ids.length} tokens are not from 1 to ${this.#maxTokens}`)
    const wrong = ids.find((id) => !(id >= 0 && id < this.#vocabulary))
    if (wrong !== undefined) throw failed(`token ${wrong} is not in the vocabulary of ${this.#vocabulary}`)
    return ids
  }

  #forward(texts: readonly (readonly number[])[], tokens: number, adapter: PackedAdapter | null): Float32Array {
    const { hidden, layerNormEpsilon } = this.#encoder.shape
    const { x, ids, places, block, scratch } = this.#buffers
    const { buffer } = this.#arena.memory
    new Int32Array(buffer, ids, tokens).set(texts.flat())
    new Int32Array(buffer, places, tokens).set(texts.flatMap(({ length }) => Array.from({ length }, (_, place) => place)))
    const row = hidden * 4
    const isFirstOnly = this.#encoder.pooling === 'cls'
    const last = this.#layers.length - 1
    const blocks = this.#blocks(tokens)
    for (const { from, count } of blocks) {
      const to = x + from * row
      this.#kernels.embedRows(ids + from * 4, places + from * 4, count, hidden, this.#words, this.#scales, this.#positions, to)
      const { plain, smoothed } = this.#norm
      this.#kernels.normalizeRows(to, to, count, hidden, plain, smoothed, layerNormEpsilon, scratch, block.codes, block.rows)
      this.#project(0, from, count, !(isFirstOnly && last === 0))
    }
    for (const layer of this.#layers.keys()) {
      if (isFirstOnly && layer === last) return this.#lastLayer(texts, adapter)
      this.#attend(texts)
      for (const { from, count } of blocks) {
        this.#feedForward(layer, x + from * row, this.#buffers.context + from * row, count, adapter)
        if (layer < last) this.#project(layer + 1, from, count, !(isFirstOnly && layer + 1 === last))
      }
    }
    let first = 0
    for (const [index, { length }] of texts.entries()) {
      this.#kernels.meanOfRows(x + first * row, length, hidden, this.#buffers.first + index * row)
      first += length
    }
    return new Float32Array(buffer, this.#buffers.first, texts.length * hidden)
  }

  /** Near-equal parts of the rows, in whole tiles. */
  #blocks(rows: number): { from: number; count: number }[] {
    const tile = LAYOUTS[this.#tier].rows
    const size = Math.ceil(rows / Math.ceil(rows / BLOCK) / tile) * tile
    return Array.from({ length: Math.ceil(rows / size) }, (_, index) => ({
      from: index * size,
      count: Math.min(size, rows - index * size),
    }))
  }

  #product({ codes, rows }: Codes, count: number, dense: PackedDense, out: number, outBytes: number, add: boolean): void {
    const { inputs, panels, columns, panelCount } = dense
    this.#kernels.product(codes, rows, count, inputs, panels, columns, panelCount, out, outBytes, add)
  }

  /** Queries, keys and values of a block's codes. */
  #project(layer: number, from: number, count: number, withQuery: boolean): void {
    const { query, key, value } = this.#layers[layer]!
    const row = this.#encoder.shape.hidden * 4
    const out = this.#buffers.projected + from * row * 3
    if (withQuery) this.#product(this.#buffers.block, count, query, out, row * 3, false)
    this.#product(this.#buffers.block, count, key, out + row, row * 3, false)
    this.#product(this.#buffers.block, count, value, out + row * 2, row * 3, false)
  }

  #attend(texts: readonly (readonly number[])[]): void {
    const { heads, hidden } = this.#encoder.shape
    const { projected, context, attention } = this.#buffers
    const [row, width] = [hidden * 4, hidden / heads]
    let first = 0
    for (const { length } of texts) {
      for (let head = 0; head < heads; head++) {
        const query = projected + first * row * 3 + head * width * 4
        const out = context + first * row + head * width * 4
        this.#kernels.attend(query, row * 3, length, query + row, query + row * 2, row * 3, length, width, out, row, attention)
      }
      first += length
    }
  }

  /** All of a layer after attention, for rows of x; leaves the codes of the result in the block. */
  #feedForward(layer: number, x: number, context: number, count: number, adapter: PackedAdapter | null): void {
    const { hidden, activation, layerNormEpsilon: epsilon } = this.#encoder.shape
    const { output, attentionNorm, feedForward, outputNorm } = this.#layers[layer]!
    const { block, inner, wide, scratch } = this.#buffers
    const [row, kernels] = [hidden * 4, this.#kernels]
    const normalize = (to: number, { plain, smoothed }: PackedNorm) =>
      kernels.normalizeRows(x, to, count, hidden, plain, smoothed, epsilon, scratch, block.codes, block.rows)
    kernels.quantizeRows(context, count, hidden, row, block.codes, block.rows)
    this.#product(block, count, output, x, row, true)
    normalize(x, attentionNorm)
    const throughInner = (packed: PackedInner, activated: number) => {
      for (const [part, into] of packed.into.entries()) {
        const from = packed.from[part]!
        this.#product(block, count, into, wide, from.inputs * 4, false)
        kernels.activateRows(wide, count, from.inputs, activated, inner.codes, inner.rows)
        this.#product(inner, count, from, x, row, true)
      }
    }
    throughInner(feedForward, ACTIVATIONS[activation])
    const own = adapter?.[layer]
    if (own) {
      normalize(this.#buffers.adapted, { plain: outputNorm.plain, smoothed: 0 })
      throughInner(own, ACTIVATIONS.relu)
    }
    normalize(x, outputNorm)
  }

  /** The last layer for the first token of each text, as only that is pooled. */
  #lastLayer(texts: readonly (readonly number[])[], adapter: PackedAdapter | null): Float32Array {
    const { heads, hidden } = this.#encoder.shape
    const { x, first, scratchRows, projected, context, block, attention } = this.#buffers
    const [row, width] = [hidden * 4, hidden / heads]
    const { buffer } = this.#arena.memory
    const starts = texts.map((_, index) => texts.slice(0, index).reduce((sum, { length }) => sum + length, 0))
    const firsts = new Float32Array(buffer, first, texts.length * hidden)
    for (const [index, start] of starts.entries()) firsts.set(new Float32Array(buffer, x + start * row, hidden), index * hidden)
    const smoothing = this.#lastSmoothing
    const inputs = new Float32Array(buffer, scratchRows, texts.length * hidden)
    inputs.set(smoothing ? firsts.map((value, index) => value * smoothing[index % hidden]!) : firsts)
    this.#kernels.quantizeRows(scratchRows, texts.length, hidden, row, block.codes, block.rows)
    this.#product(block, texts.length, this.#layers.at(-1)!.query, scratchRows, row, false)
    for (const [index, { length }] of texts.entries()) {
      for (let head = 0; head < heads; head++) {
        const [query, out] = [scratchRows, context].map((address) => address + index * row + head * width * 4) as [number, number]
        const key = projected + starts[index]! * row * 3 + row + head * width * 4
        this.#kernels.attend(query, row, 1, key, key + row, row * 3, length, width, out, row, attention)
      }
    }
    this.#feedForward(this.#layers.length - 1, first, context, texts.length, adapter)
    return firsts
  }

  #packNorm({ weight, bias }: LayerNorm, smoothing: Float32Array | null): PackedNorm {
    const both = Float32Array.of(...weight, ...bias)
    const plain = this.#arena.floats(both)
    if (!smoothing) return { plain, smoothed: 0 }
    return { plain, smoothed: this.#arena.floats(both.map((value, index) => value * smoothing[index % weight.length]!)) }
  }

  /** The inner width is cut into parts no wider than the model, which the buffers hold. */
  #packInner(into: CodedDense, from: CodedDense): PackedInner {
    const parts = Math.ceil(from.inputs / this.#encoder.shape.hidden)
    const width = padded16(Math.ceil(from.inputs / parts))
    const ranges = Array.from(
      { length: parts },
      (_, part) => [part * width, Math.min((part + 1) * width, padded16(from.inputs))] as const,
    )
    return {
      into: ranges.map((outputs) => packDense(this.#arena, this.#tier, into, { outputs })),
      from: ranges.map((inputs, part) => packDense(this.#arena, this.#tier, from, { inputs, hasBias: part === 0 })),
    }
  }

  /** Buffers for one group of texts. */
  private allocate() {
    const { hidden, heads } = this.#encoder.shape
    const arena = this.#arena
    const rows = Math.max(this.#maxTokens, GROUP_TOKENS)
    const codes = (): Codes => ({
      codes: arena.take(BLOCK * hidden * LAYOUTS[this.#tier].codeBytes),
      rows: arena.take(BLOCK * 8),
    })
    return {
      ids: arena.take(rows * 4),
      places: arena.take(rows * 4),
      x: arena.take(rows * hidden * 4),
      projected: arena.take(rows * hidden * 3 * 4),
      context: arena.take(rows * hidden * 4),
      first: arena.take(GROUP_TEXTS * hidden * 4),
      scratchRows: arena.take(GROUP_TEXTS * hidden * 4),
      scratch: arena.take(hidden * 4),
      block: codes(),
      inner: codes(),
      wide: arena.take(BLOCK * hidden * 4),
      adapted: arena.take(BLOCK * hidden * 4),
      attention: arena.take(this.#kernels.attentionBytes(this.#maxTokens, hidden / heads)),
    }
  }
}

function failed(reason: string): Specter2Error {
  return new Specter2Error('RUNTIME_FAILED', `The encoder failed: ${reason}.`, { details: { device: 'wasm' } })
}
