import { createEmbedder, type Embedder, type EmbedderInfo, type LoadProgress } from '../src/index.js'
import type { Library } from './library.js'
import type { ModelChoice } from './model-panel.js'

/** Before so much time a rate is chance. */
const FIRST_RATE_MS = 400

/** How far the papers are. */
export interface ReadingProgress {
  done: number
  total: number
  /** Papers a second and seconds left; `null` while it is too early to tell. */
  rate: { perSecond: number; secondsLeft: number } | null
}

/** What was being done when something failed. */
export type ReadingStage = 'load' | 'embed'

export interface ReaderListeners {
  /** Called when a model begins to load, and as its bytes arrive. */
  onLoading: (progress: LoadProgress | null) => void
  onLoaded: (info: EmbedderInfo) => void
  onReading: (progress: ReadingProgress) => void
  /** Called when some papers have their vectors. */
  onVectors: () => void
  /** Called when every paper has its vector. */
  onDone: () => void
  /** Called where work ended before its time. Work that newer work replaced ends in silence. */
  onStopped: (stage: ReadingStage, reason: { cancelled: true } | { cancelled: false; error: unknown }) => void
}

/** Keeps the library embedded: one embedder, made when it is first needed, and one run over the papers at a time. */
export class Reader {
  readonly #library: Library
  readonly #listeners: ReaderListeners
  #choice: ModelChoice
  #opening: { embedder: Promise<Embedder>; abort: AbortController } | null = null
  #embedder: Embedder | null = null
  #adapter: string | null = null
  #work: AbortController | null = null
  #perSecond: number | null = null

  constructor(library: Library, choice: ModelChoice, listeners: ReaderListeners) {
    this.#library = library
    this.#choice = choice
    this.#listeners = listeners
  }

  /** The loaded model, if any. */
  get info(): EmbedderInfo | null {
    return this.#embedder?.info ?? null
  }

  get choice(): ModelChoice {
    return this.#choice
  }

  /** The adapter that papers are read with. */
  get adapter(): string | null {
    return this.#adapter
  }

  /** Papers a second of the last run. */
  get perSecond(): number | null {
    return this.#perSecond
  }

  get isBusy(): boolean {
    return this.#work !== null
  }

  /** Loads the model where it is not here, and embeds every paper without a vector. Replaces a run under way; never rejects. */
  async catchUp(): Promise<void> {
    this.#work?.abort()
    const work = new AbortController()
    this.#work = work
    let stage: ReadingStage = 'load'
    try {
      const embedder = await this.#open()
      work.signal.throwIfAborted()
      stage = 'embed'
      await this.#embedMissing(embedder, work.signal)
      work.signal.throwIfAborted()
      this.#work = null
      this.#listeners.onDone()
    } catch (error) {
      if (this.#work !== work) return
      this.#work = null
      this.#listeners.onStopped(stage, work.signal.aborted ? { cancelled: true } : { cancelled: false, error })
    }
  }

  /** Ends what is under way; what is fetched and embedded stays. */
  cancel(): void {
    this.#work?.abort()
    if (this.#embedder === null) this.#opening?.abort.abort()
  }

  /** Changes the model, and reads all papers again. */
  async choose(choice: ModelChoice): Promise<void> {
    this.#choice = choice
    this.#work?.abort()
    this.#opening?.abort.abort()
    this.#opening = null
    void this.#embedder?.dispose()
    this.#embedder = null
    this.#adapter = null
    this.#library.forgetVectors()
    await this.catchUp()
  }

  /** Changes the adapter for papers, and reads them all again. */
  async useAdapter(adapter: string): Promise<void> {
    this.#adapter = adapter
    this.#library.forgetVectors()
    await this.catchUp()
  }

  /** The vector of a search; `null` while no model is here. */
  async embedQuery(query: string, signal: AbortSignal): Promise<Float32Array | null> {
    return (await this.#embedder?.embedQuery(query, { signal })) ?? null
  }

  /** One load, which every run shares until it fails or another model is chosen. */
  async #open(): Promise<Embedder> {
    if (!this.#opening) {
      const abort = new AbortController()
      this.#listeners.onLoading(null)
      const onProgress = (progress: LoadProgress) => {
        if (!abort.signal.aborted) this.#listeners.onLoading(progress)
      }
      const options = { ...this.#choice, assets: './', onProgress, signal: abort.signal }
      this.#opening = { embedder: createEmbedder(options), abort }
    }
    const opening = this.#opening
    try {
      const embedder = await opening.embedder
      if (opening === this.#opening && this.#embedder !== embedder) this.#take(embedder)
      return embedder
    } catch (error) {
      if (opening === this.#opening) this.#opening = null
      throw error
    }
  }

  #take(embedder: Embedder): void {
    this.#embedder = embedder
    this.#adapter = embedder.info.defaultAdapter
    this.#listeners.onLoaded(embedder.info)
    // So that the first search waits for no download; one that fails shows when a search needs it.
    embedder.preload([embedder.info.queryAdapter]).catch(() => {})
  }

  async #embedMissing(embedder: Embedder, signal: AbortSignal): Promise<void> {
    const missing = this.#library.missing
    if (missing.length === 0) return
    const { dimension } = embedder.info
    const startedAt = performance.now()
    this.#listeners.onReading({ done: 0, total: missing.length, rate: null })
    const parts = embedder.embedStream(
      missing.map(({ paper }) => paper),
      {
        adapter: this.#adapter ?? undefined,
        signal,
        onProgress: ({ done, total }) => {
          const elapsedMs = performance.now() - startedAt
          const perSecond = done / (elapsedMs / 1000)
          this.#perSecond = perSecond
          const rate = elapsedMs < FIRST_RATE_MS ? null : { perSecond, secondsLeft: (total - done) / perSecond }
          this.#listeners.onReading({ done, total, rate })
        },
      },
    )
    for await (const { indices, vectors } of parts) {
      for (const [row, index] of indices.entries())
        missing[index]!.vector = vectors.subarray(row * dimension, (row + 1) * dimension)
      this.#listeners.onVectors()
    }
  }
}
