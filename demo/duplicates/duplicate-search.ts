import { proxy, type Remote, wrap } from 'comlink'
import type { DuplicateResult, PairDecision, Preset } from '../../src/core/duplicates/index.js'
import type { DuplicatesProgress, DuplicatesTask, DuplicatesWorker } from './duplicates-work.js'

/** The search for duplicates in a worker of its own, which keeps what it compared. */
export class DuplicateSearch {
  #worker: Worker | null = null
  #remote: Remote<DuplicatesWorker> | null = null
  #stop = new AbortController()

  /**
   * Compares papers; an earlier search is given up.
   *
   * @throws the reason of {@link cancel}; Error where the worker fails.
   */
  find(task: DuplicatesTask, onProgress: (progress: DuplicatesProgress) => void): Promise<DuplicateResult> {
    this.cancel()
    this.#worker = new Worker(new URL('./duplicates.worker.ts', import.meta.url), { type: 'module' })
    this.#remote = wrap<DuplicatesWorker>(this.#worker)
    return this.#orStopped(this.#remote.find(task, proxy(onProgress)))
  }

  /** What was found, by another preset or with other decisions. */
  result(preset: Preset, decisions: readonly PairDecision[]): Promise<DuplicateResult> {
    if (!this.#remote) return Promise.reject(new Error('No search has run yet.'))
    return this.#orStopped(Promise.resolve(this.#remote.result(preset, decisions)))
  }

  /** Ends the worker; what waits for it is rejected. */
  cancel(): void {
    this.#stop.abort(new DOMException('The search was given up.', 'AbortError'))
    this.#stop = new AbortController()
    this.#worker?.terminate()
    this.#worker = null
    this.#remote = null
  }

  /** A worker that is ended answers nothing. */
  #orStopped<T>(answer: Promise<T>): Promise<T> {
    const { signal } = this.#stop
    const worker = this.#worker
    return new Promise((resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { once: true })
      worker?.addEventListener(
        'error',
        ({ message }) => reject(new Error(message || 'The worker of the search did not start.')),
        { once: true },
      )
      answer.then(resolve, reject)
    })
  }
}
