import { type Remote, wrap } from 'comlink'
import { createEmbedder, type Embedder, type PaperText } from '../../src/index.js'
import type { Peer } from './peer-worker.js'

export interface Setup {
  model: string
  peerModel: string
  threads: number
  pooling: 'cls' | 'mean'
  normalize: boolean
  /** Text between title and abstract. */
  separator: string
}

const BATCH = 32

let embedder: Embedder
let peer: Remote<Peer>
let setup: Setup

const bench = {
  async setup(options: Setup): Promise<{ threads: number }> {
    setup = options
    embedder = await createEmbedder({ model: options.model, dtype: 'q8', threads: options.threads, assets: './' })
    peer = wrap<Peer>(new Worker(new URL('./peer-worker.ts', import.meta.url), { type: 'module' }))
    await peer.load(options.peerModel, options.threads, new URL('peer-ort/', document.baseURI).href)
    return { threads: embedder.info.threads }
  },

  /** Milliseconds of one pass over the papers, and tokens without padding. */
  async ours(papers: PaperText[]): Promise<{ ms: number; tokens: number }> {
    const start = performance.now()
    const { tokenCounts } = await embedder.embed(papers)
    return { ms: performance.now() - start, tokens: tokenCounts.reduce((sum, count) => sum + count, 0) }
  },

  async peer(papers: PaperText[], sorted: boolean): Promise<{ ms: number }> {
    const texts = papers.map(({ title, abstract }) => `${title}${setup.separator}${abstract ?? ''}`.trim())
    if (sorted) texts.sort((a, b) => a.length - b.length)
    const start = performance.now()
    await peer.embed(texts, BATCH, setup.pooling, setup.normalize)
    return { ms: performance.now() - start }
  },

  /** Milliseconds from nothing to the first vector, and what was loaded. */
  async start(model: string): Promise<{ firstVectorMs: number; adapterSwitchMs: number; bytesDownloaded: number; from: string }> {
    const start = performance.now()
    const first = await createEmbedder({ model, assets: './' })
    await first.embed(['A first text, to see how long it takes until the first vector is here.'])
    const firstVectorMs = performance.now() - start
    const { bytesDownloaded, from, queryAdapter } = first.info
    const switching = performance.now()
    await first.embed(['A first text, to see how long it takes until the first vector is here.'], { adapter: queryAdapter })
    const adapterSwitchMs = performance.now() - switching
    await first.dispose()
    return { firstVectorMs, adapterSwitchMs, bytesDownloaded, from }
  },
}

export type BenchPage = typeof bench
declare global {
  interface Window {
    bench: BenchPage
  }
}
window.bench = bench
