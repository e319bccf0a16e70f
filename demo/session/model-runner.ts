import { createEmbedder, type Embedder, type EmbedderInfo, type FilesInput, type LoadProgress } from '../../src/index.js'
import { isSameChoice, type ModelChoice } from '../model/model-choice.js'
import { appInstalled } from '../offline/app-worker.js'

interface Run {
  choice: ModelChoice
  embedder: Promise<Embedder>
  abort: AbortController
}

/** The page's one embedder, created when it is first needed. */
export class ModelRunner {
  readonly #onProgress: (progress: LoadProgress | null) => void
  readonly #onChange: () => void
  #run: Run | null = null
  #loaded: Embedder | null = null

  /**
   * @param onProgress Called while a model loads, and with `null` when that ends.
   * @param onChange Called when a model has loaded or has been released.
   */
  constructor(onProgress: (progress: LoadProgress | null) => void, onChange: () => void) {
    this.#onProgress = onProgress
    this.#onChange = onChange
  }

  /** The loaded model. */
  get info(): EmbedderInfo | null {
    return this.#loaded?.info ?? null
  }

  /** The embedder of a choice: the current one if it fits, otherwise a new one in its place. */
  open(choice: ModelChoice): Promise<Embedder> {
    if (this.#run && isSameChoice(this.#run.choice, choice)) return this.#run.embedder
    return this.#start(choice, choice.model)
  }

  /** Converts published files and loads that model. The embedder's `info` has the model's name. */
  openFiles(choice: ModelChoice, files: FilesInput): Promise<Embedder> {
    return this.#start(choice, files)
  }

  /** Cancels loading; what was downloaded stays in the browser. */
  cancelLoad(): void {
    if (this.#run && !this.#loaded) this.release()
  }

  /** Frees the model's memory. */
  release(): void {
    this.#run?.abort.abort()
    void this.#loaded?.dispose()
    this.#run = null
    this.#loaded = null
    this.#onChange()
    this.#onProgress(null)
  }

  #start(choice: ModelChoice, model: string | FilesInput): Promise<Embedder> {
    this.release()
    const abort = new AbortController()
    const run: Run = { choice, abort, embedder: this.#load(choice, model, abort.signal) }
    this.#run = run
    run.embedder.then(
      (embedder) => {
        if (this.#run !== run) return void embedder.dispose()
        this.#loaded = embedder
        this.#onProgress(null)
        this.#onChange()
        // The first search then waits for no download. If this one fails, that search reports it.
        embedder.preload([embedder.info.queryAdapter]).catch(() => {})
      },
      () => {
        if (this.#run === run) this.release()
      },
    )
    return run.embedder
  }

  async #load({ adapter, threads }: ModelChoice, model: string | FilesInput, signal: AbortSignal): Promise<Embedder> {
    // The service worker caches the runtime for later visits only if it is active before the download.
    await appInstalled()
    return createEmbedder({
      model,
      adapter: adapter ?? undefined,
      threads: threads ?? undefined,
      assets: './',
      signal,
      onProgress: (progress) => {
        if (!signal.aborted) this.#onProgress(progress)
      },
    })
  }
}
