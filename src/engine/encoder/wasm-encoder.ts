/** The forward pass of a BERT encoder over 8-bit weights: a list of steps, each a call of a kernel. */
import type { AdapterWeights } from '../../core/checkpoint/adapter-checkpoint.js'
import { Specter2Error } from '../../core/errors.js'
import { LAYOUTS } from '../../core/kernels/encoder-tiers.js'
import { Arena } from './arena.js'
import type { CodedEncoder } from './coded-weights.js'
import { alone, type Helpers, helpersShare, type Share, TEAM_BYTES, type TeamCall, TeamLeader } from './encoder-team.js'
import { type EncoderKernels, instantiate, isShared } from './kernels.js'
import {
  type EncoderShare,
  type PackedAdapter,
  type PackedEncoder,
  type PackedInner,
  type PackedNorm,
  packInner,
} from './pack-encoder.js'
import { type PackedDense, releaseDense } from './pack-weights.js'
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

/** What a helper thread needs: the weights and the buffers that a team shares. Can be posted. */
export interface HelperSetup extends EncoderShare {
  memory: WebAssembly.Memory
  texts: TextBuffers
}

type TextBuffers = ReturnType<WasmEncoder['allocateTexts']>

/** One thread's encoder on a WASM memory, which may hold those of other threads, too. */
export class WasmEncoder {
  readonly #arena: Arena
  readonly #kernels: EncoderKernels
  readonly #packed: PackedEncoder
  readonly #texts: TextBuffers
  readonly #buffers: ReturnType<WasmEncoder['allocate']>

  /**
   * @param share A copy of the weights, rather than the memory itself, may be freed afterwards.
   * @param texts Of the encoder that this one helps; default: its own.
   * @throws Specter2Error `RUNTIME_FAILED` if memory runs out; CompileError if the engine lacks the tier's instructions.
   */
  constructor({ packed, memory }: EncoderShare, texts?: TextBuffers) {
    this.#packed = packed
    this.#arena = memory instanceof ArrayBuffer ? Arena.of(memory) : new Arena(memory)
    this.#kernels = instantiate(packed.tier, this.#arena.memory)
    this.#texts = texts ?? this.allocateTexts()
    this.#buffers = this.allocate()
  }

  /** Bytes of the memory. */
  get byteLength(): number {
    return this.#arena.memory.buffer.byteLength
  }

  /** The weights for an encoder of another thread: the memory itself if it can be shared, otherwise a copy. */
  share(): EncoderShare {
    const { memory } = this.#arena
    return {
      packed: this.#packed,
      memory: isShared(memory) ? memory : (memory.buffer.slice(0, this.#packed.byteLength) as ArrayBuffer),
    }
  }

  /** What a thread needs to help this encoder; `null` if the memory cannot be shared. */
  get helperSetup(): HelperSetup | null {
    const { memory } = this.#arena
    return isShared(memory) ? { packed: this.#packed, memory, texts: this.#texts } : null
  }

  /** Takes part in another thread's text. */
  help({ lengths, adapter, threads, step }: TeamCall): void {
    this.#pass(lengths, adapter, threads, helpersShare(this.#arena.memory, this.#texts.team, step))
  }

  /** Copies an adapter into the memory; its weights are rounded to 8 bits. @throws Specter2Error `INVALID_MODEL` if a weight is NaN or infinite. */
  packAdapter({ layers }: AdapterWeights): PackedAdapter {
    const { shape, tier } = this.#packed
    const { hidden } = shape
    return layers.map(({ down, up, bottleneck }) => {
      if (bottleneck === 0) return null
      return packInner(this.#arena, tier, hidden, roundColumns(down, hidden, bottleneck), roundColumns(up, bottleneck, hidden))
    })
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
   * @param helpers Take part if the encoder has the memory of {@link helperSetup}; the bits are the same.
   * @throws Specter2Error `RUNTIME_FAILED` if an id or the number of tokens is too large, or a vector is not finite.
   */
  run(texts: readonly (readonly number[])[], adapter: PackedAdapter | null, helpers?: Helpers): Float32Array<ArrayBuffer> {
    const { hidden } = this.#packed.shape
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
      vectors.set(this.#forward(texts.slice(first, next), tokens, adapter, helpers), first * hidden)
      first = next
    }
    if (!vectors.every(Number.isFinite)) throw failed('a vector holds values that are not numbers')
    return vectors
  }

  #checked(ids: readonly number[]): readonly number[] {
    if (ids.length === 0 || ids.length > this.#packed.maxTokens)
      throw failed(`${ids.length} tokens are not from 1 to ${this.#packed.maxTokens}`)
    const wrong = ids.find((id) => !(id >= 0 && id < this.#packed.vocabulary))
    if (wrong !== undefined) throw failed(`token ${wrong} is not in the vocabulary of ${this.#packed.vocabulary}`)
    return ids
  }

  #forward(
    texts: readonly (readonly number[])[],
    tokens: number,
    adapter: PackedAdapter | null,
    helpers?: Helpers,
  ): Float32Array {
    const { shape, pooling } = this.#packed
    const { ids, places, x, team } = this.#texts
    const { first } = this.#buffers
    const { memory } = this.#arena
    const lengths = texts.map(({ length }) => length)
    new Int32Array(memory.buffer, ids, tokens).set(texts.flat())
    new Int32Array(memory.buffer, places, tokens).set(lengths.flatMap((length) => Array.from({ length }, (_, place) => place)))
    if (helpers) {
      const leader = new TeamLeader(memory, team)
      const threads = 1 + helpers.count
      helpers.call({ lengths, adapter, threads, step: leader.step })
      this.#pass(lengths, adapter, threads, leader.share)
    } else this.#pass(lengths, adapter, 1, alone)
    if (pooling === 'cls') return this.#lastLayer(lengths, adapter)
    for (const [text, start] of startsOf(lengths).entries())
      this.#kernels.meanOfRows(x + start * shape.hidden * 4, lengths[text]!, shape.hidden, first + text * shape.hidden * 4)
    return new Float32Array(memory.buffer, first, texts.length * shape.hidden)
  }

  /** All layers, or all but the last if only first tokens are pooled; each thread of a team does its share. */
  #pass(lengths: readonly number[], adapter: PackedAdapter | null, threads: number, share: Share): void {
    const { shape, pooling, norm, layers, words, scales, positions } = this.#packed
    const { hidden, heads, layerNormEpsilon } = shape
    const { x, context, ids, places } = this.#texts
    const { block, scratch } = this.#buffers
    const row = hidden * 4
    const last = layers.length - 1
    const blocks = this.#blocks(
      lengths.reduce((sum, length) => sum + length, 0),
      threads,
    )
    const starts = startsOf(lengths)
    const isLast = (layer: number) => pooling === 'cls' && layer === last
    share(blocks.length, (index) => {
      const { from, count } = blocks[index]!
      const to = x + from * row
      this.#kernels.embedRows(ids + from * 4, places + from * 4, count, hidden, words, scales, positions, to)
      this.#kernels.normalizeRows(
        to,
        to,
        count,
        hidden,
        norm.plain,
        norm.smoothed,
        layerNormEpsilon,
        scratch,
        block.codes,
        block.rows,
      )
      this.#project(0, from, count, !isLast(0))
    })
    for (const layer of layers.keys()) {
      if (isLast(layer)) return
      share(lengths.length * heads, (index) => {
        const text = Math.floor(index / heads)
        this.#attend(starts[text]!, lengths[text]!, index % heads)
      })
      share(blocks.length, (index) => {
        const { from, count } = blocks[index]!
        this.#feedForward(layer, x + from * row, context + from * row, count, adapter)
        if (layer < last) this.#project(layer + 1, from, count, !isLast(layer + 1))
      })
    }
  }

  /** Near-equal parts of the rows, in whole tiles; as many for each thread. */
  #blocks(rows: number, threads: number): { from: number; count: number }[] {
    const tile = LAYOUTS[this.#packed.tier].rows
    const size = Math.ceil(rows / (Math.ceil(rows / BLOCK / threads) * threads) / tile) * tile
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
    const { query, key, value } = this.#packed.layers[layer]!
    const row = this.#packed.shape.hidden * 4
    const out = this.#texts.projected + from * row * 3
    if (withQuery) this.#product(this.#buffers.block, count, query, out, row * 3, false)
    this.#product(this.#buffers.block, count, key, out + row, row * 3, false)
    this.#product(this.#buffers.block, count, value, out + row * 2, row * 3, false)
  }

  #attend(start: number, length: number, head: number): void {
    const { heads, hidden } = this.#packed.shape
    const { projected, context } = this.#texts
    const [row, width] = [hidden * 4, hidden / heads]
    const query = projected + start * row * 3 + head * width * 4
    const out = context + start * row + head * width * 4
    const { attention } = this.#buffers
    this.#kernels.attend(query, row * 3, length, query + row, query + row * 2, row * 3, length, width, out, row, attention)
  }

  /** All of a layer after attention, for rows of x; leaves the codes of the result in the block. */
  #feedForward(layer: number, x: number, context: number, count: number, adapter: PackedAdapter | null): void {
    const { hidden, activation, layerNormEpsilon: epsilon } = this.#packed.shape
    const { output, attentionNorm, feedForward, outputNorm } = this.#packed.layers[layer]!
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
  #lastLayer(lengths: readonly number[], adapter: PackedAdapter | null): Float32Array {
    const { shape, layers, lastSmoothing: smoothing } = this.#packed
    const { heads, hidden } = shape
    const { x, projected, context } = this.#texts
    const { first, scratchRows, block, attention } = this.#buffers
    const [row, width] = [hidden * 4, hidden / heads]
    const { buffer } = this.#arena.memory
    const count = lengths.length
    const starts = startsOf(lengths)
    const firsts = new Float32Array(buffer, first, count * hidden)
    for (const [index, start] of starts.entries()) firsts.set(new Float32Array(buffer, x + start * row, hidden), index * hidden)
    const inputs = new Float32Array(buffer, scratchRows, count * hidden)
    inputs.set(smoothing ? firsts.map((value, index) => value * smoothing[index % hidden]!) : firsts)
    this.#kernels.quantizeRows(scratchRows, count, hidden, row, block.codes, block.rows)
    this.#product(block, count, layers.at(-1)!.query, scratchRows, row, false)
    for (const [index, length] of lengths.entries()) {
      for (let head = 0; head < heads; head++) {
        const [query, out] = [scratchRows, context].map((address) => address + index * row + head * width * 4) as [number, number]
        const key = projected + starts[index]! * row * 3 + row + head * width * 4
        this.#kernels.attend(query, row, 1, key, key + row, row * 3, length, width, out, row, attention)
      }
    }
    this.#feedForward(layers.length - 1, first, context, count, adapter)
    return firsts
  }

  /** What the threads of a team share: buffers for one group of texts. */
  private allocateTexts() {
    const { shape, maxTokens } = this.#packed
    const rows = Math.max(maxTokens, GROUP_TOKENS)
    const arena = this.#arena
    return {
      ids: arena.take(rows * 4),
      places: arena.take(rows * 4),
      x: arena.take(rows * shape.hidden * 4),
      projected: arena.take(rows * shape.hidden * 3 * 4),
      context: arena.take(rows * shape.hidden * 4),
      team: arena.take(TEAM_BYTES),
    }
  }

  /** What each thread has of its own. */
  private allocate() {
    const { shape, tier, maxTokens } = this.#packed
    const { hidden, heads } = shape
    const arena = this.#arena
    const codes = (): Codes => ({ codes: arena.take(BLOCK * hidden * LAYOUTS[tier].codeBytes), rows: arena.take(BLOCK * 8) })
    return {
      first: arena.take(GROUP_TEXTS * hidden * 4),
      scratchRows: arena.take(GROUP_TEXTS * hidden * 4),
      scratch: arena.take(hidden * 4),
      block: codes(),
      inner: codes(),
      wide: arena.take(BLOCK * hidden * 4),
      adapted: arena.take(BLOCK * hidden * 4),
      attention: arena.take(this.#kernels.attentionBytes(maxTokens, hidden / heads)),
    }
  }
}

/** The first row of each text. */
function startsOf(lengths: readonly number[]): number[] {
  let next = 0
  return lengths.map((length) => {
    next += length
    return next - length
  })
}

function failed(reason: string): Specter2Error {
  return new Specter2Error('RUNTIME_FAILED', `The encoder failed: ${reason}.`, { details: { device: 'wasm' } })
}
