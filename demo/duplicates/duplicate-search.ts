import { proxy } from 'comlink'
import type { DuplicateResult, PairDecision, Preset } from '../../src/core/duplicates/index.js'
import { WorkerTask } from '../ui/worker-task.js'
import type { DuplicatesProgress, DuplicatesTask, DuplicatesWorker } from './duplicates-protocol.js'

/** Searches for duplicates in a worker, which keeps its comparisons for later results. */
export class DuplicateSearch {
  #task: WorkerTask<DuplicatesWorker> | null = null

  /**
   * Compares papers; cancels an earlier search.
   *
   * @throws AbortError if the search is cancelled; Error if the worker fails.
   */
  find(task: DuplicatesTask, onProgress: (progress: DuplicatesProgress) => void): Promise<DuplicateResult> {
    this.cancel()
    this.#task = new WorkerTask(new Worker(new URL('./duplicates.worker.ts', import.meta.url), { type: 'module' }))
    return this.#task.run((worker) => worker.find(task, proxy(onProgress)))
  }

  /** Groups the compared pairs with another preset or other decisions. */
  async result(preset: Preset, decisions: readonly PairDecision[]): Promise<DuplicateResult> {
    if (!this.#task) throw new Error('No search has run yet.')
    return this.#task.run((worker) => worker.result(preset, decisions))
  }

  /** Terminates the worker and rejects calls in progress. */
  cancel(): void {
    this.#task?.end()
    this.#task = null
  }
}
