import { createEmbedder, type Embedder, type EmbedderInfo, type FilesInput, type LoadProgress } from '../../src/index.js'
import { isSameChoice, type ModelChoice } from '../model/model-choice.js'
import { appIsKept } from '../offline/app-worker.js'

interface Run {
  choice: ModelChoice
  embedder: Promise<Embedder>
  abort: AbortController
}

/** One embedder for the whole page, made when it is first needed. */
export class ModelRunner {
  readonly #onProgress: (progress: LoadProgress | null) => void
  readonly #onChange: () => void
  #run: Run | null = null
  #loaded: Embedder | null = null

  /**
   * @param onProgress Called while a model loads; `null` when that ends.
   * @param onChange Called when another model is loaded, or none any more.
   */
  constructor(onProgress: (progress: LoadProgress | null) => void, onChange: () => void) {
    this.#onProgress = onProgress
    this.#onChange = onChange
  }

  /** The model that runs, if one does. */
  get info(): EmbedderInfo | null {
    return this.#loaded?.info ?? null
  }

  get choice(): ModelChoice | null {
    return this.#run?.choice ?? null
  }

  get isLoading(): boolean {
    return this.#run !== null && this.#loaded === null
  }

  /** The embedder of a choice: the one that runs, or a new one in its place. */
  open(choice: ModelChoice): Promise<Embedder> {
    if (this.#run && isSameChoice(this.#run.choice, choice)) return this.#run.embedder
    return this.#start(choice, choice.model)
  }

  /** Converts published files, and runs them. What the model is called then is in the embedder's `info`. */
  openFiles(choice: ModelChoice, files: FilesInput): Promise<Embedder> {
    return this.#start(choice, files)
  }

  /** Ends a load under way; what was fetched stays in the browser. */
  cancelLoad(): void {
    if (this.isLoading) this.release()
  }

  /** Gives the model's memory back. */
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
        // So that the first search waits for no download; one that fails shows when a search needs it.
        embedder.preload([embedder.info.queryAdapter]).catch(() => {})
      },
      () => {
        if (this.#run === run) this.release()
      },
    )
    return run.embedder
  }

  async #load({ adapter, threads }: ModelChoice, model: string | FilesInput, signal: AbortSignal): Promise<Embedder> {
    // The runtime is kept for the next visit where the service worker sees it come.
    await appIsKept()
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
