import { macrotask } from '../../core/async/macrotask.js'
import { within } from '../../core/async/waiting.js'
import { readAdapterFolder, readJson } from '../../core/checkpoint/published-folder.js'
import { adapterFile } from '../../core/model-folder/manifest.js'
import type { AdapterName, Device } from '../../core/types.js'
import type { EncoderShare } from '../../engine/encoder/pack-encoder.js'
import type { Engine } from '../../engine/engine.js'
import type { Tokens } from '../../engine/tokenizer.js'
import type { Report } from '../rpc/protocol.js'
import { adapterFolder } from './adapter-folder.js'
import { planBatches, planGroups } from './batching.js'
import type { AdapterAddress, EmbedRequest, FilesProgress, VectorPart } from './embed-protocol.js'
import { FilesReporter } from './files-reporter.js'
import { Queue } from './queue.js'
import { VectorParts } from './vector-parts.js'

/** Texts tokenized without a pause: few enough not to delay a query. */
const TOKENIZED_AT_ONCE = 16

/** A loaded model that runs one batch at a time, queries before papers. */
export class QueuedModel {
  readonly #engine: Engine
  readonly #device: Device
  readonly #queue = new Queue()
  /** Self-tests by adapter; each runs once. */
  readonly #tests = new Map<AdapterName, Promise<void>>()

  constructor(engine: Engine, device: Device) {
    this.#engine = engine
    this.#device = device
  }

  get runsOn(): Engine['runsOn'] {
    return this.#engine.runsOn
  }

  share(): EncoderShare | null {
    return this.#engine.share()
  }

  async embed(
    inputs: EmbedRequest['inputs'],
    adapter: AdapterName | null,
    report: Report<VectorPart>,
    signal: AbortSignal,
  ): Promise<void> {
    const engine = this.#engine
    const isQuery = 'query' in inputs
    const name = adapter ?? (isQuery ? engine.manifest.queryAdapter : engine.manifest.defaultAdapter)
    // Before queueing, because a download must not block the queue.
    await engine.prepareAdapter(name, { signal })
    // On a GPU no adapter is used untested.
    if (this.#device === 'webgpu') await this.test(name, signal)
    const parts = new VectorParts(engine.manifest.dimension, report)
    const tokenizers = isQuery
      ? [() => engine.tokenizeQuery(inputs.query)]
      : inputs.papers.map((paper) => () => engine.tokenizePaper(paper))
    const embed = async (indices: readonly number[], texts: readonly Tokens[]) => {
      const vectors = await engine.embedBatch(texts, name, { isUrgent: tokenizers.length === 1 })
      for (const [row, index] of indices.entries()) parts.add(index, vectors[row]!, texts[row]!.ids.length, texts[row]!.truncated)
    }
    const pieces: (() => Promise<void>)[] = []
    if (this.#device === 'webgpu' || engine.runsOn.engine === 'own') {
      // Runs while the GPU computes earlier batches.
      const texts = await tokenizeAll(tokenizers, signal)
      const plan = this.#device === 'webgpu' ? planBatches : planGroups
      for (const indices of plan(texts.map(({ ids }) => ids.length))) {
        const batch = indices.map((index) => texts[index]!)
        pieces.push(() => embed(indices, batch))
      }
    } else {
      for (const [index, tokenize] of tokenizers.entries()) pieces.push(async () => embed([index], [tokenize()]))
    }
    await this.#queue.run({ priority: isQuery ? 'query' : 'bulk', signal, pieces })
    parts.flush()
  }

  async preload(adapters: readonly AdapterName[], report: Report<FilesProgress>, signal: AbortSignal): Promise<void> {
    const { manifest, dtype } = this.#engine
    const files = new FilesReporter(report)
    files.expect(
      adapters.map((name) => adapterFile(manifest, name, dtype)),
      manifest.files,
    )
    await Promise.all(adapters.map((name) => this.#engine.prepareAdapter(name, { signal, onProgress: files.update })))
  }

  /** @param name `null` means the adapter's own. */
  async addAdapter(address: AdapterAddress, name: AdapterName | null, signal: AbortSignal): Promise<AdapterName> {
    const folder = adapterFolder(address, signal)
    const weights = await readAdapterFolder(folder, this.#engine.adapterBase)
    const known = name ?? weights.name ?? String((await readJson(folder, 'adapter_config.json'))?.name ?? folder.name)
    // Queued, because a run may be using the weights that it replaces.
    await this.#queue.run({ priority: 'query', signal, pieces: [async () => this.#engine.addAdapter(known, weights)] })
    // The manifest has no vectors for its self-test.
    this.#tests.set(known, Promise.resolve())
    return known
  }

  /** Embeds the manifest's texts (on a GPU in one batch) and compares the vectors with the manifest's. */
  test(adapter: AdapterName, signal: AbortSignal): Promise<void> {
    let test = this.#tests.get(adapter)
    if (!test) {
      // Other calls may be waiting too, so the first call's signal does not abort it.
      const { signal: never } = new AbortController()
      test = this.#queue.run({ priority: 'query', signal: never, pieces: [() => this.#engine.test(adapter, this.#device)] })
      test.catch(() => {})
      this.#tests.set(adapter, test)
    }
    return within(test, { signal })
  }
}

async function tokenizeAll(tokenizers: readonly (() => Tokens)[], signal: AbortSignal): Promise<Tokens[]> {
  const texts: Tokens[] = []
  for (const tokenize of tokenizers) {
    texts.push(tokenize())
    if (texts.length % TOKENIZED_AT_ONCE > 0) continue
    await macrotask()
    signal.throwIfAborted()
  }
  return texts
}
