import type { CalibrationTexts } from '../calibration-texts.js'
import { type AdapterWeights, adapterTensors, emptyAdapter } from '../checkpoint/adapter-checkpoint.js'
import type { Manifest } from '../model-folder/manifest.js'
import { normalize } from '../normalize.js'
import type { LikenessScale } from '../search/likeness.js'
import { PROBE_TEXTS, scaleOf } from '../search/likeness-probes.js'
import type { AdapterName } from '../types.js'
import type { GraphSession, GraphTensor, TextTokenizer } from './graph-runtime.js'
import { InputStatistics } from './input-statistics.js'
import { OBSERVED } from './linear-forms.js'
import type { Product } from './matrix-product.js'

type Feeds = Readonly<Record<string, GraphTensor>>

export interface ReferenceModelOptions {
  /** The fp32 graph, whose outputs are the embedding and the inputs of its dense layers. */
  session: GraphSession
  tokenizer: TextTokenizer
  manifest: Manifest
  adapters: ReadonlyMap<AdapterName, AdapterWeights>
}

/** The model in fp32, with which quantized ones are calibrated and compared. */
export class ReferenceModel {
  readonly #session: GraphSession
  readonly #tokenizer: TextTokenizer
  readonly #manifest: Manifest
  /** Feeds of the base and of each adapter. */
  readonly #feeds: ReadonlyMap<AdapterName, Feeds>

  constructor({ session, tokenizer, manifest, adapters }: ReferenceModelOptions) {
    this.#session = session
    this.#tokenizer = tokenizer
    this.#manifest = manifest
    const none = emptyAdapter({ hiddenSize: manifest.dimension, layers: manifest.layers })
    const base: Feeds = adapters.size > 0 ? adapterFeeds(none) : {}
    const others = [...adapters].map(([name, weights]) => [name, adapterFeeds(weights)] as const)
    this.#feeds = new Map([['base', base], ...others])
  }

  /** Vectors of texts for the base and each adapter, to seven digits. */
  async vectors(texts: readonly string[]): Promise<Manifest['selfTest']['vectors']> {
    const vectors: Record<string, number[][]> = {}
    for (const [name, feeds] of this.#feeds) {
      vectors[name] = []
      for (const text of texts) {
        const { embedding } = await this.#session.run({ ...feeds, ...tokenFeeds(this.#tokenizer.encodePaper(text).ids) })
        if (this.#manifest.normalized) normalize(embedding!)
        vectors[name].push(Array.from(embedding!, shortened))
      }
    }
    return vectors
  }

  /** What makes likeness of the model's distances, for its adapters of papers and queries. */
  async likeness(signal?: AbortSignal): Promise<LikenessScale> {
    const { defaultAdapter, queryAdapter, metric } = this.#manifest
    const embed = async (ids: readonly number[], adapter: AdapterName) => {
      signal?.throwIfAborted()
      const { embedding } = await this.#session.run({ ...this.#feeds.get(adapter)!, ...tokenFeeds(ids) })
      return Float32Array.from(embedding!)
    }
    const papers: Float32Array[] = []
    for (const paper of PROBE_TEXTS.papers) papers.push(await embed(this.#tokenizer.encodePaper(paper).ids, defaultAdapter))
    const queries: Float32Array[] = []
    for (const query of PROBE_TEXTS.queries) queries.push(await embed(this.#tokenizer.encodeQuery(query).ids, queryAdapter))
    const scale = scaleOf(papers, queries, metric, { paper: defaultAdapter, query: queryAdapter })
    return { ...scale, mean: scale.mean.map(shortened), square: shortened(scale.square) }
  }

  /**
   * Collects statistics of the dense layers' inputs. Each text is run once, through the base and the adapters in turn.
   *
   * @param product If given, Gram matrices are computed with it.
   */
  async observe(
    { papers, queries }: CalibrationTexts,
    product: Product | null,
    { onText, signal }: { onText: (done: number, total: number) => void; signal?: AbortSignal | undefined },
  ): Promise<InputStatistics> {
    const feeds = [...this.#feeds.values()]
    const texts = [
      ...papers.map((paper) => this.#tokenizer.encodePaper(paper).ids),
      ...queries.map((query) => this.#tokenizer.encodeQuery(query).ids),
    ]
    const statistics = new InputStatistics(product)
    // In the last layer, the embedding needs only the first token, which therefore weighs as much as all others together.
    const lastLayer = this.#manifest.pooling === 'cls' ? `encoder.layer.${this.#manifest.layers - 1}.` : null
    for (const [index, ids] of texts.entries()) {
      signal?.throwIfAborted()
      onText(index, texts.length)
      const outputs = await this.#session.run({ ...feeds[index % feeds.length]!, ...tokenFeeds(ids) })
      for (const [output, rows] of Object.entries(outputs)) {
        if (!output.startsWith(OBSERVED)) continue
        const input = output.slice(OBSERVED.length)
        const firstWeight = lastLayer && input.startsWith(lastLayer) ? Math.sqrt(ids.length) : 1
        await statistics.add(input, rows, ids.length, firstWeight)
      }
    }
    onText(texts.length, texts.length)
    await statistics.finish()
    return statistics
  }

  /** Frees the memory of the session. */
  release(): Promise<void> {
    return this.#session.release()
  }
}

/** Seven digits, as float32 has. */
const shortened = (value: number) => Number(value.toPrecision(7))

function tokenFeeds(ids: readonly number[]): Feeds {
  const dims = [1, ids.length]
  return {
    input_ids: { data: BigInt64Array.from(ids, BigInt), dims },
    attention_mask: { data: new BigInt64Array(ids.length).fill(1n), dims },
  }
}

function adapterFeeds(weights: AdapterWeights): Feeds {
  return Object.fromEntries(adapterTensors(weights).map(({ name, shape, data }) => [name, { data, dims: shape }]))
}
