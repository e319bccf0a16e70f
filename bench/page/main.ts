import { type Remote, wrap } from 'comlink'
import {
  createEmbedder,
  type Dtype,
  type Embedder,
  type EmbedderInfo,
  type EncoderTier,
  type EngineChoice,
  listCachedModels,
  type PaperText,
  Specter2Error,
} from '../../src/index.js'
import { median } from '../statistics.js'
import { duplicatesRace } from './duplicates-race.js'
import { indexBench } from './index-bench.js'
import type { Peer } from './peer-worker.js'
import { productRace } from './product-race.js'
import { searchRace } from './search-race.js'

export interface Setup {
  model: string
  peerModel: string
  threads: number
  pooling: 'cls' | 'mean'
  normalize: boolean
  /** Text between title and abstract. */
  separator: string
}

/** One of several embedders that are compared. */
export interface OpenOptions {
  name: string
  dtype: Dtype
  threads: number
  engine?: EngineChoice
  tier?: EncoderTier
  /** Default `model/`. */
  model?: string
}

interface Startup {
  firstVectorMs: number
  adapterSwitchMs: number
  shortQueryMs: number
  longQueryMs: number
}

const BATCH = 32
const QUERIES = 40
const TEXT = 'A first text, to see how long it takes until the first vector is here.'

let embedder: Embedder
const embedders = new Map<string, Embedder>()
let peer: Remote<Peer>
let setup: Setup

const bench = {
  searchRace,
  productRace,
  duplicatesRace,

  async setup(options: Setup): Promise<void> {
    setup = options
    peer = wrap<Peer>(new Worker(new URL('./peer-worker.ts', import.meta.url), { type: 'module' }))
    await peer.load(options.peerModel, options.threads, new URL('peer-ort/', document.baseURI).href)
  },

  async peer(papers: PaperText[], sorted: boolean): Promise<{ ms: number }> {
    const texts = papers.map(({ title, abstract }) => `${title}${setup.separator}${abstract ?? ''}`.trim())
    if (sorted) texts.sort((a, b) => a.length - b.length)
    const start = performance.now()
    await peer.embed(texts, BATCH, setup.pooling, setup.normalize)
    return { ms: performance.now() - start }
  },

  /** Starts an embedder and disposes the previous one of this name; milliseconds until it is ready. */
  async open({ name, model = 'model/', ...options }: OpenOptions): Promise<{ startMs: number }> {
    await embedders.get(name)?.dispose()
    const start = performance.now()
    embedders.set(name, await createEmbedder({ ...options, model, device: 'wasm', assets: './' }))
    return { startMs: performance.now() - start }
  },

  /** Milliseconds of one pass over the papers, and tokens without padding. */
  async pass(name: string, papers: PaperText[]): Promise<{ ms: number; tokens: number }> {
    return measure(embedders.get(name)!, papers)
  },

  infos(): Record<string, Pick<EmbedderInfo, 'dtype' | 'device' | 'threads' | 'workers' | 'engine' | 'tier'>> {
    const entries = [...embedders].map(([name, { info }]) => {
      const { dtype, device, threads, workers, engine, tier } = info
      return [name, { dtype, device, threads, workers, engine, tier }]
    })
    return Object.fromEntries(entries)
  },

  /** Milliseconds from a fresh page to the first vector, and of queries of some 16 and 256 tokens. */
  async start(options: { model: string; engine: EngineChoice; threads: number }): Promise<Startup> {
    const start = performance.now()
    const first = await createEmbedder({ ...options, device: 'wasm', assets: './' })
    await first.embed([TEXT])
    const firstVectorMs = performance.now() - start
    const { queryAdapter } = first.info
    const switching = performance.now()
    await first.embed([TEXT], { adapter: queryAdapter })
    const adapterSwitchMs = performance.now() - switching
    const queryMs = async (text: string) => {
      const times: number[] = []
      for (let number = 0; number < QUERIES; number++) {
        const begin = performance.now()
        // Each is another one: the last vectors are remembered.
        await first.embedQuery(`${text} ${number}`)
        times.push(performance.now() - begin)
      }
      return median(times.slice(QUERIES / 4))
    }
    const shortQueryMs = await queryMs('how coral reefs recover from warm seas in the south')
    const longQueryMs = await queryMs('how coral reefs recover from warm seas in the south '.repeat(24))
    await first.dispose()
    return { firstVectorMs, adapterSwitchMs, shortQueryMs, longQueryMs }
  },

  /** Converts the picked folder; returns the URL under which it is cached, and the self-test's cosine if it is too small. */
  async convert(dtype: string): Promise<{ address: string; failedCosine: number | null }> {
    const model = [...document.querySelector('input')!.files!]
    let failedCosine: number | null = null
    try {
      const made = await createEmbedder({ model, dtype: dtype as Dtype, assets: './' })
      const { storage } = made.info
      await made.dispose()
      if (!storage.cached) throw new Error(storage.reason)
    } catch (error) {
      if (!(error instanceof Specter2Error) || error.code !== 'SELF_TEST_FAILED') throw error
      failedCosine = error.details.cosine as number
    }
    const [kept] = (await listCachedModels()).toSorted((a, b) => b.savedAt - a.savedAt)
    return { address: kept!.url, failedCosine }
  },

  /** Milliseconds from a model in the cache to its first vector; the model stays loaded. */
  async warm(model: string): Promise<{ firstVectorMs: number }> {
    const start = performance.now()
    embedder = await createEmbedder({ model, assets: './' })
    await embedder.embed([TEXT])
    return { firstVectorMs: performance.now() - start }
  },

  /** Milliseconds of the first use of an adapter and of a later switch, in addition to the embedding itself. */
  async useAdapters(adapters: string[]): Promise<{ adapterFirstUseMs: number; adapterSwitchMs: number }> {
    const embed = async (adapter?: string) => {
      const start = performance.now()
      await embedder.embed([TEXT], adapter === undefined ? {} : { adapter })
      return performance.now() - start
    }
    await embed()
    const first: number[] = []
    for (const adapter of adapters) first.push(await embed(adapter))
    const same: number[] = []
    const switched: number[] = []
    for (let round = 0; round < 4; round++)
      for (const adapter of adapters) {
        switched.push(await embed(adapter))
        same.push(await embed(adapter))
      }
    return { adapterFirstUseMs: median(first) - median(same), adapterSwitchMs: median(switched) - median(same) }
  },
}

async function measure(used: Embedder, papers: PaperText[]): Promise<{ ms: number; tokens: number }> {
  const start = performance.now()
  const { tokenCounts } = await used.embed(papers)
  return { ms: performance.now() - start, tokens: tokenCounts.reduce((sum, count) => sum + count, 0) }
}

export type BenchPage = typeof bench
declare global {
  interface Window {
    bench: BenchPage
  }
}
window.bench = bench
window.indexBench = indexBench
