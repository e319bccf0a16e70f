import { type Remote, wrap } from 'comlink'

/**
 * A module worker that does one task for the page. Its calls settle on the worker's answer, on an error of the worker, and
 * when the task ends; without that, a call to a terminated worker would wait for ever.
 */
export class WorkerTask<Service> {
  readonly #worker: Worker
  readonly #service: Remote<Service>
  readonly #ended = new AbortController()

  /** @param signal Ends the task with its reason. */
  constructor(worker: Worker, signal?: AbortSignal) {
    this.#worker = worker
    this.#service = wrap<Service>(worker)
    worker.addEventListener('error', ({ message }) => this.end(new Error(message || 'The worker did not start.')))
    signal?.addEventListener('abort', () => this.end(signal.reason), { signal: this.#ended.signal })
    if (signal?.aborted) this.end(signal.reason)
  }

  /** @throws what the call throws; Error if the worker fails; the reason that the task was ended with. */
  run<T>(call: (service: Remote<Service>) => Promise<T>): Promise<T> {
    const { signal } = this.#ended
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason)
      signal.addEventListener('abort', () => reject(signal.reason), { once: true })
      call(this.#service).then(resolve, reject)
    })
  }

  /** Terminates the worker, which frees its memory, and rejects calls in progress. Idempotent. */
  end(reason: unknown = new DOMException('The task was cancelled.', 'AbortError')): void {
    this.#ended.abort(reason)
    this.#worker.terminate()
  }
}
